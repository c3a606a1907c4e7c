//! What the configuration grants each destination.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use delivery::{Breaker, Policy, Rate};
use jiff::SignedDuration;
use rules::Later;

const HEAD: &str = r#"
company: { name: Lab Commerce, region: DE, time_zone: Europe/Berlin, public_url: "https://hooks.example.com" }
endpoints: { erp: { url: "https://erp.example.com/", secret: omnicord/erp } }
"#;

fn granted(sections: &str, destination: &str) -> Policy {
    rules::parse(&format!("{HEAD}{sections}")).unwrap().delivery(destination)
}

fn usual(timeout: i64) -> Policy {
    Policy {
        rate: None,
        quota: None,
        concurrency: None,
        timeout: SignedDuration::from_secs(timeout),
        deadline: None,
        breaker: Breaker {
            failures: 5,
            share: 50,
            window: SignedDuration::from_mins(1),
            open: SignedDuration::from_secs(30),
        },
    }
}

#[test]
fn nothing_has_to_be_said() {
    assert_eq!(granted("", "sms"), usual(8));
    assert_eq!(granted("", "webhook:erp"), usual(8));
    assert_eq!(granted("", "crm"), usual(20));
}

#[test]
fn a_destination_differs_from_the_default_where_it_says_so() {
    let sections = r"
destinations:
  default: { rate: 10/s, timeout: 5s, deadline: 1d, breaker: { failures: 3 } }
  webhook:erp: { rate: 600/m, quota: 1000/d, concurrency: 2, breaker: { open: 1m, share: 20, window: 5m } }
";
    let general = Policy {
        rate: Some(Rate { count: 10, per: SignedDuration::from_secs(1), at_once: None }),
        deadline: Some(SignedDuration::from_hours(24)),
        breaker: Breaker { failures: 3, ..usual(5).breaker },
        ..usual(5)
    };
    assert_eq!(granted(sections, "sms"), general);
    assert_eq!(granted(sections, "crm"), general);
    let own = Policy {
        rate: Some(Rate { count: 600, per: SignedDuration::from_mins(1), at_once: None }),
        quota: Some(1000),
        concurrency: Some(2),
        breaker: Breaker {
            failures: 3,
            share: 20,
            window: SignedDuration::from_mins(5),
            open: SignedDuration::from_mins(1),
        },
        ..general
    };
    assert_eq!(granted(sections, "webhook:erp"), own);
}

#[test]
fn a_text_is_not_cut_off_while_it_may_be_leaving() {
    let sections = "destinations: { default: { timeout: 1s }, email: { timeout: 2s } }";
    for messages in ["sms", "email", "push", "wechat:main", "wecom:desk", "whatsapp:shop"] {
        assert_eq!(granted(sections, messages), usual(5), "{messages}");
    }
    assert_eq!(granted(sections, "agent"), usual(1));
    assert_eq!(granted(sections, "webhook:erp"), usual(1));
}

#[test]
fn a_private_network_is_opened_by_name() {
    let sections = |url: &str, nets: &str| {
        format!(
            "{}endpoints: {{ erp: {{ url: \"{url}\", secret: s, allow_private: [{nets}] }} }}",
            HEAD.lines().take(2).collect::<Vec<_>>().join("\n") + "\n"
        )
    };
    for (url, nets) in [
        ("http://127.0.0.1:8080/", "127.0.0.0/8"),
        ("http://localhost:8080/", "127.0.0.1/32"),
        ("https://10.1.2.3/", "10.1.0.0/16, \"fd12::/16\""),
    ] {
        let config = rules::parse(&sections(url, nets)).unwrap();
        assert!(config.endpoints["erp"].guard().check(url).is_ok(), "{url}");
    }
    assert!(rules::parse(&sections("https://10.2.0.1/", "10.1.0.0/16")).is_err());
}

#[test]
fn what_failed_goes_back_as_fast_as_is_granted() {
    let config = rules::parse(&format!(
        "{HEAD}destinations: {{ webhook:erp: {{ rate: 10/s }}, sms: {{ redrive: 6/m }} }}"
    ));
    let config = config.unwrap();
    let a_minute = |destination| {
        let rate = config.redrive(destination);
        SignedDuration::from_mins(1).as_nanos() / rate.interval().as_nanos()
    };
    assert_eq!(a_minute(Some("webhook:erp")), 300, "half of its rate");
    assert_eq!((a_minute(Some("sms")), a_minute(Some("crm")), a_minute(None)), (6, 100, 100));
    let config = rules::parse(&format!("{HEAD}destinations: {{ default: {{ redrive: 30/m }} }}"));
    let rate = Rate { count: 30, per: SignedDuration::from_mins(1), at_once: None };
    let config = config.unwrap();
    assert_eq!((config.redrive(None), config.redrive(Some("crm"))), (rate, rate));
}

#[test]
fn what_comes_later_waits_where_it_is_told_to() {
    let config = rules::parse(&format!(
        "{HEAD}failures: {{ later: wait }}\n\
         destinations: {{ default: {{ later: overtake }}, sms: {{ later: wait }} }}"
    ));
    let config = config.unwrap();
    assert_eq!(config.later(None), Later::Wait);
    assert_eq!(config.later(Some("crm")), Later::Overtake);
    assert_eq!(config.later(Some("sms")), Later::Wait);
    assert_eq!(rules::parse(HEAD).unwrap().later(Some("sms")), Later::Overtake);
}
