//! What validation rules make of events by themselves.

#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

mod support;

use domain::{Class, Disposition, EventKind, Fault, InboundEvent};
use rules::{Broken, Invalid, RuleSet};
use serde_json::{Value, json};
use support::{at, event, rules};

/// An order with these fields.
fn order(fields: &Value) -> InboundEvent {
    let mut order = event(EventKind::Order, "A-1", 0);
    order.fields = serde_json::from_value(fields.clone()).unwrap();
    order
}

/// One rule for orders.
fn one(rule: &str) -> RuleSet {
    rules(&format!(
        "sources: {{ shop: {{ secret: omnicord/shop, channel: {{ standard-webhooks: {{ mappings: \
         [{{ kind: order, topic: placed, handles: [{{ kind: phone, at: /phone }}] }}] }} }} }} }}\n\
         validate:\n  - {{ name: rule, on: [order], {rule} }}\n"
    ))
}

/// In what way an order with these fields breaks the rule.
fn broken(rules: &RuleSet, fields: &Value) -> Option<Broken> {
    rules.check(&mut order(fields)).err().map(|invalid| invalid.broken)
}

/// What a rule leaves of an order's fields, with the rules that repaired and those that flagged.
fn left(rules: &RuleSet, fields: &Value) -> (Value, Vec<String>, Vec<String>) {
    let mut order = order(fields);
    rules.check(&mut order).unwrap();
    let again = order.clone();
    rules.check(&mut order).unwrap();
    assert_eq!(order.fields, again.fields, "a second look changes nothing");
    let repairs = again.checks.repairs.into_iter().map(|repair| repair.field).collect();
    (json!(again.fields), repairs, again.checks.flags.into_iter().collect())
}

#[test]
fn what_is_required_has_a_value() {
    let rules = one("check: { required: [event.fields.number, order.parcel.code] }");
    let whole = json!({ "number": "A-1", "parcel": { "code": 7 } });
    assert_eq!(broken(&rules, &whole), None);
    for fields in [
        json!({ "parcel": { "code": 7 } }),
        json!({ "number": null, "parcel": { "code": 7 } }),
        json!({ "number": "  ", "parcel": { "code": 7 } }),
        json!({ "number": "A-1", "parcel": {} }),
        json!({ "number": "A-1", "parcel": { "code": [] } }),
    ] {
        assert_eq!(broken(&rules, &fields), Some(Broken::Missing), "{fields}");
    }
}

#[test]
fn a_format_fits_the_whole_value_or_there_is_none() {
    let rules = one("check: { format: { event.fields.code: '[0-9]{5}|x' } }");
    for fields in
        [json!({}), json!({ "code": "" }), json!({ "code": "12345" }), json!({ "code": 12345 })]
    {
        assert_eq!(broken(&rules, &fields), None, "{fields}");
    }
    let long = "1".repeat(5_000);
    for code in [json!("123456"), json!("a12345"), json!("12345\n1"), json!([12345]), json!(long)] {
        let fields = json!({ "code": code });
        assert_eq!(broken(&rules, &fields), Some(Broken::Malformed), "{fields}");
    }
}

#[test]
fn a_number_lies_within_its_bounds_exactly() {
    let rules = one("check: { range: { event.fields.total: { min: 0.1, max: 100 } } }");
    for total in [json!(0.1), json!("0.10"), json!(100), json!(null)] {
        assert_eq!(broken(&rules, &json!({ "total": total })), None, "{total}");
    }
    for total in [json!(0.09), json!(100.000_000_1), json!("much"), json!(true), json!(1e300)] {
        let found = broken(&rules, &json!({ "total": total }));
        assert_eq!(found, Some(Broken::OutOfRange), "{total}");
    }
}

#[test]
fn a_time_is_measured_from_the_arrival() {
    let rules = one("check: { range: { event.occurred_at: { min: -30d, max: 1d } } }");
    let occurred = |second| InboundEvent { occurred_at: at(second), ..order(&json!({})) };
    let day = 86_400;
    // The order arrives five seconds after the beginning.
    for (second, fits) in
        [(0, true), (day + 5, true), (day + 6, false), (5 - 30 * day, true), (4 - 30 * day, false)]
    {
        assert_eq!(rules.check(&mut occurred(second)).is_ok(), fits, "{second}");
    }
    let of_field = one("check: { range: { event.fields.due: { max: 1d } } }");
    for (due, fits) in [
        (json!("2026-11-23T08:00:05Z"), true),
        (json!("2026-11-23T08:00:06Z"), false),
        (json!("2026-11-23"), true),
        (json!(at(day + 6).as_second()), false),
        (json!("soon"), false),
    ] {
        assert_eq!(broken(&of_field, &json!({ "due": due })).is_none(), fits, "{due}");
    }
}

#[test]
fn a_repair_puts_right_what_it_can_and_says_so() {
    let trim = one("check: { format: { event.fields.code: '[0-9]{5}' } }, repair: trim");
    let (fields, repairs, flags) = left(&trim, &json!({ "code": " 12345\n" }));
    assert_eq!(fields, json!({ "code": "12345" }));
    assert_eq!((repairs, flags), (vec!["event.fields.code".to_owned()], vec![]));
    assert_eq!(broken(&trim, &json!({ "code": " 1234 " })), Some(Broken::Malformed));

    let clamp = one("check: { range: { event.fields.stars: { min: 1, max: 5 } } }, repair: clamp");
    assert_eq!(left(&clamp, &json!({ "stars": 9 })).0, json!({ "stars": 5 }));
    assert_eq!(left(&clamp, &json!({ "stars": "-2" })).0, json!({ "stars": "1" }));
    assert_eq!(left(&clamp, &json!({ "stars": 3 })).1, [""; 0]);
    assert_eq!(broken(&clamp, &json!({ "stars": "many" })), Some(Broken::OutOfRange));

    let default = one("check: { required: [event.fields.pay.currency] }, repair: { default: EUR }");
    assert_eq!(left(&default, &json!({})).0, json!({ "pay": { "currency": "EUR" } }));
    assert_eq!(broken(&default, &json!({ "pay": "cash" })), Some(Broken::Missing), "no room");

    let from = one("check: { required: [order.number] }, repair: { from: event.fields.order_no }");
    let (fields, ..) = left(&from, &json!({ "order_no": "A-7" }));
    assert_eq!(fields["number"], "A-7");
    assert_eq!(broken(&from, &json!({})), Some(Broken::Missing));
}

#[test]
fn a_time_is_clamped_in_the_form_that_it_had() {
    let day = 86_400;
    let event = one("check: { range: { event.occurred_at: { max: 1d } } }, repair: clamp");
    let mut ahead = InboundEvent { occurred_at: at(9 * day), ..order(&json!({})) };
    event.check(&mut ahead).unwrap();
    assert_eq!(ahead.occurred_at, at(day + 5));
    let field = one("check: { range: { event.fields.due: { max: 1d } } }, repair: clamp");
    let (fields, ..) = left(&field, &json!({ "due": "2027-01-01T00:00:00Z" }));
    assert_eq!(fields, json!({ "due": "2026-11-23T08:00:05Z" }));
    let (fields, ..) = left(&field, &json!({ "due": at(9 * day).as_second() }));
    assert_eq!(fields, json!({ "due": at(day + 5).as_second() }));
}

#[test]
fn what_cannot_be_put_right_is_flagged_where_the_rule_says_so() {
    let rules = one(
        "check: { range: { event.fields.stars: { min: 1, max: 5 } } }, repair: clamp, else: flag",
    );
    assert_eq!(left(&rules, &json!({ "stars": 9 })).2, [""; 0]);
    let (fields, repairs, flags) = left(&rules, &json!({ "stars": "many" }));
    assert_eq!((fields, flags), (json!({ "stars": "many" }), vec!["rule".to_owned()]));
    assert!(repairs.is_empty());
}

#[test]
fn a_rule_looks_at_its_own_kinds_sources_and_cases_alone() {
    let parks = |rule: &str, event: &InboundEvent| {
        let rules = one(&format!("{rule}, check: {{ required: [event.fields.number] }}"));
        rules.check(&mut event.clone()).is_err()
    };
    let nameless = order(&json!({}));
    assert!(parks("source: shop, when: event.topic == 'shipped'", &nameless));
    assert!(!parks("when: event.topic == 'placed'", &nameless));
    assert!(!parks("source: shop", &InboundEvent { source: "other".into(), ..nameless.clone() }));
    assert!(!parks("source: shop", &InboundEvent { kind: EventKind::Call, ..nameless }));
}

#[test]
fn a_later_rule_sees_what_an_earlier_one_repaired_and_flagged() {
    let rules = rules(
        r#"
validate:
  - { name: currency, on: [order], check: { required: [event.fields.currency] }, repair: { default: " eur" } }
  - { name: total, on: [order], check: { required: [event.fields.total] }, else: flag }
  - { name: strict, on: [order], when: '"total" in event.flags', check: { format: { event.fields.currency: "[a-z]{3}" } }, repair: trim }
"#,
    );
    let (fields, repairs, flags) = left(&rules, &json!({}));
    assert_eq!(fields, json!({ "currency": "eur" }));
    assert_eq!(repairs, ["event.fields.currency", "event.fields.currency"]);
    assert_eq!(flags, ["total"]);
}

#[test]
fn a_refusal_names_rule_and_field_and_never_the_value() {
    let rules = one("check: { format: { event.fields.card: '[0-9]{4}' } }");
    let invalid = rules.check(&mut order(&json!({ "card": "4111-secret" }))).unwrap_err();
    let field = "event.fields.card".to_owned();
    assert_eq!(invalid, Invalid { rule: "rule".into(), field, broken: Broken::Malformed });
    let reason = invalid.reason();
    assert_eq!((&*reason.code, invalid.class()), ("validation_failed", Class::Data));
    assert_eq!(invalid.disposition(), Disposition::Park);
    assert!(reason.detail.contains("`rule`") && reason.detail.contains("event.fields.card"));
    assert!(!reason.detail.contains("4111"), "{}", reason.detail);
}

#[test]
fn an_events_flags_set_off_rules() {
    let rules = rules(
        r#"
validate:
  - { name: no-number, on: [order], check: { required: [event.fields.number] }, else: flag }
tags:
  - { name: odd, when: '"no-number" in event.flags' }
triggers:
  - { name: tell, on: [order], when: '"no-number" in event.flags', actions: [{ crm.note: { text: odd } }] }
"#,
    );
    let fires = |fields: &Value| {
        let mut order = order(fields);
        rules.check(&mut order).unwrap();
        let mut customer = support::customer();
        let classification = rules.classify(&order);
        rules.apply(&mut customer, &order, &classification);
        let tagged = domain::Tagged { customer, ..support::tagged(order) };
        let decided = rules.decide(&tagged, at(10), &domain::Fired::default());
        (tagged.customer.profile.tags.contains_key("odd"), decided.effects.len())
    };
    assert_eq!(fires(&json!({})), (true, 1));
    assert_eq!(fires(&json!({ "number": "A-1" })), (false, 0));
}
