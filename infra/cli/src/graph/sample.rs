//! A small graph for tests.

use crate::customer::Histories;
use domain::{
    About, Assurance, Attempt, CrmLink, Customer, CustomerId, Disposition, EventId, Failure,
    FailureId, FailureRecord, FailureState, HandleKey, HandleKind, Held, Payload, Reason, Step,
};
use identity::{Change, CustomerWrite, Link, LinkWrite};
use jiff::Timestamp;
use rules::RuleSet;
use state::memory::Store;
use state::{Committed, ConfigVersion, Failures, Identities, StoreError};

/// What every configuration needs.
pub(crate) const CONFIG: &str = r#"
company: { name: Lab Commerce, region: DE, time_zone: Europe/Berlin, public_url: "https://hooks.example.com" }
"#;

impl Histories for Store {
    async fn entry_count(&self, profile: &CustomerId) -> Result<usize, StoreError> {
        let of_profile = |(id, _): &&(CustomerId, String)| id == profile;
        Ok(self.contents().timeline.keys().filter(of_profile).count())
    }
}

/// The rules of the configuration in force, version 7.
pub(crate) fn rules() -> RuleSet {
    RuleSet::load(CONFIG, 7).unwrap()
}

/// A store where those rules are in force.
pub(crate) fn store() -> Store {
    let store = Store::default();
    store.apply_config(ConfigVersion {
        version: 7,
        text: CONFIG.to_owned(),
        applied_at: at(0),
        applied_by: "anna".into(),
    });
    store
}

/// So many seconds after 2026-01-02T03:04:05Z.
pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_767_323_045 + second).unwrap()
}

/// A profile that has been known since then, by handles that channels proved.
pub(crate) async fn profile(store: &Store, handles: &[&str], since: i64) -> CustomerId {
    let keys: Vec<_> = handles.iter().map(|key| HandleKey::from_stored(*key)).collect();
    let id = CustomerId::new(keys[0].as_str());
    let mut customer = Customer::new(id.clone(), at(since));
    let record = keys.iter().find(|key| key.kind() == Some(HandleKind::Crm));
    customer.crm = record.map(|key| CrmLink { crm: key.scope().into(), id: key.value().into() });
    let held = Held::new(at(since), Assurance::Attested);
    customer.handles = keys.iter().map(|key| (key.clone(), held)).collect();
    let link = Link {
        customer: id.clone(),
        home: id.clone(),
        assurance: held.assurance,
        since: held.since,
        version: 0,
        shared: false,
        contested: [].into(),
    };
    let write = |key| LinkWrite { key, read: None, after: Some(link.clone()) };
    let change = Change {
        customers: vec![CustomerWrite::Create(Box::new(customer))],
        links: keys.into_iter().map(write).collect(),
        ..Change::default()
    };
    assert_eq!(store.commit(&change).await.unwrap(), Committed::Written);
    id
}

/// A message that waits, or was given up, for this reason.
pub(crate) async fn failure(
    store: &Store,
    name: &str,
    customer: Option<&CustomerId>,
    code: &str,
    state: FailureState,
    body: String,
) -> FailureId {
    let record = FailureRecord {
        id: FailureId::new("step", name),
        step: if customer.is_some() { Step::OutboundDelivery } else { Step::IdentityMatch },
        about: About {
            event: Some(EventId::new("shop", name)),
            customer: customer.cloned(),
            ..About::default()
        },
        disposition: Disposition::Hold { tell: false },
        attempts: vec![Attempt {
            at: at(0),
            class: domain::Class::Data,
            reason: Reason { code: code.into(), detail: "it waits".into() },
            receives: 1,
            held: true,
        }],
        state,
        asked_at: None,
        because: None,
        release: domain::Release::default(),
    };
    let payload = Payload::Message { body, group: "g".into() };
    let failure = Failure { record, payload };
    store.put_failure(&failure).await.unwrap();
    failure.record.id
}
