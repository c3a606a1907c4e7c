//! What happens: events of a few customers, in the order in which they arrive.

use domain::{Assurance, Direction, EventId, EventKind, Handle, InboundEvent};
use jiff::Timestamp;
use proptest::prelude::*;

/// The rules that the model follows.
pub(crate) const CONFIG: &str = r#"
company: { name: Lab Commerce, region: US, time_zone: UTC, public_url: "https://hooks.example.com" }
crm: { tryton: { url: "http://127.0.0.1:1", database: model, company: 1, secret: omnicord/crm, unknown_customer: create } }
endpoints: { desk: { url: "https://desk.example.com/", secret: omnicord/desk } }
classify:
  issues: [ { name: quality, any: [broken] } ]
counters: [ { name: complaints_30d, when: 'event.issue == "quality"', window: 30d } ]
fields: [ { name: last_order, on: [order], value: event.fields.number } ]
facts: [ { name: last_message, of: last, when: 'event.kind == "message"', window: 366d } ]
tags:
  - { name: high_care, when: customer.counts.complaints_30d >= 3 }
  - { name: buyer, when: event.kind == "order", for: 300d, sync: true }
  - { name: open_case, when: event.issue == "quality", remove_when: event.kind == "order", sync: true }
timers: [ { name: quiet, at: customer.facts.last_message, after: 360d } ]
triggers:
  - name: desk-hears-of-calls
    on: [call]
    actions: [ { webhook: { endpoint: desk, payload: { number: "{{ event.fields.number }}" } } } ]
  - name: note-each-message
    on: [message]
    actions: [ { crm.note: { text: "{{ event.text }}" } } ]
  - name: sms-on-shipment
    on: [order]
    when: event.topic == "shipped"
    actions: [ { sms: { text: "Order {{ event.fields.number }} is on its way" } } ]
  - name: sms-on-silence
    on: [timer]
    when: event.topic == "quiet"
    actions: [ { sms: { text: "We have not heard of you for a year" } } ]
"#;

/// Events in the order of their arrival.
#[derive(Clone, Debug)]
pub(crate) struct Story(pub(crate) Vec<InboundEvent>);

impl Story {
    /// Three complaints and a shipment.
    pub(crate) fn example() -> Self {
        let complaint = |number| event(number, 0, 60 * number, false, true);
        Self(vec![complaint(1), complaint(2), complaint(3), event(4, 0, 500, true, true)])
    }

    /// The same events in another order.
    pub(crate) fn shuffled(&self, seed: u64) -> Self {
        let mut events = self.0.clone();
        support::Dice(seed).shuffle(&mut events);
        Self(events)
    }
}

/// Up to 12 events of up to three customers. Every event bears the customer's phone number: which
/// customer is meant does not depend on the order.
pub(crate) fn stories() -> impl Strategy<Value = Story> {
    let one = (0usize..3, 0usize..100_000, any::<bool>(), any::<bool>());
    prop::collection::vec(one, 1..12).prop_map(|rows| {
        let numbered = (0usize..).zip(rows);
        let event =
            |(n, (customer, second, order, email))| event(n, customer, second, order, email);
        Story(numbered.map(event).collect())
    })
}

fn event(number: usize, customer: usize, second: usize, order: bool, email: bool) -> InboundEvent {
    let bears = if email { Bearing::Both } else { Bearing::Phone };
    let says = if order { Says::Shipped } else { Says::Complaint };
    Line { number, customer, second, says, bears }.event()
}

/// What a customer says or does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Says {
    Complaint,
    Thanks,
    Stop,
    Start,
    Shipped,
    Rings,
}

/// By which handles the customer is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Bearing {
    Phone,
    Email,
    Both,
}

/// One event.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    pub(crate) number: usize,
    pub(crate) customer: usize,
    pub(crate) second: usize,
    pub(crate) says: Says,
    pub(crate) bears: Bearing,
}

impl Line {
    pub(crate) fn event(self) -> InboundEvent {
        let Self { number, customer, second, says, bears } = self;
        let phone = format!("+1202555010{customer}");
        let phone = || Handle::phone(&phone, "US", Assurance::Attested).unwrap();
        let address = format!("customer{customer}@example.com");
        let email = || Handle::email(&address, Assurance::Attested).unwrap();
        let handles = match bears {
            Bearing::Phone => vec![phone()],
            Bearing::Email => vec![email()],
            Bearing::Both => vec![phone(), email()],
        };
        let (kind, topic, text) = match says {
            Says::Complaint => {
                (EventKind::Message, "text", Some(format!("it is broken, says message {number}")))
            }
            Says::Thanks => (EventKind::Message, "text", Some(format!("thanks for {number}"))),
            Says::Stop => (EventKind::Message, "text", Some("STOP".to_owned())),
            Says::Start => (EventKind::Message, "text", Some("START".to_owned())),
            Says::Shipped => (EventKind::Order, "shipped", None),
            Says::Rings => (EventKind::Call, "answered", None),
        };
        let at = Timestamp::from_second(1_780_000_000 + i64::try_from(second).unwrap()).unwrap();
        let source = ["model", "desk"][number % 2];
        InboundEvent {
            id: EventId::new(source, &number.to_string()),
            source: source.into(),
            channel: "standard-webhooks".into(),
            kind,
            topic: topic.into(),
            direction: Direction::Inbound,
            occurred_at: at,
            received_at: at,
            handles,
            text,
            duration_s: None,
            fields: [("number".to_owned(), number.into())].into(),
            checks: domain::Checks::default(),
        }
    }
}
