//! E-mail addresses.

use super::{anything, drawn_from};
use domain::{Assurance, Handle, InvalidHandle};
use proptest::prelude::*;

pub(super) fn read(text: &str) -> Result<Handle, InvalidHandle> {
    Handle::email(text, Assurance::Claimed)
}

pub(super) fn value(text: &str) -> String {
    read(text).unwrap_or_else(|error| panic!("{text}: {error}")).value
}

#[test]
fn spellings_of_one_address_meet() {
    for text in [
        "anna@acme.test",
        " Anna@Acme.TEST\r\n",
        "<anna@acme.test>",
        "mailto:Anna@acme.test",
        "< MAILTO:anna@acme.test >",
        "anna＠acme。test.",
    ] {
        assert_eq!(value(text), "anna@acme.test", "{text}");
    }
}

#[test]
fn a_domain_is_kept_in_ascii() {
    for text in ["anna@bücher.test", "anna@BU\u{308}CHER.test", "anna@xn--bcher-kva.test."] {
        assert_eq!(value(text), "anna@xn--bcher-kva.test", "{text}");
    }
}

#[test]
fn a_name_is_kept_in_composed_unicode() {
    assert_eq!(value("jose\u{301}@example.com"), "josé@example.com");
    assert_eq!(value("李娜@example.com"), "李娜@example.com");
}

#[test]
fn nothing_is_assumed_of_a_name() {
    assert_ne!(value("an.na+shop@example.com"), value("anna@example.com"));
}

#[test]
fn what_has_no_name_or_no_domain_is_no_address() {
    for text in [
        "",
        "@",
        "anna",
        "anna@",
        "@acme.test",
        "a@b@acme.test",
        "an na@acme.test",
        "anna@ac me.test",
        "anna\0@acme.test",
        "anna@.",
        "anna@acme..test",
        "anna@.test",
        "anna@xn--\u{fffd}.test",
        "<>",
        "mailto:",
        "Anna <anna@acme.test>",
        "anna@acme.test?subject=hi",
    ] {
        assert_eq!(read(text), Err(InvalidHandle::Email), "{text:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_text_is_read_or_refused(text in prop_oneof![
        anything(),
        (anything(), anything()).prop_map(|(name, site)| format!("{name}@{site}")),
        (anything(), "[a-z]{1,8}").prop_map(|(name, site)| format!("{name}@{site}.test")),
        drawn_from("ab@.<>:+ mailto:ÄİΣß\u{301}\u{338}。＠-_\0"),
    ]) {
        if let Ok(once) = read(&text) {
            prop_assert_eq!(&value(&once.value), &once.value);
            prop_assert_eq!(&once.original, &text);
            let stored = Handle::stored(&once.key()).unwrap();
            prop_assert_eq!(&value(&stored.value), &once.value);
        }
    }

    #[test]
    fn equal_addresses_meet_however_they_are_written(
        name in "[a-z0-9._%+éüç-]{1,12}", site in "[a-z0-9éüç]{1,12}",
        upper in proptest::collection::vec(any::<bool>(), 30),
    ) {
        let address = format!("{name}@{site}.test");
        let expected = value(&address);
        let cased: String = address
            .chars()
            .zip(upper)
            .flat_map(|(c, upper)| if upper { c.to_uppercase().collect() } else { vec![c] })
            .collect();
        let decomposed =
            cased.replace('é', "e\u{301}").replace('ü', "u\u{308}").replace('Ç', "C\u{327}");
        for written in [
            cased.clone(),
            decomposed,
            format!("\u{a0}{cased}\t"),
            format!("<{cased}>"),
            format!("mailto:{cased}"),
            format!("<MailTo:{cased}>"),
            format!("{cased}."),
        ] {
            prop_assert_eq!(&value(&written), &expected, "{}", written);
        }
    }
}
