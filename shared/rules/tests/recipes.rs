//! Each recipe does what its title says, and goes into a configuration that stays as it is.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use domain::{Customer, Direction, EventKind, Fired, InboundEvent, Tagged};
use jiff::Timestamp;
use proptest::prelude::*;
use rules::{ActionRule, CannotAdd, Recipe, RuleSet, add_recipe, recipes};
use serde_json::json;
use support::{HEAD, customer, event};

/// What a customer's events set off, in the words of `action: text`, with the recipe alone.
fn happens(recipe: &str, events: &[InboundEvent]) -> Vec<String> {
    let rules = RuleSet::load(&add_recipe(HEAD, recipe).unwrap(), 1).unwrap();
    let (mut customer, mut fired) = (customer(), Fired::default());
    let mut happened = Vec::new();
    for event in events {
        let now = event.occurred_at;
        happened.extend(happens_at(&rules, &mut customer, &mut fired, event, now));
    }
    happened
}

fn happens_at(
    rules: &RuleSet,
    customer: &mut Customer,
    fired: &mut Fired,
    event: &InboundEvent,
    now: Timestamp,
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
    let decision = rules.decide(&tagged, now, fired);
    decision.firings.iter().for_each(|firing| fired.record(firing));
    let words = |effect: domain::Effect| {
        let action = json!(effect.action);
        let words = action.get("title").or(action.get("text")).or(action.get("add"));
        format!("{}: {}", effect.action.name(), words.unwrap()).replace('"', "")
    };
    decision.effects.into_iter().map(words).collect()
}

/// The same with the customer's timers, and with the day of each.
fn happens_in_time(recipe: &str, events: &[InboundEvent]) -> Vec<String> {
    let rules = RuleSet::load(&add_recipe(HEAD, recipe).unwrap(), 1).unwrap();
    let (mut customer, mut fired) = (customer(), Fired::default());
    let mut happened = Vec::new();
    let mut events = events.iter().cloned().peekable();
    loop {
        let timers = rules.timers(&customer);
        let due = timers.iter().min_by_key(|(_, due)| **due);
        let due = due.map(|(timer, due)| InboundEvent::ring(&customer.id, timer, *due, *due));
        let told = events.peek().map(|event| event.occurred_at);
        let next = match due {
            Some(ring) if told.is_none_or(|told| ring.occurred_at < told) => ring,
            _ => match events.next() {
                Some(event) => event,
                None => return happened,
            },
        };
        let now =
            customer.profile.newest().map_or(next.occurred_at, |(at, _)| at.max(next.occurred_at));
        let words = happens_at(&rules, &mut customer, &mut fired, &next, now);
        let day = now.strftime("%Y-%m-%d");
        happened.extend(words.into_iter().map(|words| format!("{day}: {words}")));
    }
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
    let device = |second, ends: &str| {
        let fields = [("model", "X1"), ("warranty_end", ends)];
        told(EventKind::Device, "changed", second, &fields)
    };
    let texts = |events: &[InboundEvent]| happens_in_time("warranty-reminder", events);
    let text = |end: &str| {
        format!("2026-12-01: sms: Lab Commerce: the warranty of your X1 ends on {end}.")
    };
    assert_eq!(texts(&[device(0, "2027-01-01"), device(DAY, "2027-01-01")]), [text("2027-01-01")]);
    let moved = [device(0, "2026-12-30"), device(DAY, "2027-01-01")];
    assert_eq!(texts(&moved), [text("2027-01-01")]);
    assert_eq!(texts(&[device(0, "2026-12-05")]), [""; 0], "too late for a reminder");
}

#[test]
fn a_question_that_nobody_answers_becomes_a_ticket() {
    let asks = |second| said("text", second, "hello?");
    let answers = |second: i64| {
        let event = event(EventKind::Message, &second.to_string(), second);
        InboundEvent { direction: Direction::Outbound, ..event }
    };
    let happened = |events: &[InboundEvent]| happens_in_time("unanswered-for-two-hours", events);
    let ticket = "2026-11-22: crm.ticket: Nobody answered for two hours";
    assert_eq!(happened(&[asks(0), asks(3_600), asks(7_000)]), [ticket]);
    assert!(happened(&[asks(0), asks(3_600), answers(7_000)]).is_empty());
    assert_eq!(happened(&[asks(0), answers(3_600), asks(3_700)]), [ticket]);
    let mut call = answers(3_600);
    (call.kind, call.direction, call.topic) =
        (EventKind::Call, Direction::Inbound, "answered".into());
    assert!(happened(&[asks(0), call]).is_empty());
}

#[test]
fn who_is_quiet_for_90_days_bears_a_tag() {
    let hello = |day| said("text", day * DAY, "hello");
    let tagged = "2027-03-22: crm.tag: [quiet]";
    assert_eq!(happens_in_time("quiet-for-90-days", &[hello(0), hello(30)]), [tagged]);
    let back = happens_in_time("quiet-for-90-days", &[hello(0), hello(100)]);
    assert_eq!(
        back,
        ["2027-02-20: crm.tag: [quiet]", "2027-03-02: crm.tag: []", "2027-05-31: crm.tag: [quiet]"]
    );
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
fn every_contact_is_written_down() {
    let call = InboundEvent { duration_s: Some(90), ..told(EventKind::Call, "answered", 0, &[]) };
    let note = "crm.note: 2026-11-22 09:00 inbound call by standard-webhooks, 90 s";
    assert_eq!(happens("contact-history", &[call]), [note]);
    let message = said("text", 0, "hello");
    let note = "crm.note: 2026-11-22 09:00 inbound message by standard-webhooks: hello";
    assert_eq!(happens("contact-history", &[message]), [note]);
    assert!(happens("contact-history", &[told(EventKind::Order, "paid", 0, &[])]).is_empty());
}

#[test]
fn who_was_angry_bears_it_for_a_while() {
    let angry = said("text", 0, "this is unacceptable");
    let later = said("text", 15 * DAY, "hello");
    let taken_off = "crm.tag: []";
    let happened = happens("angry-customer-tag", &[angry, later]);
    assert_eq!(happened, ["crm.tag: [upset]", taken_off]);
    let ours = InboundEvent {
        direction: Direction::Outbound,
        ..said("text", 0, "so you said: unacceptable")
    };
    assert!(happens("angry-customer-tag", &[ours]).is_empty());
}

#[test]
fn the_third_question_gets_a_person() {
    let asks = |day| said("text", day * DAY, "where is my order?");
    let ticket = "crm.ticket: Asked again and again where the order is";
    let happened = happens("repeated-question", &[asks(0), asks(1), asks(2), asks(3)]);
    assert_eq!(happened, [ticket]);
    assert!(happens("repeated-question", &[asks(0), asks(1), asks(8)]).is_empty());
}

#[test]
fn every_recipe_tells_what_is_to_be_known_of_it() {
    for recipe in recipes() {
        assert_eq!(recipe.text.lines().next().unwrap(), format!("# {}", recipe.title));
        assert!(!recipe.needs().is_empty() && !recipe.seen().is_empty(), "{}", recipe.name);
        assert!(!recipe.sections().starts_with('#'), "{}", recipe.name);
        let declared = recipe.text.lines().filter(|line| line.starts_with("# set ")).count();
        assert_eq!(recipe.settings().count(), declared, "{}", recipe.name);
    }
}

fn with(name: &str, chosen: &[(&str, &str)]) -> Result<rules::Config, CannotAdd> {
    let chosen = chosen.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    let text = Recipe::named(name)?.add_to(HEAD, &chosen.collect())?;
    Ok(rules::parse(&text).unwrap())
}

#[test]
fn what_is_chosen_replaces_what_the_recipe_has() {
    let chosen = [("contacts", "5"), ("window", "14d"), ("for", "90d")];
    let config = with("tag-on-repeated-after-sales", &chosen).unwrap();
    assert_eq!(config.tags[0].when, "customer.counts.after_sales_contacts >= 5");
    assert_eq!(config.tags[0].lasting.unwrap().to_string(), "90d");
    assert_eq!(config.counters[0].window.to_string(), "14d");
    let text = "Hi: \"{{ order.tracking }}\" # 1: a\\b";
    let config = with("sms-on-shipment", &[("text", text)]).unwrap();
    let [ActionRule::Sms { text: written, .. }] = &config.triggers[0].actions[..] else { panic!() };
    assert_eq!(written, text);
    let config = with("missed-call-follow-up", &[("text", "Sorry"), ("title", "Ring")]).unwrap();
    let [ActionRule::CrmTicket { title, text, .. }, ActionRule::Sms { text: sms, .. }] =
        &config.triggers[0].actions[..]
    else {
        panic!()
    };
    assert_eq!((&title[..], &sms[..]), ("Ring", "Sorry"));
    assert!(text.starts_with("Missed call"), "{text}");
}

#[test]
fn every_setting_can_be_given_the_value_that_it_has() {
    for recipe in recipes() {
        let usual = |setting: rules::Setting| {
            let value = setting.default.trim_matches('"').to_owned();
            (setting.key.to_owned(), value)
        };
        let chosen = recipe.settings().map(usual).collect();
        let (plain, chosen) =
            (add_recipe(HEAD, recipe.name).unwrap(), recipe.add_to(HEAD, &chosen).unwrap());
        assert_eq!(rules::parse(&plain), rules::parse(&chosen), "{}", recipe.name);
    }
}

#[test]
fn what_cannot_be_chosen_is_explained() {
    let said = |chosen| with("tag-on-repeated-after-sales", &[chosen]).unwrap_err().to_string();
    assert_eq!(
        said(("contact", "5")),
        "the recipe has no setting `contact`; did you mean `contacts`?"
    );
    assert_eq!(said(("contacts", "many")), "`contacts` cannot be `many`; write something like 3");
    assert_eq!(said(("window", "5")), "`window` cannot be `5`; write something like 30d");
    let injected = with("tag-on-repeated-after-sales", &[("contacts", "3\nsms: 1")]);
    assert!(matches!(injected, Err(CannotAdd::Unfitting { .. })));
}

#[test]
fn every_byte_that_is_there_stays_there() {
    let unix = format!(
        "{HEAD}triggers:\n  - name: own\n    on: [call]\n    actions: [crm.note: {{ text: hi }}]"
    );
    for text in [unix.clone(), unix.replace('\n', "\r\n")] {
        let added = add_recipe(&text, "missed-call-follow-up").unwrap();
        assert!(added.starts_with(&text), "{added}");
        let ends = |text: &str, end| text.matches(end).count();
        assert!(ends(&text, "\r\n") == 0 || ends(&added, "\r\n") == ends(&added, "\n"));
        assert_eq!(add_recipe(&added, "missed-call-follow-up").unwrap(), added);
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
    // Each case reads the document once for each recipe.
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn recipes_in_any_order_give_a_configuration_that_holds(
        order in Just(recipes().iter().map(|it| it.name).collect::<Vec<_>>()).prop_shuffle()
    ) {
        let mut text = HEAD.to_owned();
        for name in order {
            text = add_recipe(&text, name).unwrap();
        }
        let config = rules::parse(&text).unwrap();
        prop_assert_eq!((config.triggers.len(), config.tags.len(), config.fields.len()), (8, 4, 4));
    }
}
