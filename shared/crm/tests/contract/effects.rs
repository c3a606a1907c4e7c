//! The contract's clauses on tags, notes and tickets.

use super::{Sample, Witness};
use crm::{Connector, ContactId, Contacts, CrmError, Notes, Tags, Ticket, Tickets};
use domain::{Disposition, Fault};
use std::collections::BTreeSet;

fn set(names: &[&String]) -> BTreeSet<String> {
    names.iter().copied().cloned().collect()
}

pub(crate) async fn tags_are_a_set(crm: &Connector, witness: &impl Witness) {
    let (sample, other) = (Sample::new(), Sample::new());
    let id = crm.create(&sample.contact()).await.unwrap();
    let (a, b) = ([sample.tag()], [other.tag()]);
    for _ in 0..2 {
        crm.tag(&id, &[&a[..], &b, &a].concat(), &[]).await.unwrap();
        assert_eq!(witness.tags(&id).await, set(&[&a[0], &b[0]]));
    }
    for _ in 0..2 {
        crm.tag(&id, &b, &[a[0].clone(), Sample::new().tag()]).await.unwrap();
        assert_eq!(witness.tags(&id).await, set(&[&b[0]]));
    }
    crm.tag(&id, &b, &b).await.unwrap();
    assert_eq!(witness.tags(&id).await, set(&[]));
    assert_eq!(witness.tags_named(&a[0]).await, 1);
}

pub(crate) async fn tagging_at_once_makes_one_tag(crm: &Connector, witness: &impl Witness) {
    let samples = [Sample::new(), Sample::new(), Sample::new(), Sample::new()];
    let mut ids = Vec::new();
    for sample in &samples {
        ids.push(crm.create(&sample.contact()).await.unwrap());
    }
    let tag = [samples[0].tag()];
    let results = tokio::join!(
        crm.tag(&ids[0], &tag, &[]),
        crm.tag(&ids[1], &tag, &[]),
        crm.tag(&ids[2], &tag, &[]),
        crm.tag(&ids[3], &tag, &[])
    );
    for (id, result) in ids.iter().zip(<[_; 4]>::from(results)) {
        if let Err(error) = result {
            assert!(matches!(error.disposition(), Disposition::Retry { .. }), "{error}");
            crm.tag(id, &tag, &[]).await.unwrap();
        }
        assert_eq!(witness.tags(id).await, set(&[&tag[0]]));
    }
    assert_eq!(witness.tags_named(&tag[0]).await, 1);
}

pub(crate) async fn a_note_is_written_once_for_each_key(crm: &Connector, witness: &impl Witness) {
    let sample = Sample::new();
    let id = crm.create(&sample.contact()).await.unwrap();
    let text = "Asked for the delivery date.\n50% \"sure\" \\ 你好";
    let first = crm.note(&id, &sample.key("a"), text).await.unwrap();
    assert_eq!(crm.note(&id, &sample.key("a"), "other words").await.unwrap(), first);
    assert_ne!(crm.note(&id, &sample.key("b"), text).await.unwrap(), first);
    let notes = witness.notes(&id).await;
    assert_eq!(notes.len(), 2, "{notes:?}");
    assert!(notes.iter().all(|note| note.starts_with(text)), "{notes:?}");
}

pub(crate) async fn a_ticket_is_opened_once_and_has_an_owner(
    crm: &Connector,
    witness: &impl Witness,
) {
    let sample = Sample::new();
    let id = crm.create(&sample.contact()).await.unwrap();
    let ticket = Ticket {
        title: "Kettle leaks".to_owned(),
        text: "Called twice.".to_owned(),
        owner: Some(witness.employee().to_owned()),
    };
    let first = crm.ticket(&id, &sample.key("a"), &ticket).await.unwrap();
    assert_eq!(crm.ticket(&id, &sample.key("a"), &ticket).await.unwrap(), first);
    let tickets = witness.tickets(&id).await;
    assert_eq!(tickets.len(), 1, "{tickets:?}");
    let (text, owner) = &tickets[0];
    assert!(text.contains("Kettle leaks") && text.contains("Called twice."), "{text}");
    assert_eq!(owner.as_deref(), Some(witness.employee()));
    assert_ne!(crm.ticket(&id, &sample.key("b"), &ticket).await.unwrap(), first);
}

pub(crate) async fn a_ticket_without_an_employee_is_parked(
    crm: &Connector,
    witness: &impl Witness,
) {
    let sample = Sample::new();
    let id = crm.create(&sample.contact()).await.unwrap();
    let owner = Some("Nobody at All".to_owned());
    let ticket = Ticket { title: "Kettle leaks".to_owned(), text: String::new(), owner };
    let error = crm.ticket(&id, &sample.key("a"), &ticket).await.unwrap_err();
    assert!(matches!(error, CrmError::UnknownOwner), "{error:?}");
    assert_eq!(error.disposition(), Disposition::Park);
    assert!(witness.tickets(&id).await.is_empty());
}

pub(crate) async fn an_unknown_contact_is_parked(crm: &Connector, _: &impl Witness) {
    let (sample, nobody) = (Sample::new(), ContactId::new("999999999"));
    let tagged = crm.tag(&nobody, &[sample.tag()], &[]).await.unwrap_err();
    let noted = crm.note(&nobody, &sample.key("a"), "text").await.unwrap_err();
    for error in [tagged, noted] {
        assert!(matches!(error, CrmError::Missing), "{error:?}");
        assert_eq!(error.disposition(), Disposition::Park);
    }
}
