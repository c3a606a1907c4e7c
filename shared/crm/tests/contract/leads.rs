//! The contract's clauses on leads.

use super::{Sample, Witness};
use crm::{Connector, Contacts, CrmError, Found, NewContact};

pub(crate) async fn a_lead_is_opened_once(crm: &Connector, witness: &impl Witness) {
    let sample = Sample::new();
    let id = crm.create(&sample.lead()).await.unwrap();
    assert_eq!(witness.leads(&id).await, [sample.name()]);
    assert_eq!(crm.create(&sample.lead()).await.unwrap(), id);
    let renamed = NewContact { name: None, handles: vec![sample.email()], ..sample.lead() };
    assert_eq!(crm.create(&renamed).await.unwrap(), id);
    assert_eq!(witness.leads(&id).await, [sample.name()]);
    let found = crm.find(&sample.contact().handles).await.unwrap();
    assert!(matches!(found, Found::One(contact) if contact.id == id));
}

pub(crate) async fn leads_of_two_strangers_are_two(crm: &Connector, witness: &impl Witness) {
    for sample in [Sample::new(), Sample::new()] {
        let id = crm.create(&sample.lead()).await.unwrap();
        assert_eq!(witness.leads(&id).await, [sample.name()]);
    }
}

pub(crate) async fn a_known_contact_does_not_become_a_lead(
    crm: &Connector,
    witness: &impl Witness,
) {
    let sample = Sample::new();
    let id = crm.create(&sample.contact()).await.unwrap();
    assert_eq!(crm.create(&sample.lead()).await.unwrap(), id);
    assert!(witness.leads(&id).await.is_empty());
}

pub(crate) async fn a_lead_is_not_opened_in_vain(crm: &Connector, witness: &impl Witness) {
    let (first, second) = (Sample::new(), Sample::new());
    let ids =
        [crm.create(&first.contact()).await.unwrap(), crm.create(&second.contact()).await.unwrap()];
    let both = NewContact { handles: vec![first.email(), second.email()], ..first.lead() };
    let ambiguous = crm.create(&both).await.unwrap_err();
    assert!(matches!(ambiguous, CrmError::Ambiguous), "{ambiguous:?}");
    // Had it left anything behind, the next try would take it for its own.
    assert_eq!(crm.create(&first.lead()).await.unwrap(), ids[0]);
    assert!(witness.leads(&ids[0]).await.is_empty());

    let sample = Sample::new();
    let unreachable = NewContact { handles: Vec::new(), ..sample.lead() };
    let unidentified = crm.create(&unreachable).await.unwrap_err();
    assert!(matches!(unidentified, CrmError::Unidentified), "{unidentified:?}");
    let id = crm.create(&sample.contact()).await.unwrap();
    assert_eq!(crm.create(&sample.lead()).await.unwrap(), id);
    assert!(witness.leads(&id).await.is_empty());
}
