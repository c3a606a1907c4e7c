//! What is kept of an endpoint's words.

use delivery::mask;
use reqwest::Response;
use serde_json::Value;
use std::time::Duration;
use tokio::time::timeout;

/// The status is known by now: its words are not worth the time of another effect.
const PATIENCE: Duration = Duration::from_secs(1);
/// Bytes that are read.
const READ: usize = 1024;
/// Characters that are kept.
const KEPT: usize = 200;
/// A shorter value of ours may stand in anybody's words.
const TELLING: usize = 3;

/// The beginning of the answer's body, without what it repeats of the payload, and without what
/// looks like an address, a number or a token. None, where nothing is left.
pub(crate) async fn excerpt(mut answer: Response, payload: &Value) -> Option<String> {
    let (mut body, mut ended) = (Vec::new(), false);
    let reading = async {
        while body.len() < READ && !ended {
            let Ok(chunk) = answer.chunk().await else { break };
            ended = chunk.is_none();
            body.extend_from_slice(&chunk.unwrap_or_default());
        }
    };
    // What came by then is kept.
    drop(timeout(PATIENCE, reading).await);
    let whole = ended && body.len() <= READ;
    body.truncate(READ);
    readable(&String::from_utf8_lossy(&body), whole, payload)
}

fn readable(text: &str, whole: bool, payload: &Value) -> Option<String> {
    // The end of what was cut may be half an address, which looks like a word.
    let mut text = if whole { text } else { text.rsplit_once(char::is_whitespace)?.0 }.to_owned();
    let mut ours = Vec::new();
    strings(payload, &mut ours);
    ours.sort_by_key(|value| std::cmp::Reverse(value.len()));
    for value in ours.into_iter().filter(|value| value.chars().count() >= TELLING) {
        text = text.replace(value, "***");
    }
    let kept: String = mask(&text).chars().take(KEPT).collect();
    let kept = kept.trim();
    (!kept.is_empty()).then(|| kept.to_owned())
}

fn strings<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(items) => items.iter().for_each(|item| strings(item, found)),
        Value::Object(members) => members.values().for_each(|member| strings(member, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_fault_is_kept_and_the_person_is_not() {
        let payload = json!({ "who": { "name": "Anna Alt" }, "list": ["Rosenweg 7"], "n": "A1" });
        let said = r#"{"error":"no order A1 for Anna Alt, Rosenweg 7, anna@example.com"}"#;
        let kept = readable(said, true, &payload);
        assert_eq!(kept.as_deref(), Some(r#"{"error":"no order A1 for ***, ***, ***"}"#));
    }

    #[test]
    fn what_was_cut_within_a_word_loses_the_word() {
        let payload = json!({});
        assert_eq!(readable("unknown anna.al", false, &payload).as_deref(), Some("unknown"));
        assert_eq!(readable("anna.al", false, &payload), None);
        assert_eq!(readable(" \n ", true, &payload), None);
        let long = readable(&"ä ".repeat(400), true, &payload).unwrap();
        assert!(long.chars().count() <= KEPT);
    }
}
