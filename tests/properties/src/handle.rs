//! Telephone numbers, addresses and accounts: one spelling each, whoever typed them.

use domain::{Assurance, Handle, HandleKey, HandleKind, Mailboxes};

/// A region of every sort of numbering plan, and none.
const REGIONS: [&str; 6] = ["", "BR", "CN", "DE", "IT", "US"];

pub(crate) fn holds(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    for region in REGIONS {
        if let Ok(handle) = Handle::phone(text, region, Assurance::Claimed) {
            let digits = handle.value.strip_prefix('+').expect("E.164");
            assert!(digits.len() > 3 && digits.starts_with(|first: char| first.is_ascii_digit()));
            for other in REGIONS {
                settled(&handle, Handle::phone(&handle.value, other, Assurance::Claimed).ok());
            }
            known_again(&handle);
        }
    }
    if let Ok(handle) = Handle::email(text, Assurance::Claimed) {
        settled(&handle, Handle::email(&handle.value, Assurance::Claimed).ok());
        known_again(&handle);
        let once = handle.in_mailbox(&mailboxes());
        settled(&once, Some(once.clone().in_mailbox(&mailboxes())));
        known_again(&once);
    }
    let scope = text.get(..text.len() / 2).unwrap_or_default();
    for kind in HandleKind::ALL {
        if let Ok(handle) = Handle::account(kind, scope, text, Assurance::Attested) {
            known_again(&handle);
        }
    }
    any_key(&HandleKey::from_stored(text));
}

fn mailboxes() -> Mailboxes {
    let mut mailboxes = Mailboxes::default();
    mailboxes.alias("googlemail.test", "gmail.test").unwrap();
    mailboxes.ignore_tags("gmail.test").unwrap();
    mailboxes.ignore_dots("gmail.test").unwrap();
    mailboxes
}

fn settled(handle: &Handle, again: Option<Handle>) {
    let again = again.expect("its own spelling is read");
    assert_eq!((again.kind, &again.value), (handle.kind, &handle.value), "no one spelling");
}

fn known_again(handle: &Handle) {
    let key = handle.key();
    let stored = Handle::stored(&key).expect("a key is a handle");
    assert_eq!(stored.key(), key);
    assert_eq!((stored.kind, &stored.value), (handle.kind, &handle.value));
    assert_eq!(stored.dialable(), handle.dialable());
    assert!(handle.dialable().is_none_or(|number| !number.contains(';')), "an extension");
    crate::quiet::survives_a_queue(handle);
}

fn any_key(key: &HandleKey) {
    let _ = (key.dialable(), key.is_service_line());
    if let Some(handle) = Handle::stored(key) {
        assert_eq!(Handle::stored(&handle.key()).map(|again| again.key()), Some(handle.key()));
    }
}
