//! Encrypted messages of any content, rightly signed: the vendor's key in a stranger's hands.

use crate::genuine::{self, NOW};
use aes::Aes256;
use aes::cipher::{BlockModeEncrypt, KeyIvInit, block_padding::NoPadding};
use base64::{Engine, alphabet, engine::GeneralPurpose, engine::GeneralPurposeConfig, prelude::*};
use channels::{Method, Request, Verified};
use sha1::{Digest, Sha1};
use std::fmt::Write;

const TOKEN: &str = "example-token";
const KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
const RECEIVER: &[u8] = b"ww0123456789abcdef";

/// After the first byte, which says what they are: the cipher text, or what it hides.
pub(crate) fn holds(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else { return };
    let source = genuine::source("wecom").unwrap();
    if first % 2 == 0 {
        let request = signed(&BASE64_STANDARD.encode(rest));
        assert!(source.verify(&request).is_none(), "opened without a receiver");
    } else {
        let whole = rest.len() / 16 * 16;
        let request = signed(&encrypted(&rest[..whole]));
        let opened = source.verify(&request);
        assert_eq!(opened.as_ref().map(Verified::body), message(&rest[..whole]));
    }
}

/// The message within 16 random bytes, its length, itself, the receiver's id, and PKCS#7 padding to
/// 32 bytes.
fn message(plain: &[u8]) -> Option<&[u8]> {
    let count = usize::from(*plain.last()?);
    let unpadded = plain.len().checked_sub(count).filter(|_| (1..=32).contains(&count))?;
    let (text, padding) = plain.split_at(unpadded);
    let length = text.get(16..20)?.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
    let sound = padding.iter().all(|byte| usize::from(*byte) == count);
    let end = 20usize.checked_add(length)?;
    (sound && text.get(end..)? == RECEIVER).then(|| &text[20..end])
}

fn encrypted(plain: &[u8]) -> String {
    let lenient = GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true);
    let engine = GeneralPurpose::new(&alphabet::STANDARD, lenient);
    let key = engine.decode(format!("{KEY}=")).unwrap();
    let cipher = cbc::Encryptor::<Aes256>::new_from_slices(&key, &key[..16]).unwrap();
    BASE64_STANDARD.encode(cipher.encrypt_padded_vec::<NoPadding>(plain))
}

fn signed(sealed: &str) -> Request {
    let timestamp = NOW.as_second().to_string();
    let mut parts = [TOKEN, &timestamp, "1", sealed];
    parts.sort_unstable();
    let mut signature = String::new();
    for byte in Sha1::digest(parts.concat()) {
        write!(signature, "{byte:02x}").unwrap();
    }
    let query = [("msg_signature", &*signature), ("timestamp", &timestamp), ("nonce", "1")];
    Request {
        method: Method::Post,
        path_key: None,
        query: query.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        headers: Vec::new(),
        body: format!("<xml><Encrypt>{sealed}</Encrypt></xml>").into_bytes(),
        source_ip: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_rightly_sealed_is_opened() {
        let mut plain =
            [b"0123456789abcdef".as_slice(), &[0, 0, 0, 5], b"hello", RECEIVER].concat();
        let padding = 32 - plain.len() % 32;
        plain.extend(vec![u8::try_from(padding).unwrap(); padding]);
        assert_eq!(message(&plain), Some(b"hello".as_slice()));
        holds(&[&[1], plain.as_slice()].concat());
    }
}
