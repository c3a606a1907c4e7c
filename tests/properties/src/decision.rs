//! Sample events, and what accepted rules may make of them.

use crate::genuine::NOW;
use crate::quiet::survives_a_queue;
use domain::{
    Assurance, Classification, Customer, CustomerId, Direction, EventId, EventKind, Fired, Handle,
    Held, InboundEvent, Tagged,
};
use rules::{Disclosure, RuleSet};
use serde_json::{Value, json};
use std::sync::LazyLock;

/// The sections that every document needs.
pub(crate) const HEAD: &str = r#"
company: { name: Lab, region: DE, time_zone: Europe/Berlin, public_url: "https://hooks.example.com" }
crm: { tryton: { secret: omnicord/tryton, url: "http://127.0.0.1:8092", database: tryton } }
"#;

/// What a customer said: no word of it may stand in a refusal.
const SAID: &str = "qZ7-what-the-customer-said";

/// An action never makes more of its text and the event's than this, in bytes.
const MOST: usize = 4 << 20;

/// One event of each kind.
static EVENTS: LazyLock<Vec<Tagged>> =
    LazyLock::new(|| EventKind::ALL.into_iter().map(tagged).collect());

fn tagged(kind: EventKind) -> Tagged {
    let phone = Handle::phone("+1 202 555 0123", "US", Assurance::Attested).unwrap();
    let email = Handle::email("anna@example.com", Assurance::Claimed).unwrap();
    let mut customer = Customer::new(CustomerId::new(phone.key().as_str()), NOW);
    customer.handles = [(phone.key(), Held::new(NOW, Assurance::Attested))].into();
    let fields = json!({
        "number": 7, "amount": "39.80", "list": (0..200).collect::<Vec<_>>(), "deep": { "a": [{}] },
        "state": "shipped", "words": SAID,
    });
    let Value::Object(fields) = fields else { unreachable!() };
    let event = InboundEvent {
        id: EventId::new("shop", kind.as_str()),
        source: "shop".into(),
        channel: "standard-webhooks".into(),
        kind,
        topic: "shipped".into(),
        direction: Direction::Inbound,
        occurred_at: NOW,
        received_at: NOW,
        handles: vec![phone, email],
        text: Some(SAID.into()),
        duration_s: Some(75),
        fields: fields.into_iter().collect(),
        checks: domain::Checks::default(),
    };
    let home = customer.id.clone();
    Tagged { event, customer, home, classification: Classification::default(), tags: vec![] }
}

/// The rules decide about every kind of event, alike each time, and say why.
pub(crate) fn decides(rules: &RuleSet, document: &str) {
    for tagged in EVENTS.iter() {
        let fired = Fired::default();
        let decision = rules.decide(tagged, NOW, &fired);
        assert_eq!(decision, rules.decide(tagged, NOW, &fired), "decides otherwise");
        let traces = rules.explain(tagged, NOW, &fired, Disclosure::Masked);
        serde_json::to_string(&traces).expect("a trace can be written");
        for effect in &decision.effects {
            survives_a_queue(effect);
            let written = serde_json::to_string(effect).unwrap();
            assert!(written.len() < MOST, "an effect of {} bytes", written.len());
        }
        for refusal in &decision.refused {
            let told = refusal.reason.detail.contains(SAID) && !document.contains(SAID);
            assert!(!told, "{}", refusal.reason.detail);
        }
    }
}
