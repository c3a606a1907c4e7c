//! The deployed stack, from signed webhook to CRM record, under IAM, with a real CRM.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what is not as expected ends the test"
)]

mod bad_input;
mod cases;
mod change;
mod consent;
mod drill;
mod fields;
mod flood;
mod graph;
mod identity;
mod isolation;
mod journey;
mod many;
mod once;
mod outage;
mod recipes;
mod reconcile;
mod replay;
mod timers;
mod validation;
mod waiting;

use jiff::Timestamp;
use serde_json::{Value, json};
use support::{Signed, Stack, fresh_phone, until};
use tokio::sync::OnceCell;

/// Seconds within which an event comes to its end: functions start, and a step may be tried again.
const PATIENCE: u64 = 120;

/// The stack with the demo's configuration in force.
async fn stack() -> Stack {
    static READY: OnceCell<()> = OnceCell::const_new();
    let stack = Stack::running();
    READY
        .get_or_init(async || {
            let config = concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/local/omnicord.yaml");
            let applied = stack.cli.run(&["config", "apply", config]);
            let words = String::from_utf8_lossy(&applied.stderr);
            assert!(applied.status.success(), "{words}");
        })
        .await;
    stack
}

/// The machine's time: rules refuse what is long past, schedules are set by it, runs differ by it.
fn now() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "the deployed stack has the machine's clock")]
    Timestamp::now()
}

/// A text that no earlier run used: the stack may have been up for days.
fn fresh(prefix: &str) -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    let now = now().as_millisecond();
    format!("{prefix}{now:x}{next:x}{}", std::process::id())
}

/// A WeChat text message, by wechatpy.
fn wechat_text(stack: &Stack, openid: &str, text: &str) -> Signed {
    let number = fresh("").bytes().fold(0u64, |sum, byte| sum.wrapping_mul(31) + u64::from(byte));
    let elements = json!({ "MsgType": "text", "Content": text, "MsgId": number >> 1 });
    stack.oracle.sign(&json!({ "source": "wechat-main", "openid": openid, "elements": elements }))
}

/// A WeChat openid as Omnicord and Tryton keep it.
fn wechat_handle(openid: &str) -> String {
    format!("wechat_openid:wx0123456789abcdef:{openid}")
}

/// A shipped order, by standardwebhooks.
fn shipped(stack: &Stack, number: &str, customer: &Value) -> Signed {
    shipped_at(stack, number, customer, "2026-11-20T10:00:00Z")
}

/// An order that was shipped at this time, by standardwebhooks.
fn shipped_at(stack: &Stack, number: &str, customer: &Value, at: &str) -> Signed {
    let payload = json!({
        "type": "order.shipped",
        "data": { "number": number, "shipped_at": at, "carrier": "DHL",
                  "tracking": format!("TRACK-{number}"), "customer": customer },
    });
    let id = format!("msg_{number}");
    stack.oracle.sign(&json!({ "source": "shop", "id": id, "payload": payload }))
}

/// A call of three minutes, as the phone system posts it: unsigned, to a secret address.
fn call(id: &str, caller: &str, summary: &str) -> Signed {
    Signed::call(id, caller, summary, 1_795_334_400, 192)
}

/// The secret address of the call records.
const HOTLINE: &str = "hotline/local-only-hotline-key";

/// The party that Omnicord writes to for the customer of this handle, as soon as it knows one.
async fn party(stack: &Stack, handle: &str) -> i64 {
    until("the customer's record in Tryton", PATIENCE, async || {
        let output = stack.cli.run(&["--json", "customer", "show", handle, "--entries", "1000"]);
        let shown: Value = serde_json::from_slice(&output.stdout).ok()?;
        shown["crm"]["id"].as_str()?.parse().ok()
    })
    .await
}

/// How many events the customer of this handle has lived through.
fn lived_through(stack: &Stack, handle: &str) -> usize {
    let output = stack.cli.run(&["--json", "customer", "show", handle, "--entries", "1000"]);
    let shown: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    shown["timeline"].as_array().map_or(0, Vec::len)
}

/// A note on the party with these words, as soon as Tryton has it.
async fn note(stack: &Stack, party: i64, words: &str) -> String {
    until("the note in Tryton", PATIENCE, async || {
        stack.crm.notes(party).await.into_iter().find(|note| note.contains(words))
    })
    .await
}

/// Until every event and every effect has come to its end.
async fn balanced(stack: &Stack) {
    until("a balanced audit with nothing in flight", 2 * PATIENCE, async || {
        let (audit, balanced) = stack.cli.json(&["audit"]);
        (balanced && audit["events"]["in_flight"] == 0 && audit["effects"]["in_flight"] == 0)
            .then_some(())
    })
    .await;
}
