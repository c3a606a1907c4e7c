//! Mappings of any sort over payloads of any sort: the settings stand on the first line.

use crate::delivery::{Stored, check};
use crate::genuine::texts;
use channels::Source;
use serde_json::{Value, json};

/// A mapping that passes validation can be used.
pub(crate) fn holds(bytes: &[u8]) {
    let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else { return };
    let (settings, payload) = bytes.split_at(end);
    let Ok(settings) = serde_json::from_slice::<Value>(settings) else { return };
    let mut places = Vec::new();
    texts(&settings, &mut places);
    let source = json!({ "secret": "s", "channel": { "standard-webhooks": settings } });
    let Ok(source) = serde_json::from_value::<Source>(source) else { return };
    if source.validate().is_empty() {
        check(&source.channel, &Stored { body: &payload[1..], content_type: None }, &places);
    }
}
