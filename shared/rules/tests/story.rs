//! The demo's configuration, from the customer's first question to the tag in the CRM.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use domain::{Action, Customer, EventKind, Fired, InboundEvent, Tagged};
use rules::RuleSet;
use std::sync::LazyLock;
use support::{at, customer, event};

static RULES: LazyLock<RuleSet> =
    LazyLock::new(|| RuleSet::load(include_str!("../../../infra/local/omnicord.yaml"), 1).unwrap());

/// What the event makes of the customer, in the words of each action.
fn happens(customer: &mut Customer, event: &InboundEvent) -> Vec<String> {
    let classification = RULES.classify(event);
    let tags = RULES.apply(customer, event, &classification);
    let (event, customer) = (event.clone(), customer.clone());
    let home = customer.id.clone();
    let decision = RULES.decide(
        &Tagged { event, customer, home, classification, tags },
        at(99),
        &Fired::default(),
    );
    assert_eq!(decision.refused, []);
    let words = |action: Action| match action {
        Action::CrmTag { add, remove } => format!("tag +{add:?} -{remove:?}"),
        Action::CrmNote { text } => format!("note: {text}"),
        Action::CrmTicket { title, text, owner } => {
            format!("ticket for {owner:?}: {title}: {text}")
        }
        Action::Sms { to, text } => format!("sms to {to}: {text}"),
        Action::CrmTask { .. }
        | Action::CrmField { .. }
        | Action::Email { .. }
        | Action::Webhook { .. }
        | Action::Push { .. }
        | Action::WechatTemplate { .. }
        | Action::WechatMessage { .. }
        | Action::WecomMessage { .. }
        | Action::WhatsappTemplate { .. } => "unexpected".to_owned(),
        Action::AgentHint { text, .. } => format!("hint: {text}"),
    };
    decision.effects.into_iter().map(|effect| words(effect.action)).collect()
}

fn said(kind: EventKind, channel: &str, topic: &str, second: i64, text: &str) -> InboundEvent {
    InboundEvent {
        channel: channel.into(),
        topic: topic.into(),
        text: Some(text.into()),
        ..event(kind, topic, second)
    }
}

#[test]
fn a_customer_asks_complains_receives_a_parcel_and_is_taken_care_of() {
    let mut anna = customer();
    let question = said(EventKind::Message, "wechat", "text", 0, "请问怎么开发票？");
    let complaint = InboundEvent {
        duration_s: Some(270),
        ..said(
            EventKind::Call,
            "call-push",
            "answered",
            3_600,
            "Shoes arrived broken, she is angry",
        )
    };
    let mut shipped = event(EventKind::Order, "A1001", 7_200);
    shipped.fields.insert("number".into(), "A1001".into());
    shipped.fields.insert("tracking".into(), "00340434161094042557".into());
    let follow_up = said(EventKind::Message, "wecom", "text", 9_000, "快递到哪里了？谢谢");
    let story: Vec<_> = [question, complaint, shipped, follow_up]
        .iter()
        .map(|event| happens(&mut anna, event).join("\n"))
        .collect();
    insta::assert_snapshot!(story.join("\n\n"));
}
