//! What an erasure leaves.

use super::*;
use crate::customer::export::export;
use crate::customer::sample::{Pipeline, email, phone};
use crate::output::View;
use crate::page::Page;
use anstream::adapter::strip_str;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::{
    About, Assurance, Attempt, Consent, ConsentBy, ConsentId, ConsentTold, CustomerId, Disposition,
    EffectKey, Failure, FailureId, FailureRecord, FailureState, Handle, InboundEvent, Medium,
    Payload, Reason, Step,
};
use runtime::memory::message;
use state::memory::{Contents, Fault, Store};
use state::{Claim, Consents, EffectState, Failures, Hint, Hints, Ledger, Stage};

const ANNA: Person<'_> = Person { by: "anna", at: Timestamp::UNIX_EPOCH };

fn failure(step: Step, event: Option<&InboundEvent>, payload: Payload) -> Failure {
    let reason = Reason { code: "crm_unreachable".into(), detail: "it waits".into() };
    let record = FailureRecord {
        id: FailureId::new(step.as_str(), &format!("{payload:?}")),
        step,
        about: About { event: event.map(|event| event.id.clone()), ..About::default() },
        disposition: Disposition::Park,
        attempts: vec![Attempt {
            at: ANNA.at,
            class: domain::Class::Theirs,
            reason,
            receives: 1,
            held: false,
        }],
        state: FailureState::Parked { at: ANNA.at },
        asked_at: None,
        because: None,
        release: domain::Release::default(),
    };
    Failure { record, payload }
}

fn waiting(event: &InboundEvent) -> Failure {
    let body = serde_json::to_string(event).unwrap();
    failure(Step::IdentityMatch, Some(event), Payload::Message { body, group: "g".into() })
}

fn webhook(text: &str) -> Failure {
    let payload = Payload::Webhook {
        source: "shop".into(),
        content_type: None,
        delivery_id: None,
        received_at: ANNA.at,
        body: STANDARD.encode(text),
    };
    failure(Step::WebhookReceiver, None, payload)
}

/// Anna of two profiles that one event merged; Ben, who was taken for her for a while.
async fn lived() -> Pipeline {
    let pipeline = Pipeline::new();
    let (anna, ben) = ([phone(1), email("anna")], [phone(2)]);
    pipeline.message(1, &anna[..1]).await;
    pipeline.message(2, &anna[1..]).await;
    pipeline.message(3, &anna).await;
    pipeline.message(4, &ben).await;
    let both = pipeline.matched(message(5, &[phone(1), phone(2)])).await;
    let merge = both.decision.merges[0].clone();
    pipeline.message(6, &ben).await;
    pipeline.parted(&merge, ANNA).await;
    for failure in [
        waiting(&message(7, &[email("anna")])),
        waiting(&message(8, &ben)),
        webhook("who is (202) 555-0101, or anna@example.com?"),
        webhook("who is (202) 555-0102?"),
    ] {
        pipeline.store.put_failure(&failure).await.unwrap();
    }
    pipeline
}

fn named() -> Named {
    Named::Handle(phone(1).key())
}

async fn erased(pipeline: &Pipeline) -> Result<Erasure, Trouble> {
    match erase(&pipeline.store, &named(), ANNA).await? {
        Outcome::Erased(receipt) => Ok(receipt),
        Outcome::Proposed { .. } => panic!("nothing was written"),
    }
}

/// Everything that the store holds, as it is stored.
fn words(contents: &Contents) -> String {
    fn text<K, V: serde::Serialize>(table: &std::collections::BTreeMap<K, V>) -> String {
        table.values().map(|record| serde_json::to_string(record).unwrap()).collect()
    }
    let handles: String = contents.links.keys().map(domain::HandleKey::as_str).collect();
    let decoded = contents.failures.values().filter_map(|failure| match &failure.payload {
        Payload::Webhook { body, .. } => String::from_utf8(STANDARD.decode(body).unwrap()).ok(),
        Payload::Message { .. } => None,
    });
    let tables = [
        text(&contents.links),
        text(&contents.customers),
        text(&contents.merges),
        text(&contents.reviews),
        text(&contents.extractions),
        text(&contents.erasures),
        text(&contents.timeline),
        text(&contents.events),
        text(&contents.effects),
        text(&contents.failures),
    ];
    handles + &decoded.collect::<String>() + &tables.concat()
}

#[tokio::test]
async fn nothing_of_the_person_is_left() {
    let pipeline = lived().await;
    assert!(words(&pipeline.store.contents()).contains("anna@example.com"));
    let receipt = erased(&pipeline).await.unwrap();
    let left = pipeline.store.contents();
    for trace in ["anna@example.com", "2025550101", "555-0101"] {
        assert!(!words(&left).contains(trace), "{trace}");
    }
    assert_eq!(left.erasures.values().collect::<Vec<_>>(), [&receipt]);
    assert_eq!(receipt.state, ErasureState::Done { at: ANNA.at });
    assert_eq!(receipt.customers.len(), 2);
    assert!(matches!(
        export(&pipeline.store, &named(), ANNA.at).await,
        Err(Trouble::Missing { .. })
    ));
}

#[tokio::test]
async fn others_keep_what_is_theirs() {
    let pipeline = lived().await;
    let before = pipeline.store.contents();
    erased(&pipeline).await.unwrap();
    let after = pipeline.store.contents();
    let key = phone(2).key();
    let ben = &after.links[&key].home;
    assert_eq!(after.links.len(), 1);
    assert_eq!(after.customers[ben].profile, before.customers[ben].profile);
    assert_eq!(after.customers[ben].handles, before.customers[ben].handles);
    assert!(after.customers[ben].membership.apart.is_empty());
    let own = after.timeline.values().map(|entry| &entry.tagged.event.id);
    assert_eq!(own.collect::<Vec<_>>(), [&message(4, &[]).id, &message(6, &[]).id]);
    assert_eq!(after.failures.len(), 2);
}

#[tokio::test]
async fn what_comes_again_does_nothing_and_what_lies_in_a_queue_is_not_sent() {
    let pipeline = lived().await;
    let again = pipeline.matched(message(3, &[phone(1)])).await;
    let outbound = pipeline.store.contents().events[&again.event.id].effects.clone();
    assert_eq!(outbound.len(), 1);
    erased(&pipeline).await.unwrap();

    let lease = jiff::SignedDuration::from_secs(1);
    let claim = pipeline.store.claim(&outbound[0], ANNA.at, lease).await.unwrap();
    assert!(matches!(claim, Claim::Done));
    let contents = pipeline.store.contents();
    assert!(contents.effects.values().all(|effect| effect.state == EffectState::Done));
    let record = &contents.events[&again.event.id];
    assert_eq!((record.stage, &record.customer), (Stage::Applied, &CustomerId::erased()));
    assert_eq!(pipeline.message(3, &[phone(1)]).await, []);
    assert_eq!(pipeline.message(7, &[email("anna")]).await, [], "it failed before it was erased");
    let entries = pipeline.store.contents().timeline;
    assert!(entries.values().all(|entry| entry.tagged.home != again.customer));
}

#[tokio::test]
async fn whoever_comes_later_by_the_same_handle_is_new() {
    let pipeline = lived().await;
    erased(&pipeline).await.unwrap();
    assert_eq!(pipeline.message(20, &[phone(1)]).await.len(), 1);
    let contents = pipeline.store.contents();
    let link = &contents.links[&phone(1).key()];
    let profile = &contents.customers[&link.home];
    assert_eq!(profile.profile.counters["messages"].occurrences().count(), 1);
    // Nothing keeps the newcomer apart from whom the erased person was told apart from.
    let both = pipeline.matched(message(21, &[phone(1), phone(2)])).await;
    assert_eq!(both.decision.merges.len(), 1);
    let receipts = [erased(&pipeline).await.unwrap()];
    assert_eq!(pipeline.store.contents().erasures.len(), 2);
    assert_eq!(receipts[0].erased.timeline, 3, "the newcomer's, and those of whom they joined");
}

/// Runs an attempt that fails at each write in turn, and one after it: nothing is left, and the
/// receipt counts what went in both.
#[tokio::test]
async fn an_attempt_that_ended_anywhere_is_finished_by_the_next() {
    let plain = lived().await;
    let first = plain.store.writes();
    let receipt = erased(&plain).await.unwrap();
    let writes = plain.store.writes() - first;
    assert!(writes > 6, "{writes}");
    for write in 0..writes {
        for fault in [Fault::Before, Fault::After] {
            let pipeline = lived().await;
            pipeline.store.fail_write(pipeline.store.writes() + write, fault);
            assert!(erased(&pipeline).await.is_err(), "write {write} failed");
            let last = write + 1 == writes && fault == Fault::After;
            let resumed = erased(&pipeline).await;
            assert_eq!(resumed.is_err(), last, "the person is gone, and the receipt is written");
            let (whole, left) = (plain.store.contents(), pipeline.store.contents());
            let kept = left.erasures[&receipt.id].clone();
            assert_eq!(kept.erased, receipt.erased, "{write} {fault:?}");
            assert_eq!(kept.state, receipt.state, "{write} {fault:?}");
            assert_eq!(Contents { erasures: whole.erasures.clone(), ..left }, whole);
        }
    }
}

#[tokio::test]
async fn an_erasure_is_shown_before_it_happens() {
    let pipeline = lived().await;
    let before = pipeline.store.contents();
    let proposed = propose(&pipeline.store, &named(), ANNA.at).await.unwrap();
    assert_eq!(pipeline.store.contents(), before);
    let page = Page::unbounded("2026-01-02T03:04:05Z");
    insta::assert_snapshot!(strip_str(&proposed.text(&page)).to_string());
    let receipt = erased(&pipeline).await.unwrap();
    let Outcome::Proposed { erased, .. } = proposed else { panic!("{proposed:?}") };
    assert_eq!(erased, receipt.erased);
    insta::assert_snapshot!(strip_str(&Outcome::Erased(receipt).text(&page)).to_string());
}

#[tokio::test]
async fn a_stranger_cannot_be_erased() {
    let store = Store::default();
    let stranger = Named::Handle(Handle::key(&phone(9)));
    assert!(matches!(erase(&store, &stranger, ANNA).await, Err(Trouble::Missing { .. })));
    assert_eq!(store.contents(), Contents::default());
}

#[tokio::test]
async fn an_event_that_comes_in_between_goes_as_well() {
    let pipeline = lived().await;
    let dossier = Dossier::gather(&pipeline.store, &named()).await.unwrap();
    let mut erasing = Erasing::begin(&pipeline.store, &dossier, ANNA).await.unwrap();
    pipeline.message(30, &[phone(1)]).await;
    let missed = erasing.go_through(&dossier, ANNA.at).await.unwrap();
    assert_eq!(missed, Committed::Lost);
    let receipt = erased(&pipeline).await.unwrap();
    assert_eq!(receipt.id, erasing.receipt.id);
    assert_eq!(receipt.erased.timeline, 4);
    assert!(!words(&pipeline.store.contents()).contains("2025550101"));
}

#[tokio::test]
async fn more_handles_than_one_step_takes_go_in_several() {
    let account = |shop: usize| {
        let scope = format!("shop-{shop}");
        Handle::account(domain::HandleKind::Account, &scope, "77", Assurance::Attested).unwrap()
    };
    let handles: Vec<_> = (0..150).map(account).collect();
    let lived = async || {
        let pipeline = Pipeline::new();
        pipeline.message(1, &handles).await;
        pipeline
    };
    let first = handles.iter().map(Handle::key).min().unwrap();
    let id = Named::Profile(CustomerId::new(first.as_str()));
    let steps = {
        let pipeline = lived().await;
        let first = pipeline.store.writes();
        erase(&pipeline.store, &id, ANNA).await.unwrap();
        assert!(pipeline.store.contents().links.is_empty());
        pipeline.store.writes() - first
    };
    for step in 0..steps {
        let pipeline = lived().await;
        pipeline.store.fail_write(pipeline.store.writes() + step, Fault::Before);
        assert!(erase(&pipeline.store, &id, ANNA).await.is_err());
        let Outcome::Erased(receipt) = erase(&pipeline.store, &id, ANNA).await.unwrap() else {
            panic!("nothing was written")
        };
        assert_eq!((receipt.erased.identities, receipt.erased.customers), (150, 1));
    }
}

#[tokio::test]
async fn what_failed_for_want_of_an_erased_profile_goes_by_its_id() {
    let pipeline = lived().await;
    let late = pipeline.matched(message(40, &[phone(1)])).await;
    erased(&pipeline).await.unwrap();
    let failed = pipeline.tagged(late.clone()).await.unwrap_err();
    assert_eq!(failed.reason.code, "customer_missing");
    let body = serde_json::to_string(&late).unwrap();
    let payload = Payload::Message { body, group: "g".into() };
    let mut failure = failure(Step::TagUpdate, Some(&late.event), payload);
    failure.record.about.customer = Some(late.customer.clone());
    pipeline.store.put_failure(&failure).await.unwrap();
    let by_id = Named::Profile(late.customer);
    assert!(matches!(erase(&pipeline.store, &by_id, ANNA).await, Ok(Outcome::Erased(_))));
    let left = pipeline.store.contents();
    assert!(!left.failures.contains_key(&failure.record.id));
    assert_eq!(left.events[&late.event.id].stage, Stage::Applied);
}

#[tokio::test]
async fn hints_go_and_an_objection_stays() {
    let pipeline = lived().await;
    let profile = pipeline.store.contents().links[&phone(1).key()].home.clone();
    let key = EffectKey::new(&message(1, &[]).id, "rule", "agent.hint");
    let (rule, text) = ("rule".to_owned(), "asked twice".to_owned());
    let hint = Hint { key, rule, at: ANNA.at, until: jiff::Timestamp::MAX, text };
    pipeline.store.leave_hint(&profile, &hint, ANNA.at).await.unwrap();
    let of = ConsentId::new(Medium::Sms, &phone(1).key());
    let by = ConsentBy::Event(message(1, &[]).id);
    let consent = Consent { at: ANNA.at, by, withdrawn: true };
    let told = ConsentTold { of: of.clone(), consent: consent.clone() };
    assert!(pipeline.store.tell_consent(&told).await.unwrap());
    let exported = export(&pipeline.store, &Named::Handle(phone(1).key()), ANNA.at).await.unwrap();
    let exported = serde_json::to_value(&exported).unwrap();
    assert_eq!(exported["hints"][0][0]["text"], "asked twice");
    let handles = exported["handles"].as_array().unwrap();
    let told = handles.iter().find(|known| known["handle"] == phone(1).key().as_str()).unwrap();
    assert_eq!(told["consent"]["sms"]["withdrawn"], true);

    erased(&pipeline).await.unwrap();
    assert!(pipeline.store.contents().hints.is_empty());
    assert_eq!(pipeline.store.consent(&of).await.unwrap(), Some(consent));
    assert!(!format!("{:?}", pipeline.store.contents().consents).contains("555"));
}
