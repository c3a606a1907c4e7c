//! Effects on customers whom the CRM does not know, by the company's policy.

use crate::hands::note_on;
use crate::office::{Office, address, link};
use domain::{Assurance, Customer, Dated, Disposition, EventId, Handle};
use identity::{Candidate, Inquiry, Review, ReviewState, join};
use runtime::memory::START;
use runtime::{Settled, StepFailure};
use serde_json::json;
use state::{Committed, Customers, EffectState, Identities, Journal};

const QUIETLY: Disposition = Disposition::Hold { tell: false };

/// A customer whom nobody entered into the CRM.
async fn stranger(office: &Office) -> Customer {
    office.knows(&[address("anna")]).await
}

fn review(office: &Office) -> Review {
    let reviews: Vec<_> = office.contents().reviews.into_values().collect();
    let [review] = &reviews[..] else { panic!("{} questions", reviews.len()) };
    review.clone()
}

async fn reject(office: &Office, review: Review) {
    let state = ReviewState::Rejected { at: START, by: "pat".into() };
    assert!(office.store.close_review(&Review { state, ..review }).await.unwrap());
}

/// Lets the CRM have the customer, as a person does.
async fn admit(office: &Office, anna: &Customer) {
    let mut group = office.store.group(&anna.id).await.unwrap().unwrap();
    group.root.membership.admitted = true;
    let read = group.root.membership.version;
    group.root.membership.version += 1;
    let after = Box::new(group.root);
    let write = identity::CustomerWrite::Update { read, after, joint_tags: None };
    let change = identity::Change { customers: vec![write], ..identity::Change::default() };
    assert_eq!(office.store.commit(&change).await.unwrap(), Committed::Written);
}

async fn held(office: &Office, anna: &Customer) -> StepFailure {
    let failure = office.handle(&note_on(&anna.id)).await.unwrap_err();
    assert_eq!(office.bench.record(&note_on(&anna.id)).state, EffectState::Released);
    assert!(office.tryton.noted().is_empty());
    failure
}

#[tokio::test]
async fn create_makes_a_record_of_the_proved_handles() {
    let office = Office::with("create").await;
    let typed = Handle::email("typed@example.com", Assurance::Claimed).unwrap();
    let anna = office.knows(&[address("anna"), typed]).await;
    assert_eq!(office.handle(&note_on(&anna.id)).await, Ok(Settled::Fresh));
    let [party] = &office.tryton.parties()[..] else { panic!("one record") };
    let mechanisms = json!([{ "type": "email", "value_compact": "anna@example.com" }]);
    assert_eq!(party["contact_mechanisms"], mechanisms);
    assert_eq!(office.tryton.noted(), ["party.party,1"]);
    assert_eq!(office.contents().customers[&anna.id].crm, Some(link("1")));
    assert!(office.tryton.leads().is_empty());
}

#[tokio::test]
async fn a_record_is_made_of_every_profile_of_the_customer_and_bears_the_newest_name() {
    let office = Office::with("create").await;
    let mut customers = Vec::new();
    for (second, name) in [(1, "anna"), (2, "second")] {
        let mut profile = runtime::memory::customer(&[address(name)]);
        let at = jiff::Timestamp::from_second(second).unwrap();
        let by = EventId::new("test", name);
        let value = Dated { value: name.into(), at, source: "test".into(), by };
        profile.profile.set_field("name", value);
        assert_eq!(
            runtime::memory::enter(&office.store, profile.clone()).await.unwrap(),
            Committed::Written
        );
        customers.push(profile);
    }
    let pair = (customers[0].id.clone(), customers[1].id.clone());
    let group = |root: &Customer| identity::Group { root: root.clone(), members: Vec::new() };
    let groups: Vec<_> = customers.iter().map(group).collect();
    let links = office.contents().links;
    let joined = join(&groups, &links, pair, Vec::new(), ("pat".into(), START), 1).unwrap();
    assert_eq!(office.store.commit(&joined).await.unwrap(), Committed::Written);
    assert_eq!(office.handle(&note_on(&customers[0].id)).await, Ok(Settled::Fresh));
    let [party] = &office.tryton.parties()[..] else { panic!("one record") };
    assert_eq!(party["name"], "second");
    assert_eq!(party["contact_mechanisms"].as_array().unwrap().len(), 2);
    assert_eq!(
        office.contents().links.values().filter(|link| link.home == customers[0].id).count(),
        2
    );
}

#[tokio::test]
async fn lead_makes_a_record_with_a_lead_on_the_customer() {
    let office = Office::with("lead").await;
    let anna = stranger(&office).await;
    assert_eq!(office.handle(&note_on(&anna.id)).await, Ok(Settled::Fresh));
    let [lead] = &office.tryton.leads()[..] else { panic!("one lead") };
    assert_eq!((&lead["reference"], &lead["party"]), (&json!(anna.id.as_str()), &json!(1)));
    assert_eq!(office.contents().customers[&anna.id].crm, Some(link("1")));
}

#[tokio::test]
async fn lead_makes_none_of_somebody_whom_the_crm_knows() {
    let office = Office::with("lead").await;
    let anna = stranger(&office).await;
    office.tryton.enter("Anna", &["anna@example.com"]);
    assert_eq!(office.handle(&note_on(&anna.id)).await, Ok(Settled::Fresh));
    assert!(office.tryton.leads().is_empty());
    assert_eq!(office.tryton.parties().len(), 1);
}

#[tokio::test]
async fn ask_holds_the_effect_and_leaves_one_question() {
    let office = Office::with("ask").await;
    let anna = stranger(&office).await;
    let failure = held(&office, &anna).await;
    assert_eq!(failure.reason.code, "crm_unknown_customer");
    assert_eq!(failure.disposition, QUIETLY, "the question itself tells");
    let asked = review(&office);
    assert_eq!(asked.inquiry, Inquiry::Admit { crm: "tryton".into() });
    assert_eq!(
        (&asked.customer, &asked.event),
        (&Some(anna.id.clone()), &Some(note_on(&anna.id).event))
    );
    held(&office, &anna).await;
    assert_eq!(review(&office), asked);
    assert!(office.tryton.parties().is_empty());
}

#[tokio::test]
async fn once_admitted_the_customer_gets_a_record() {
    let office = Office::with("ask").await;
    let anna = stranger(&office).await;
    held(&office, &anna).await;
    admit(&office, &anna).await;
    assert_eq!(office.handle(&note_on(&anna.id)).await, Ok(Settled::Fresh));
    assert_eq!(office.tryton.parties().len(), 1);
    assert_eq!(office.contents().customers[&anna.id].crm, Some(link("1")));
}

#[tokio::test]
async fn once_rejected_the_effect_is_parked() {
    let office = Office::with("ask").await;
    let anna = stranger(&office).await;
    held(&office, &anna).await;
    reject(&office, review(&office)).await;
    let failure = held(&office, &anna).await;
    assert_eq!(
        (&*failure.reason.code, failure.disposition),
        ("crm_unknown_customer", Disposition::Park)
    );
    assert!(office.tryton.parties().is_empty());
}

#[tokio::test]
async fn once_the_crm_knows_the_customer_nobody_has_to_answer() {
    for policy in ["ask", "anonymous"] {
        let office = Office::with(policy).await;
        let anna = stranger(&office).await;
        held(&office, &anna).await;
        office.tryton.enter("Anna", &["anna@example.com"]);
        assert_eq!(office.handle(&note_on(&anna.id)).await, Ok(Settled::Fresh), "{policy}");
        assert_eq!(office.contents().customers[&anna.id].crm, Some(link("1")));
        assert_eq!(office.tryton.parties().len(), 1);
    }
}

#[tokio::test]
async fn anonymous_holds_the_effect_and_asks_nobody() {
    let office = Office::with("anonymous").await;
    let anna = stranger(&office).await;
    let failure = held(&office, &anna).await;
    assert_eq!((&*failure.reason.code, failure.disposition), ("crm_unknown_customer", QUIETLY));
    assert!(office.contents().reviews.is_empty());
    assert!(office.tryton.parties().is_empty());
}

#[tokio::test]
async fn which_of_several_records_is_meant_is_asked_under_every_policy() {
    for policy in ["create", "lead", "ask", "anonymous"] {
        let office = Office::with(policy).await;
        let anna = stranger(&office).await;
        for name in ["Anna", "Annabel"] {
            office.tryton.enter(name, &["anna@example.com"]);
        }
        let failure = held(&office, &anna).await;
        assert_eq!(
            (&*failure.reason.code, failure.disposition),
            ("crm_ambiguous", QUIETLY),
            "{policy}"
        );
        let candidate = |id: &str, name: &str| Candidate { id: id.into(), name: Some(name.into()) };
        let candidates = vec![candidate("1", "Anna"), candidate("2", "Annabel")];
        let (crm, handle) = ("tryton".into(), address("anna").key());
        assert_eq!(review(&office).inquiry, Inquiry::WhichRecord { crm, handle, candidates });
        assert_eq!(office.contents().customers[&anna.id].crm, None);
        reject(&office, review(&office)).await;
        assert_eq!(held(&office, &anna).await.disposition, Disposition::Park);
    }
}
