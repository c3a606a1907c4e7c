//! The step with a CRM that has its own opinion of who is known.

use crate::hands::{Bench, CONFIG, NoTexts};
use crate::tryton::Tryton;
use domain::{Assurance, CrmLink, Customer, Effect, Handle, HandleKind};
use outbound_delivery::Destinations;
use runtime::memory::{Secrets, customer, enter};
use runtime::{Settled, StepFailure};
use state::memory::{Contents, Store};
use state::{Committed, Customers, Hints, Identities, Journal, Replicas};
use wiremock::MockServer;

/// The step's surroundings; `S` is the store that the destinations see.
pub(crate) struct Office<S = Store> {
    pub(crate) bench: Bench<Destinations<S, Secrets, NoTexts, NoTexts>>,
    pub(crate) tryton: Tryton,
    pub(crate) store: Store,
    _server: MockServer,
}

impl Office {
    /// Where `unknown_customer` is configured so.
    pub(crate) async fn with(unknown_customer: &str) -> Self {
        Self::over(Clone::clone, unknown_customer).await
    }

    /// With these sections in the configuration.
    pub(crate) async fn syncing(sections: &str) -> Self {
        Self::configured(Clone::clone, "create", sections).await
    }
}

impl<S: Customers + Identities + Journal + Hints + Replicas> Office<S> {
    /// Over what is made of the store.
    pub(crate) async fn over(seen: impl FnOnce(&Store) -> S, unknown_customer: &str) -> Self {
        Self::configured(seen, unknown_customer, "").await
    }

    async fn configured(
        seen: impl FnOnce(&Store) -> S,
        unknown_customer: &str,
        sections: &str,
    ) -> Self {
        let (server, tryton) = Tryton::start().await;
        let (store, secrets) = (Store::default(), Secrets::default());
        secrets.put("omnicord/tryton", r#"{"key": "a-key"}"#);
        let destinations = Destinations::new(seen(&store), secrets, NoTexts, NoTexts).unwrap();
        let crm = format!(
            "crm: {{ tryton: {{ url: \"{}\", database: lab, secret: omnicord/tryton, \
             unknown_customer: {unknown_customer} }} }}",
            server.uri()
        );
        let bench = Bench::over(store.clone(), destinations, &format!("{CONFIG}{crm}{sections}"));
        Self { bench, tryton, store, _server: server }
    }

    /// Makes a customer known by these handles.
    pub(crate) async fn knows(&self, handles: &[Handle]) -> Customer {
        let customer = customer(handles);
        assert_eq!(enter(&self.store, customer.clone()).await.unwrap(), Committed::Written);
        customer
    }

    pub(crate) async fn handle(&self, effect: &Effect) -> Result<Settled, StepFailure> {
        self.bench.handle(effect).await
    }

    pub(crate) fn contents(&self) -> Contents {
        self.store.contents()
    }
}

pub(crate) fn address(name: &str) -> Handle {
    Handle::email(&format!("{name}@example.com"), Assurance::Attested).unwrap()
}

/// The handle of a record.
pub(crate) fn record(id: &str) -> Handle {
    Handle::account(HandleKind::Crm, "tryton", id, Assurance::Attested).unwrap()
}

/// A record.
pub(crate) fn link(id: &str) -> CrmLink {
    CrmLink { crm: "tryton".into(), id: id.into() }
}
