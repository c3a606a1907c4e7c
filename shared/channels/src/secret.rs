//! A source's secret as Secrets Manager keeps it.

use crate::Rejection;
use secrecy::{ExposeSecret, SecretString};
use std::{collections::BTreeMap, fmt};

/// Named secret strings: Secrets Manager's usual JSON object, such as `{"token": "…"}`.
///
/// Memory is wiped when it is dropped, and `Debug` shows nothing.
pub struct Secret(BTreeMap<String, SecretString>);

/// The stored text is no JSON object whose values are all strings.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the secret is no JSON object of strings")]
pub struct MalformedSecret;

impl Secret {
    /// Reads the text that Secrets Manager returned.
    ///
    /// # Errors
    /// [`MalformedSecret`], which never repeats the text.
    pub fn from_json(text: &str) -> Result<Self, MalformedSecret> {
        serde_json::from_str::<BTreeMap<String, String>>(text)
            .map(|fields| Self(fields.into_iter().map(|(k, v)| (k, v.into())).collect()))
            .map_err(|_| MalformedSecret)
    }

    /// The field of this name. An empty one counts as absent, so that it never proves anything.
    ///
    /// # Errors
    /// [`Rejection::SecretIncomplete`].
    pub fn field(&self, name: &'static str) -> Result<&str, Rejection> {
        self.optional(name).ok_or(Rejection::SecretIncomplete { field: name })
    }

    /// The field of this name, where a secret may do without it.
    #[must_use]
    pub fn optional(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(ExposeSecret::expose_secret).filter(|text| !text.is_empty())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_field_counts_as_absent() {
        let secret = Secret::from_json(r#"{"key": "", "token": "t"}"#).unwrap();
        assert_eq!(secret.field("key"), Err(Rejection::SecretIncomplete { field: "key" }));
        assert_eq!(secret.field("token"), Ok("t"));
    }

    #[test]
    fn only_an_object_of_strings_is_a_secret() {
        for text in ["", "plain", "[]", r#"{"key": 1}"#, r#"{"key": {"deep": "x"}}"#] {
            assert_eq!(Secret::from_json(text).err(), Some(MalformedSecret), "{text}");
        }
    }

    #[test]
    fn debug_output_holds_neither_names_nor_values() {
        let secret = Secret::from_json(r#"{"hidden": "hidden"}"#).unwrap();
        assert_eq!(format!("{secret:?}"), "Secret(…)");
    }
}
