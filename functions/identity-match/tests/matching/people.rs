//! The handles by which the tests' people are known.

use domain::{Assurance, Handle, HandleKind};

pub(crate) fn phone(last: u8) -> Handle {
    Handle::phone(&format!("+120255501{last:02}"), "US", Assurance::Attested).unwrap()
}

pub(crate) fn email(name: &str) -> Handle {
    Handle::email(&format!("{name}@example.com"), Assurance::Attested).unwrap()
}

pub(crate) fn record(id: &str) -> Handle {
    Handle::account(HandleKind::Crm, "tryton", id, Assurance::Attested).unwrap()
}

pub(crate) fn unionid(id: &str) -> Handle {
    Handle::account(HandleKind::WechatUnionid, "wx-platform", id, Assurance::Attested).unwrap()
}

/// The same handle, typed instead of proved.
pub(crate) fn typed(handle: Handle) -> Handle {
    Handle { assurance: Assurance::Claimed, ..handle }
}
