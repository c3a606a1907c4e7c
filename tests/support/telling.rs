//! Events of many customers, with rules that make use of everything that rules can do.

use crate::Dice;
use serde_json::{Value, json};

/// The rules. They stand below a `company` whose clock shows UTC, and ask for a `crm` and an
/// endpoint `inhouse`.
pub const RULES: &str = r#"
classify:
  issues:
    - { name: quality, any: [broken] }
    - { name: delivery, any: [parcel] }
  moods:
    - { name: angry, any: [unacceptable] }
counters:
  - { name: complaints, when: 'event.issue == "quality"', window: 7d }
facts:
  - { name: contacts, of: count, when: event.interaction, window: 3d }
  - { name: spent, of: sum, when: 'event.topic == "shipped"', value: event.fields.total, window: 10d }
  - { name: talked, of: duration, when: 'event.kind == "call"', window: 5d }
  - { name: first_issue, of: first, when: event.issue != null, value: event.issue, window: 10d }
  - { name: last_shipped, of: last, when: 'event.topic == "shipped"', value: event.fields.number, window: 10d }
  - { name: issues, of: distinct, when: event.issue != null, value: event.issue, window: 10d }
fields:
  - { name: latest, on: [order], value: event.fields.number }
tags:
  - { name: high_care, when: customer.counts.complaints >= 3, for: 4d, sync: true }
  - { name: upset, when: event.mood == "angry", for: 5d, remove_when: event.topic == "delivered", sync: true }
  - { name: big_spender, when: customer.facts.spent >= 100 }
  - { name: talker, when: customer.facts.talked >= 900, for: 2d, remove_when: event.topic == "delivered" }
triggers:
  - name: shipped
    on: [order]
    when: event.topic == "shipped"
    actions:
      - webhook:
          endpoint: inhouse
          payload: { rule: shipped, number: "{{ event.fields.number }}", says: "total {{ event.fields.total }}" }
  - name: big-order
    on: [order]
    when: event.topic == "shipped" && customer.facts.spent >= 100
    actions:
      - webhook:
          endpoint: inhouse
          payload: { rule: big-order, number: "{{ event.fields.number }}", says: "spent {{ customer.facts.spent }}" }
  - name: parcel
    on: [order]
    when: event.topic == "delivered"
    expires: 15d
    actions:
      - webhook:
          endpoint: inhouse
          payload: { rule: parcel, number: "{{ event.fields.number }}", says: delivered }
  - name: contact
    on: [message, call]
    priority: 2
    actions:
      - webhook:
          endpoint: inhouse
          payload: { rule: contact, number: "{{ event.fields.number }}", says: "{{ event.text }}" }
  - name: complaint
    on: [message, call]
    priority: 1
    when: event.issue == "quality"
    unless: event.duration != null && event.duration < 60
    stop: true
    actions:
      - webhook:
          endpoint: inhouse
          payload: { rule: complaint, number: "{{ event.fields.number }}", says: "{{ event.text }}" }
  - name: thanks
    on: [message]
    cooldown: 6h
    caps: [{ most: 2, per: 2d }]
    quiet: { from: "21:00", to: "08:00" }
    actions:
      - sms: { text: "Thank you for {{ event.fields.number }}" }
  - name: call-back
    on: [call]
    caps: [{ most: 1, per: 1d }]
    actions:
      - webhook:
          endpoint: inhouse
          payload: { rule: call-back, number: "{{ event.fields.number }}", says: "after {{ event.duration }} s" }
  - name: statement
    on: [contact]
    actions:
      - webhook:
          endpoint: inhouse
          payload:
            rule: statement
            number: "{{ event.fields.number }}"
            says: >-
              complaints {{ customer.counts.complaints }},
              contacts {{ customer.facts.contacts }},
              spent {{ customer.facts.spent }},
              talked {{ customer.facts.talked }},
              first {{ customer.facts.first_issue or "-" }},
              last {{ customer.facts.last_shipped or "-" }},
              issues {{ customer.facts.issues | join(" ") or "-" }},
              latest {{ customer.fields.latest or "-" }},
              tags {{ customer.tags | join(" ") or "-" }}
"#;

/// The rules that fire or not by the event alone, whatever came before it and whenever it is
/// decided on.
pub const FREE: [&str; 4] = ["shipped", "contact", "complaint", "statement"];

/// How long the events go on, in seconds: twenty days, twice the longest window.
pub const SPAN: usize = 20 * 86_400;

/// One event.
#[derive(Clone, Debug)]
pub struct Telling {
    /// Its number, from 1, which no other has.
    pub number: usize,
    /// Whose it is.
    pub customer: usize,
    /// When it happened, in seconds since 1970. No two of a customer's are equal.
    pub at: i64,
    /// What happened.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum What {
    /// The customer wrote.
    Message(&'static str),
    /// The customer called, and said this in so many seconds.
    Call(u32, &'static str),
    /// What became of an order of so many hundredths.
    Order(&'static str, i64),
    /// The customer's statement is asked for.
    Statement,
}

/// What customers say.
pub const WORDS: [&str; 5] = [
    "hello",
    "it is broken",
    "where is my parcel",
    "this is unacceptable",
    "the parcel is broken, which is unacceptable",
];

/// What becomes of orders.
pub const TOPICS: [&str; 3] = ["placed", "shipped", "delivered"];

impl What {
    /// Something that happens.
    ///
    /// # Panics
    /// Never: the numbers are small.
    pub fn any(dice: &mut Dice) -> Self {
        let words = WORDS[dice.below(WORDS.len())];
        match dice.below(10) {
            0..5 => Self::Message(words),
            5..7 => Self::Call(u32::try_from(dice.below(900)).unwrap(), words),
            _ => {
                let cents = 25 * i64::try_from(1 + dice.below(300)).unwrap();
                Self::Order(TOPICS[dice.below(TOPICS.len())], cents)
            }
        }
    }
}

impl Telling {
    /// The event as JSON, under its source's key, by the customer of this number.
    #[must_use]
    pub fn body(&self, key: &str, phone: &str) -> Value {
        let (what, more) = match self.what {
            What::Message(words) => ("text", json!({ "text": words })),
            What::Call(seconds, words) => {
                ("answered", json!({ "text": words, "seconds": seconds }))
            }
            What::Order(topic, cents) => (topic, json!({ "total": price(cents) })),
            What::Statement => ("statement", json!({})),
        };
        let mut body = json!({
            "key": key, "number": self.number, "at": self.at, "phone": phone, "what": what,
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        body
    }
}

/// Hundredths, as shops write them.
#[must_use]
pub fn price(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// So many events of so many customers, in the order in which they happened, the first of them
/// not before `start`.
///
/// # Panics
/// Never: the numbers are small.
#[must_use]
pub fn tell(events: usize, customers: usize, start: i64, dice: &mut Dice) -> Vec<Telling> {
    let one = |number| Telling {
        number,
        customer: number % customers,
        // The number within the time makes it one of its own.
        at: start + i64::try_from(dice.below(SPAN / events - 1) * events + number).unwrap(),
        what: What::any(dice),
    };
    let mut told: Vec<_> = (1..=events).map(one).collect();
    told.sort_by_key(|telling| telling.at);
    told
}

/// For each customer the request for a statement, after so many events have happened: it says
/// every count, fact, field and tag.
///
/// # Panics
/// Never: the numbers are small.
#[must_use]
pub fn statements(told: usize, customers: usize, start: i64) -> Vec<Telling> {
    let at = start + i64::try_from(SPAN).unwrap();
    let one =
        |customer| Telling { number: 1 + told + customer, customer, at, what: What::Statement };
    (0..customers).map(one).collect()
}
