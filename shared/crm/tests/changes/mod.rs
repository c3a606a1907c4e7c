//! What Tryton tells of purchases and customers that changed.

use crate::contract::{around_now, of_contact};
use crate::{customer, subject};
use crm::{Changes, Commerce, CrmError, Span};
use rules::RecordKind;
use serde_json::{Value, json};

#[tokio::test]
async fn a_shipment_is_told_with_its_order() {
    let (crm, staff) = subject();
    let (sample, id) = customer(&crm).await;
    staff.sell(&id, "WEB-9").await;
    let shipment = crm.shipments(&id).await.unwrap().remove(0);
    let told = of_contact(&crm, &id, RecordKind::Shipments, around_now()).await;
    assert_eq!(serde_json::to_value(&told[0]).unwrap()["state"], "waiting");

    staff.ship(&shipment.id, "00340434161094042557").await;
    let told = of_contact(&crm, &id, RecordKind::Shipments, around_now()).await;
    let shown: Value = serde_json::to_value(&told).unwrap();
    assert_eq!((told.len(), &shown[0]["record"]), (1, &"shipment".into()));
    assert_eq!(shown[0]["state"], "shipped");
    assert_eq!(shown[0]["tracking"], "00340434161094042557");
    assert_eq!(shown[0]["order"]["reference"], "WEB-9");
    assert_eq!(shown[0]["contact"]["emails"][0], sample.email().value);
}

#[tokio::test]
async fn orders_and_invoices_are_told() {
    let (crm, staff) = subject();
    let (_, id) = customer(&crm).await;
    let sale = staff.sell(&id, "WEB-10").await;
    let told = of_contact(&crm, &id, RecordKind::Orders, around_now()).await;
    let shown: Value = serde_json::to_value(&told[0]).unwrap();
    assert_eq!((&shown["record"], &shown["id"]), (&"order".into(), &sale.into()));
    assert_eq!((&shown["state"], &shown["reference"]), (&"processing".into(), &"WEB-10".into()));

    let shipment = crm.shipments(&id).await.unwrap().remove(0);
    staff.ship(&shipment.id, "1").await;
    let told = of_contact(&crm, &id, RecordKind::Invoices, around_now()).await;
    let shown: Value = serde_json::to_value(&told[0]).unwrap();
    assert_eq!((&shown["record"], &shown["state"]), (&"invoice".into(), &"draft".into()));
    assert_eq!(shown["total"]["amount"], "39.80");
}

#[tokio::test]
async fn a_merged_contact_says_which_record_stands_for_it() {
    let (crm, staff) = subject();
    let ((_, merged), (_, kept)) = (customer(&crm).await, customer(&crm).await);
    staff.merge(&merged, &kept).await;
    let told = of_contact(&crm, &merged, RecordKind::Contacts, around_now()).await;
    let shown: Value = serde_json::to_value(&told[0]).unwrap();
    assert_eq!((&shown["state"], &shown["merged_into"]), (&"merged".into(), &kept.as_str().into()));
}

#[tokio::test]
async fn a_contact_whose_handle_alone_was_written_to_changed_then() {
    let (crm, staff) = subject();
    let (_, id) = customer(&crm).await;
    let before = of_contact(&crm, &id, RecordKind::Contacts, around_now()).await;
    let party: u64 = id.as_str().parse().unwrap();
    let handle = staff.first("party.contact_mechanism", &json!([["party", "=", party]])).await;
    staff.write("party.contact_mechanism", &handle, &json!({ "comment": "at work" })).await;
    let since = Span { after: before[0].changed_at, ..around_now() };
    let told = of_contact(&crm, &id, RecordKind::Contacts, since).await;
    let [record] = &told[..] else { panic!("{told:?}") };
    assert!(record.changed_at > since.after, "{record:?}");
}

#[tokio::test]
async fn a_mark_that_is_none_of_ours_is_refused() {
    let (crm, _) = subject();
    let lost = crm.changes(RecordKind::Contacts, around_now(), Some("x"), 5).await.unwrap_err();
    assert!(matches!(lost, CrmError::Missing), "{lost:?}");
}
