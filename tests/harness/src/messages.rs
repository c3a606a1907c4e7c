//! Queues at their worst.

use crate::brew::lock;
use crate::http::Message;
use crate::proxy::{Parcel, Proxy};
use crate::request::Request;
use serde_json::{Value, json};
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

/// How long a message is held back that nothing overtakes.
const LONGEST_HOLD: Duration = Duration::from_secs(8);

/// The messages that a request sends.
fn entries(request: &Request) -> Vec<Value> {
    match request.json["Entries"].as_array() {
        Some(entries) => entries.clone(),
        None => vec![request.json.clone()],
    }
}

fn parcel(request: &Request, entry: &Value) -> Parcel {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Parcel {
        queue: text(&request.json["QueueUrl"]),
        group: text(&entry["MessageGroupId"]),
        body: text(&entry["MessageBody"]),
    }
}

/// Another id for the queue to tell repetitions by.
fn renamed(entry: &Value, why: &str) -> String {
    let known = entry["MessageDeduplicationId"].as_str().unwrap_or("by-content");
    let head: String = known.chars().take(100).collect();
    format!("{head}-{why}")
}

/// Sends the messages, and one of them once more.
pub(crate) fn duplicate(proxy: &Proxy, request: Request, draw: usize) -> io::Result<Message> {
    let entries = entries(&request);
    let again = &entries[draw % entries.len()];
    let (parcel, name) = (parcel(&request, again), renamed(again, "again"));
    let answer = proxy.pass(request)?;
    proxy.send(&parcel, &name);
    Ok(answer)
}

/// Says that the messages were sent, and sends them later: after a while, or after the next ones
/// have passed; those of a batch in the opposite order.
pub(crate) fn hold(proxy: &Arc<Proxy>, request: Request, draw: usize, overtaken: bool) -> Message {
    let mut sent = Vec::new();
    for (index, entry) in entries(&request).iter().enumerate() {
        let id = format!("00000000-0000-4000-8000-{:012x}", draw + index);
        sent.push(json!({ "Id": entry["Id"], "MessageId": id, "SequenceNumber": "1",
                          "MD5OfMessageBody": "00000000000000000000000000000000" }));
    }
    let answer = if request.json["Entries"].is_null() {
        sent.remove(0)
    } else {
        json!({ "Successful": sent, "Failed": [] })
    };
    let holder = Arc::clone(proxy);
    holder.held.fetch_add(1, Ordering::SeqCst);
    thread::spawn(move || {
        let (began, passed) = (Instant::now(), holder.passed.load(Ordering::Relaxed));
        let most = if overtaken { LONGEST_HOLD } else { Duration::from_secs(2 + draw as u64 % 9) };
        let overtook = || overtaken && holder.passed.load(Ordering::Relaxed) > passed + 3;
        while began.elapsed() < most && !overtook() {
            thread::sleep(Duration::from_millis(50));
        }
        let mut json = request.json.clone();
        if let Some(entries) = json["Entries"].as_array_mut().filter(|_| overtaken) {
            entries.reverse();
        }
        let released = holder.pass_changed(request, &json);
        released.expect("the emulator takes what was held back");
        holder.held.fetch_sub(1, Ordering::SeqCst);
    });
    Message::answer(200, &answer.to_string())
}

/// Sends one message without its end.
pub(crate) fn truncate(proxy: &Proxy, request: Request, draw: usize) -> io::Result<Message> {
    let entries = entries(&request);
    let chosen = draw % entries.len();
    let mut json = request.json.clone();
    let entry = match json["Entries"].as_array_mut() {
        Some(entries) => &mut entries[chosen],
        None => &mut json,
    };
    let whole = parcel(&request, &entries[chosen]);
    let length = whole.body.chars().count();
    let cut: String = whole.body.chars().take(1 + draw % (length - 1)).collect();
    entry["MessageBody"] = cut.into();
    entry["MessageDeduplicationId"] = renamed(&entries[chosen], "cut").into();
    lock(&proxy.truncated).push(whole);
    proxy.pass_changed(request, &json)
}

/// Takes some messages of a batch, and says that the others failed.
pub(crate) fn partly(proxy: &Proxy, request: Request, draw: usize) -> io::Result<Message> {
    let entries = entries(&request);
    let taken: Vec<_> = entries.iter().take(draw % entries.len()).cloned().collect();
    let failed = entries.iter().skip(taken.len()).map(|entry| {
        json!({ "Id": entry["Id"], "SenderFault": false, "Code": "InternalError",
                "Message": "try again" })
    });
    let failed: Vec<_> = failed.collect();
    if taken.is_empty() {
        let answer = json!({ "Successful": [], "Failed": failed });
        return Ok(Message::answer(200, &answer.to_string()));
    }
    let mut json = request.json.clone();
    json["Entries"] = taken.into();
    let mut answer = proxy.pass_changed(request, &json)?;
    let mut told: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    told["Failed"] = failed.into();
    answer.body = told.to_string().into_bytes();
    Ok(answer)
}
