//! How a customer reads.

use super::*;
use anstream::adapter::strip_str;
use domain::{
    CrmLink, CustomerId, Dated, Direction, HandleKey, InboundEvent, Match, Profile, RuleRef, Tag,
    Tagged,
};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn tag(until: Option<&str>) -> Tag {
    Tag {
        since: at("2026-01-02T01:04:05Z"),
        until: until.map(at),
        rule: "complains".into(),
        event: EventId::new("shop", "1"),
    }
}

fn customer() -> Customer {
    let key = HandleKey::from_stored("phone::+12025550123");
    let name = Dated {
        value: "An\u{1b}na".into(),
        at: at("2026-01-01T03:04:05Z"),
        by: EventId::new("shop", "1"),
    };
    Customer {
        id: CustomerId::new(key.as_str()),
        created_at: at("2025-12-01T03:04:05Z"),
        handles: [key, HandleKey::from_stored("email::anna@example.com")].into(),
        crm: Some(CrmLink { crm: "tryton".into(), id: "4".into() }),
        profile: Profile {
            tags: [
                ("vip".to_owned(), tag(None)),
                ("angry".to_owned(), tag(Some("2026-01-02T03:00:00Z"))),
                ("high_care".to_owned(), tag(Some("2026-02-01T01:04:05Z"))),
            ]
            .into(),
            fields: [("name".to_owned(), name)].into(),
            last_seen: Some(at("2026-01-02T01:04:05Z")),
            ..Profile::default()
        },
        version: 2,
    }
}

fn entry() -> TimelineEntry {
    let event = InboundEvent {
        id: EventId::new("shop", "1"),
        source: "phones".into(),
        channel: "call-push".into(),
        kind: EventKind::Call,
        topic: "missed".into(),
        direction: Direction::Inbound,
        occurred_at: at("2026-01-02T01:04:05Z"),
        received_at: at("2026-01-02T01:04:06Z"),
        handles: Vec::new(),
        text: Some("my words are my own".into()),
        duration_s: None,
        fields: std::collections::BTreeMap::default(),
    };
    let rule = RuleRef { name: "complains".into(), config_version: 2 };
    let change =
        |tag: &str, added| TagChange { tag: tag.into(), added, rule: rule.clone(), until: None };
    TimelineEntry {
        decision: Match {
            outcome: MatchOutcome::Known,
            by: HandleKey::from_stored("phone::+12025550123"),
            set_aside: Vec::new(),
            config_version: 2,
        },
        tagged: Tagged {
            event,
            customer: customer(),
            classification: Classification { issue: Some("quality".into()), mood: None },
            tags: vec![change("angry", true), change("new", false)],
        },
    }
}

#[test]
fn a_customer_is_shown_with_reasons_and_history() {
    let shown = Shown::new(customer(), vec![entry()]);
    let text = shown.text(&Page::unbounded("2026-01-02T03:04:05Z"));
    insta::assert_snapshot!(strip_str(&text).to_string());
}

#[test]
fn programs_get_the_same_without_the_words_that_were_said() {
    let json = serde_json::to_value(Shown::new(customer(), vec![entry()])).unwrap();
    assert!(!json.to_string().contains("my words"));
    assert_eq!(json["timeline"][0]["match"], "known");
    assert_eq!(json["profile"]["tags"]["vip"]["rule"], "complains");
}
