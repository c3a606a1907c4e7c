//! Addresses that webhooks go to, and what is kept of the answers from there.

use delivery::{Guard, mask};
use std::net::IpAddr;

pub(crate) fn holds(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let guard = Guard::default();
    if let Ok(url) = guard.check(text) {
        assert_eq!(guard.check(url.as_str()).as_ref(), Ok(&url), "judged otherwise when written");
        let host = url.host_str().unwrap_or_default();
        if let Ok(address) = host.trim_matches(['[', ']']).parse::<IpAddr>() {
            assert_eq!(guard.admit(address), Ok(()), "{host}");
        }
        assert!(url.scheme() == "https" && url.username().is_empty() && url.password().is_none());
    }
    let masked = mask(text);
    assert!(!masked.contains(['@', '＠']), "an address: {masked}");
    let numbers = masked.split(|character: char| !character.is_ascii_digit());
    assert!(numbers.max_by_key(|digits| digits.len()).is_none_or(|digits| digits.len() < 6));
}
