//! Whether a customer wants to be written to.

use crate::{ConsentId, EventId, HandleKey, HandleKind};
use icu_normalizer::ComposingNormalizerBorrowed;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A way by which messages reach customers, for which they may give or withdraw consent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Medium {
    /// Short messages.
    Sms,
    /// E-mail.
    Email,
    /// Notifications of an app.
    Push,
    /// `WeChat` Official Accounts.
    Wechat,
    /// `WhatsApp`.
    Whatsapp,
}

impl Medium {
    /// Every medium, in the order of declaration.
    pub const ALL: [Self; 5] = [Self::Sms, Self::Email, Self::Push, Self::Wechat, Self::Whatsapp];

    /// The scope of the accounts that are SNS platform endpoints.
    pub const PUSH_SCOPE: &'static str = "push";

    /// The medium's name in configuration and storage.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Email => "email",
            Self::Push => "push",
            Self::Wechat => "wechat",
            Self::Whatsapp => "whatsapp",
        }
    }

    /// Whether messages of this medium go to such a handle.
    #[must_use]
    pub fn reaches(self, handle: &HandleKey) -> bool {
        let kind = handle.kind();
        match self {
            Self::Sms => kind == Some(HandleKind::Phone),
            Self::Email => kind == Some(HandleKind::Email),
            Self::Push => kind == Some(HandleKind::Account) && handle.scope() == Self::PUSH_SCOPE,
            Self::Wechat => kind == Some(HandleKind::WechatOpenid),
            Self::Whatsapp => {
                matches!(kind, Some(HandleKind::WhatsappUser | HandleKind::Phone))
            }
        }
    }
}

/// Who gave or withdrew consent.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentBy {
    /// The customer, or a record about them.
    Event(EventId),
    /// A person of the company, by name.
    Person(String),
}

/// What is known of one handle and medium. It names neither: see [`ConsentId`].
///
/// The order is that of time, then of who; the newest counts, in whatever order they come in. Of
/// two words of one event, the withdrawal counts.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Consent {
    /// Since when, by the clock of whoever told it.
    pub at: Timestamp,
    /// Who told it.
    pub by: ConsentBy,
    /// Whether it was withdrawn; else it was given.
    pub withdrawn: bool,
}

impl Consent {
    /// What counts of two: the newer one.
    #[must_use]
    pub fn newer(self, other: Self) -> Self {
        self.max(other)
    }

    /// A text whose order is that of [`Consent`], for stores that compare texts.
    #[must_use]
    pub fn rank(&self) -> String {
        let by = match &self.by {
            ConsentBy::Event(event) => format!("0{event}"),
            ConsentBy::Person(name) => format!("1{name}"),
        };
        // A separator below every character: a name may begin with another one.
        format!("{:.9}\0{by}\0{}", self.at, u8::from(self.withdrawn))
    }
}

/// A word in the one form in which words that withdraw or give consent are compared: without
/// surrounding white space, in lower case, with full-width letters as usual ones (Unicode NFKC).
#[must_use]
pub fn folded(text: &str) -> String {
    let text = ComposingNormalizerBorrowed::new_nfkc().normalize(text.trim()).to_lowercase();
    text.trim().to_owned()
}

/// A consent that is about to be kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConsentTold {
    /// Of which handle and medium.
    pub of: ConsentId,
    /// What was told.
    pub consent: Consent,
}

/// Why an effect was settled without being done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Withheld {
    /// The customer does not want to be written to in this way.
    OptedOut,
    /// The customer has not agreed to be written to in this way, and has to.
    NotOptedIn,
}

impl Withheld {
    /// In words.
    #[must_use]
    pub fn as_words(self) -> &'static str {
        match self {
            Self::OptedOut => "opted out",
            Self::NotOptedIn => "not opted in",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn consents() -> impl Strategy<Value = Consent> {
        let by = prop_oneof![
            "[a-c]{1,2}".prop_map(|key| ConsentBy::Event(EventId::new("shop", &key))),
            "[a-c]{1,2}".prop_map(ConsentBy::Person),
        ];
        let at =
            (0i64..3, 0i32..2).prop_map(|(second, nano)| Timestamp::new(second, nano).unwrap());
        (at, by, any::<bool>()).prop_map(|(at, by, withdrawn)| Consent { at, by, withdrawn })
    }

    proptest! {
        #[test]
        fn a_store_that_compares_texts_orders_alike(one in consents(), other in consents()) {
            prop_assert_eq!(one.rank().cmp(&other.rank()), one.cmp(&other));
        }

        #[test]
        fn the_newest_counts_in_any_order_and_repetition(
            told in proptest::collection::vec(consents(), 1..6),
            again in proptest::collection::vec(any::<proptest::sample::Index>(), 0..6),
        ) {
            let repeated = again.iter().map(|index| index.get(&told).clone());
            let kept = told.iter().rev().cloned().chain(repeated).reduce(Consent::newer);
            prop_assert_eq!(kept, told.into_iter().reduce(Consent::newer));
        }
    }

    #[test]
    fn width_case_and_margins_tell_no_words_apart() {
        for text in ["stop", " STOP\n", "ＳＴＯＰ", "\u{3000}Ｓtop\u{3000}"] {
            assert_eq!(folded(text), "stop");
        }
        assert_ne!(folded("stop it"), "stop");
        assert_eq!(folded(" 退订 "), "退订");
    }

    #[test]
    fn a_medium_has_one_name_everywhere() {
        for medium in Medium::ALL {
            assert_eq!(serde_json::json!(medium), medium.as_str());
        }
    }
}
