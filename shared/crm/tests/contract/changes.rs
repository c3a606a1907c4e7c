//! The contract's clauses on what changed.

use super::sample::phone;
use super::{Sample, Witness};
use crm::{ChangedRecord, Changes, Connector, ContactId, ContactUpdate, Contacts, Span};
use jiff::{SignedDuration, Timestamp};
use rules::RecordKind;
use std::collections::BTreeSet;

/// From a while ago until a while ahead, by whatever clock.
pub(crate) fn around_now() -> Span {
    #[expect(clippy::disallowed_methods, reason = "the CRM has the machine's clock")]
    let now = Timestamp::now();
    let far = SignedDuration::from_mins(10);
    Span { after: now - far, until: now + far }
}

/// All that changed, in pages of this size.
pub(crate) async fn all(
    crm: &Connector,
    kind: RecordKind,
    span: Span,
    most: usize,
) -> Vec<ChangedRecord> {
    let (mut records, mut beyond) = (Vec::new(), None::<String>);
    loop {
        let page = crm.changes(kind, span, beyond.as_deref(), most).await.unwrap();
        records.extend(page.records);
        match page.next {
            Some(next) => beyond = Some(next),
            None => return records,
        }
    }
}

/// What changed of one contact.
pub(crate) async fn of_contact(
    crm: &Connector,
    id: &ContactId,
    kind: RecordKind,
    span: Span,
) -> Vec<ChangedRecord> {
    let mut records = all(crm, kind, span, 50).await;
    records.retain(|record| record.contact.id == id.as_str());
    records
}

pub(crate) async fn a_record_that_changed_is_told_once_its_time_is_asked_for(
    crm: &Connector,
    _: &impl Witness,
) {
    let sample = Sample::new();
    let id = crm.create(&sample.contact()).await.unwrap();
    let told = of_contact(crm, &id, RecordKind::Contacts, around_now()).await;
    let [record] = &told[..] else { panic!("{told:?}") };
    assert_eq!(record.contact.emails, [sample.email().value]);
    let shown = serde_json::to_value(record).unwrap();
    assert_eq!((&shown["record"], &shown["state"]), (&"contact".into(), &"active".into()));

    let (at, least) = (record.changed_at, SignedDuration::from_micros(1));
    let just = Span { after: at - least, until: at };
    assert_eq!(of_contact(crm, &id, RecordKind::Contacts, just).await, told);
    for past in [
        Span { after: at, until: at + SignedDuration::from_hours(1) },
        Span { after: at - SignedDuration::from_hours(1), until: at - least },
    ] {
        assert!(of_contact(crm, &id, RecordKind::Contacts, past).await.is_empty());
    }
}

pub(crate) async fn a_new_handle_is_a_change_of_the_contact(crm: &Connector, _: &impl Witness) {
    let id = crm.create(&Sample::new().contact()).await.unwrap();
    let before = of_contact(crm, &id, RecordKind::Contacts, around_now()).await;
    let since = Span { after: before[0].changed_at, ..around_now() };
    let add = vec![phone("+1 202 555 0147")];
    crm.update(&id, &ContactUpdate { name: None, add }).await.unwrap();
    let told = of_contact(crm, &id, RecordKind::Contacts, since).await;
    let [record] = &told[..] else { panic!("{told:?}") };
    assert!(record.changed_at > since.after, "{record:?}");
}

pub(crate) async fn pages_tell_everything_once(crm: &Connector, _: &impl Witness) {
    let mut made = BTreeSet::new();
    for _ in 0..3 {
        made.insert(crm.create(&Sample::new().contact()).await.unwrap().to_string());
    }
    let told = all(crm, RecordKind::Contacts, around_now(), 2).await;
    let ids: Vec<_> = told.into_iter().map(|record| record.contact.id).collect();
    let once: BTreeSet<_> = ids.iter().cloned().collect();
    assert_eq!(once.len(), ids.len());
    assert!(once.is_superset(&made));
}
