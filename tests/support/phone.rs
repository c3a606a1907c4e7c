//! The phones that short messages reach: the emulator keeps what it would have sent.

use serde::Deserialize;
use std::collections::BTreeMap;

/// A short message that left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// E.164.
    pub to: String,
    /// The words.
    pub text: String,
}

#[derive(Deserialize)]
struct Kept {
    sms_messages: BTreeMap<String, Vec<Record>>,
}

#[derive(Deserialize)]
struct Record {
    #[serde(alias = "Message")]
    message: String,
}

/// Every short message that left so far.
///
/// # Panics
/// Where the emulator does not tell.
pub async fn texts(endpoint: &str) -> Vec<Text> {
    let url = format!("{endpoint}/_ministack/sns/sms-messages");
    let answer = reqwest::get(url).await.expect("the emulator answers");
    let kept: Kept = answer.json().await.expect("it answers as its version does");
    let texts = |(to, records): (String, Vec<Record>)| {
        records.into_iter().map(move |record| Text { to: to.clone(), text: record.message })
    };
    kept.sms_messages.into_iter().flat_map(texts).collect()
}
