//! What arrives many times happens once.

use crate::{PATIENCE, fresh, fresh_phone, lived_through, note, party, shipped, stack};
use reqwest::Method;
use serde_json::json;
use support::{texts, until};

#[tokio::test]
async fn twenty_deliveries_at_once_leave_one_entry_one_note_one_sms() {
    let stack = stack().await;
    let (number, email) = (fresh("C"), format!("{}@example.com", fresh("buyer")));
    let phone = fresh_phone();
    let customer = json!({ "email": email, "phone": phone });
    let signed = shipped(&stack, &number, &customer);
    let mut answers = tokio::task::JoinSet::new();
    let stack = std::sync::Arc::new(stack);
    for _ in 0..20 {
        let (stack, signed) = (stack.clone(), signed.clone());
        answers.spawn(async move { stack.send(Method::POST, "shop", &signed).await.status });
    }
    assert_eq!(answers.join_all().await, vec![200; 20]);

    let party = party(&stack, &email).await;
    note(&stack, party, &number).await;
    until("the SMS", PATIENCE, async || {
        texts(&stack.endpoint).await.into_iter().find(|text| text.text.contains(&number))
    })
    .await;
    until("a balanced audit with nothing in flight", PATIENCE, async || {
        let (audit, balanced) = stack.cli.json(&["audit"]);
        (balanced && audit["events"]["in_flight"] == 0 && audit["effects"]["in_flight"] == 0)
            .then_some(())
    })
    .await;

    let notes = stack.crm.notes(party).await;
    assert_eq!(notes.iter().filter(|note| note.contains(&number)).count(), 1, "{notes:?}");
    let texts = texts(&stack.endpoint).await;
    assert_eq!(texts.iter().filter(|text| text.text.contains(&number)).count(), 1);
    assert_eq!(lived_through(&stack, &phone), 1);
}
