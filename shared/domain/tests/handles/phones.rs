//! Telephone numbers.

use super::{anything, digits, drawn_from};
use domain::{Assurance, Handle, InvalidHandle};
use proptest::prelude::*;

pub(super) fn read(text: &str, region: &str) -> Result<Handle, InvalidHandle> {
    Handle::phone(text, region, Assurance::Attested)
}

pub(super) fn value(text: &str, region: &str) -> String {
    read(text, region).unwrap_or_else(|error| panic!("{text} in {region}: {error}")).value
}

#[test]
fn spellings_of_one_number_meet() {
    for text in [
        "+49 151 1234 5678",
        "0151/12345678",
        "0049 151 12345678",
        "+49 (0)151 12345678",
        "（０１５１）１２３４５６７８",
        "＋４９\u{a0}151–1234–5678",
        "tel:+49-151-12345678",
        "\u{202a}+49 151 12345678\u{202c}",
    ] {
        assert_eq!(value(text, "DE"), "+4915112345678", "{text}");
    }
    assert_eq!(value("138 0013 8000", "CN"), "+8613800138000");
    assert_eq!(value("0151 12345678", "de"), "+4915112345678");
}

#[test]
fn what_cannot_be_dialled_is_no_phone() {
    for (text, region) in [
        ("", "DE"),
        ("+", "DE"),
        ("12345678901234567890", "DE"),
        // Read differently each time, a trunk prefix less.
        ("+49 00 34121466289", "DE"),
        // Within one area, one switchboard, or one country.
        ("555 0123", "US"),
        ("1234", "DE"),
        ("110", "DE"),
        ("116117", "DE"),
        ("911", "US"),
        ("999", "GB"),
        ("95588", "US"),
        // No country.
        ("0151 12345678", ""),
        ("0151 12345678", "Narnia"),
    ] {
        assert_eq!(read(text, region), Err(InvalidHandle::Phone), "{text} in {region}");
    }
}

#[test]
fn a_number_that_is_not_shown_is_told_from_one_that_cannot_be_read() {
    for text in
        ["anonymous", " Anonymous ", "RESTRICTED", "0", "00000000", "*", "匿名", "ｕｎｋｎｏｗｎ"]
    {
        assert_eq!(read(text, "DE"), Err(InvalidHandle::Withheld), "{text}");
    }
}

#[test]
fn an_extension_is_part_of_the_number() {
    for text in [
        "+1 202 555 0101 ext. 7",
        "+1 202 555 0101x7",
        "+12025550101;ext=7",
        "＋１２０２５５５０１０１；ｅｘｔ＝７",
        "+1 202 555 0101 转7",
        "+1 202 555 0101转分机７",
        "+1 202 555 0101 分機：7",
        "+1 202 555 0101 ext ٧",
        "tel:+1-202-555-0101;ext=7",
    ] {
        assert_eq!(value(text, "DE"), "+12025550101;ext=7", "{text}");
    }
    assert_ne!(value("+1 202 555 0101 x7", ""), value("+1 202 555 0101 x07", ""));
}

#[test]
fn a_text_message_goes_to_a_subscriber_only() {
    let dialable = |text| read(text, "").unwrap().dialable().map(str::to_owned);
    assert_eq!(dialable("+49 151 12345678").as_deref(), Some("+4915112345678"));
    assert_eq!(dialable("+1 202 555 0101 ext. 7"), None);
    assert_eq!(dialable("+1 800 555 0100"), None);
    let address = Handle::email("+4915112345678@example.com", Assurance::Attested).unwrap();
    assert_eq!(address.dialable(), None);
}

/// A German mobile, an American, a Chinese or a Brazilian number, as country code and digits.
fn number() -> impl Strategy<Value = (&'static str, &'static str, &'static str, String)> {
    prop_oneof![
        digits(8..=8).prop_map(|d| ("DE", "49", "0", format!("151{d}"))),
        digits(2..=2).prop_map(|d| ("US", "1", "1", format!("20255501{d}"))),
        digits(8..=8).prop_map(|d| ("CN", "86", "0", format!("138{d}"))),
        digits(8..=8).prop_map(|d| ("BR", "55", "0", format!("119{d}"))),
    ]
}

/// Puts separators between digits.
fn spread(text: &str, separators: &[&str]) -> String {
    let mut separators = separators.iter().cycle();
    let mut out = String::new();
    for (index, digit) in text.chars().enumerate() {
        if index > 0 {
            out.push_str(separators.next().copied().unwrap_or_default());
        }
        out.push(digit);
    }
    out
}

fn full_width(text: &str) -> String {
    let wide = |c: char| match c {
        '!'..='~' => char::from_u32(u32::from(c) + 0xfee0).unwrap(),
        _ => c,
    };
    text.chars().map(wide).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_text_in_any_region_is_read_or_refused(
        text in prop_oneof![
            anything(),
            drawn_from("0123456789+ ()-./x#;=,ext转分机０９＋٣\u{a0}\u{200b}\0"),
        ],
        region in prop_oneof![anything(), "[A-Za-z]{0,3}"],
    ) {
        if let Ok(once) = read(&text, &region) {
            prop_assert_eq!(&value(&once.value, &region), &once.value);
            prop_assert_eq!(&once.original, &text);
        }
    }

    #[test]
    fn what_is_read_stays_as_it_is(
        country in 1..1000_u16, national in digits(1..=14), other in "[A-Z]{2}",
    ) {
        if let Ok(once) = read(&format!("+{country}{national}"), "") {
            prop_assert_eq!(&value(&once.value, &other), &once.value);
            let stored = Handle::stored(&once.key()).unwrap();
            prop_assert_eq!(&value(&stored.value, &other), &once.value);
        }
    }

    #[test]
    fn equal_numbers_meet_however_they_are_written(
        (region, country, trunk, national) in number(),
        extension in proptest::option::of(digits(1..=6)),
        separators in proptest::collection::vec(
            proptest::sample::select(vec!["", " ", "-", "/", ".", "\u{a0}", "–", "\u{3000}"]),
            1..6,
        ),
        mark in proptest::sample::select(
            vec![" ext. ", "x", ";ext=", " 转", "分机", "轉", " extension ", " #"]),
    ) {
        let expected = match &extension {
            None => format!("+{country}{national}"),
            Some(extension) => format!("+{country}{national};ext={extension}"),
        };
        let (area, subscriber) = national.split_at(3);
        let spread = spread(&national, &separators.iter().map(|s| &**s).collect::<Vec<_>>());
        let abroad = match region {
            "US" => "011",
            // Brazil's has the digits of the carrier in it.
            "BR" => "0014",
            _ => "00",
        };
        for written in [
            format!("+{country}{spread}"),
            format!("+{country} ({area}) {subscriber}"),
            format!("{trunk}{spread}"),
            format!("({trunk}{area}) {subscriber}"),
            format!("{abroad}{country}{spread}"),
        ] {
            let written = match &extension {
                None => written,
                Some(extension) => format!("{written}{mark}{extension}"),
            };
            prop_assert_eq!(&value(&written, region), &expected, "{}", written);
            let wide = full_width(&written);
            prop_assert_eq!(&value(&wide, region), &expected, "{}", wide);
        }
    }

    #[test]
    fn brazil_s_ninth_digit_tells_no_mobile_apart(
        area in "[1-9][1-9]", first in "[6-9]", rest in digits(7..=7),
    ) {
        let (old, new) = (format!("{area}{first}{rest}"), format!("{area}9{first}{rest}"));
        let expected = format!("+55{new}");
        for text in [&old, &new, &format!("+55{old}"), &format!("+55{new}"), &format!("0{new}")] {
            prop_assert_eq!(&value(text, "BR"), &expected, "{}", text);
        }
    }

    #[test]
    fn a_brazilian_fixed_line_keeps_its_eight_digits(
        area in "[1-9][1-9]", first in "[2-5]", rest in digits(7..=7),
    ) {
        let number = format!("+55{area}{first}{rest}");
        prop_assert_eq!(value(&number, ""), number);
    }
}

#[test]
fn a_number_elsewhere_is_no_brazilian_mobile() {
    assert_eq!(value("+1 907 555 0101", "BR"), "+19075550101");
}

#[test]
fn a_brazilian_toll_free_number_is_no_mobile() {
    assert_eq!(value("0800 777 1234", "BR"), "+558007771234");
    assert!(read("0800 777 1234", "BR").unwrap().is_service_line());
}
