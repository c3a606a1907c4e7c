//! Who objects is not written to, until they agree again.

use crate::{PATIENCE, fresh, fresh_phone, note, party, shipped, stack};
use serde_json::{Value, json};
use support::{Signed, Stack, texts, until};

/// What a customer answers to a short message, by standardwebhooks.
fn answered(stack: &Stack, phone: &str, text: &str, at: &str) -> Signed {
    let id = fresh("sms-");
    let data = json!({ "id": id, "from": phone, "text": text, "received_at": at });
    let payload = json!({ "type": "sms.received", "data": data });
    stack.oracle.sign(&json!({ "source": "shop", "id": format!("msg_{id}"), "payload": payload }))
}

/// What `consent show` says of the number's short messages.
fn consent(stack: &Stack, phone: &str) -> Value {
    let (shown, _) = stack.cli.json(&["consent", "show", phone]);
    let words = shown["words"].as_array().cloned().unwrap_or_default();
    words.into_iter().find(|word| word["channel"] == "sms").unwrap_or_default()
}

async fn withdrawn(stack: &Stack, phone: &str, withdrawn: bool) {
    until("the consent", PATIENCE, async || {
        (consent(stack, phone)["consent"]["withdrawn"] == withdrawn).then_some(())
    })
    .await;
}

async fn sms(stack: &Stack, number: &str) -> usize {
    let texts = texts(&stack.endpoint).await;
    texts.iter().filter(|text| text.text.contains(number)).count()
}

/// Ships an order, and waits until every effect of it has come to its end.
async fn ship(stack: &Stack, phone: &str) -> String {
    let number = fresh("K");
    let customer = json!({ "id": fresh("c"), "phone": phone });
    stack.deliver("shop", &shipped(stack, &number, &customer)).await;
    let party = party(stack, phone).await;
    note(stack, party, &format!("Order {number} shipped")).await;
    until("nothing in flight", PATIENCE, async || {
        let (audit, balanced) = stack.cli.json(&["audit"]);
        (balanced && audit["events"]["in_flight"] == 0 && audit["effects"]["in_flight"] == 0)
            .then_some(())
    })
    .await;
    number
}

#[tokio::test]
async fn stop_withholds_the_shipment_sms_and_start_sends_it_again() {
    let stack = stack().await;
    let phone = fresh_phone();
    let stop = answered(&stack, &phone, " Ｓtop ", "2026-11-20T09:00:00Z");
    stack.deliver("shop", &stop).await;
    withdrawn(&stack, &phone, true).await;
    let withheld = ship(&stack, &phone).await;
    assert_eq!(sms(&stack, &withheld).await, 0);
    let (audit, _) = stack.cli.json(&["audit"]);
    assert!(audit["effects"]["withheld"].as_u64() >= Some(1), "{audit}");

    let start = answered(&stack, &phone, "START", "2026-11-20T11:00:00Z");
    stack.deliver("shop", &start).await;
    withdrawn(&stack, &phone, false).await;
    let sent = ship(&stack, &phone).await;
    assert_eq!(sms(&stack, &sent).await, 1);
    assert_eq!(sms(&stack, &withheld).await, 0, "what was withheld is not sent later");

    let late = answered(&stack, &phone, "STOP", "2026-11-20T10:00:00Z");
    stack.deliver("shop", &late).await;
    until("the late word in the history", PATIENCE, async || {
        (crate::lived_through(&stack, &phone) == 5).then_some(())
    })
    .await;
    assert_eq!(consent(&stack, &phone)["consent"]["withdrawn"], false, "a newer word stands");
}

#[tokio::test]
async fn an_agent_s_hint_is_shown_with_the_customer() {
    let stack = stack().await;
    let phone = fresh_phone();
    let asked = answered(&stack, &phone, "Where is my invoice?", "2026-11-20T09:00:00Z");
    stack.deliver("shop", &asked).await;
    until("the hint", PATIENCE, async || {
        let output = stack.cli.run(&["--json", "customer", "show", &phone]);
        let shown: Value = serde_json::from_slice(&output.stdout).ok()?;
        (shown["hints"][0]["text"] == "Asked about an invoice").then_some(())
    })
    .await;
}
