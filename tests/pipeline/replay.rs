//! A rule that is changed takes hold of what came before it.

use crate::change::{USUAL, apply, restore};
use crate::graph::tables;
use crate::{PATIENCE, balanced, fresh, fresh_phone, now, party, shipped_at, stack};
use domain::{Assurance, Customer, Handle};
use jiff::SignedDuration;
use serde_json::{Value, json};
use state::dynamo::Store;
use state::{Customers, Identities};
use support::{Stack, texts, until};

const ORDERS: usize = 3;

/// The usual rules, with a synced tag and a second text for orders whose number begins so.
fn with_rules(prefix: &str, tag: &str) -> String {
    let these =
        format!("event.topic == \"shipped\" && event.fields.number.startsWith(\"{prefix}\")");
    let tag = format!("tags:\n  - {{ name: {tag}, when: '{these}', sync: true }}\n");
    let rule = format!(
        "triggers:\n  - name: thanks\n    on: [order]\n    when: '{these}'\n    actions:\n      \
         - sms: {{ text: \"Thank you for {{{{ event.fields.number }}}}\" }}\n"
    );
    let text = USUAL.replacen("\ntags:\n", &format!("\n{tag}"), 1);
    text.replacen("\ntriggers:\n", &format!("\n{rule}"), 1)
}

async fn customer(store: &Store, phone: &str) -> Customer {
    let key = Handle::phone(phone, "US", Assurance::Attested).unwrap().key();
    let links = store.links(std::slice::from_ref(&key)).await.unwrap();
    store.group(&links[&key].home).await.unwrap().unwrap().root
}

/// How many texts of this beginning each order has set off.
async fn told(stack: &Stack, words: &str, orders: &[String]) -> Vec<usize> {
    let texts = texts(&stack.endpoint).await;
    let about = |number: &String| {
        let beginning = format!("{words} {number}");
        texts.iter().filter(|text| text.text.starts_with(&beginning)).count()
    };
    orders.iter().map(about).collect()
}

const SHIPPED: &str = "Lab Commerce: your order";
const THANKS: &str = "Thank you for";

#[tokio::test]
async fn a_replay_changes_tags_at_once_and_sends_only_when_asked_and_only_once() {
    let stack = stack().await;
    let store = tables().await;
    let (prefix, tag) = (fresh("R"), fresh("tag"));
    let since = (now() - SignedDuration::from_secs(5)).to_string();
    let mut orders = Vec::new();
    let mut phones = Vec::new();
    for number in 0..ORDERS {
        let (order, phone) = (format!("{prefix}-{number}"), fresh_phone());
        let customer = json!({ "id": fresh("c"), "phone": phone });
        stack.deliver("shop", &shipped_at(&stack, &order, &customer, &now().to_string())).await;
        orders.push(order);
        phones.push(phone);
    }
    until("a text for each order", PATIENCE, async || {
        (told(&stack, SHIPPED, &orders).await == [1; ORDERS]).then_some(())
    })
    .await;
    balanced(&stack).await;
    let record = party(&stack, &phones[0]).await;

    apply(&stack, &with_rules(&prefix, &tag));
    let period = ["--since", since.as_str(), "--source", "shop"];
    let replay =
        |more: &[&str]| -> Value { stack.cli.json(&[&["replay"], &period[..], more].concat()).0 };
    let foreseen = replay(&["--dry-run", "--effects"]);
    assert_eq!(foreseen["tags_set"][&tag]["customers"], ORDERS, "{foreseen}");
    assert_eq!(foreseen["effects"]["thanks"]["sms"]["effects"], ORDERS, "{foreseen}");
    assert!(!customer(&store, &phones[0]).await.profile.tags.contains_key(&tag));

    let silent = replay(&[]);
    assert_eq!(silent["state"]["is"], "done", "{silent}");
    until("the tag on each customer", PATIENCE, async || {
        for phone in &phones {
            if !customer(&store, phone).await.profile.tags.contains_key(&tag) {
                return None;
            }
        }
        Some(())
    })
    .await;
    balanced(&stack).await;
    assert_eq!(told(&stack, SHIPPED, &orders).await, [1; ORDERS]);
    assert_eq!(told(&stack, THANKS, &orders).await, [0; ORDERS]);
    assert!(!stack.crm.is_tagged(record, &tag).await, "nothing leaves a silent replay");

    // Killed on its way, and gone on with: what was sent twice happens once.
    let slow = [&["replay"], &period[..], &["--effects", "--rate", "1/s"]].concat();
    let mut killed = stack.cli.start(&slow);
    let id = until("the replay under way", PATIENCE, async || {
        let (listed, _) = stack.cli.json(&["replay", "list"]);
        let newest = listed["replays"].get(0)?.clone();
        (newest["state"]["is"] == "open").then(|| newest["id"].as_str().unwrap().to_owned())
    })
    .await;
    killed.kill().unwrap();
    killed.wait().unwrap();
    // Refused, until its terminal has been silent for a minute.
    let resumed: Value = until("the replay resumed", PATIENCE, async || {
        let output = stack.cli.run(&["--json", "replay", "resume", &id]);
        serde_json::from_slice(&output.stdout).ok()
    })
    .await;
    assert_eq!(resumed["state"]["is"], "done", "{resumed}");
    until("the new text for each order", PATIENCE, async || {
        (told(&stack, THANKS, &orders).await == [1; ORDERS]).then_some(())
    })
    .await;
    until("the tag in the CRM", PATIENCE, async || {
        stack.crm.is_tagged(record, &tag).await.then_some(())
    })
    .await;
    assert_eq!(replay(&["--effects"])["state"]["is"], "done");
    balanced(&stack).await;
    assert_eq!(told(&stack, SHIPPED, &orders).await, [1; ORDERS]);
    assert_eq!(told(&stack, THANKS, &orders).await, [1; ORDERS]);
    restore(&stack).await;
}
