//! The customer's link to the record that a CRM effect was written to.

use crate::hands::{Bench, CONFIG, NoTexts, note};
use domain::{
    Assurance, CrmLink, Customer, CustomerId, Disposition, Effect, Handle, HandleKey, HandleKind,
    Profile,
};
use outbound_delivery::Destinations;
use runtime::Settled;
use runtime::memory::{START, Secrets};
use serde_json::json;
use state::memory::Store;
use state::{Customers, EffectState, Identities, Linked, Owners, StoreError};
use std::cell::Cell;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

/// A store in which other writers come first this many times.
struct Contended {
    store: Store,
    races_lost: Cell<u32>,
}

impl Customers for Contended {
    async fn customer(&self, id: &CustomerId) -> Result<Option<Customer>, StoreError> {
        self.store.customer(id).await
    }
}

impl Identities for Contended {
    async fn owners(&self, keys: &[HandleKey]) -> Result<Owners, StoreError> {
        self.store.owners(keys).await
    }

    async fn create(&self, customer: &Customer) -> Result<Linked, StoreError> {
        self.store.create(customer).await
    }

    async fn link(
        &self,
        customer: &CustomerId,
        handles: &[HandleKey],
        crm: Option<&CrmLink>,
    ) -> Result<Linked, StoreError> {
        match self.races_lost.get().checked_sub(1) {
            Some(left) => {
                self.races_lost.set(left);
                Ok(Linked::Lost)
            }
            None => self.store.link(customer, handles, crm).await,
        }
    }
}

type Writing = Bench<Destinations<Contended, Secrets, NoTexts, NoTexts>>;

/// A customer with an address, whom Tryton knows as party 7; the note stands there already.
async fn known_to_tryton(races_lost: u32) -> (MockServer, Writing) {
    let server = MockServer::start().await;
    let mechanisms = json!([{ "type": "email", "value_compact": "anna@example.com" }]);
    let party = json!({ "id": 7, "name": "Anna", "code": "7", "contact_mechanisms": mechanisms });
    let message = format!("called about a cup\n\n[{}]", note().key);
    for (model, answer) in [
        ("party.party", json!([party])),
        ("party.party/7", json!({ "id": 7, "active": true, "replaced_by": null })),
        ("ir.note", json!([{ "id": 9, "message": message }])),
    ] {
        Mock::given(method("GET"))
            .and(path(format!("/lab/rest/model/{model}")))
            .respond_with(ResponseTemplate::new(200).set_body_json(answer))
            .mount(&server)
            .await;
    }
    let (store, secrets) = (Store::default(), Secrets::default());
    assert_eq!(store.create(&customer(&note().customer, &address())).await.unwrap(), Linked::Taken);
    secrets.put("omnicord/tryton", r#"{"key": "a-key"}"#);
    let seen = Contended { store: store.clone(), races_lost: Cell::new(races_lost) };
    let destinations = Destinations::new(seen, secrets, NoTexts, NoTexts).unwrap();
    let url = server.uri();
    let crm =
        format!("crm: {{ tryton: {{ url: \"{url}\", database: lab, secret: omnicord/tryton }} }}");
    (server, Bench::over(store, destinations, &format!("{CONFIG}{crm}")))
}

fn address() -> HandleKey {
    Handle::email("anna@example.com", Assurance::Attested).unwrap().key()
}

fn record() -> HandleKey {
    Handle::account(HandleKind::Crm, "tryton", "7", Assurance::Attested).unwrap().key()
}

fn customer(id: &CustomerId, handle: &HandleKey) -> Customer {
    Customer {
        id: id.clone(),
        created_at: START,
        handles: [handle.clone()].into(),
        crm: None,
        profile: Profile::default(),
        version: 0,
    }
}

#[tokio::test]
async fn the_record_that_was_found_becomes_the_customers() {
    for races_lost in [0, 1, 4] {
        let (_server, bench) = known_to_tryton(races_lost).await;
        assert_eq!(bench.handle(&note()).await, Ok(Settled::Fresh), "{races_lost} races lost");
        assert_eq!(bench.record(&note()).receipt.as_deref(), Some("9"));
        let contents = bench.store.contents();
        let link = CrmLink { crm: "tryton".into(), id: "7".into() };
        assert_eq!(contents.customers[&note().customer].crm, Some(link));
        assert_eq!(contents.identities[&record()], note().customer);
    }
}

#[tokio::test]
async fn a_record_that_another_customer_has_is_left_to_a_person() {
    let (_server, bench) = known_to_tryton(0).await;
    let other = customer(&CustomerId::new("crm:tryton:7"), &record());
    assert_eq!(bench.store.create(&other).await.unwrap(), Linked::Taken);
    let failure = bench.handle(&note()).await.unwrap_err();
    assert_eq!(failure.reason.code, "crm_record_taken");
    assert_eq!(failure.disposition, Disposition::Park);
    assert_eq!(bench.record(&note()).state, EffectState::Released);
    assert_eq!(bench.store.contents().customers[&note().customer].crm, None);
}

#[tokio::test]
async fn an_effect_on_nobody_is_parked() {
    let (_server, bench) = known_to_tryton(0).await;
    let lost = Effect { customer: CustomerId::new("nobody"), ..note() };
    assert_eq!(bench.handle(&lost).await.unwrap_err().reason.code, "customer_missing");
}
