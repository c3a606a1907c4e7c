//! E-mail addresses in one spelling.

use icu_normalizer::ComposingNormalizerBorrowed;
use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};

/// The one spelling of an address: lower case, the local part composed (Unicode NFC, as RFC 6532
/// section 3.1 asks for), the domain in ASCII (UTS 46).
pub(super) fn normalise(text: &str) -> Option<String> {
    let text = text.replace('＠', "@").to_lowercase();
    let text = ComposingNormalizerBorrowed::new_nfc().normalize(&text);
    let (local, domain) = bare(&text).split_once('@')?;
    let unwritable = |c: char| c.is_whitespace() || c.is_control();
    if local.is_empty() || local.contains(unwritable) {
        return None;
    }
    Some(format!("{local}@{}", self::domain(domain)?))
}

/// A domain in lower-case ASCII without the root's dot.
pub(super) fn domain(text: &str) -> Option<String> {
    let ascii = Uts46::new()
        .to_ascii(
            text.as_bytes(),
            AsciiDenyList::STD3,
            Hyphens::Allow,
            DnsLength::VerifyAllowRootDot,
        )
        .ok()?;
    Some(ascii.trim_end_matches('.').to_owned())
}

/// The address without what a header or a link puts around it.
fn bare(text: &str) -> &str {
    let mut bare = text.trim();
    loop {
        let inner = bare
            .strip_prefix('<')
            .and_then(|rest| rest.strip_suffix('>'))
            .or_else(|| bare.strip_prefix("mailto:"));
        match inner {
            Some(inner) => bare = inner.trim(),
            None => return bare,
        }
    }
}
