//! Keys, as handles are stored.

use super::{anything, emails, phones};
use domain::{Assurance, Handle, HandleKey, HandleKind, InvalidHandle};
use proptest::prelude::*;

fn account(kind: HandleKind, scope: &str, text: &str) -> Result<Handle, InvalidHandle> {
    Handle::account(kind, scope, text, Assurance::Attested)
}

#[test]
fn a_whatsapp_user_is_one_by_portfolio() {
    let user = account(HandleKind::WhatsappUser, "506914307656634", "US.13491208655302741918");
    let key = user.unwrap().key();
    assert_eq!(key.as_str(), "whatsapp_user:506914307656634:US.13491208655302741918");
    assert_eq!(key.kind(), Some(HandleKind::WhatsappUser));
    assert!(HandleKind::WechatOpenid < HandleKind::WhatsappUser);
    assert!(HandleKind::WhatsappUser < HandleKind::Phone);
}

#[test]
fn a_key_of_an_unknown_kind_is_no_handle() {
    assert_eq!(Handle::stored(&HandleKey::from_stored("telepathy::x")), None);
}

#[test]
fn an_issuer_s_id_keeps_its_case() {
    let id = |text| account(HandleKind::WechatOpenid, "wx1", text).unwrap().key();
    assert_eq!(id(" oAnna\n"), id("oAnna"));
    assert_ne!(id("oanna"), id("oAnna"));
    assert_eq!(account(HandleKind::Crm, "crm", " \t"), Err(InvalidHandle::Empty("crm")));
}

#[test]
fn a_number_or_an_address_has_one_spelling_by_whatever_name_it_is_read() {
    let read = |kind, text| account(kind, "anything", text);
    assert_eq!(
        read(HandleKind::Phone, "+1 (202) 555-0123;"),
        Handle::phone("+1 (202) 555-0123;", "", Assurance::Attested)
    );
    assert_eq!(
        read(HandleKind::Email, "<Anna@ACME.test>").unwrap().key(),
        emails::read("anna@acme.test").unwrap().key()
    );
    assert_eq!(read(HandleKind::Phone, "4711"), Err(InvalidHandle::Phone));
}

#[test]
fn debug_output_holds_no_personal_data() {
    let phone = phones::read("+49 151 12345678 ext. 7", "").unwrap();
    let email = emails::read("anna@acme.test").unwrap();
    let other = account(HandleKind::Account, "anna", "anna").unwrap();
    let stray = HandleKey::from_stored("anna");
    let shown = format!(
        "{phone:?} {:?} {email:?} {:?} {other:?} {:?} {stray:?}",
        phone.key(),
        email.key(),
        other.key()
    );
    for personal in ["anna", "acme", "151", "7"] {
        assert!(!shown.contains(personal), "{shown}");
    }
}

proptest! {
    #[test]
    fn a_stored_key_becomes_its_handle_again(
        kind in proptest::sample::select(HandleKind::ALL.to_vec()),
        scope in anything(), text in prop_oneof![anything(), "[a-z:]{1,12}"],
    ) {
        if let Ok(handle) = account(kind, &scope, &text) {
            let again = Handle::stored(&handle.key()).unwrap();
            prop_assert_eq!(again.key(), handle.key());
            prop_assert_eq!(again.kind, kind);
            prop_assert_eq!(account(kind, &again.scope, &again.value).unwrap().key(), handle.key());
            prop_assert_eq!(handle.original, text);
        }
    }

    #[test]
    fn any_stored_text_can_be_looked_at(text in prop_oneof![
        anything(), anything().prop_map(|text| format!("phone::{text}")),
    ]) {
        let key = HandleKey::from_stored(&text);
        let _ = (key.kind(), key.scope(), key.value(), key.dialable(), key.is_service_line());
        prop_assert_eq!(key.as_str(), text);
    }
}
