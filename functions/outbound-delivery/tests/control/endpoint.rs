//! The step before an endpoint of this machine.

use crate::hands::{Bench, CONFIG, NoTexts};
use domain::{Action, CustomerId, Effect, EffectKey, EventId, RuleRef};
use outbound_delivery::Destinations;
use runtime::memory::{START, Secrets};
use serde_json::json;
use state::memory::Store;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

pub(crate) type Posting = Bench<Destinations<Store, Secrets, NoTexts, NoTexts>>;

/// One of many effects of a kind.
pub(crate) fn numbered(number: usize, action: Action) -> Effect {
    let event = EventId::new("test", &number.to_string());
    Effect {
        key: EffectKey::new(&event, "rule", action.name()),
        event,
        customer: CustomerId::new("phone::+12025550123"),
        rule: RuleRef { name: "rule".into(), config_version: 1 },
        decided_at: START,
        not_before: None,
        action,
    }
}

pub(crate) fn webhook(number: usize) -> Effect {
    let payload = json!({ "order": number, "name": "Anna Alt" });
    numbered(number, Action::Webhook { endpoint: "erp".into(), payload })
}

/// The endpoint, and the step with these settings for it.
pub(crate) async fn endpoint(settings: &str) -> (MockServer, Posting) {
    let server = MockServer::start().await;
    let (store, secrets) = (Store::default(), Secrets::default());
    secrets.put(
        "omnicord/erp",
        &json!({ "key": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" }).to_string(),
    );
    let destinations = Destinations::new(store.clone(), secrets, NoTexts, NoTexts).unwrap();
    let config = format!(
        r#"{CONFIG}
endpoints: {{ erp: {{ url: "{}", secret: omnicord/erp, allow_private: [127.0.0.0/8] }} }}
destinations: {{ "webhook:erp": {{ {settings} }} }}"#,
        server.uri()
    );
    (server, Bench::over(store, destinations, &config))
}

/// Makes the endpoint answer so from now on.
pub(crate) async fn answering(server: &MockServer, answer: ResponseTemplate) {
    server.reset().await;
    Mock::given(any()).respond_with(answer).mount(server).await;
}

/// How many requests came since it was told what to answer.
pub(crate) async fn requests(server: &MockServer) -> usize {
    server.received_requests().await.unwrap().len()
}
