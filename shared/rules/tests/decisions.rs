//! What triggers decide: each action, each refusal, and the keys that make effects unique.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use domain::{Action, EffectKey, EventKind, Fired, Handle, RuleRef, Tag, TagChange, Tagged};
use rules::{Decision, RuleSet};
use serde_json::json;
use support::{at, customer, event, phone, rules, tagged};

fn trigger(rest: &str) -> RuleSet {
    rules(&format!(
        r"
email: {{ from: desk@example.com }}
endpoints: {{ erp: {{ url: 'https://erp.example.com/in', secret: omnicord/erp }} }}
triggers:
  - name: rule
    on: [order]
{rest}
"
    ))
}

fn shipped() -> Tagged {
    let mut event = event(EventKind::Order, "A-1", 0);
    event.fields.insert("tracking".into(), json!("SF-1"));
    event.fields.insert("weight".into(), json!(2.5));
    event.fields.insert("agent".into(), json!("7"));
    event.fields.insert("agent_name".into(), json!("Anna"));
    event.fields.insert("lines".into(), json!([{"sku": "S1"}, {"sku": "S2"}]));
    tagged(event)
}

fn actions(decision: &Decision) -> Vec<&Action> {
    decision.effects.iter().map(|effect| &effect.action).collect()
}

fn refusals(decision: &Decision) -> Vec<(Option<&str>, &str, &str)> {
    let refused = decision.refused.iter();
    refused
        .map(|r| (r.action.as_deref(), r.reason.code.as_str(), r.reason.detail.as_str()))
        .collect()
}

/// Whether a rule with this condition fires for the shipped order.
fn fires(condition: &str) -> Result<bool, String> {
    let condition = serde_json::to_string(condition).unwrap();
    let rules =
        trigger(&format!("    when: {condition}\n    actions: [{{ crm.note: {{ text: hi }} }}]"));
    let decision = rules.decide(&shipped(), at(9), &Fired::default());
    match decision.refused.first() {
        Some(refusal) => Err(refusal.reason.detail.clone()),
        None => Ok(!decision.effects.is_empty()),
    }
}

#[test]
fn every_action_is_filled_in() {
    let rules = trigger(
        r#"
    when: event.topic == "shipped"
    actions:
      - crm.tag: { add: [buyer], remove: [prospect] }
      - crm.note: { text: "{{ event.occurred_at | local_time }} sent by {{ company.name }}" }
      - crm.ticket: { title: "Order\n{{ event.topic }}", text: "{% for line in event.fields.lines %}{{ line.sku }};{% endfor %}{{ order.tracking }}", owner: Agent One }
      - sms: { text: "Your parcel {{ event.fields.tracking }}" }
      - email: { to: anna@example.com, subject: "{{ event.topic }}", text: "{{ event.fields.weight }} kg" }
      - webhook: { endpoint: erp, payload: { event: "{{ event.id }}", n: 1, list: ["{{ event.kind }}", true, null] } }
"#,
    );
    let tagged = shipped();
    let decision = rules.decide(&tagged, at(9), &Fired::default());
    assert_eq!(decision.refused, []);
    assert_eq!(
        actions(&decision),
        [
            &Action::CrmTag { add: vec!["buyer".into()], remove: vec!["prospect".into()] },
            &Action::CrmNote { text: "2026-11-22 09:00 sent by Lab Commerce".into() },
            &Action::CrmTicket {
                title: "Order shipped".into(),
                text: "S1;S2;SF-1".into(),
                owner: Some("Agent One".into()),
            },
            &Action::Sms { to: "+4915112345678".into(), text: "Your parcel SF-1".into() },
            &Action::Email {
                to: "anna@example.com".into(),
                subject: "shipped".into(),
                text: "2.5 kg".into(),
            },
            &Action::Webhook {
                endpoint: "erp".into(),
                payload: json!({
                    "event": tagged.event.id, "n": 1, "list": ["order", true, null]
                }),
            },
        ]
    );
    let first = &decision.effects[0];
    assert_eq!(first.rule, RuleRef { name: "rule".into(), config_version: 7 });
    assert_eq!((first.decided_at, &first.customer), (at(9), &tagged.customer.id));
    assert_eq!(first.key, EffectKey::new(&tagged.event.id, "rule", "crm.tag"));
}

#[test]
fn a_replay_meets_its_own_keys_and_no_two_actions_share_one() {
    let rules = trigger(
        r"
    actions:
      - sms: { text: one }
      - sms: { text: two }
      - webhook: { endpoint: erp, payload: 1 }
      - crm.note: { text: note }
",
    );
    let keys = |now| -> Vec<_> {
        rules
            .decide(&shipped(), at(now), &Fired::default())
            .effects
            .into_iter()
            .map(|effect| effect.key)
            .collect()
    };
    assert_eq!(keys(9), keys(1_000));
    let mut distinct = keys(9);
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), 4);
}

#[test]
fn rules_of_other_kinds_stay_silent() {
    let rules = trigger("    actions: [{ crm.note: { text: hi } }]");
    let call = tagged(event(EventKind::Call, "c", 0));
    assert_eq!(rules.decide(&call, at(9), &Fired::default()), Decision::default());
}

#[test]
fn what_cannot_be_said_is_refused_and_the_rest_is_done() {
    let rules = trigger(
        r#"
    actions:
      - sms: { text: "{{ event.fields.trakcing }}" }
      - sms: { to: "not a number", text: hi }
      - email: { subject: hi, text: hi }
      - crm.note: { text: "{{ '  ' }}" }
      - crm.note: { text: "{{ invoice.number }}" }
      - crm.note: { text: "{{ event.fields.weight | join }}" }
      - webhook: { endpoint: erp, payload: { deep: ["{{ event.text }}"] } }
      - crm.note: { text: "{% if event.text %}{{ event.text }}{% else %}no words{% endif %}" }
"#,
    );
    let decision = rules.decide(&shipped(), at(9), &Fired::default());
    assert_eq!(
        refusals(&decision),
        [
            (Some("sms"), "text_failed", "the text needs `event.fields.trakcing`, which is absent"),
            (
                Some("sms"),
                "bad_recipient",
                "the recipient is not valid: the phone is no number that can be dialled from the \
                 default region"
            ),
            (Some("email"), "no_recipient", "no email is known of the customer"),
            (Some("crm.note"), "text_failed", "the text is empty"),
            (Some("crm.note"), "text_failed", "the text needs `invoice.number`, which is absent"),
            (
                Some("crm.note"),
                "text_failed",
                "a filter or operator in the text met a type that it does not take"
            ),
            (Some("webhook"), "text_failed", "the text needs `event.text`, which is absent"),
        ]
    );
    assert_eq!(actions(&decision), [&Action::CrmNote { text: "no words".into() }]);
}

#[test]
fn the_event_s_own_number_comes_before_the_customer_s() {
    let rules = trigger("    actions: [{ sms: { text: hi } }]");
    let recipient = |tagged: &Tagged| {
        let decision = rules.decide(tagged, at(9), &Fired::default());
        let recipient = decision.effects.iter().find_map(|effect| {
            let Action::Sms { to, .. } = &effect.action else { return None };
            Some(to.clone())
        });
        recipient.unwrap()
    };
    let mut tagged = shipped();
    assert_eq!(recipient(&tagged), phone().value);
    let other = Handle::phone("+1 202 555 0123", "US", domain::Assurance::Attested).unwrap();
    tagged.event.handles = vec![other.clone()];
    assert_eq!(recipient(&tagged), other.value);
}

#[test]
fn only_synced_tags_reach_the_crm() {
    let rules = rules(
        r#"
tags:
  - { name: vip, when: 'event.topic == "vip"', sync: true }
  - { name: new, when: 'event.topic == "new"', sync: true }
  - { name: inner, when: 'event.topic == "inner"' }
"#,
    );
    let change = |tag: &str, added| TagChange {
        tag: tag.into(),
        added,
        rule: RuleRef { name: tag.into(), config_version: 7 },
        until: None,
    };
    let mut tagged = shipped();
    tagged.tags = vec![change("vip", true), change("inner", true), change("new", false)];
    let decision = rules.decide(&tagged, at(9), &Fired::default());
    let expected = Action::CrmTag { add: vec!["vip".into()], remove: vec!["new".into()] };
    assert_eq!(actions(&decision), [&expected]);
    tagged.tags = vec![change("inner", true)];
    assert_eq!(rules.decide(&tagged, at(9), &Fired::default()), Decision::default());
}

#[test]
fn conditions_see_the_event_and_what_is_absent_is_null() {
    for holds in [
        r#"event.topic == "shipped" && event.kind == "order""#,
        "event.text == null && event.duration == null && event.issue == null",
        "event.fields.weight > 2 && event.fields.weight < 3.0",
        r#"event.fields.lines.exists(line, line.sku == "S2")"#,
        r#"event.fields["tracking"].startsWith("SF")"#,
        r#""tracking" in event.fields && !("colour" in event.fields)"#,
        "has(event.fields.tracking) && !has(event.fields.colour)",
        "event.fields.colour == null",
        r#"event.fields.colour == null || event.fields.colour.contains("red")"#,
        "!customer.crm && size(customer.tags) == 0",
        r#"customer.phone == "+4915112345678" && customer.email == null"#,
        "now == event.occurred_at",
        r#"order.tracking == "SF-1" && order["weight"] > 2 && order.lines[1].sku == "S2""#,
        "invoice == null && device == null && invoice.number == null && has(order.weight)",
        r#"agent.id == "7" && agent.name == "Anna" && agent.skill == null"#,
        r#"event["topic"] == "shipped" && customer["crm"] == false"#,
        "!event.interaction && event.direction == \"inbound\"",
        r#"company.name == "Lab Commerce""#,
        r#"int("3") + 1 == 4 && string(4) == "4" && double("1.5") > 1.0 && bool("true")"#,
        r#"size("abc") == 3 && "abc".endsWith("c") && "abc".contains("b")"#,
        "[1, 2].map(n, n * 2) == [2, 4] && [1, 2].all(n, n > 0) && [1, 2].filter(n, n > 1) == [2]",
    ] {
        assert_eq!(fires(holds), Ok(true), "{holds}");
    }
    for not in [
        r#"event.text.contains("refund")"#,
        "event.fields.colour > 3",
        "event.fields.size.width > 3",
        "event.fields.colour",
        "invoice.total > 3",
        "has(invoice.total)",
    ] {
        assert_eq!(fires(not), Ok(false), "{not}");
    }
}

#[test]
fn a_condition_that_does_not_fit_the_data_is_reported_without_the_data() {
    let type_error = "a comparison or function met a type that it does not take";
    assert_eq!(fires("event.fields.tracking > 3"), Err(type_error.into()));
    assert_eq!(fires("event.topic.contains(1)"), Err(type_error.into()));
    assert_eq!(
        fires("event.fields.tracking"),
        Err("the condition is neither true nor false".into())
    );
    assert_eq!(fires("1 / (size(event.topic) - 7) > 0"), Err("a calculation has no result".into()));
    assert_eq!(
        fires("event.fields.lines[2].sku == \"S1\""),
        Err("a key or index is not there".into())
    );
}

#[test]
fn counts_and_tags_are_those_of_the_event_s_time() {
    let rules = rules(
        r#"
counters: [{ name: orders, when: 'event.kind == "order"', window: 60s }]
tags: [{ name: gone, when: 'event.topic == "x"' }, { name: here, when: 'event.topic == "y"' }]
triggers:
  - name: rule
    on: [order]
    when: customer.counts.orders == 2 && customer.tags == ["here"]
    actions: [{ crm.note: { text: "{{ customer.counts.orders }} {{ customer.tags | join(',') }}" } }]
"#,
    );
    let mut tagged = shipped();
    tagged.customer = customer();
    let profile = &mut tagged.customer.profile;
    for (key, second) in [("too old", -60), ("old", -59), ("this", 0), ("later", 1)] {
        let event = event(EventKind::Order, key, second);
        profile.counters.entry("orders".into()).or_default().record(at(second), &event.id);
    }
    let tag = |until| Tag {
        since: at(-5),
        until: Some(until),
        rule: "r".into(),
        event: tagged.event.id.clone(),
    };
    profile.tags = [("gone".into(), tag(at(0))), ("here".into(), tag(at(1)))].into();
    let decision = rules.decide(&tagged, at(1_000_000), &Fired::default());
    assert_eq!(actions(&decision), [&Action::CrmNote { text: "2 here".into() }]);
}

#[test]
fn a_document_and_its_types_compile_alike() {
    let text = include_str!("../../../infra/local/omnicord.yaml");
    let loaded = RuleSet::load(text, 3).unwrap();
    let compiled = RuleSet::compile(loaded.config().clone(), 3).unwrap();
    assert_eq!((compiled.version(), compiled.config()), (3, loaded.config()));
    let mut broken = loaded.config().clone();
    broken.tags[0].when = "customer.counts.other > 1".into();
    let problems = RuleSet::compile(broken, 3).unwrap_err();
    assert_eq!((problems[0].line, problems[0].path.as_str()), (None, "tags[0].when"));
}
