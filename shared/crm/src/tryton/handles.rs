//! How handles are spelt in Tryton.

use super::wire::{Mechanism, Party};
use super::{CODE_SCOPE, ID};
use crate::{Contact, ContactId};
use domain::{Assurance, Handle, HandleKey, HandleKind};
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberType};
use serde_json::{Value, json};

/// Where in Tryton a handle is to be looked for.
pub(super) enum Place<'h> {
    /// The party's id; `None` where the text is no id.
    Id(Option<ContactId>),
    /// The party's code.
    Code(&'h str),
    /// A contact mechanism with this `type` and value.
    Mechanism(&'static str, String),
}

/// Where in Tryton the handle is to be looked for.
pub(super) fn place(handle: &Handle) -> Place<'_> {
    let other = || Place::Mechanism("other", handle.key().as_str().to_owned());
    match (handle.kind, handle.scope.as_str()) {
        (HandleKind::Crm, ID) => {
            Place::Id(handle.value.parse::<u64>().ok().map(|id| ContactId::new(id.to_string())))
        }
        (HandleKind::Account, CODE_SCOPE) => Place::Code(&handle.value),
        (HandleKind::Phone, _) => Place::Mechanism(phone_type(&handle.value), handle.value.clone()),
        (HandleKind::Email, _) => Place::Mechanism("email", handle.value.clone()),
        (
            HandleKind::Crm
            | HandleKind::WechatUnionid
            | HandleKind::WecomExternal
            | HandleKind::WecomUser
            | HandleKind::WechatOpenid
            | HandleKind::WhatsappUser
            | HandleKind::Account,
            _,
        ) => other(),
    }
}

/// The type that Tryton itself would choose: it refuses a number that no network assigns as a
/// `phone`, but keeps it as `other`, where its E.164 is found just the same. So it does with an
/// extension, which it would leave out of the `value_compact` of a `phone`.
fn phone_type(e164: &str) -> &'static str {
    let Ok(number) = PHONE_NUMBER_UTIL.parse(e164, None) else { return "other" };
    if number.extension.is_some() || !PHONE_NUMBER_UTIL.is_valid_number(&number) {
        return "other";
    }
    if PHONE_NUMBER_UTIL.get_number_type(&number) == PhoneNumberType::Mobile {
        "mobile"
    } else {
        "phone"
    }
}

/// The domain clause that finds a mechanism of this value, whatever type an agent gave it. `path`
/// leads to its `value_compact`.
pub(super) fn value_clause(path: &str, kind: &str, value: &str) -> Value {
    if kind == "email" {
        // Tryton keeps an address in the case in which it was typed.
        json!([path, "ilike", literal(value)])
    } else {
        json!([path, "=", value])
    }
}

/// The text with what `like` would take for a pattern escaped.
pub(super) fn literal(text: &str) -> String {
    text.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_")
}

/// The party as a contact, with every handle that can be read.
pub(super) fn contact(party: &Party) -> Contact {
    let id = party.id.to_string();
    let record = [
        Handle::account(HandleKind::Crm, ID, &id, Assurance::Claimed).ok(),
        party.code.as_deref().and_then(|code| {
            Handle::account(HandleKind::Account, CODE_SCOPE, code, Assurance::Claimed).ok()
        }),
    ];
    let handles =
        record.into_iter().flatten().chain(party.contact_mechanisms.iter().filter_map(handle));
    Contact { handles: handles.collect(), name: party.name.clone(), id: ContactId::new(id) }
}

fn handle(mechanism: &Mechanism) -> Option<Handle> {
    read(&mechanism.kind, mechanism.value_compact.as_deref())
}

/// The handle that a mechanism holds. Its type is a hint only: Tryton's desktop client turns what
/// it does not know into an `email`.
pub(super) fn read(kind: &str, value: Option<&str>) -> Option<Handle> {
    let value = value?;
    account(value)
        .or_else(|| {
            let number =
                matches!(kind, "phone" | "mobile") || (kind == "other" && value.starts_with('+'));
            number.then(|| Handle::phone(value, "", Assurance::Claimed).ok()).flatten()
        })
        .or_else(|| {
            (kind == "email").then(|| Handle::email(value, Assurance::Claimed).ok()).flatten()
        })
}

/// The account whose key this is.
fn account(text: &str) -> Option<Handle> {
    let key = HandleKey::from_stored(text);
    Handle::account(key.kind()?, key.scope(), key.value(), Assurance::Claimed).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read_back(handle: &Handle) -> Option<Handle> {
        let Place::Mechanism(kind, value) = place(handle) else { return None };
        read(kind, Some(&value))
    }

    #[test]
    fn a_number_that_no_network_assigns_is_kept_all_the_same() {
        let unassigned = Handle::phone("+49 151 1234", "", Assurance::Attested).unwrap();
        assert_eq!(phone_type(&unassigned.value), "other");
        assert_eq!(phone_type("+4915112345678"), "mobile");
        assert_eq!(phone_type("+12025550123"), "phone");
        assert_eq!(read_back(&unassigned).unwrap().key(), unassigned.key());
    }

    #[test]
    fn an_extension_is_kept() {
        let extension = Handle::phone("+1 202 555 0101 ext. 7", "", Assurance::Attested).unwrap();
        assert_eq!(phone_type(&extension.value), "other");
        assert_eq!(read_back(&extension).unwrap().key(), extension.key());
    }

    #[test]
    fn a_fax_number_is_no_handle() {
        assert_eq!(read("fax", Some("+12025550123")), None);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            kind in prop::sample::select(vec![
                HandleKind::Crm, HandleKind::WechatUnionid, HandleKind::WecomExternal,
                HandleKind::WecomUser, HandleKind::WechatOpenid, HandleKind::WhatsappUser,
                HandleKind::Account,
            ]),
            scope in "[a-z0-9:]{0,12}",
            value in "[a-zA-Z0-9:_%-]{1,24}",
        ) {
            let written = Handle::account(kind, &scope, &value, Assurance::Claimed).unwrap();
            prop_assert_eq!(read_back(&written).map(|handle| handle.key()), Some(written.key()));
        }

        #[test]
        fn an_address_is_read_back(name in "[A-Za-z0-9._%+-]{1,12}", site in "[a-z]{1,8}") {
            let text = format!("{name}@{site}.test");
            let written = Handle::email(&text, Assurance::Claimed).unwrap();
            prop_assert_eq!(read_back(&written).map(|handle| handle.key()), Some(written.key()));
        }
    }
}
