//! Events and customers to try rules on.

#![allow(dead_code, reason = "each test binary uses its part")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use domain::{
    Assurance, Classification, Customer, CustomerId, Direction, EventId, EventKind, Handle, Held,
    InboundEvent, Tagged,
};
use jiff::Timestamp;
use rules::RuleSet;
use std::collections::BTreeMap;

/// The sections that every document needs, with a CRM.
pub(crate) const HEAD: &str = r#"
company: { name: Lab Commerce, region: DE, time_zone: Europe/Berlin, public_url: "https://hooks.example.com" }
crm: { tryton: { secret: omnicord/tryton, url: "http://127.0.0.1:8092", database: tryton } }
"#;

/// The rules of a document that consists of `HEAD` with these sections.
pub(crate) fn rules(sections: &str) -> RuleSet {
    RuleSet::load(&format!("{HEAD}{sections}"), 7).unwrap_or_else(|problems| {
        panic!("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    })
}

/// A second of 2026-11-22T08:00:00Z plus `second`.
pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_334_400 + second).unwrap()
}

/// An event whose dedupe key is `key`.
pub(crate) fn event(kind: EventKind, key: &str, second: i64) -> InboundEvent {
    InboundEvent {
        id: EventId::new("shop", key),
        source: "shop".into(),
        channel: "standard-webhooks".into(),
        kind,
        topic: "shipped".into(),
        direction: Direction::Inbound,
        occurred_at: at(second),
        received_at: at(second + 5),
        handles: vec![],
        text: None,
        duration_s: None,
        fields: BTreeMap::new(),
        checks: domain::Checks::default(),
    }
}

/// The telephone number of the customer.
pub(crate) fn phone() -> Handle {
    Handle::phone("+49 151 12345678", "DE", Assurance::Attested).unwrap()
}

/// A customer with that number.
pub(crate) fn customer() -> Customer {
    let mut customer = Customer::new(CustomerId::new("phone::+4915112345678"), at(0));
    customer.handles = [(phone().key(), Held::new(at(0), Assurance::Attested))].into();
    customer
}

/// What the trigger step receives about an event of `customer()`.
pub(crate) fn tagged(event: InboundEvent) -> Tagged {
    let home = customer().id;
    Tagged {
        event,
        customer: customer(),
        home,
        classification: Classification::default(),
        tags: vec![],
    }
}
