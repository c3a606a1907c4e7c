//! What an update writes, and what it leaves.

use super::{anna, connector, html, party};
use crm::{ContactId, ContactUpdate, Contacts, CrmError};
use domain::{Assurance, Handle};
use serde_json::json;
use wiremock::matchers::{any, body_json, method};
use wiremock::{Mock, MockServer, ResponseTemplate};

fn json_of(body: &serde_json::Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

#[tokio::test]
async fn what_is_lacking_is_searched_for_then_written_once() {
    let server = MockServer::start().await;
    let anna_record = party(4, "anna@acme.test");
    for answer in [json!([anna_record]), json!([])] {
        Mock::given(method("GET"))
            .respond_with(json_of(&answer))
            .up_to_n_times(if answer == json!([]) { 2 } else { 1 })
            .mount(&server)
            .await;
    }
    let created = json!([["create", [{ "type": "email", "value": "work@acme.test" }]]]);
    Mock::given(method("PUT"))
        .and(body_json(json!({ "contact_mechanisms": created })))
        .respond_with(json_of(&anna_record))
        .expect(1)
        .mount(&server)
        .await;
    let work = Handle::email("work@acme.test", Assurance::Claimed).unwrap();
    let [known] = anna();
    let add = vec![work.clone(), known, work];
    let crm = connector(&server.uri(), crm::http().unwrap());
    crm.update(&ContactId::new("4"), &ContactUpdate { name: None, add }).await.unwrap();
}

#[tokio::test]
async fn nothing_is_written_while_the_search_for_another_holder_fails() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .respond_with(json_of(&json!([party(4, "anna@acme.test")])))
        .up_to_n_times(1)
        .mount(&server)
        .await;
    Mock::given(method("PUT")).respond_with(html(500)).expect(0).mount(&server).await;
    Mock::given(any()).respond_with(html(503)).mount(&server).await;
    let work = Handle::email("work@acme.test", Assurance::Claimed).unwrap();
    let crm = connector(&server.uri(), crm::http().unwrap());
    let update = ContactUpdate { name: None, add: vec![work] };
    let error = crm.update(&ContactId::new("4"), &update).await.unwrap_err();
    assert!(matches!(error, CrmError::Busy { .. }), "{error:?}");
}
