//! Webhooks that code of others signed arrive in Tryton.

use crate::{fresh, fresh_phone, note, party, shipped, stack, wechat_handle, wechat_text};
use serde_json::json;

#[tokio::test]
async fn a_wechat_message_that_wechatpy_encrypted() {
    let stack = stack().await;
    let openid = fresh("o");
    let words = fresh("发票什么时候开？");
    stack.deliver("wechat-main", &wechat_text(&stack, &openid, &words)).await;
    let party = party(&stack, &wechat_handle(&openid)).await;
    let note = note(&stack, party, &words).await;
    assert!(note.contains("wechat message (text), about invoice"), "{note}");
}

#[tokio::test]
async fn a_wecom_event_that_the_vendors_package_encrypted() {
    let stack = stack().await;
    let contact = fresh("wm");
    let elements = json!({
        "MsgType": "event", "Event": "change_external_contact",
        "ChangeType": "add_external_contact", "UserID": "AgentOne", "ExternalUserID": contact,
    });
    let order = json!({ "source": "wecom-main", "sender": "sys", "elements": elements });
    stack.deliver("wecom-main", &stack.oracle.sign(&order)).await;
    let handle = format!("wecom_external:ww0123456789abcdef:{contact}");
    let party = party(&stack, &handle).await;
    assert_eq!(stack.crm.party(&handle).await, Some(party), "Tryton keeps the account itself");
    note(&stack, party, "wecom follow (add_external_contact)").await;
}

#[tokio::test]
async fn a_standard_webhook_that_its_reference_library_signed() {
    let stack = stack().await;
    let (number, email) = (fresh("A"), format!("{}@example.com", fresh("buyer")));
    let customer = json!({ "email": email, "phone": fresh_phone() });
    stack.deliver("shop", &shipped(&stack, &number, &customer)).await;
    let party = party(&stack, &email).await;
    note(&stack, party, &format!("Order {number} shipped, tracking TRACK-{number}")).await;
}
