//! The addresses and accounts by which a customer is known, in one spelling each.

mod email;
mod key;
mod kind;
mod mailbox;
mod numbering;
mod phone;

pub use key::HandleKey;
pub use kind::HandleKind;
pub use mailbox::{InvalidMailbox, Mailboxes};

use serde::{Deserialize, Serialize};
use std::fmt;

/// Whether the channel itself proved that the customer holds the handle.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Assurance {
    /// Typed or told by someone: a form field, an e-mail signature.
    Claimed,
    /// Proved by the channel: the calling number, the account that wrote.
    Attested,
}

/// One handle, with the spelling in which it arrived.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handle {
    /// What sort of handle it is.
    pub kind: HandleKind,
    /// Who issued it, where the value alone is not unique; see [`HandleKind`].
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub scope: String,
    /// The one spelling: E.164, lower-case address, the issuer's own id.
    pub value: String,
    /// The spelling in which it arrived.
    pub original: String,
    /// Whether the channel proved it.
    pub assurance: Assurance,
}

/// Why a text cannot be a handle. It never repeats the text.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum InvalidHandle {
    /// Nothing but white space.
    #[error("the {0} is empty")]
    Empty(&'static str),
    /// Not a telephone number, in the default region or in international form.
    #[error("the phone is no number that can be dialled from the default region")]
    Phone,
    /// What stands for a caller who does not show their number.
    #[error("the caller withheld the phone")]
    Withheld,
    /// Not an address of one local part and one domain.
    #[error("the email has no single @ between a name and a domain")]
    Email,
}

impl Handle {
    /// A telephone number, read with the source's default region (ISO 3166 alpha-2, such as `DE`;
    /// where it is none, only the international form is read).
    ///
    /// The value is E.164, with an extension as in RFC 3966 (`+12025550101;ext=7`): who is behind a
    /// switchboard is not the switchboard. A Brazilian mobile number has its ninth digit. China's
    /// service numbers are read too, which are dialled in that country only (`+8695588`).
    ///
    /// # Errors
    /// [`InvalidHandle::Withheld`] where the text says that there is no number to show,
    /// [`InvalidHandle::Phone`] where libphonenumber finds no possible number, or one that lacks
    /// its area code.
    pub fn phone(text: &str, region: &str, assurance: Assurance) -> Result<Self, InvalidHandle> {
        if phone::is_withheld(text) {
            return Err(InvalidHandle::Withheld);
        }
        let value = phone::normalise(text, region).ok_or(InvalidHandle::Phone)?;
        Ok(Self::new(HandleKind::Phone, "", value, text, assurance))
    }

    /// An e-mail address, bare, in angle brackets, or as a `mailto:` link.
    ///
    /// Case does not tell addresses apart, nor does the way in which Unicode is written. The value
    /// has its domain in ASCII. See [`Self::in_mailbox`] for what a provider holds to be equal.
    ///
    /// # Errors
    /// [`InvalidHandle::Email`] where it has no name, no domain name, or several `@`.
    pub fn email(text: &str, assurance: Assurance) -> Result<Self, InvalidHandle> {
        let value = email::normalise(text).ok_or(InvalidHandle::Email)?;
        Ok(Self::new(HandleKind::Email, "", value, text, assurance))
    }

    /// An account or record id, which its issuer spells in one way only. A telephone number or an
    /// address has many spellings: it is read as [`Handle::phone`] reads it in no region, and as
    /// [`Handle::email`].
    ///
    /// # Errors
    /// [`InvalidHandle::Empty`] where nothing is left after trimming; theirs, where it is one of them.
    pub fn account(
        kind: HandleKind,
        scope: &str,
        text: &str,
        assurance: Assurance,
    ) -> Result<Self, InvalidHandle> {
        if kind == HandleKind::Phone {
            return Self::phone(text, "", assurance);
        }
        if kind == HandleKind::Email {
            return Self::email(text, assurance);
        }
        let value = text.trim();
        if value.is_empty() {
            return Err(InvalidHandle::Empty(kind.as_str()));
        }
        Ok(Self::new(kind, scope, value.to_owned(), text, assurance))
    }

    fn new(
        kind: HandleKind,
        scope: &str,
        value: String,
        original: &str,
        assurance: Assurance,
    ) -> Self {
        // A colon inside a scope would make the key ambiguous.
        let scope = scope.replace(':', "_");
        Self { kind, scope, value, original: original.to_owned(), assurance }
    }

    /// A handle that was stored, in its one spelling. Only proven ones are stored as a customer's.
    #[must_use]
    pub fn stored(key: &HandleKey) -> Option<Self> {
        let value = key.value().to_owned();
        Some(Self::new(key.kind()?, key.scope(), value, key.value(), Assurance::Attested))
    }

    /// The key under which it is stored and compared.
    #[must_use]
    pub fn key(&self) -> HandleKey {
        HandleKey::of(self)
    }

    /// The number to which a text message can be sent: a telephone number that has no extension
    /// and is not the line of a service.
    #[must_use]
    pub fn dialable(&self) -> Option<&str> {
        (self.kind == HandleKind::Phone).then(|| phone::dialable(&self.value)).flatten()
    }

    /// Whether it is the telephone line of a service, which tells no customer from another: by
    /// libphonenumber's metadata toll-free, of shared cost, of premium rate or a company's
    /// universal number (China's 400, 800 and 1010 among them), or by China's numbering plan one that
    /// begins with 95, 96, 100 or 12.
    #[must_use]
    pub fn is_service_line(&self) -> bool {
        self.kind == HandleKind::Phone && phone::is_service_line(&self.value)
    }

    /// The handle whose value stands for every address of the same mailbox; a handle of another
    /// kind as it is. The original spelling stays.
    #[must_use]
    pub fn in_mailbox(mut self, mailboxes: &Mailboxes) -> Self {
        if self.kind == HandleKind::Email
            && let Some(value) = mailboxes.canonical(&self.value)
        {
            self.value = value;
        }
        self
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handle({}, {:?})", self.kind.as_str(), self.assurance)
    }
}
