//! The contract's clauses on contacts.

use super::{
    Sample, Witness,
    sample::{email, phone},
};
use crm::{
    Connector, Contact, ContactId, ContactUpdate, Contacts, CrmError, Found, Located, NewContact,
    Stage,
};
use domain::{Assurance, Disposition, Fault, Handle, HandleKind};
use std::collections::BTreeSet;

async fn one(crm: &Connector, handle: &Handle) -> Contact {
    match crm.find(std::slice::from_ref(handle)).await.unwrap() {
        Found::One(contact) => contact,
        other @ (Found::Nobody | Found::Several(_)) => panic!("{handle:?} leads to {other:?}"),
    }
}

pub(crate) async fn an_unknown_handle_leads_to_nobody(crm: &Connector, _: &impl Witness) {
    let sample = Sample::new();
    let handles = [sample.openid(), sample.email(), phone("+12025550199")];
    assert_eq!(crm.find(&handles).await.unwrap(), Found::Nobody);
    assert_eq!(crm.find(&[]).await.unwrap(), Found::Nobody);
}

pub(crate) async fn a_contact_is_found_by_each_of_its_handles(crm: &Connector, _: &impl Witness) {
    let sample = Sample::new();
    let id = crm.create(&sample.contact()).await.unwrap();
    let shouted = email(&sample.email().value.to_uppercase());
    for handle in [sample.openid(), sample.email(), shouted, sample.shop_account()] {
        let contact = one(crm, &handle).await;
        assert_eq!(contact.id, id, "{handle:?}");
        assert_eq!(contact.name, Some(sample.name()));
    }
    let contact = one(crm, &sample.openid()).await;
    let held: BTreeSet<_> = contact.handles.iter().map(Handle::key).collect();
    for handle in sample.contact().handles {
        assert!(held.contains(&handle.key()), "{handle:?}");
    }
    // What the CRM tells of itself is a handle as well.
    let record = contact.handles.iter().find(|handle| handle.kind == HandleKind::Crm).unwrap();
    assert_eq!(one(crm, record).await.id, id);

    // The seeded customer; numbers are compared in E.164 however the CRM spells them.
    let anna = one(crm, &phone("+4915112345678")).await;
    assert_eq!(anna.name.as_deref(), Some("Anna Schmidt"));
    assert_eq!(one(crm, &email("ANNA@acme.test")).await.id, anna.id);
}

pub(crate) async fn no_character_of_an_address_is_a_wildcard(crm: &Connector, _: &impl Witness) {
    let sample = Sample::new();
    let plain = sample.email().value.replace(['_', '%'], "x");
    let new = NewContact { name: None, handles: vec![email(&plain)], stage: Stage::Contact };
    crm.create(&new).await.unwrap();
    assert_eq!(crm.find(&[sample.email()]).await.unwrap(), Found::Nobody);
}

pub(crate) async fn creating_again_makes_no_second_contact(crm: &Connector, _: &impl Witness) {
    let sample = Sample::new();
    let id = crm.create(&sample.contact()).await.unwrap();
    let again = NewContact { name: None, handles: vec![sample.email()], stage: Stage::Contact };
    assert_eq!(crm.create(&again).await.unwrap(), id);
    assert_eq!(one(crm, &sample.email()).await.name, Some(sample.name()));
}

pub(crate) async fn creating_at_once_leaves_one_contact(crm: &Connector, _: &impl Witness) {
    let sample = Sample::new().contact();
    let (a, b, c, d) = tokio::join!(
        crm.create(&sample),
        crm.create(&sample),
        crm.create(&sample),
        crm.create(&sample)
    );
    let made: BTreeSet<_> = [a, b, c, d]
        .into_iter()
        .filter_map(|result| match result {
            Ok(id) => Some(id),
            // A create that gives way is tried again by its caller.
            Err(error) => {
                assert!(matches!(error.disposition(), Disposition::Retry { .. }), "{error}");
                None
            }
        })
        .collect();
    let id = crm.create(&sample).await.unwrap();
    assert!(made.iter().all(|each| *each == id), "{made:?} but {id}");
    for handle in &sample.handles {
        assert_eq!(one(crm, handle).await.id, id);
    }
}

pub(crate) async fn handles_of_two_contacts_lead_to_both(crm: &Connector, _: &impl Witness) {
    let (first, second) = (Sample::new(), Sample::new());
    let ids =
        [crm.create(&first.contact()).await.unwrap(), crm.create(&second.contact()).await.unwrap()];
    let both = [second.email(), first.openid()];
    let Found::Several(candidates) = crm.find(&both).await.unwrap() else { panic!("not both") };
    assert_eq!(candidates.iter().map(|each| &each.id).collect::<Vec<_>>(), [&ids[0], &ids[1]]);
    for (candidate, sample) in candidates.iter().zip([&first, &second]) {
        assert_eq!(*candidate, one(crm, &sample.shop_account()).await);
        assert_eq!(candidate.name, Some(sample.name()));
    }
    let new = NewContact { name: None, handles: both.to_vec(), stage: Stage::Contact };
    let refused = crm.create(&new).await;
    assert!(matches!(refused, Err(CrmError::Ambiguous)), "{refused:?}");
}

pub(crate) async fn what_cannot_be_found_again_is_not_created(crm: &Connector, _: &impl Witness) {
    let nameless =
        NewContact { name: Some(Sample::new().name()), handles: Vec::new(), stage: Stage::Contact };
    let refused = crm.create(&nameless).await;
    assert!(matches!(refused, Err(CrmError::Unidentified)), "{refused:?}");
}

pub(crate) async fn an_update_adds_what_is_lacking(crm: &Connector, _: &impl Witness) {
    let sample = Sample::new();
    let id = crm.create(&sample.contact()).await.unwrap();
    let corp = "ww0123456789abcdef";
    let new = Handle::account(HandleKind::WecomExternal, corp, &sample.name(), Assurance::Attested)
        .unwrap();
    let update =
        ContactUpdate { name: Some("Renamed".to_owned()), add: vec![new.clone(), sample.email()] };
    let updated = crm.update(&id, &update).await.unwrap();
    assert_eq!(updated.name.as_deref(), Some("Renamed"));
    assert_eq!(one(crm, &new).await, updated);
    assert_eq!(crm.update(&id, &update).await.unwrap(), updated);
    assert_eq!(crm.update(&id, &ContactUpdate::default()).await.unwrap(), updated);
}

pub(crate) async fn an_update_that_lacks_nothing_writes_nothing(
    crm: &Connector,
    witness: &impl Witness,
) {
    let sample = Sample::new();
    let id = crm.create(&sample.contact()).await.unwrap();
    let (held, before) = (one(crm, &sample.email()).await, witness.revision(&id).await);
    let update = ContactUpdate { name: Some(sample.name()), add: sample.contact().handles };
    assert_eq!(crm.update(&id, &update).await.unwrap(), held);
    assert_eq!(witness.revision(&id).await, before);
    let update = ContactUpdate { name: Some("Renamed".to_owned()), add: Vec::new() };
    crm.update(&id, &update).await.unwrap();
    assert_ne!(witness.revision(&id).await, before);
}

pub(crate) async fn an_update_takes_no_handle_from_another_contact(
    crm: &Connector,
    witness: &impl Witness,
) {
    let (first, second, new) = (Sample::new(), Sample::new(), Sample::new());
    let id = crm.create(&first.contact()).await.unwrap();
    crm.create(&second.contact()).await.unwrap();
    let before = witness.revision(&id).await;
    let update = ContactUpdate {
        name: Some("Renamed".to_owned()),
        add: vec![new.email(), second.openid(), first.email()],
    };
    let refused = crm.update(&id, &update).await.unwrap_err();
    assert!(matches!(refused, CrmError::Ambiguous), "{refused:?}");
    assert_eq!(refused.disposition(), Disposition::Park);
    assert_eq!(witness.revision(&id).await, before);
    assert_eq!(crm.find(&[new.email()]).await.unwrap(), Found::Nobody);
}

pub(crate) async fn a_contact_is_located(crm: &Connector, _: &impl Witness) {
    let sample = Sample::new();
    let id = crm.create(&sample.contact()).await.unwrap();
    let held = one(crm, &sample.email()).await;
    assert_eq!(crm.locate(&id).await.unwrap(), Located::Here(held));
    for never in ["999999999", "18446744073709551615", "-1", "", "no id", "4/../5"] {
        let located = crm.locate(&ContactId::new(never)).await.unwrap();
        assert_eq!(located, Located::Gone, "{never}");
    }
}
