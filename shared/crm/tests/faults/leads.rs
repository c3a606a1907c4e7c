//! What becomes of a lead that cannot be opened.

use super::{RETRY, anna, connector, html, party, retry_after};
use crm::{Contacts, CrmError, NewContact, Stage};
use domain::{CustomerId, Disposition, Fault};
use serde_json::{Value, json};
use std::time::Duration;
use wiremock::matchers::{any, body_json, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

const PARTIES: &str = "/tryton/rest/model/party.party";
const MECHANISMS: &str = "/tryton/rest/model/party.contact_mechanism";
const OPPORTUNITIES: &str = "/tryton/rest/model/sale.opportunity";
const MODELS: &str = "/tryton/rest/model/ir.model";

fn stranger() -> NewContact {
    let handles = anna().to_vec();
    NewContact { name: None, handles, stage: Stage::Lead(CustomerId::new("anna")) }
}

fn json_of(body: &Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

/// What Tryton answers about leads, where it lists these models of that name.
async fn refused(opportunities: ResponseTemplate, models: &Value) -> CrmError {
    let server = MockServer::start().await;
    Mock::given(path(OPPORTUNITIES)).respond_with(opportunities).mount(&server).await;
    Mock::given(path(MODELS)).respond_with(json_of(models)).mount(&server).await;
    Mock::given(method("POST")).respond_with(html(500)).expect(0).mount(&server).await;
    Mock::given(any()).respond_with(json_of(&json!([]))).mount(&server).await;
    connector(&server.uri(), crm::http().unwrap()).create(&stranger()).await.unwrap_err()
}

#[tokio::test]
async fn a_crm_without_leads_says_which_module_to_activate() {
    let error = refused(html(500), &json!([])).await;
    assert!(matches!(error, CrmError::ModuleMissing { module: "sale_opportunity" }), "{error:?}");
    assert_eq!(error.disposition(), retry_after(300));
    let reason = error.reason();
    assert_eq!(reason.code, "crm_module_missing");
    assert!(reason.detail.contains("sale_opportunity"), "{reason:?}");
    assert!(reason.detail.contains("activate"), "{reason:?}");
}

#[tokio::test]
async fn a_crm_that_fails_has_not_lost_its_module() {
    let error = refused(html(500), &json!([{ "id": 342, "name": "sale.opportunity" }])).await;
    assert!(matches!(error, CrmError::Broken { status: 500 }), "{error:?}");
    assert_eq!(error.disposition(), RETRY);
}

#[tokio::test]
async fn another_customer_s_lead_is_not_taken() {
    let other = json!([{ "id": 9, "reference": "cus_other", "party": null }]);
    let error = refused(json_of(&other), &json!([])).await;
    assert!(matches!(error, CrmError::Unfiltered { record: "sale.opportunity" }), "{error:?}");
}

#[tokio::test]
async fn a_lead_whose_party_was_not_confirmed_is_completed_by_the_next_try() {
    let server = MockServer::start().await;
    let customer = CustomerId::new("anna");
    let lead = json!({ "id": 9, "reference": customer.as_str(), "party": null });
    let anna = party(4, "anna@acme.test");
    // The first try finds nothing, the second what the first has made.
    for (model, made) in [(OPPORTUNITIES, &lead), (PARTIES, &anna)] {
        let searches = if model == PARTIES { 2 } else { 1 };
        Mock::given(method("GET"))
            .and(path(model))
            .respond_with(json_of(&json!([])))
            .up_to_n_times(searches)
            .mount(&server)
            .await;
        Mock::given(method("GET"))
            .and(path(model))
            .respond_with(json_of(&json!([made])))
            .mount(&server)
            .await;
    }
    let nothing = json_of(&json!([]));
    Mock::given(path(MECHANISMS)).respond_with(nothing).mount(&server).await;
    let (opened, made) = (json_of(&lead), json_of(&anna).set_delay(Duration::from_secs(20)));
    for (model, answer) in [(OPPORTUNITIES, opened), (PARTIES, made)] {
        Mock::given(method("POST"))
            .and(path(model))
            .respond_with(answer)
            .expect(1)
            .mount(&server)
            .await;
    }
    Mock::given(method("PUT"))
        .and(path(format!("{OPPORTUNITIES}/9")))
        .and(body_json(json!({ "party": 4 })))
        .respond_with(json_of(&json!({ "id": 9, "reference": customer.as_str(), "party": 4 })))
        .expect(1)
        .mount(&server)
        .await;

    drop(crm::http());
    let hasty = reqwest::Client::builder().timeout(Duration::from_millis(500)).build().unwrap();
    let crm = connector(&server.uri(), hasty);
    let error = crm.create(&stranger()).await.unwrap_err();
    assert!(matches!(error, CrmError::Unanswered(_)), "{error:?}");
    assert_eq!(error.disposition(), Disposition::Retry { after: None });
    assert_eq!(crm.create(&stranger()).await.unwrap().as_str(), "4");
}
