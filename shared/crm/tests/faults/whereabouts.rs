//! What becomes of a contact that is looked for while something fails.

use super::{RETRY, connector, html, party, retry_after};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use crm::{ContactId, Contacts, CrmError, Located};
use domain::{Disposition, Fault};
use serde_json::{Value, json};
use std::time::Duration;
use wiremock::matchers::{any, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

fn records(records: &Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(records)
}

/// Party 4, with these fields changed or, where null stands for them, left out.
fn changed(fields: &Value) -> Value {
    let mut party = party(4, "anna@acme.test");
    let record = party.as_object_mut().unwrap();
    for (name, value) in fields.as_object().unwrap() {
        if value.is_null() {
            record.remove(name);
        } else {
            record.insert(name.clone(), value.clone());
        }
    }
    json!([party])
}

async fn locate(answer: ResponseTemplate) -> Result<Located, CrmError> {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    connector(&server.uri(), crm::http().unwrap()).locate(&ContactId::new("4")).await
}

#[tokio::test]
async fn only_an_answer_of_the_crm_makes_a_contact_gone() {
    assert_eq!(locate(records(&json!([]))).await.unwrap(), Located::Gone);
    let deactivated = changed(&json!({ "active": 0 }));
    assert_eq!(locate(records(&deactivated)).await.unwrap(), Located::Gone);

    for (answer, code, disposition) in [
        // A wrong address answers so as well.
        (html(404), "crm_misconfigured", retry_after(300)),
        (html(410), "crm_misconfigured", retry_after(300)),
        (html(401), "crm_unauthorised", retry_after(300)),
        (html(403), "crm_unauthorised", retry_after(300)),
        (html(429), "crm_busy", RETRY),
        (html(500), "crm_broken", RETRY),
        (html(503), "crm_busy", RETRY),
        (html(200), "crm_intercepted", RETRY),
        (html(200).set_delay(Duration::from_secs(20)), "crm_unanswered", RETRY),
        (records(&json!(null)), "crm_garbled", Disposition::Park),
        (records(&json!({})), "crm_garbled", Disposition::Park),
        (records(&json!([{ "id": 4 }])), "crm_garbled", Disposition::Park),
        (records(&json!([party(5, "bob@retail.test")])), "crm_unfiltered", Disposition::Park),
        // A user who may not read the field is not told that there is a successor.
        (
            records(&changed(&json!({ "active": 0, "replaced_by": null }))),
            "crm_garbled",
            Disposition::Park,
        ),
        (records(&changed(&json!({ "active": null }))), "crm_garbled", Disposition::Park),
    ] {
        let error = locate(answer).await.unwrap_err();
        assert_eq!(error.reason().code, code, "{error:?}");
        assert_eq!(error.disposition(), disposition, "{error:?}");
    }
}

#[tokio::test]
async fn a_crm_that_is_down_does_not_make_a_contact_gone() {
    let crm = connector("http://127.0.0.1:1", crm::http().unwrap());
    let error = crm.locate(&ContactId::new("4")).await.unwrap_err();
    assert!(matches!(error, CrmError::Unreachable(_)), "{error:?}");
}

#[tokio::test]
async fn a_successor_that_cannot_be_read_is_not_gone() {
    let server = MockServer::start().await;
    let former = changed(&json!({ "active": 0, "replaced_by": 5 }));
    Mock::given(any()).respond_with(records(&former)).up_to_n_times(1).mount(&server).await;
    Mock::given(any()).respond_with(html(503)).mount(&server).await;
    let crm = connector(&server.uri(), crm::http().unwrap());
    let error = crm.locate(&ContactId::new("4")).await.unwrap_err();
    assert!(matches!(error, CrmError::Busy { status: 503, .. }), "{error:?}");
}

#[tokio::test]
async fn contacts_that_replace_each_other_are_gone() {
    let server = MockServer::start().await;
    for (id, successor) in [(4, 5), (5, 4)] {
        let former = json!({ "id": id, "active": 0, "replaced_by": successor });
        let domain =
            URL_SAFE.encode(json!([["id", "=", id], ["active", "in", [true, false]]]).to_string());
        let mut record = changed(&former);
        record[0]["id"] = json!(id);
        Mock::given(query_param("d", domain)).respond_with(records(&record)).mount(&server).await;
    }
    let crm = connector(&server.uri(), crm::http().unwrap());
    assert_eq!(crm.locate(&ContactId::new("4")).await.unwrap(), Located::Gone);
}

#[tokio::test]
async fn a_wrong_address_does_not_make_a_linked_contact_a_stranger() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(html(404)).mount(&server).await;
    let crm = connector(&server.uri(), crm::http().unwrap());
    let (kind, assurance) = (domain::HandleKind::Crm, domain::Assurance::Attested);
    let record = domain::Handle::account(kind, "tryton", "4", assurance).unwrap();
    let error = crm.find(&[record]).await.unwrap_err();
    assert!(matches!(error, CrmError::Misconfigured(_)), "{error:?}");
}
