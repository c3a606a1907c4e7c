//! What people see and say of consent.

use super::*;
use crate::arguments::By;
use crate::output::View;
use crate::page::Page;
use domain::EventId;
use state::ConfigVersion;
use state::memory::Store;

const CONFIG: &str = r#"
company: { name: Lab, region: DE, time_zone: UTC, public_url: "https://hooks.example.com" }
consent: { channels: { whatsapp: opt_in } }
"#;

fn store() -> (Store, RuleSet) {
    let store = Store::default();
    let (text, applied_by) = (CONFIG.to_owned(), "test".to_owned());
    store.apply_config(ConfigVersion { version: 1, text, applied_at: NOW, applied_by });
    (store, RuleSet::load(CONFIG, 1).unwrap())
}

const NOW: Timestamp = Timestamp::constant(1_790_000_000, 0);

fn command(handle: &str, channel: Option<Medium>, withdrawn: bool) -> SetConsentCommand {
    let by = By { by: "anna".into() };
    SetConsentCommand { handle: handle.into(), channel, given: !withdrawn, withdrawn, by }
}

fn text(shown: &Shown) -> String {
    shown.text(&Page::unbounded("2026-09-21T15:13:20Z"))
}

#[tokio::test]
async fn a_phone_is_shown_with_every_channel_that_reaches_it() {
    let (store, rules) = store();
    let key = handle_key(&store, "0151 12345678").await.unwrap();
    let shown = text(&show(&store, &rules, &key).await.unwrap());
    assert!(shown.contains("sms       sent      assumed"), "{shown}");
    assert!(shown.contains("whatsapp  withheld  not given"), "{shown}");
    assert!(!shown.contains("email"));
}

#[tokio::test]
async fn what_a_person_says_counts_until_something_newer_is_told() {
    let (store, rules) = store();
    let no = command("+4915112345678", Some(Medium::Sms), true);
    let shown = text(&set(&store, &rules, no, NOW).await.unwrap());
    assert!(shown.contains("sms       withheld  withdrawn"), "{shown}");
    assert!(shown.contains("anna"), "{shown}");
    let key = handle_key(&store, "+4915112345678").await.unwrap();
    let later = NOW + jiff::SignedDuration::from_secs(1);
    let by = ConsentBy::Event(EventId::new("shop", "1"));
    let of = ConsentId::new(Medium::Sms, &key);
    let told = ConsentTold { of, consent: Consent { at: later, by, withdrawn: true } };
    assert!(store.tell_consent(&told).await.unwrap());
    let yes = command("+4915112345678", None, false);
    let refused = set(&store, &rules, yes, NOW).await.unwrap_err();
    assert!(refused.to_string().contains("something newer"), "{refused}");
}

#[tokio::test]
async fn a_channel_that_does_not_reach_the_handle_is_refused() {
    let (store, rules) = store();
    let wrong = command("anna@example.com", Some(Medium::Sms), true);
    let refused = set(&store, &rules, wrong, NOW).await.unwrap_err();
    assert!(refused.to_string().contains("no message of this channel"), "{refused}");
    assert!(store.contents().consents.is_empty());
}
