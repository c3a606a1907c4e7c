//! Texts as SNS and SES answer them.

use crate::hands::{Bench, CONFIG, effect, email, sms};
use domain::{Action, Disposition};
use outbound_delivery::Destinations;
use runtime::memory::Secrets;
use runtime::{Email, EmailSender, MessagingError, Push, PushSender, Settled, Sms, SmsSender};
use serde_json::json;
use state::EffectState;
use state::memory::Store;
use std::cell::RefCell;
use std::rc::Rc;

/// A service that answers its next call with a fault, and then takes everything.
#[derive(Clone, Default)]
struct Service {
    fault: Rc<RefCell<Option<MessagingError>>>,
    sent: Rc<RefCell<Vec<String>>>,
}

impl Service {
    fn take(&self, message: String) -> Result<String, MessagingError> {
        if let Some(fault) = self.fault.take() {
            return Err(fault);
        }
        self.sent.borrow_mut().push(message);
        Ok("message-1".into())
    }
}

impl SmsSender for Service {
    async fn send_sms(&self, sms: Sms<'_>) -> Result<String, MessagingError> {
        self.take(format!("{} {:?} {}", sms.to, sms.sender_id, sms.text))
    }
}

impl PushSender for Service {
    async fn send_push(&self, push: Push<'_>) -> Result<String, MessagingError> {
        self.take(format!("{} {}", push.endpoint, push.message()))
    }
}

impl EmailSender for Service {
    async fn send_email(&self, email: Email<'_>) -> Result<String, MessagingError> {
        self.take(format!("{} {} {} {}", email.from, email.to, email.subject, email.text))
    }
}

fn bench(service: &Service, config: &str) -> Bench<Destinations<Store, Secrets, Service, Service>> {
    let store = Store::default();
    let (sms, email) = (service.clone(), service.clone());
    let destinations = Destinations::new(store.clone(), Secrets::default(), sms, email).unwrap();
    Bench::over(store, destinations, config)
}

#[tokio::test]
async fn texts_carry_what_the_configuration_says_of_their_sender() {
    let service = Service::default();
    let config =
        format!("{CONFIG}sms: {{ sender_id: LabCommerce }}\nemail: {{ from: care@example.com }}");
    let bench = bench(&service, &config);
    assert_eq!(bench.handle(&sms()).await, Ok(Settled::Fresh));
    assert_eq!(bench.handle(&email()).await, Ok(Settled::Fresh));
    assert_eq!(bench.record(&sms()).receipt.as_deref(), Some("message-1"));
    let sent = [
        r#"+12025550123 Some("LabCommerce") on its way"#,
        "care@example.com anna@example.com Your order shipped",
    ];
    assert_eq!(*service.sent.borrow(), sent);
}

#[tokio::test]
async fn each_answer_says_whether_the_text_may_have_left() {
    let (code, none) = (String::from("Throttling"), None);
    let retry = Disposition::Retry { after: none };
    let not_now = MessagingError::NotNow { code: code.clone(), source: "busy".into() };
    let refused = MessagingError::Refused { code, source: "no such number".into() };
    let unknown = MessagingError::Unknown { source: "timeout".into() };
    for (fault, code, disposition, left_as) in [
        (not_now, "messaging_not_now", retry, EffectState::Released),
        (refused, "messaging_refused", Disposition::Park, EffectState::Released),
        (unknown, "outcome_unknown", Disposition::Park, EffectState::Leased),
    ] {
        let service = Service::default();
        let bench = bench(&service, CONFIG);
        *service.fault.borrow_mut() = Some(fault);
        let failure = bench.handle(&sms()).await.unwrap_err();
        assert_eq!((&*failure.reason.code, failure.disposition), (code, disposition));
        assert_eq!(bench.record(&sms()).state, left_as, "{code}");
    }
}

#[tokio::test]
async fn an_email_without_a_sender_is_parked_and_can_be_retried() {
    let service = Service::default();
    let bench = bench(&service, CONFIG);
    assert_eq!(bench.handle(&email()).await.unwrap_err().reason.code, "email_unconfigured");
    assert_eq!(bench.record(&email()).state, EffectState::Released);
    assert!(service.sent.borrow().is_empty());
}

#[tokio::test]
async fn a_notification_carries_what_each_platform_gets() {
    let service = Service::default();
    let bench = bench(&service, CONFIG);
    let push = effect(Action::Push {
        endpoint: "arn:aws:sns:eu-central-1:123456789012:endpoint/GCM/app/1".into(),
        text: "shipped".into(),
        platforms: [("GCM".to_owned(), json!({ "data": { "n": 1 } }))].into(),
    });
    assert_eq!(bench.handle(&push).await, Ok(Settled::Fresh));
    assert_eq!(bench.record(&push).receipt.as_deref(), Some("message-1"));
    let message = r#"{"GCM":"{\"data\":{\"n\":1}}","default":"shipped"}"#;
    let endpoint = "arn:aws:sns:eu-central-1:123456789012:endpoint/GCM/app/1";
    assert_eq!(*service.sent.borrow(), [format!("{endpoint} {message}")]);
}
