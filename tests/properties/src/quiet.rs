//! What may be passed on: messages unchanged, errors without what they are about.

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;

/// As many bytes in a row are no coincidence.
const TELLING: usize = 16;

/// The value is the same after a queue as before it, and so is its text.
pub(crate) fn survives_a_queue<T>(value: &T)
where
    T: Serialize + DeserializeOwned + PartialEq + Debug,
{
    let text = serde_json::to_string(value).expect("a message can be written");
    let read: T = serde_json::from_str(&text).expect("what was written can be read");
    assert_eq!(&read, value, "changed by a queue");
    let again = serde_json::to_string(&read).expect("a message can be written");
    assert_eq!(again, text, "written in another way");
}

/// The words hold nothing of the payload. What could stand in our own words does not count: a fuzzer
/// copies these into its inputs.
pub(crate) fn repeats_nothing(words: &str, payload: &[u8]) {
    let mut told = words.as_bytes().windows(TELLING).filter(|part| foreign(part));
    let found = told.any(|told| payload.windows(TELLING).any(|part| part == told));
    assert!(!found, "repeats the payload: {words}");
}

/// JSON's own signs, an address, or a number longer than a status.
fn foreign(part: &[u8]) -> bool {
    part.iter().any(|byte| b"\"{}[]@".contains(byte))
        || part.windows(4).any(|digits| digits.iter().all(u8::is_ascii_digit))
}
