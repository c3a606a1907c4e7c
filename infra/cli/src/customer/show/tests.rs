//! How a customer reads.

use super::*;
use anstream::adapter::strip_str;
use domain::{
    Assurance, CrmLink, CustomerId, Dated, Direction, Held, InboundEvent, Match, MergeId, Profile,
    RuleRef, Tag, Tagged,
};
use identity::{Cause, Link, MergeState};

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

fn held(assurance: Assurance, former: bool) -> Held {
    Held { since: at("2025-12-01T03:04:05Z"), assurance, former }
}

fn customer() -> Customer {
    let key = HandleKey::from_stored("phone::+12025550123");
    let name = Dated {
        value: "An\u{1b}na".into(),
        at: at("2026-01-01T03:04:05Z"),
        source: "shop".into(),
        by: EventId::new("shop", "1"),
    };
    Customer {
        handles: [
            (key.clone(), held(Assurance::Attested, false)),
            (HandleKey::from_stored("email::anna@example.com"), held(Assurance::Claimed, false)),
        ]
        .into(),
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
        ..Customer::new(CustomerId::new(key.as_str()), at("2025-12-01T03:04:05Z"))
    }
}

/// The customer with a second profile, and the merge that joins the two.
fn merged() -> (Group, Merge) {
    let mut root = customer();
    let key = HandleKey::from_stored("wechat_openid:wx1234:oABCD");
    let mut member = Customer::new(CustomerId::new(key.as_str()), at("2025-12-24T03:04:05Z"));
    member.membership.merged_into = Some(root.id.clone());
    member.handles = [
        (key.clone(), held(Assurance::Attested, false)),
        (HandleKey::from_stored("crm:tryton:9"), held(Assurance::Attested, true)),
    ]
    .into();
    let joins = (root.id.clone(), member.id.clone());
    let merge = Merge {
        id: MergeId::new(&joins.0, &joins.1, "evt", 0),
        at: at("2026-01-01T03:04:05Z"),
        cause: Cause::Event(EventId::new("shop", "2")),
        joins: joins.clone(),
        survivor: root.id.clone(),
        absorbed: member.id.clone(),
        handles: vec![HandleKey::from_stored("phone::+12025550123"), key],
        config_version: 2,
        state: MergeState::Standing,
    };
    root.membership.merges.insert(merge.id.clone(), joins);
    root.membership.apart.insert((root.id.clone(), CustomerId::new("email::bob@example.com")));
    (Group { root, members: vec![member] }, merge)
}

/// The links of a customer whose telephone number too many customers use.
fn links(group: &Group) -> Links {
    let link = |(key, held): (&HandleKey, &Held)| {
        let link = Link {
            customer: group.id().clone(),
            home: group.id().clone(),
            assurance: held.assurance,
            since: held.since,
            version: 1,
            shared: key.as_str() == "phone::+12025550123",
            contested: [].into(),
        };
        (key.clone(), link)
    };
    group.handles().map(link).collect()
}

fn entry(key: &str, occurred_at: &str) -> TimelineEntry {
    let event = InboundEvent {
        id: EventId::new("shop", key),
        source: "phones".into(),
        channel: "call-push".into(),
        kind: EventKind::Call,
        topic: "missed".into(),
        direction: Direction::Inbound,
        occurred_at: at(occurred_at),
        received_at: at(occurred_at),
        handles: Vec::new(),
        text: Some("my words are my own".into()),
        duration_s: None,
        fields: std::collections::BTreeMap::default(),
        checks: domain::Checks::default(),
    };
    let rule = RuleRef { name: "complains".into(), config_version: 2 };
    let change =
        |tag: &str, added| TagChange { tag: tag.into(), added, rule: rule.clone(), until: None };
    TimelineEntry {
        decision: Match {
            outcome: MatchOutcome::Matched,
            by: Some(HandleKey::from_stored("phone::+12025550123")),
            linked: Vec::new(),
            set_aside: Vec::new(),
            merges: Vec::new(),
            reviews: Vec::new(),
            config_version: 2,
        },
        tagged: Tagged {
            event,
            home: customer().id,
            customer: customer(),
            classification: Classification { issue: Some("quality".into()), mood: None },
            tags: vec![change("angry", true), change("new", false)],
        },
        matched_at: None,
        replayed: None,
    }
}

fn alone() -> Shown {
    let group = Group { root: customer(), members: Vec::new() };
    let history = vec![entry("1", "2026-01-02T01:04:05Z")];
    let timers = [("warranty_ending".to_owned(), at("2026-12-02T00:00:00Z"))].into();
    Shown { timers, ..Shown::new(customer(), &group, Vec::new(), &Links::new(), history) }
}

fn text(shown: &Shown) -> String {
    strip_str(&shown.text(&Page::unbounded("2026-01-02T03:04:05Z"))).to_string()
}

#[test]
fn a_customer_is_shown_with_reasons_and_history() {
    insta::assert_snapshot!(text(&alone()));
}

#[test]
fn a_merged_customer_is_shown_with_what_holds_it_together() {
    let (group, merge) = merged();
    let customer = crate::graph::sample::rules().combine(&group);
    let links = links(&group);
    let shown = Shown::new(customer, &group, vec![merge], &links, Vec::new());
    insta::assert_snapshot!(text(&shown));
}

#[test]
fn histories_of_several_profiles_are_told_as_one() {
    let times = ["2026-01-02T01:04:05Z", "2026-01-01T01:04:05Z", "2026-01-02T02:04:05Z"];
    let history = times.iter().map(|time| entry(time, time)).collect();
    let newest: Vec<_> =
        newest(history, 2).into_iter().map(|entry| entry.tagged.event.occurred_at).collect();
    assert_eq!(newest, [at(times[2]), at(times[0])]);
}

#[test]
fn programs_get_the_same_without_the_words_that_were_said() {
    let json = serde_json::to_value(alone()).unwrap();
    assert!(!json.to_string().contains("my words"));
    assert_eq!(json["timeline"][0]["match"], "matched");
    assert_eq!(json["profile"]["tags"]["vip"]["rule"], "complains");
}
