//! How an audit reads.

use super::*;
use crate::audit::balance::{ByNumber, EffectSum, EventSum};
use crate::audit::evidence::OpenFailure;
use anstream::adapter::strip_str;
use domain::{EffectKey, EventId};

fn evidence() -> Evidence {
    let mut evidence = Evidence::default();
    evidence.depths.outbound.queue = Depth { visible: 1, not_visible: 2, delayed: 0 };
    let step = Step::IdentityMatch;
    evidence.failures =
        vec![OpenFailure { step, parked: true, event: None, effect: None, origin: None }];
    evidence
}

fn balance(breaches: Vec<Breach>) -> Balance {
    let unexplained = usize::from(!breaches.is_empty());
    let events =
        EventSum { accepted: 9 + unexplained, applied: 8, parked: 1, in_flight: 0, unexplained };
    let effects = EffectSum {
        issued: 9 + unexplained,
        done: 4,
        withheld: 2,
        parked: 0,
        in_flight: 3,
        unexplained,
    };
    let hour = |source: &str, hour: &str, events| HourSum {
        source: source.into(),
        hour: hour.parse().unwrap(),
        events,
    };
    let well = EventSum { accepted: 8, applied: 8, ..EventSum::default() };
    let open =
        EventSum { accepted: 1 + unexplained, parked: 1, unexplained, ..EventSum::default() };
    let hours = vec![
        hour("desk", "2026-01-02T02:00:00Z", well),
        hour("shop", "2026-01-01T03:00:00Z", open),
    ];
    let by_number = ByNumber { events: 0, effects: 2 * unexplained };
    Balance { events, effects, by_number, hours, breaches }
}

fn text(audit: &Audit) -> String {
    strip_str(&audit.text(&Page::unbounded("2026-01-02T03:04:05Z"))).to_string()
}

#[test]
fn a_balance_is_said_in_one_word() {
    let audit = Audit::new(&evidence(), balance(vec![]), false, true);
    assert_eq!(audit.verdict(), Verdict::Clean);
    insta::assert_snapshot!(text(&audit));
}

#[test]
fn breaches_are_named() {
    let at = |text: &str| text.parse().unwrap();
    let event = EventId::new("shop", "1");
    let breaches = vec![
        Breach::Event {
            received_at: at("2026-01-01T03:04:05Z"),
            source: "shop".into(),
            event: event.clone(),
        },
        Breach::Effect {
            decided_at: at("2026-01-02T03:00:05Z"),
            effect: EffectKey::new(&event, "thank", "sms"),
            event,
            destination: "sms".into(),
        },
    ];
    let audit = Audit::new(&evidence(), balance(breaches), true, false);
    assert_eq!(audit.verdict(), Verdict::Finding);
    insta::assert_snapshot!(text(&audit));
    insta::assert_json_snapshot!(audit);
}
