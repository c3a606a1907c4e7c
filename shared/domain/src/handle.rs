//! The addresses and accounts by which a customer is known, in one spelling each.

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat};
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

/// What sort of handle it is. The order is the priority: the first tells most.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HandleKind {
    /// A record of a CRM; the scope is the connector's id.
    Crm,
    /// A WeChat unionid; the scope is the open-platform account, or empty.
    WechatUnionid,
    /// A WeCom external contact; the scope is the corpid.
    WecomExternal,
    /// A WeCom member; the scope is the corpid.
    WecomUser,
    /// A WeChat openid; the scope is the appid.
    WechatOpenid,
    /// A telephone number in E.164; the scope is empty.
    Phone,
    /// An e-mail address; the scope is empty.
    Email,
    /// Any other account; the scope names who issued it, such as `shop`.
    Account,
}

impl HandleKind {
    /// Every kind, the most telling first.
    pub const ALL: [Self; 8] = [
        Self::Crm,
        Self::WechatUnionid,
        Self::WecomExternal,
        Self::WecomUser,
        Self::WechatOpenid,
        Self::Phone,
        Self::Email,
        Self::Account,
    ];

    /// The kind's name in configuration, storage and conditions.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Crm => "crm",
            Self::WechatUnionid => "wechat_unionid",
            Self::WecomExternal => "wecom_external",
            Self::WecomUser => "wecom_user",
            Self::WechatOpenid => "wechat_openid",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Account => "account",
        }
    }
}

/// The normalised text `kind:scope:value` under which a handle is stored and compared.
///
/// It is personal data: it never reaches a log, a metric or an error.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HandleKey(String);

impl HandleKey {
    /// Takes back a key that was stored.
    #[must_use]
    pub fn from_stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The key as it is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The kind, which may be logged.
    #[must_use]
    pub fn kind(&self) -> Option<HandleKind> {
        let name = self.0.split(':').next()?;
        HandleKind::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Who issued the value; see [`HandleKind`].
    #[must_use]
    pub fn scope(&self) -> &str {
        self.0.split(':').nth(1).unwrap_or_default()
    }

    /// The part after the scope.
    #[must_use]
    pub fn value(&self) -> &str {
        self.0.splitn(3, ':').nth(2).unwrap_or_default()
    }
}

impl fmt::Debug for HandleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HandleKey({}:…)", self.0.split(':').next().unwrap_or_default())
    }
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
    /// Not an address of one local part and one domain.
    #[error("the email has no single @ between a name and a domain")]
    Email,
}

impl Handle {
    /// A telephone number, read with the source's default region (ISO 3166 alpha-2, such as `DE`).
    ///
    /// # Errors
    /// [`InvalidHandle::Phone`] where libphonenumber finds no possible number.
    pub fn phone(text: &str, region: &str, assurance: Assurance) -> Result<Self, InvalidHandle> {
        let number =
            PHONE_NUMBER_UTIL.parse(text, region.parse().ok()).map_err(|_| InvalidHandle::Phone)?;
        if !PHONE_NUMBER_UTIL.is_possible_number(&number) {
            return Err(InvalidHandle::Phone);
        }
        let value = PHONE_NUMBER_UTIL.format(&number, PhoneNumberFormat::E164).into_owned();
        Ok(Self::new(HandleKind::Phone, "", value, text, assurance))
    }

    /// An e-mail address. Case does not tell addresses apart.
    ///
    /// # Errors
    /// [`InvalidHandle::Email`] where it has no name, no domain, or several `@`.
    pub fn email(text: &str, assurance: Assurance) -> Result<Self, InvalidHandle> {
        let value = text.trim().to_lowercase();
        match value.split_once('@') {
            Some((name, domain))
                if !name.is_empty()
                    && !domain.is_empty()
                    && !domain.contains('@')
                    && !value.contains(char::is_whitespace) =>
            {
                Ok(Self::new(HandleKind::Email, "", value.clone(), text, assurance))
            }
            Some(_) | None => Err(InvalidHandle::Email),
        }
    }

    /// An account or record id, which its issuer spells in one way only.
    ///
    /// # Errors
    /// [`InvalidHandle::Empty`] where nothing is left after trimming.
    pub fn account(
        kind: HandleKind,
        scope: &str,
        text: &str,
        assurance: Assurance,
    ) -> Result<Self, InvalidHandle> {
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
        HandleKey(format!("{}:{}:{}", self.kind.as_str(), self.scope, self.value))
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handle({}, {:?})", self.kind.as_str(), self.assurance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn phone(text: &str, region: &str) -> String {
        Handle::phone(text, region, Assurance::Attested).unwrap().value
    }

    #[test]
    fn spellings_of_one_number_meet() {
        for text in ["+49 151 1234 5678", "0151/12345678", "0049 151 12345678"] {
            assert_eq!(phone(text, "DE"), "+4915112345678", "{text}");
        }
        assert_eq!(phone("138 0013 8000", "CN"), "+8613800138000");
    }

    #[test]
    fn what_cannot_be_dialled_is_no_phone() {
        for text in ["", "anonymous", "0", "+", "12345678901234567890"] {
            let refused = Handle::phone(text, "DE", Assurance::Attested);
            assert_eq!(refused, Err(InvalidHandle::Phone), "{text}");
        }
    }

    #[test]
    fn case_and_blanks_do_not_tell_addresses_apart() {
        let email = |text| Handle::email(text, Assurance::Claimed).unwrap().key();
        assert_eq!(email(" Anna@Acme.TEST "), email("anna@acme.test"));
    }

    #[test]
    fn a_stored_key_becomes_its_handle_again() {
        let openid = |scope, value| {
            Handle::account(HandleKind::WechatOpenid, scope, value, Assurance::Attested).unwrap()
        };
        for handle in [openid("wx1", "o:with:colons"), openid("odd:scope", "o")] {
            assert_eq!(Handle::stored(&handle.key()).unwrap().key(), handle.key());
        }
        assert_eq!(Handle::stored(&HandleKey::from_stored("telepathy::x")), None);
    }

    #[test]
    fn debug_output_holds_no_personal_data() {
        let handle = Handle::email("anna@acme.test", Assurance::Claimed).unwrap();
        assert!(!format!("{handle:?} {:?}", handle.key()).contains("anna"));
    }

    proptest! {
        #[test]
        fn normalising_is_total_and_idempotent(text in "\\PC{0,40}", region in "DE|CN|US|BR") {
            if let Ok(once) = Handle::phone(&text, &region, Assurance::Attested) {
                prop_assert_eq!(phone(&once.value, &region), once.value);
            }
            if let Ok(once) = Handle::email(&text, Assurance::Claimed) {
                let twice = Handle::email(&once.value, Assurance::Claimed).unwrap();
                prop_assert_eq!(twice.value, once.value);
            }
        }
    }
}
