//! What became of each webhook, on the terminal.

use crate::story::{Chapter, FIRST_HANDLE, PHONE};
use serde_json::Value;
use support::{Stack, texts, until};

/// Seconds within which a chapter comes to its end on a slow machine.
const PATIENCE: u64 = 90;

fn words(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The ids of Anna's events.
fn events(stack: &Stack) -> Vec<String> {
    let (shown, _) = stack.cli.json(&["customer", "show", FIRST_HANDLE]);
    let timeline = shown["timeline"].as_array().cloned().unwrap_or_default();
    timeline.iter().map(|entry| words(&entry["event"]).to_owned()).collect()
}

/// Delivers the webhook, waits until all that it sets off is done, and says what that was.
pub(crate) async fn tell(stack: &Stack, chapter: &Chapter) {
    println!("\n\u{25b6} {}", chapter.title);
    let known = if stack.cli.run(&["customer", "show", FIRST_HANDLE]).status.success() {
        events(stack)
    } else {
        Vec::new()
    };
    stack.deliver(chapter.path, &chapter.webhook).await;
    println!("  POST /hooks/{} \u{2192} 200", chapter.path.split('/').next().unwrap_or_default());
    let event = until("the event in Anna's history", PATIENCE, async || {
        if !stack.cli.run(&["customer", "show", FIRST_HANDLE]).status.success() {
            return None;
        }
        events(stack).into_iter().find(|event| !known.contains(event))
    })
    .await;
    let explained = until("everything that it sets off", PATIENCE, async || {
        let (shown, _) = stack.cli.json(&["events", "show", &event]);
        let effects = shown["effects"].as_array()?;
        let done = effects.iter().all(|effect| effect["delivery"]["state"] == "done");
        (shown["stage"] == "applied" && done).then_some(shown)
    })
    .await;
    show(&explained);
}

fn show(event: &Value) {
    println!("  event     {}", words(&event["event"]));
    println!("  customer  {} ({})", words(&event["customer"]), words(&event["match"]["outcome"]));
    for (label, value) in
        [("issue", &event["classification"]["issue"]), ("mood", &event["classification"]["mood"])]
    {
        if let Some(value) = value.as_str() {
            println!("  {label:<8}  {value}");
        }
    }
    for tag in event["tags"].as_array().into_iter().flatten() {
        println!("  tag       {} ({})", words(&tag["tag"]), words(&tag["rule"]["name"]));
    }
    for effect in event["effects"].as_array().into_iter().flatten() {
        let (action, rule) = (words(&effect["action"]), words(&effect["rule"]["name"]));
        let (at, receipt) = (&effect["delivery"]["done_at"], &effect["delivery"]["receipt"]);
        println!("  {action:<9} by {rule}, done {} (receipt {})", words(at), words(receipt));
    }
}

/// What the CRM and the phone hold in the end, and what to try next.
pub(crate) async fn conclude(stack: &Stack) {
    println!("\n\u{25b6} What Tryton holds of Anna now");
    if let Some(party) = stack.crm.party(PHONE).await {
        let care = stack.crm.is_tagged(party, "high_care").await;
        println!("  party     {party}{}", if care { ", tagged high_care" } else { "" });
        for note in stack.crm.notes(party).await {
            println!("  note      {}", note.replace('\n', " \u{23ce} "));
        }
        for (text, owner) in stack.crm.complaints(party).await {
            println!("  ticket    {} \u{2192} {owner}", text.replace('\n', " \u{23ce} "));
        }
    }
    println!("\n\u{25b6} What her phone received");
    for text in texts(&stack.endpoint).await.into_iter().filter(|text| text.to == PHONE) {
        println!("  SMS       {}", text.text);
    }
}
