//! Addresses of one mailbox.

use super::emails::{read, value};
use domain::{Assurance, Handle, HandleKind, InvalidMailbox, Mailboxes};
use proptest::prelude::*;

fn providers() -> Mailboxes {
    let mut mailboxes = Mailboxes::default();
    mailboxes.alias("GoogleMail.test", "gmail.test").unwrap();
    mailboxes.ignore_tags("gmail.test").unwrap();
    mailboxes.ignore_dots("gmail.test.").unwrap();
    mailboxes.ignore_tags("bücher.test").unwrap();
    mailboxes
}

fn mailbox(text: &str) -> String {
    read(text).unwrap().in_mailbox(&providers()).value
}

#[test]
fn a_provider_s_addresses_of_one_mailbox_meet() {
    for text in ["an.na@gmail.test", "anna+shop@gmail.test", "A.N.N.A+x+y.z@googlemail.test"] {
        assert_eq!(mailbox(text), "anna@gmail.test", "{text}");
    }
    assert_eq!(mailbox("an.na+shop@bücher.test"), "an.na@xn--bcher-kva.test");
}

#[test]
fn a_domain_that_is_not_named_keeps_its_addresses() {
    for text in ["an.na+shop@example.com", "an.na+shop@mail.gmail.test"] {
        assert_eq!(mailbox(text), text);
    }
}

#[test]
fn a_name_is_never_taken_away() {
    for (text, kept) in [
        ("+shop@gmail.test", "+shop@gmail.test"),
        ("..@gmail.test", "..@gmail.test"),
        (".+shop@gmail.test", ".@gmail.test"),
    ] {
        assert_eq!(mailbox(text), kept);
    }
}

#[test]
fn the_original_spelling_is_kept() {
    let handle = read(" An.Na@GoogleMail.test").unwrap().in_mailbox(&providers());
    assert_eq!(handle.original, " An.Na@GoogleMail.test");
}

#[test]
fn a_handle_of_another_kind_has_no_mailbox() {
    let login = "an.na@gmail.test";
    let account = Handle::account(HandleKind::Account, "shop", login, Assurance::Claimed).unwrap();
    assert_eq!(account.clone().in_mailbox(&providers()), account);
}

#[test]
fn an_alias_of_an_alias_stands_for_the_last() {
    for order in [["a", "b"], ["b", "a"]] {
        let mut mailboxes = Mailboxes::default();
        for alias in order {
            let domain = if alias == "a" { "b.test" } else { "c.test" };
            mailboxes.alias(&format!("{alias}.test"), domain).unwrap();
        }
        assert_eq!(read("x@a.test").unwrap().in_mailbox(&mailboxes).value, "x@c.test");
    }
}

#[test]
fn an_alias_has_one_meaning() {
    let mut mailboxes = Mailboxes::default();
    mailboxes.alias("a.test", "b.test").unwrap();
    assert_eq!(mailboxes.alias("a.test", "b.test"), Ok(()));
    assert_eq!(mailboxes.alias("b.test", "a.test"), Err(InvalidMailbox::Circle));
    assert_eq!(mailboxes.alias("B.test.", "b.test"), Err(InvalidMailbox::Circle));
    assert_eq!(mailboxes.alias("a.test", "c.test"), Err(InvalidMailbox::Ambiguous));
    for text in ["", "a b", "a@b.test"] {
        assert_eq!(mailboxes.ignore_dots(text), Err(InvalidMailbox::Domain), "{text}");
        assert_eq!(mailboxes.ignore_tags(text), Err(InvalidMailbox::Domain), "{text}");
        assert_eq!(mailboxes.alias(text, "b.test"), Err(InvalidMailbox::Domain), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_mailbox_is_its_own(
        name in "[a.+]{1,8}",
        site in proptest::sample::select(vec!["gmail", "googlemail", "other"]),
    ) {
        let once = read(&format!("{name}@{site}.test")).unwrap().in_mailbox(&providers());
        prop_assert_eq!(&once.clone().in_mailbox(&providers()), &once);
        // It is still an address: its name is not empty.
        prop_assert_eq!(&value(&once.value), &once.value);
    }
}
