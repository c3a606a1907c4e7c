//! Faults of changes to fields.

use super::{KEY, connector};
use crm::{Batch, ContactId, CrmError, FieldChange, Fields};
use serde_json::{Value, json};
use wiremock::matchers::{method, path_regex};
use wiremock::{Mock, MockServer, ResponseTemplate};

/// A Tryton where every party is in use, `import_data` answers so, and `fields_get` knows `name`.
async fn importing(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    let party = |id: u64| {
        json!({ "id": id, "name": "Anna", "code": "4", "contact_mechanisms": [], "active": 1,
                "replaced_by": null })
    };
    let found = ResponseTemplate::new(200).set_body_json([party(4)]);
    Mock::given(method("GET")).respond_with(found).mount(&server).await;
    let known = ResponseTemplate::new(200).set_body_json(json!({ "name": { "type": "char" } }));
    Mock::given(path_regex("fields_get$")).respond_with(known).mount(&server).await;
    Mock::given(path_regex("import_data$")).respond_with(answer).mount(&server).await;
    server
}

async fn set(answer: ResponseTemplate, field: &str) -> CrmError {
    let server = importing(answer).await;
    let crm = connector(&server.uri(), crm::http().unwrap());
    let values = [(field.to_owned(), json!("Bonn"))].into();
    let error = crm.set_fields(&ContactId::new("4"), &values).await.unwrap_err();
    let printed = format!("{error} {error:?}");
    assert!(!printed.contains(KEY) && !printed.contains("Bonn"), "{printed}");
    error
}

#[tokio::test]
async fn a_fault_of_tryton_s_own_is_told_from_an_unknown_field() {
    let error = set(ResponseTemplate::new(500), "name").await;
    assert!(matches!(error, CrmError::Broken { status: 500 }), "{error:?}");
    let error = set(ResponseTemplate::new(500), "nmae").await;
    assert!(matches!(error, CrmError::UnknownField), "{error:?}");
}

#[tokio::test]
async fn what_may_not_be_written_to_is_refused_and_keeps_nobody_else_waiting() {
    // The search before has shown that the key is good.
    let error = set(ResponseTemplate::new(403), "name").await;
    assert!(matches!(error, CrmError::Refused { status: 403 }), "{error:?}");
    let busy = ResponseTemplate::new(503).insert_header("retry-after", "30");
    assert!(matches!(set(busy, "name").await, CrmError::Busy { status: 503, .. }));
}

#[tokio::test]
async fn a_batch_that_finds_a_stranger_is_not_sent() {
    let server = importing(ResponseTemplate::new(200).set_body_json(1)).await;
    let crm = connector(&server.uri(), crm::http().unwrap());
    let values = || [("name".to_owned(), Value::from("Bonn"))].into();
    let change = |contact: &str| FieldChange { contact: ContactId::new(contact), values: values() };
    let error = crm.set_all(&[change("5"), change("6")]).await.unwrap_err();
    assert!(matches!(error, CrmError::Unfiltered { .. }), "{error:?}");
    let received = server.received_requests().await.unwrap();
    assert!(received.iter().all(|request| request.method == "GET"));
}

#[tokio::test]
async fn many_records_cost_two_requests_and_none_costs_none() {
    let server = importing(ResponseTemplate::new(200).set_body_json(1)).await;
    let crm = connector(&server.uri(), crm::http().unwrap());
    crm.set_all(&[]).await.unwrap();
    assert_eq!(server.received_requests().await.unwrap().len(), 0);
    let values = [("name".to_owned(), json!(["a,b", true, 7.5]))].into();
    crm.set_all(&[FieldChange { contact: ContactId::new("4"), values }]).await.unwrap();
    let received = server.received_requests().await.unwrap();
    assert_eq!(received.len(), 2);
    let sheet: Value = serde_json::from_slice(&received[1].body).unwrap();
    let row = json!(["4", "a\\,b,true,7.5"]);
    assert_eq!(sheet, json!({ "fields_names": ["id", "name"], "data": [row] }));
}
