//! What the rules of the demo make of contacts and orders.

use crate::{
    HOTLINE, PATIENCE, call, fresh, fresh_phone, party, shipped, stack, wechat_handle, wechat_text,
};
use serde_json::json;
use support::{texts, until};

#[tokio::test]
async fn a_shipped_order_becomes_an_sms_with_the_tracking_number() {
    let stack = stack().await;
    let number = fresh("B");
    let phone = fresh_phone();
    let spelt = format!("+1 ({}) {}-{}", &phone[2..5], &phone[5..8], &phone[8..]);
    let customer = json!({ "id": fresh("c"), "phone": spelt });
    stack.deliver("shop", &shipped(&stack, &number, &customer)).await;
    let text = until("the SMS", PATIENCE, async || {
        texts(&stack.endpoint).await.into_iter().find(|text| text.text.contains(&number))
    })
    .await;
    assert_eq!(text.to, phone);
    assert!(text.text.contains(&format!("Tracking: TRACK-{number}")), "{}", text.text);
}

#[tokio::test]
async fn a_quality_complaint_on_the_phone_becomes_a_ticket_with_an_owner() {
    let stack = stack().await;
    let phone = fresh_phone();
    let summary = format!("The cup arrived broken, {}", fresh("case "));
    stack.deliver(HOTLINE, &call(&fresh("call-"), &phone, &summary)).await;
    let party = party(&stack, &phone).await;
    let (_, owner) = until("the ticket in Tryton", PATIENCE, async || {
        let complaints = stack.crm.complaints(party).await.into_iter();
        complaints.into_iter().find(|(description, _)| description.contains(&summary))
    })
    .await;
    assert_eq!(owner, "Agent One");
}

#[tokio::test]
async fn three_contacts_about_a_purchase_become_a_tag_in_the_crm() {
    let stack = stack().await;
    let openid = fresh("o");
    for words in ["坏了", "快递在哪里", "我要退款"] {
        stack.deliver("wechat-main", &wechat_text(&stack, &openid, words)).await;
    }
    let party = party(&stack, &wechat_handle(&openid)).await;
    until("the tag in Tryton", PATIENCE, async || {
        stack.crm.is_tagged(party, "high_care").await.then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_handle_that_the_crm_knows_leads_to_the_crms_own_record() {
    let stack = stack().await;
    let anna = stack.crm.party("anna@acme.test").await.expect("the seed made her");
    let words = fresh("hello from the phone ");
    stack.deliver(HOTLINE, &call(&fresh("call-"), "+49 151 12345678", &words)).await;
    crate::note(&stack, anna, &words).await;
    let (shown, _) = stack.cli.json(&["customer", "show", "+4915112345678"]);
    assert_eq!(shown["crm"], json!({ "crm": "tryton", "id": anna.to_string() }));
}
