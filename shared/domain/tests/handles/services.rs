//! The lines of services.

use super::phones::{read, value};
use domain::{Handle, HandleKey};

#[test]
fn a_chinese_service_number_has_one_spelling() {
    for (spellings, expected) in [
        (
            &["400-123-4567", "4001234567", "+86 400 123 4567", "0086-400-1234567"][..],
            "+864001234567",
        ),
        (&["800-810-8888", "+86 800 810 8888"], "+868008108888"),
        (&["95588", "9 5588", "+86 95588", "0086 95588", "９５５８８"], "+8695588"),
        (&["950123", "+86950123"], "+86950123"),
        (&["9501234", "+86 950-1234"], "+869501234"),
        (&["95012345", "+86 950 12345"], "+8695012345"),
        (&["96110", "+8696110"], "+8696110"),
        (&["961234", "+86 96-1234"], "+86961234"),
        (&["1010 1234", "10101234", "+86 1010-1234"], "+8610101234"),
        (&["10086", "+86 10086", "1 00 86"], "+8610086"),
        (&["12345", "+86 12345"], "+8612345"),
        (&["12306", "0086 12306"], "+8612306"),
    ] {
        for text in spellings {
            let line = read(text, "CN").unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(line.value, expected, "{text}");
            assert!(line.is_service_line() && line.key().is_service_line(), "{text}");
            assert_eq!((line.dialable(), line.key().dialable()), (None, None), "{text}");
            assert_eq!(value(&line.value, "US"), expected, "{text}");
        }
    }
}

#[test]
fn an_emergency_number_of_china_is_refused() {
    for text in ["110", "119", "120", "122", "9558", "123456"] {
        assert!(read(text, "CN").is_err(), "{text}");
    }
}

#[test]
fn the_metadata_tells_services_elsewhere() {
    for (text, service) in [
        ("+1 800 555 0100", true),
        ("+800 1234 5678", true),
        ("+49 900 1234567", true),
        ("+49 180 1234567", true),
        ("+44 55 5512 3456", true),
        ("+61 13 12 34", true),
        ("+86 400 123 4567 转 801", true),
        ("+1 202 555 0101", false),
        ("+1 202 555 0101 ext. 7", false),
        ("+49 151 12345678", false),
        ("+86 138 0013 8000", false),
        ("+49 95588 1234", false),
    ] {
        let line = read(text, "").unwrap();
        assert_eq!(
            (line.is_service_line(), line.key().is_service_line()),
            (service, service),
            "{text}"
        );
    }
}

#[test]
fn only_a_telephone_number_is_a_service_line_or_dialable() {
    for key in
        ["email::+18005550100", "account:shop:+12025550101", "telepathy::+12025550101", "phone", ""]
    {
        let key = HandleKey::from_stored(key);
        assert_eq!((key.dialable(), key.is_service_line()), (None, false));
        if let Some(handle) = Handle::stored(&key) {
            assert_eq!((handle.dialable(), handle.is_service_line()), (None, false));
        }
    }
    let key = HandleKey::from_stored("phone::+12025550101");
    assert_eq!((key.dialable(), key.is_service_line()), (Some("+12025550101"), false));
}
