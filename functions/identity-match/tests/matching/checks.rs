//! Events that the company's validation rules look at.

use crate::desk::Desk;
use crate::people::phone;
use domain::{Carried, Class, Disposition, InboundEvent, Matched, Replay, ReplayId};
use runtime::memory::{START, message};

const RULES: &str = r#"
validate:
  - { name: stars, on: [message], check: { range: { event.fields.stars: { min: 1, max: 5 } } }, repair: clamp }
  - { name: words, on: [message], check: { format: { event.text: ".*broken.*" } }, else: flag }
"#;

fn review(number: i64, stars: serde_json::Value, text: &str) -> InboundEvent {
    let fields = [("stars".to_owned(), stars)].into();
    InboundEvent { fields, text: Some(text.into()), ..message(number, &[phone(1)]) }
}

#[tokio::test]
async fn an_event_goes_on_as_it_was_repaired_under_its_own_id() {
    let desk = Desk::following(RULES);
    let event = review(1, 9.into(), "all is well");
    let id = event.id.clone();
    let matched = desk.told(event).await;
    assert_eq!((&matched.event.id, &matched.event.fields["stars"]), (&id, &5.into()));
    let checks = &matched.event.checks;
    assert_eq!(checks.repairs[0].rule, "stars");
    assert!(checks.flags.contains("words"));
}

#[tokio::test]
async fn what_cannot_be_repaired_is_parked_before_anybody_is_looked_for() {
    let desk = Desk::following(RULES);
    let event = review(1, "many".into(), "broken");
    let failure = desk.handle(event.clone()).await.unwrap_err();
    assert_eq!((failure.class, failure.disposition), (Class::Data, Disposition::Park));
    assert_eq!(failure.reason.code, "validation_failed");
    assert!(!failure.reason.detail.contains("many"));
    assert!(desk.contents().links.is_empty() && desk.queue.parcels().is_empty());
    // The configuration is corrected, and the message, which is kept as it came, comes again.
    let corrected = Desk::following(&RULES.replace("repair: clamp", "repair: { default: 3 }"));
    assert_eq!(corrected.told(event).await.event.fields["stars"], 3);
}

#[tokio::test]
async fn what_a_sender_claims_of_validation_counts_for_nothing() {
    let desk = Desk::following(RULES);
    let mut event = review(1, 3.into(), "broken");
    event.checks.flags.insert("forged".into());
    assert!(desk.told(event).await.event.checks.is_empty());
}

#[tokio::test]
async fn what_was_judged_when_it_came_is_not_judged_again_by_a_replay() {
    let desk = Desk::following(RULES);
    for (number, stars, text) in [(1, "many".into(), "broken"), (2, 9.into(), "all is well")] {
        let event = review(number, stars, text);
        let replay = Replay {
            id: ReplayId::new("anna", START),
            effects: false,
            config_version: 1,
            begun_at: START,
        };
        desk.handle_carried(Carried { message: event.clone(), replay: Some(replay) })
            .await
            .unwrap();
        let carried = desk.queue.messages::<Carried<Matched>>().pop().unwrap();
        assert!(carried.replay.is_some());
        assert_eq!(carried.message.event, event, "as history has it");
    }
}
