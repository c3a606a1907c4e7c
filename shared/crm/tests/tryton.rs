//! The connector for Tryton against a real Tryton.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

mod contract;
mod staff;

use channels::Secret;
use contract::{Sample, contract};
use crm::{
    Commerce, Connector, ContactId, Contacts, CrmError, Found, InvoiceState, Notes, OrderState,
    Progress, ShipmentState, Tags, Ticket, Tickets,
};
use domain::{Assurance, Disposition, Fault, Handle, HandleKind};
use rules::config::Crm;
use serde_json::json;
use staff::{EMPLOYEE, Staff, setting};

fn connector(change: &serde_json::Value) -> Connector {
    let mut settings = json!({
        "secret": "tryton",
        "url": setting("OMNICORD_TEST_TRYTON_URL"),
        "database": "tryton",
    });
    let mut secret = json!({ "key": setting("OMNICORD_TEST_TRYTON_KEY") });
    for (name, value) in change.as_object().unwrap() {
        let document = if name == "key" { &mut secret } else { &mut settings };
        document[name] = value.clone();
    }
    let settings: Crm = serde_json::from_value(json!({ "tryton": settings })).unwrap();
    let secret = Secret::from_json(&secret.to_string()).unwrap();
    Connector::new(&settings, &secret, crm::http().unwrap()).unwrap()
}

fn subject() -> (Connector, Staff) {
    (connector(&json!({})), Staff::new())
}

contract!(subject);

async fn customer(crm: &Connector) -> (Sample, ContactId) {
    let sample = Sample::new();
    let id = crm.create(&sample.contact()).await.unwrap();
    (sample, id)
}

fn account(scope: &str, kind: HandleKind, value: &str) -> Handle {
    Handle::account(kind, scope, value, Assurance::Claimed).unwrap()
}

#[tokio::test]
async fn a_party_is_found_by_its_code() {
    let (crm, staff) = subject();
    let code = format!("K_{}", Sample::new().name());
    let id = staff.create("party.party", &json!({ "name": "By code", "code": code })).await;
    let found = crm.find(&[account("tryton-code", HandleKind::Account, &code)]).await.unwrap();
    assert!(matches!(found, Found::One(contact) if contact.id.as_str() == id));
}

#[tokio::test]
async fn an_address_is_found_in_the_case_in_which_an_agent_typed_it() {
    let (crm, staff) = subject();
    let sample = Sample::new();
    let typed = sample.email().value.to_uppercase();
    let mechanisms = json!([["create", [{ "type": "email", "value": typed }]]]);
    let id = staff.create("party.party", &json!({ "contact_mechanisms": mechanisms })).await;
    let found = crm.find(&[sample.email()]).await.unwrap();
    assert!(matches!(found, Found::One(contact) if contact.id.as_str() == id));
}

#[tokio::test]
async fn what_is_out_of_use_is_not_found() {
    let (crm, staff) = subject();
    let (sample, id) = customer(&crm).await;
    let mechanism = staff
        .first(
            "party.contact_mechanism",
            &json!([["party", "=", id.as_str().parse::<u64>().unwrap()], ["type", "=", "email"],]),
        )
        .await;
    staff.write("party.contact_mechanism", &mechanism, &json!({ "active": false })).await;
    assert_eq!(crm.find(&[sample.email()]).await.unwrap(), Found::Nobody);

    staff.write("party.party", id.as_str(), &json!({ "active": false })).await;
    let record = account("tryton", HandleKind::Crm, id.as_str());
    assert_eq!(crm.find(&[sample.openid(), record]).await.unwrap(), Found::Nobody);
    let error = crm.note(&id, &sample.key("a"), "text").await.unwrap_err();
    assert!(matches!(error, CrmError::Deactivated { .. }), "{error:?}");
}

#[tokio::test]
async fn a_merged_party_is_followed() {
    let (crm, staff) = subject();
    let ((sample, merged), (_, kept)) = (customer(&crm).await, customer(&crm).await);
    let old = match crm.find(&[sample.email()]).await.unwrap() {
        Found::One(contact) => contact,
        other @ (Found::Nobody | Found::Several(_)) => panic!("{other:?}"),
    };
    staff.merge(&merged, &kept).await;

    // Tryton leaves the handles behind, deactivated: the customer must not become a stranger.
    for handle in old.handles {
        let found = crm.find(std::slice::from_ref(&handle)).await.unwrap();
        assert!(matches!(found, Found::One(contact) if contact.id == kept), "{handle:?}");
    }
    assert_eq!(crm.create(&sample.contact()).await.unwrap(), kept);
    crm.note(&merged, &sample.key("a"), "text").await.unwrap();
    assert_eq!(contract::Witness::notes(&staff, &kept).await.len(), 1);
}

#[tokio::test]
async fn a_tag_out_of_use_is_not_put_on() {
    let (crm, staff) = subject();
    let (sample, id) = customer(&crm).await;
    let category = staff.create("party.category", &json!({ "name": sample.tag() })).await;
    staff.write("party.category", &category, &json!({ "active": false })).await;
    let error = crm.tag(&id, &[sample.tag()], &[]).await.unwrap_err();
    assert!(matches!(error, CrmError::Deactivated { .. }), "{error:?}");
    assert_eq!(error.disposition(), Disposition::Park);
}

#[tokio::test]
async fn the_owner_stays_through_the_workflow() {
    let (crm, staff) = subject();
    let (sample, id) = customer(&crm).await;
    let crm = connector(&json!({ "ticket_owner": EMPLOYEE, "ticket_type": "Service request" }));
    let ticket = Ticket { title: "Late".into(), text: "Where is it?".into(), owner: None };
    let complaint = crm.ticket(&id, &sample.key("a"), &ticket).await.unwrap();
    for step in ["wait", "approve"] {
        staff.press("sale.complaint", complaint.as_str(), step).await;
        let tickets = contract::Witness::tickets(&staff, &id).await;
        assert_eq!(tickets[0].1.as_deref(), Some(EMPLOYEE), "{step}");
    }
    let crm = connector(&json!({ "ticket_type": "No such type" }));
    let error = crm.ticket(&id, &sample.key("b"), &ticket).await.unwrap_err();
    assert!(matches!(error, CrmError::UnknownTicketType), "{error:?}");
}

#[tokio::test]
async fn purchases_are_read() {
    let (crm, staff) = subject();
    let (_, id) = customer(&crm).await;
    assert!(crm.orders(&id).await.unwrap().is_empty());
    let sale = staff.sell(&id, "WEB-7").await;

    let order = &crm.orders(&id).await.unwrap()[0];
    assert_eq!(order.id, sale);
    assert_eq!((order.state, order.shipped), (OrderState::Processing, Progress::Waiting));
    assert_eq!(order.reference.as_deref(), Some("WEB-7"));
    assert_eq!((order.total.amount.as_str(), order.total.currency.as_str()), ("39.80", "USD"));
    let shipment = &crm.shipments(&id).await.unwrap()[0];
    assert_eq!((shipment.state, shipment.shipped_on), (ShipmentState::Waiting, None));

    staff.ship(&shipment.id, "00340434161094042557").await;
    let order = &crm.orders(&id).await.unwrap()[0];
    assert_eq!((order.shipped, order.invoiced), (Progress::Complete, Progress::Waiting));
    let shipment = &crm.shipments(&id).await.unwrap()[0];
    assert_eq!(shipment.state, ShipmentState::Shipped);
    assert_eq!(shipment.tracking.as_deref(), Some("00340434161094042557"));
    assert_eq!(shipment.shipped_on, order.ordered_on);
    let invoices = crm.invoices(&id).await.unwrap();
    assert_eq!(invoices.len(), 1);
    assert_eq!(
        (invoices[0].state, invoices[0].total.amount.as_str()),
        (InvoiceState::Draft, "39.80")
    );

    let newest = staff.sell(&id, "WEB-8").await;
    let ids: Vec<_> = crm.orders(&id).await.unwrap().into_iter().map(|order| order.id).collect();
    assert_eq!(ids, [newest, sale]);

    let (_, other) = customer(&crm).await;
    assert!(crm.orders(&other).await.unwrap().is_empty());
    assert!(crm.invoices(&other).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_number_that_no_network_assigns_is_kept() {
    let (crm, _) = subject();
    let unassigned = Handle::phone("+49 151 1234", "", Assurance::Attested).unwrap();
    let new = crm::NewContact { name: None, handles: vec![unassigned.clone()] };
    let id = crm.create(&new).await.unwrap();
    let found = crm.find(&[unassigned]).await.unwrap();
    assert!(matches!(found, Found::One(contact) if contact.id == id));
}

#[tokio::test]
async fn settings_that_lead_nowhere_wait_for_a_person() {
    let wait = |error: CrmError| match error.disposition() {
        Disposition::Retry { after } => after.map(|after| after.as_secs()),
        Disposition::Park => None,
    };
    let handles = [Sample::new().email()];
    let wrong_key = connector(&json!({ "key": "wrong" })).find(&handles).await.unwrap_err();
    assert!(matches!(wrong_key, CrmError::Unauthorised { status: 401 }), "{wrong_key:?}");
    assert_eq!(wait(wrong_key), Some(300));
    let wrong_base = connector(&json!({ "database": "none" })).find(&handles).await.unwrap_err();
    assert!(matches!(wrong_base, CrmError::Misconfigured(_)), "{wrong_base:?}");
    assert_eq!(wait(wrong_base), Some(300));
}

#[tokio::test]
async fn what_the_user_may_not_do_is_parked() {
    let crm = connector(&json!({ "company": 999 }));
    let (sample, id) = customer(&connector(&json!({}))).await;
    let ticket = Ticket { title: "Late".into(), text: String::new(), owner: None };
    let error = crm.ticket(&id, &sample.key("a"), &ticket).await.unwrap_err();
    assert!(matches!(error, CrmError::Refused { status: 400 }), "{error:?}");
    assert_eq!(error.disposition(), Disposition::Park);
}
