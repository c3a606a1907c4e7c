//! Each recipe does what its title says, and goes into a configuration that stays as it is.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use domain::{Customer, Direction, EventKind, Fired, InboundEvent, Tagged};
use proptest::prelude::*;
use rules::{CannotAdd, RuleSet, add_recipe, recipes};
use serde_json::json;
use support::{HEAD, customer, event};

/// What a customer's events set off, in the words of `action: text`, with the recipe alone.
fn happens(recipe: &str, events: &[InboundEvent]) -> Vec<String> {
    let rules = RuleSet::load(&add_recipe(HEAD, recipe).unwrap(), 1).unwrap();
    let (mut customer, mut fired) = (customer(), Fired::default());
    let mut happened = Vec::new();
    for event in events {
        happened.extend(happens_next(&rules, &mut customer, &mut fired, event));
    }
    happened
}

fn happens_next(
    rules: &RuleSet,
    customer: &mut Customer,
    fired: &mut Fired,
    event: &InboundEvent,
) -> Vec<String> {
    let classification = rules.classify(event);
    let tags = rules.apply(customer, event, &classification);
    let tagged = Tagged {
        event: event.clone(),
        home: customer.id.clone(),
        customer: customer.clone(),
        classification,
        tags,
    };
    let decision = rules.decide(&tagged, event.occurred_at, fired);
    decision.firings.iter().for_each(|firing| fired.record(firing));
    let words = |effect: domain::Effect| {
        let action = json!(effect.action);
        let words = action.get("title").or(action.get("text")).or(action.get("add"));
        format!("{}: {}", effect.action.name(), words.unwrap()).replace('"', "")
    };
    decision.effects.into_iter().map(words).collect()
}

fn said(topic: &str, second: i64, text: &str) -> InboundEvent {
    let event = event(EventKind::Message, &second.to_string(), second);
    InboundEvent { topic: topic.into(), text: Some(text.into()), ..event }
}

fn told(kind: EventKind, topic: &str, second: i64, fields: &[(&str, &str)]) -> InboundEvent {
    let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).into()));
    let event = event(kind, &second.to_string(), second);
    InboundEvent { topic: topic.into(), fields: fields.collect(), ..event }
}

const DAY: i64 = 86_400;

#[test]
fn a_complaint_opens_one_ticket() {
    let broken = said("text", 0, "it arrived broken");
    let again = said("text", 60, "the zip is broken, too");
    let tomorrow = said("text", DAY, "still broken");
    let ticket = "crm.ticket: Quality complaint by message";
    assert_eq!(happens("ticket-on-complaint", &[broken, again, tomorrow]), [ticket, ticket]);
    let outbound =
        InboundEvent { direction: Direction::Outbound, ..said("text", 0, "is it broken?") };
    let unbroken = said("text", 1, "an unbroken seal");
    assert!(happens("ticket-on-complaint", &[outbound, unbroken]).is_empty());
}

#[test]
fn the_third_after_sales_contact_makes_high_care() {
    let contact = |day| said("text", day * DAY, "I want a refund");
    let three = [contact(0), contact(10), contact(29)];
    assert_eq!(happens("tag-on-repeated-after-sales", &three), ["crm.tag: [high_care]"]);
    let spread = [contact(0), contact(10), contact(31)];
    assert!(happens("tag-on-repeated-after-sales", &spread).is_empty());
}

#[test]
fn a_shipment_is_announced_with_its_number() {
    let fields = [("number", "A-1"), ("tracking", "SF-1")];
    let shipped = told(EventKind::Order, "shipped", 0, &fields);
    let text = "sms: Lab Commerce: your order A-1 is on its way. Tracking: SF-1";
    assert_eq!(happens("sms-on-shipment", &[shipped]), [text]);
    let paid = told(EventKind::Order, "paid", 0, &fields);
    let untracked = told(EventKind::Order, "shipped", 1, &[("number", "A-1")]);
    assert!(happens("sms-on-shipment", &[paid, untracked]).is_empty());
}

#[test]
fn a_warranty_that_ends_is_told_once() {
    let fields = [("model", "X1"), ("warranty_end", "2027-01-01")];
    let ending = |second| told(EventKind::Device, "warranty_ending", second, &fields);
    let text = "sms: Lab Commerce: the warranty of your X1 ends on 2027-01-01.";
    assert_eq!(happens("warranty-reminder", &[ending(0), ending(DAY)]), [text]);
    let registered = told(EventKind::Device, "registered", 0, &fields);
    let mut renewed = ending(1);
    renewed.fields.insert("renewed_until".into(), "2028-01-01".into());
    assert!(happens("warranty-reminder", &[registered, renewed]).is_empty());
}

#[test]
fn who_asks_for_an_invoice_is_told_how_far_it_is() {
    let issued = told(EventKind::Invoice, "issued", 0, &[("number", "R-1")]);
    let asks = said("text", 60, "where is my invoice?");
    let text = "sms: Lab Commerce: your invoice R-1 is issued.";
    assert_eq!(happens("invoice-progress-reply", &[issued.clone(), asks.clone()]), [text]);
    assert!(happens("invoice-progress-reply", &[asks]).is_empty());
    assert!(happens("invoice-progress-reply", &[issued, said("text", 60, "hello")]).is_empty());
}

#[test]
fn a_year_of_spending_makes_a_vip() {
    let paid = |day, total| told(EventKind::Order, "paid", day * DAY, &[("total", total)]);
    assert_eq!(
        happens("vip-routing-tag", &[paid(0, "9999.99"), paid(300, "0.01")]),
        ["crm.tag: [vip]"]
    );
    assert!(happens("vip-routing-tag", &[paid(0, "9999.99"), paid(300, "0.001")]).is_empty());
    assert!(happens("vip-routing-tag", &[paid(0, "9999.99"), paid(366, "0.01")]).is_empty());
}

#[test]
fn a_missed_call_is_followed_up_once() {
    let call = |topic: &str, second| told(EventKind::Call, topic, second, &[]);
    let happened = happens("missed-call-follow-up", &[call("missed", 0), call("missed", 60)]);
    assert_eq!(
        happened,
        ["crm.ticket: Call back", "sms: Lab Commerce: we missed your call and will call you back."]
    );
    assert!(happens("missed-call-follow-up", &[call("answered", 0)]).is_empty());
}

#[test]
fn a_title_is_the_first_line_of_its_recipe() {
    for recipe in recipes() {
        assert_eq!(recipe.text.lines().next().unwrap(), format!("# {}", recipe.title));
    }
}

#[test]
fn what_is_there_stays_there() {
    let text = r#"# Ours.
company: { name: Lab Commerce, region: DE, time_zone: Europe/Berlin, public_url: "https://hooks.example.com" }
crm: { tryton: { secret: omnicord/tryton, url: "http://127.0.0.1:8092", database: tryton } }

classify:
    issues:
    # Our own words.
    - name: quality
      any: [torn]   # and more to come

    moods:
    - { name: angry, any: [angry] }

# What we do.
triggers:
- name: ours
  on: [order]
  actions:
  - crm.note:
      text: |
        # no comment
        - no item

# The end.
"#;
    let added = add_recipe(text, "ticket-on-complaint").unwrap();
    let added = add_recipe(&added, "tag-on-repeated-after-sales").unwrap();
    insta::assert_snapshot!(added);
    for line in text.lines() {
        assert!(added.lines().any(|it| it == line), "{line}");
    }
    assert_eq!(add_recipe(&added, "ticket-on-complaint").unwrap(), added);
}

#[test]
fn every_recipe_goes_into_the_demo_s_configuration() {
    let mut text = include_str!("../../../infra/local/omnicord.yaml").to_owned();
    for recipe in recipes() {
        text = add_recipe(&text, recipe.name)
            .unwrap_or_else(|error| panic!("{}: {error:?}", recipe.name));
        assert_eq!(add_recipe(&text, recipe.name).unwrap(), text, "{}", recipe.name);
    }
    let rules = RuleSet::load(&text, 1).unwrap();
    assert!(rules.config().triggers.iter().any(|rule| rule.name == "missed-call-follow-up"));
}

#[test]
fn what_cannot_be_added_is_explained() {
    let said = |text: &str, name: &str| add_recipe(text, name).unwrap_err();
    assert_eq!(
        said(HEAD, "sms-on-shipmet").to_string(),
        "unknown recipe `sms-on-shipmet`; did you mean `sms-on-shipment`?"
    );
    let inline = format!("{HEAD}triggers: []\n");
    assert_eq!(said(&inline, "sms-on-shipment"), CannotAdd::Inline { setting: "triggers".into() });
    let inline = format!("{HEAD}classify: {{ issues: [{{ name: a, any: [b] }}] }}\n");
    let CannotAdd::Inline { setting } = said(&inline, "ticket-on-complaint") else { panic!() };
    assert_eq!(setting, "classify");
    assert!(matches!(said("tags: 1", "sms-on-shipment"), CannotAdd::Broken(_)));
    let without_crm: String = HEAD.lines().filter(|line| !line.starts_with("crm")).collect();
    let CannotAdd::Unfit(problems) = said(&without_crm, "ticket-on-complaint") else { panic!() };
    assert!(problems[0].message.contains("no `crm`"));
}

proptest! {
    #[test]
    fn recipes_in_any_order_give_a_configuration_that_holds(
        order in Just(recipes().iter().map(|it| it.name).collect::<Vec<_>>()).prop_shuffle()
    ) {
        let mut text = HEAD.to_owned();
        for name in order {
            text = add_recipe(&text, name).unwrap();
        }
        let config = rules::parse(&text).unwrap();
        prop_assert_eq!((config.triggers.len(), config.tags.len(), config.fields.len()), (5, 2, 3));
    }
}
