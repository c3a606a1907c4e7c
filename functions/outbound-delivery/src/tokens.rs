//! Access tokens, remembered until shortly before they expire.

use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use std::cell::RefCell;
use std::collections::HashMap;

/// A token that expires on its way is of no use.
const MARGIN: SignedDuration = SignedDuration::from_mins(5);

/// The tokens of this worker, by account. `Debug` shows none.
#[derive(Debug, Default)]
pub(crate) struct Tokens(RefCell<HashMap<String, Held>>);

#[derive(Debug)]
struct Held {
    token: SecretString,
    until: Timestamp,
}

impl Tokens {
    /// The account's token, where it is good for a while.
    pub(crate) fn get(&self, account: &str, now: Timestamp) -> Option<String> {
        let held = self.0.borrow();
        let held = held.get(account).filter(|held| now < held.until)?;
        Some(held.token.expose_secret().to_owned())
    }

    /// Remembers a token that the vendor gave out for so many seconds.
    pub(crate) fn put(&self, account: &str, token: &str, seconds: i64, now: Timestamp) {
        let lasting = SignedDuration::from_secs(seconds).saturating_sub(MARGIN);
        let until = now.checked_add(lasting).unwrap_or(now);
        let held = Held { token: token.into(), until };
        self.0.borrow_mut().insert(account.to_owned(), held);
    }

    /// Forgets the account's token: the vendor does not take it.
    pub(crate) fn forget(&self, account: &str) {
        self.0.borrow_mut().remove(account);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_used_until_shortly_before_it_expires() {
        let (tokens, now) = (Tokens::default(), Timestamp::UNIX_EPOCH);
        let after = |seconds| now + SignedDuration::from_secs(seconds);
        tokens.put("wechat:main", "T", 7200, now);
        assert_eq!(tokens.get("wechat:main", after(6899)).as_deref(), Some("T"));
        assert_eq!(tokens.get("wechat:main", after(6900)), None);
        assert_eq!(tokens.get("wechat:other", now), None);
        tokens.forget("wechat:main");
        assert_eq!(tokens.get("wechat:main", now), None);
    }

    #[test]
    fn debug_output_shows_no_token() {
        let tokens = Tokens::default();
        tokens.put("wechat:main", "hidden", 7200, Timestamp::UNIX_EPOCH);
        assert!(!format!("{tokens:?}").contains("hidden"));
    }
}
