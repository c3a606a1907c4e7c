//! Recipes, added to a configuration that has nothing but doors and a CRM.

use crate::change::{USUAL, apply, restore};
use crate::{
    HOTLINE, PATIENCE, call, fresh, fresh_phone, now, shipped_at, stack, wechat_handle, wechat_text,
};
use rules::add_recipe;
use serde_json::json;
use support::{Text, texts, until};

/// The usual company with this name, its doors and its CRM, and the recipe; no other rule.
fn company(name: &str, recipe: &str) -> String {
    let (doors, _) = USUAL.split_once("\nclassify:\n").expect("the usual rules follow the doors");
    let doors = doors.replacen("name: Lab Commerce", &format!("name: {name}"), 1);
    add_recipe(&doors, recipe).unwrap()
}

// Running functions may be half a minute behind: each test asks again and again, as somebody new,
// for what only the recipe does.

#[tokio::test]
async fn shipped_then_an_sms_with_the_tracking_number() {
    let stack = stack().await;
    let name = fresh("Recipes ");
    apply(&stack, &company(&name, "sms-on-shipment"));
    let Text { to, text } = until("an SMS of that company", PATIENCE, async || {
        let customer = json!({ "id": fresh("c"), "phone": fresh_phone() });
        let order = shipped_at(&stack, &fresh("R"), &customer, &now().to_string());
        stack.deliver("shop", &order).await;
        texts(&stack.endpoint).await.into_iter().find(|text| text.text.contains(&name))
    })
    .await;
    let number = text.split_whitespace().find(|word| word.starts_with('R') && word.len() > 9);
    let number = number.expect("the order's number");
    assert_eq!(
        text,
        format!("{name}: your order {number} is on its way. Tracking: TRACK-{number}")
    );
    assert!(to.starts_with("+1") && to.contains("55501"), "one of the customers");
    restore(&stack).await;
}

#[tokio::test]
async fn a_quality_complaint_on_the_phone_then_a_ticket_with_an_owner() {
    let stack = stack().await;
    apply(&stack, &company("Recipes", "ticket-on-complaint"));
    let mut callers = Vec::new();
    let (title, owner) = until("a ticket by the recipe", PATIENCE, async || {
        let (phone, summary) = (fresh_phone(), format!("It is broken, {}", fresh("case ")));
        stack.deliver(HOTLINE, &call(&fresh("call-"), &phone, &summary)).await;
        callers.push((phone, summary));
        for (phone, summary) in &callers {
            let Some(party) = stack.crm.party(phone).await else { continue };
            let tickets = stack.crm.complaints(party).await.into_iter();
            // The usual rules give it to another owner.
            let ticket = tickets
                .into_iter()
                .find(|(text, owner)| text.contains(summary) && owner == "Agent Two");
            if ticket.is_some() {
                return ticket;
            }
        }
        None
    })
    .await;
    assert!(title.contains("It is broken"), "{title}");
    assert_eq!(owner, "Agent Two", "whom the CRM's settings name");
    restore(&stack).await;
}

#[tokio::test]
async fn three_after_sales_contacts_then_high_care() {
    let stack = stack().await;
    apply(&stack, &company("Recipes", "tag-on-repeated-after-sales"));
    let mut customers: Vec<String> = Vec::new();
    let mut two_contacts = Vec::new();
    let tagged = until("the tag in Tryton", PATIENCE, async || {
        let (often, twice) = (fresh("o"), fresh("p"));
        // Words that the usual rules do not know.
        for (openid, words) in [
            (&often, "换货"),
            (&often, "维修"),
            (&often, "Umtausch"),
            (&twice, "换货"),
            (&twice, "维修"),
        ] {
            stack.deliver("wechat-main", &wechat_text(&stack, openid, words)).await;
        }
        customers.push(wechat_handle(&often));
        two_contacts.push(wechat_handle(&twice));
        for customer in &customers {
            if let Some(party) = stack.crm.party(customer).await
                && stack.crm.is_tagged(party, "high_care").await
            {
                return Some(customer.clone());
            }
        }
        None
    })
    .await;
    let (shown, _) = stack.cli.json(&["customer", "show", &tagged]);
    assert_eq!(shown["timeline"].as_array().map(Vec::len), Some(3), "{shown}");
    for customer in &two_contacts {
        if let Some(party) = stack.crm.party(customer).await {
            assert!(!stack.crm.is_tagged(party, "high_care").await, "two contacts are few");
        }
    }
    restore(&stack).await;
}
