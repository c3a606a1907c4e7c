//! What events say of consent, and what that makes of messages.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use domain::{
    Assurance, Classification, Consent, ConsentBy, ConsentId, ConsentTold, Customer, EventKind,
    Handle, HandleKey, HandleKind, Held, InboundEvent, Medium, Withheld,
};
use rules::RuleSet;
use serde_json::json;
use support::{at, customer, event, phone, rules};

fn said(text: &str, handles: &[Handle]) -> InboundEvent {
    let mut event = event(EventKind::Message, "1", 3);
    event.text = Some(text.into());
    event.handles = handles.to_vec();
    event
}

fn told(rules: &RuleSet, event: &InboundEvent, customer: &Customer) -> Vec<ConsentTold> {
    rules.consents(event, &Classification::default(), customer)
}

/// What the event tells of consent, each with whether it was withdrawn.
fn of(medium: Medium, handle: &Handle, withdrawn: bool, by: &InboundEvent) -> ConsentTold {
    let by_event = ConsentBy::Event(by.id.clone());
    let consent = Consent { at: by.occurred_at, by: by_event, withdrawn };
    ConsentTold { of: ConsentId::new(medium, &handle.key()), consent }
}

fn account(kind: HandleKind, value: &str) -> Handle {
    Handle::account(kind, "1", value, Assurance::Attested).unwrap()
}

#[test]
fn a_word_by_itself_withdraws_or_gives_consent_for_the_way_it_came() {
    let rules = rules("");
    for (text, withdrawn) in
        [("STOP", true), (" ｓｔｏｐ\n", true), ("退订", true), ("t", true), ("Start", false)]
    {
        let event = said(text, &[phone()]);
        let expected = [of(Medium::Sms, &phone(), withdrawn, &event)];
        assert_eq!(told(&rules, &event, &customer()), expected, "{text}");
    }
    for text in ["stop it", "don't stop", "", "Ende"] {
        assert_eq!(told(&rules, &said(text, &[phone()]), &customer()), [], "{text}");
    }
    let mut outbound = said("STOP", &[phone()]);
    outbound.direction = domain::Direction::Outbound;
    assert_eq!(told(&rules, &outbound, &customer()), [], "the company said it");
    let mut order = said("STOP", &[phone()]);
    order.kind = EventKind::Order;
    assert_eq!(told(&rules, &order, &customer()), [], "nobody said it");
    let claimed = Handle { assurance: Assurance::Claimed, ..phone() };
    assert_eq!(told(&rules, &said("STOP", &[claimed]), &customer()), [], "anybody may have");
}

#[test]
fn the_way_it_came_is_told_by_channel_and_handle() {
    let rules = rules("");
    let user = account(HandleKind::WhatsappUser, "US.1");
    let both = said("STOP", &[user.clone(), phone()]);
    let mut expected =
        [of(Medium::Whatsapp, &user, true, &both), of(Medium::Whatsapp, &phone(), true, &both)];
    expected.sort_by_key(|told| told.of.clone());
    assert_eq!(told(&rules, &both, &customer()), expected, "short messages go on");
    let mut bare = said("STOP", &[phone()]);
    bare.channel = "whatsapp".into();
    let expected = [of(Medium::Whatsapp, &phone(), true, &bare)];
    assert_eq!(told(&rules, &bare, &customer()), expected);
    let openid = account(HandleKind::WechatOpenid, "oA");
    let wechat = said("退订", &[openid.clone(), phone()]);
    assert_eq!(told(&rules, &wechat, &customer()), [of(Medium::Wechat, &openid, true, &wechat)]);
    let address = Handle::email("anna@example.com", Assurance::Attested).unwrap();
    let mut email = said("unsubscribe", &[address.clone(), phone()]);
    email.kind = EventKind::Email;
    assert_eq!(told(&rules, &email, &customer()), [of(Medium::Email, &address, true, &email)]);
}

const ON: &str = r"
consent:
  stop: [GENUG]
  on:
    - { on: [contact], when: event.fields.no_sms == true, channel: sms, given: false }
    - { on: [contact], when: event.fields.newsletter == true, channel: email, given: true }
    - { on: [contact], when: event.fields.newsletter == true, channel: sms, given: true }
";

#[test]
fn a_record_that_changed_may_say_so_too() {
    let rules = rules(ON);
    let mut contact = event(EventKind::Contact, "2", 5);
    contact.fields.insert("newsletter".into(), json!(true));
    let address = Handle::email("anna@example.com", Assurance::Claimed).unwrap();
    contact.handles = vec![address.clone()];
    let mut expected =
        [of(Medium::Email, &address, false, &contact), of(Medium::Sms, &phone(), false, &contact)];
    expected.sort_by_key(|told| told.of.clone());
    assert_eq!(told(&rules, &contact, &customer()), expected, "the number is the customer's own");

    contact.fields.insert("no_sms".into(), json!(true));
    let told = told(&rules, &contact, &customer());
    let sms = told.iter().find(|it| it.of == ConsentId::new(Medium::Sms, &phone().key()));
    assert!(sms.unwrap().consent.withdrawn, "of two words of one event, the objection counts");
}

#[test]
fn a_former_handle_is_left_alone() {
    let mut customer = customer();
    for held in customer.handles.values_mut() {
        *held = Held { former: true, ..*held };
    }
    let mut contact = event(EventKind::Contact, "2", 5);
    contact.fields.insert("no_sms".into(), json!(true));
    assert_eq!(told(&rules(ON), &contact, &customer), []);
}

#[test]
fn configured_words_take_the_place_of_the_usual_ones() {
    let rules = rules(ON);
    assert_eq!(told(&rules, &said("STOP", &[phone()]), &customer()), []);
    assert_eq!(told(&rules, &said("genug", &[phone()]), &customer()).len(), 1);
    assert_eq!(told(&rules, &said("start", &[phone()]), &customer()).len(), 1);
}

#[test]
fn a_word_decides_and_without_one_the_configured_basis() {
    let rules = rules("consent: { channels: { email: opt_in } }");
    let by = ConsentBy::Person("anna".into());
    let word = |withdrawn| Consent { at: at(0), by: by.clone(), withdrawn };
    for (medium, word, expected) in [
        (Medium::Sms, None, None),
        (Medium::Sms, Some(word(true)), Some(Withheld::OptedOut)),
        (Medium::Email, None, Some(Withheld::NotOptedIn)),
        (Medium::Email, Some(word(false)), None),
        (Medium::Email, Some(word(true)), Some(Withheld::OptedOut)),
    ] {
        assert_eq!(rules.withheld(medium, word.as_ref()), expected);
    }
}

#[test]
fn consent_is_kept_under_ids_that_name_nobody() {
    let id = ConsentId::new(Medium::Sms, &HandleKey::from_stored("phone::+4915112345678"));
    assert!(id.as_str().starts_with("cns_") && !id.as_str().contains("151"));
    assert_ne!(id, ConsentId::new(Medium::Whatsapp, &phone().key()));
}
