//! The encryption that WeChat's safe mode and WeCom share.
//!
//! Source: <https://developer.work.weixin.qq.com/document/path/90968>.

use crate::Rejection;
use aes::Aes256;
use aes::cipher::{BlockModeDecrypt, KeyIvInit, block_padding::NoPadding};
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::{Engine, prelude::BASE64_STANDARD};

/// 43 characters hold 258 bits, of which the vendor uses 256: the last two may be anything.
const KEY_ENGINE: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

/// PKCS#7 pads to blocks of 32 here, although AES has blocks of 16.
const PADDING_BLOCK: usize = 32;

/// Opens what was sealed with the 43-character `encoding_aes_key`.
///
/// # Errors
/// [`Rejection::SecretMalformed`], [`Rejection::Undecryptable`], or [`Rejection::WrongReceiver`]
/// where the text within was sealed for another account than `receiver`.
pub(crate) fn open(
    sealed: &str,
    encoding_aes_key: &str,
    receiver: &str,
) -> Result<Vec<u8>, Rejection> {
    let malformed = Rejection::SecretMalformed { field: "encoding_aes_key" };
    let key = KEY_ENGINE.decode(encoding_aes_key).map_err(|_| malformed)?;
    let initial = key.first_chunk::<16>().ok_or(malformed)?;
    let cipher = cbc::Decryptor::<Aes256>::new_from_slices(&key, initial).map_err(|_| malformed)?;

    let sealed = BASE64_STANDARD.decode(sealed).map_err(|_| Rejection::Undecryptable)?;
    let padded =
        cipher.decrypt_padded_vec::<NoPadding>(&sealed).map_err(|_| Rejection::Undecryptable)?;
    let (message, addressee) = unpacked(&padded).ok_or(Rejection::Undecryptable)?;
    if addressee == receiver.as_bytes() {
        Ok(message.to_vec())
    } else {
        Err(Rejection::WrongReceiver)
    }
}

/// 16 random bytes, the message's length (big-endian), the message, the receiver's id, padding.
fn unpacked(padded: &[u8]) -> Option<(&[u8], &[u8])> {
    let (_random, rest) = unpadded(padded)?.split_at_checked(16)?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    rest.split_at_checked(u32::from_be_bytes(*length).try_into().ok()?)
}

fn unpadded(padded: &[u8]) -> Option<&[u8]> {
    let last = *padded.last()?;
    let count = usize::from(last);
    let (text, padding) = padded.split_at_checked(padded.len().checked_sub(count)?)?;
    let sound = (1..=PADDING_BLOCK).contains(&count) && padding.iter().all(|byte| *byte == last);
    sound.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn padding_is_all_or_nothing() {
        assert_eq!(unpadded(b"text\x03\x03\x03"), Some(b"text".as_slice()));
        assert_eq!(unpadded(&[32; 32]), Some(b"".as_slice()));
        for bad in [b"text\x02\x03\x03".as_slice(), b"text\x00", b"\x05", b"", &[33; 66]] {
            assert_eq!(unpadded(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_key_of_another_length_is_our_fault() {
        for key in ["", "short", &"a".repeat(44), &"é".repeat(43)] {
            let refused = Err(Rejection::SecretMalformed { field: "encoding_aes_key" });
            assert_eq!(open("", key, "wx"), refused, "{key}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>, text in ".{0,80}") {
            let _ = unpacked(&bytes);
            let sealed = BASE64_STANDARD.encode(&bytes);
            prop_assert!(open(&sealed, &"a".repeat(43), "wx").is_err());
            prop_assert!(open(&text, &"a".repeat(43), "wx").is_err());
        }
    }
}
