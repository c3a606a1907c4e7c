//! The bodies that phone systems push.

use crate::{Malformed, field_map, field_map::Mapping};
use percent_encoding::percent_decode_str;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::sync::LazyLock;

/// A vendor whose mappings are shipped.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// Tinet (天润融通): the push at the end of a call (通话记录推送, 挂机推送).
    Tinet,
}

impl Preset {
    /// The shipped mappings.
    pub(super) fn mappings(self) -> &'static [Mapping] {
        static TINET: LazyLock<Vec<Mapping>> =
            LazyLock::new(|| shipped(include_str!("tinet.json")));
        match self {
            Self::Tinet => &TINET,
        }
    }
}

/// A test reads every shipped file, so that the default is never taken.
fn shipped(text: &str) -> Vec<Mapping> {
    serde_json::from_str(text).unwrap_or_default()
}

/// A form or JSON. A body in braces is JSON whatever its `Content-Type` says, for systems label
/// it as a form: in a form the brace would be escaped.
pub(super) fn payload(body: &[u8], content_type: Option<&str>) -> Result<Value, Malformed> {
    let labelled = content_type.is_some_and(|label| {
        label.trim_start().to_ascii_lowercase().starts_with("application/x-www-form-urlencoded")
    });
    if labelled && !body.trim_ascii_start().starts_with(b"{") {
        form(body)
    } else {
        field_map::json(body)
    }
}

/// A form as a flat object of texts; of a repeated name, the first. The form-decoding crates
/// replace what is no UTF-8, such as GBK, without a word: here it is an error.
fn form(body: &[u8]) -> Result<Value, Malformed> {
    let body = str::from_utf8(body).map_err(|_| Malformed::NotUtf8)?;
    let mut fields = Map::new();
    for pair in body.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        fields.entry(decoded(name)?).or_insert(Value::String(decoded(value)?));
    }
    Ok(Value::Object(fields))
}

fn decoded(text: &str) -> Result<String, Malformed> {
    let text = text.replace('+', " ");
    let decoded = percent_decode_str(&text).decode_utf8().map_err(|_| Malformed::NotUtf8)?;
    Ok(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const FORM: Option<&str> = Some("application/x-www-form-urlencoded; charset=UTF-8");

    #[test]
    fn every_preset_is_sound() {
        let mappings = Preset::Tinet.mappings();
        assert!(!mappings.is_empty());
        assert_eq!(field_map::validate(mappings), []);
        assert!(mappings.iter().all(|mapping| !mapping.id.is_empty()));
    }

    #[test]
    fn a_form_becomes_a_flat_object() {
        let read = payload("a=1&b=%E4%BD%A0+%2B&&c&a=2".as_bytes(), FORM);
        assert_eq!(read, Ok(json!({"a": "1", "b": "你 +", "c": ""})));
    }

    #[test]
    fn what_is_no_utf8_is_refused_not_replaced() {
        // 你好 in GBK.
        assert_eq!(payload(b"name=%C4%E3%BA%C3", FORM), Err(Malformed::NotUtf8));
        assert_eq!(payload(b"name=\xc4\xe3", FORM), Err(Malformed::NotUtf8));
    }

    #[test]
    fn json_that_is_labelled_as_a_form_is_still_json() {
        assert_eq!(payload(b" {\"a\": 1}", FORM), Ok(json!({"a": 1})));
    }
}
