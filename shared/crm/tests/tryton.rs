//! The connector for Tryton against a real Tryton.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

mod changes;
mod contract;
mod staff;

use channels::Secret;
use contract::{Sample, contract};
use crm::{
    Batch, Commerce, Connector, ContactId, ContactUpdate, Contacts, CrmError, FieldChange, Fields,
    Found, InvoiceState, Located, Notes, OrderState, Progress, ShipmentState, Stage, Tags, Ticket,
    Tickets,
};
use domain::{Assurance, Disposition, Fault, Handle, HandleKind};
use jiff::SignedDuration;
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
    let Located::MovedTo(successor) = crm.locate(&merged).await.unwrap() else {
        panic!("not moved")
    };
    assert_eq!(successor.id, kept);

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
async fn a_party_merged_twice_is_located() {
    let (crm, staff) = subject();
    let ((_, first), (_, second)) = (customer(&crm).await, customer(&crm).await);
    let (sample, last) = customer(&crm).await;
    staff.merge(&first, &second).await;
    staff.merge(&second, &last).await;
    let Found::One(contact) = crm.find(&[sample.email()]).await.unwrap() else { panic!("lost") };
    for merged in [first, second] {
        assert_eq!(crm.locate(&merged).await.unwrap(), Located::MovedTo(contact.clone()));
    }
    assert_eq!(crm.locate(&last).await.unwrap(), Located::Here(contact));
    staff.write("party.party", last.as_str(), &json!({ "active": false })).await;
    assert_eq!(crm.locate(&last).await.unwrap(), Located::Gone);
}

#[tokio::test]
async fn a_deleted_party_is_gone() {
    let (crm, staff) = subject();
    let id = ContactId::new(staff.create("party.party", &json!({ "name": "Deleted" })).await);
    assert!(matches!(crm.locate(&id).await.unwrap(), Located::Here(_)));
    staff.delete("party.party", id.as_str()).await;
    assert_eq!(crm.locate(&id).await.unwrap(), Located::Gone);
}

#[tokio::test]
async fn a_handle_left_behind_by_a_merge_is_not_given_to_another() {
    let (crm, staff) = subject();
    let ((sample, merged), (_, kept), (_, other)) =
        (customer(&crm).await, customer(&crm).await, customer(&crm).await);
    staff.merge(&merged, &kept).await;
    let update = ContactUpdate { name: None, add: vec![sample.email()] };
    let refused = crm.update(&other, &update).await.unwrap_err();
    assert!(matches!(refused, CrmError::Ambiguous), "{refused:?}");
    let held = crm.update(&kept, &update).await.unwrap();
    assert!(held.handles.iter().any(|handle| handle.key() == sample.email().key()), "{held:?}");
    assert_eq!(crm.locate(&kept).await.unwrap(), Located::Here(held));
}

/// What a try leaves that ends between its writes.
async fn half_made_lead(staff: &Staff, sample: &Sample) -> String {
    let values = json!({ "reference": sample.customer().as_str(), "description": sample.name() });
    staff.create("sale.opportunity", &values).await
}

async fn leads_of(staff: &Staff, sample: &Sample) -> Vec<serde_json::Value> {
    let domain = json!([["reference", "=", sample.customer().as_str()]]);
    staff.search("sale.opportunity", &domain, &["party"]).await
}

#[tokio::test]
async fn a_lead_that_never_got_its_party_is_completed() {
    let (crm, staff) = subject();
    let sample = Sample::new();
    half_made_lead(&staff, &sample).await;
    let id = crm.create(&sample.lead()).await.unwrap();
    let leads = leads_of(&staff, &sample).await;
    assert_eq!(leads.len(), 1, "{leads:?}");
    assert_eq!(leads[0]["party"].to_string(), id.as_str());
}

#[tokio::test]
async fn a_lead_that_does_not_name_its_party_yet_is_completed() {
    let (crm, staff) = subject();
    let (sample, id) = customer(&crm).await;
    half_made_lead(&staff, &sample).await;
    assert_eq!(crm.create(&sample.lead()).await.unwrap(), id);
    let leads = leads_of(&staff, &sample).await;
    assert_eq!(leads.len(), 1, "{leads:?}");
    assert_eq!(leads[0]["party"].to_string(), id.as_str());
}

#[tokio::test]
async fn a_lead_moves_with_its_merged_party() {
    let (crm, staff) = subject();
    let sample = Sample::new();
    let (merged, (_, kept)) = (crm.create(&sample.lead()).await.unwrap(), customer(&crm).await);
    staff.merge(&merged, &kept).await;
    assert_eq!(crm.create(&sample.lead()).await.unwrap(), kept);
    assert_eq!(contract::Witness::leads(&staff, &kept).await, [sample.name()]);
}

#[tokio::test]
async fn what_an_agent_makes_of_a_lead_stays() {
    let (crm, staff) = subject();
    let (sample, (_, other)) = (Sample::new(), customer(&crm).await);
    let id = crm.create(&sample.lead()).await.unwrap();
    let lead = leads_of(&staff, &sample).await[0]["id"].to_string();
    let party = json!({ "party": other.as_str().parse::<u64>().unwrap() });
    staff.write("sale.opportunity", &lead, &party).await;
    staff.press("sale.opportunity", &lead, "lost").await;

    assert_eq!(crm.create(&sample.lead()).await.unwrap(), id);
    let leads = leads_of(&staff, &sample).await;
    assert_eq!(leads.len(), 1, "{leads:?}");
    assert_eq!(leads[0]["party"].to_string(), other.as_str());
    assert!(contract::Witness::leads(&staff, &other).await.is_empty());
}

#[tokio::test]
async fn a_user_who_may_open_no_lead_makes_no_party_either() {
    let (_, staff) = subject();
    let sample = Sample::new();
    let key = sample.name();
    let user = json!({ "name": key, "login": key, "companies": [["add", [1]]], "company": 1 });
    let user: u64 = staff.create("res.user", &user).await.parse().unwrap();
    let application = json!({ "user": user, "key": key, "application": "rest" });
    staff.create("res.user.application", &application).await;

    let crm = connector(&json!({ "key": key }));
    let error = crm.create(&sample.lead()).await.unwrap_err();
    assert!(matches!(error, CrmError::Forbidden { record: "sale.opportunity" }), "{error:?}");
    assert_eq!(crm.find(&sample.lead().handles).await.unwrap(), Found::Nobody);
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
async fn a_cell_is_read_by_the_type_of_its_field() {
    let (crm, staff) = subject();
    let (_, id) = customer(&crm).await;
    let values = [
        ("lang", json!("German")),
        ("sale_shipment_method", json!("manual")),
        ("categories", json!(["VIP"])),
    ];
    let values = values.map(|(field, value)| (field.to_owned(), value)).into();
    crm.set_fields(&id, &values).await.unwrap();
    let domain = json!([["id", "=", id.as_str().parse::<u64>().unwrap()]]);
    let fields = ["lang.code", "sale_shipment_method", "categories.name"];
    let party = &staff.search("party.party", &domain, &fields).await[0];
    assert_eq!(party["lang"]["code"], "de");
    assert_eq!(party["sale_shipment_method"], "manual");
    assert_eq!(party["categories"][0]["name"], "VIP");
}

#[tokio::test]
async fn a_field_that_nobody_may_write_to_is_refused() {
    let (crm, _) = subject();
    let (_, id) = customer(&crm).await;
    for (field, value) in [("code_digit", "7"), ("sale_shipment_method", "by pigeon")] {
        let values = [(field.to_owned(), json!(value))].into();
        let error = crm.set_fields(&id, &values).await.unwrap_err();
        assert!(matches!(error, CrmError::Refused { .. }), "{field}: {error:?}");
    }
}

#[tokio::test]
async fn fields_follow_a_merged_party() {
    let (crm, staff) = subject();
    let ((_, merged), (_, kept), (_, other)) =
        (customer(&crm).await, customer(&crm).await, customer(&crm).await);
    staff.merge(&merged, &kept).await;
    let change = |contact: &ContactId, name: &str| FieldChange {
        contact: contact.clone(),
        values: [("name".to_owned(), json!(name))].into(),
    };
    crm.set_all(&[change(&merged, "Kept"), change(&other, "Other")]).await.unwrap();
    assert_eq!(contract::Witness::text(&staff, &kept).await, "Kept");
    assert_eq!(contract::Witness::text(&staff, &other).await, "Other");
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
    let new =
        crm::NewContact { name: None, handles: vec![unassigned.clone()], stage: Stage::Contact };
    let id = crm.create(&new).await.unwrap();
    let found = crm.find(&[unassigned]).await.unwrap();
    assert!(matches!(found, Found::One(contact) if contact.id == id));
}

#[tokio::test]
async fn settings_that_lead_nowhere_wait_for_a_person() {
    let wait = Disposition::Retry { after: Some(SignedDuration::from_mins(5)) };
    let handles = [Sample::new().email()];
    let wrong_key = connector(&json!({ "key": "wrong" })).find(&handles).await.unwrap_err();
    assert!(matches!(wrong_key, CrmError::Unauthorised { status: 401 }), "{wrong_key:?}");
    assert_eq!(wrong_key.disposition(), wait);
    let wrong_base = connector(&json!({ "database": "none" })).find(&handles).await.unwrap_err();
    assert!(matches!(wrong_base, CrmError::Misconfigured(_)), "{wrong_base:?}");
    assert_eq!(wrong_base.disposition(), wait);
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
