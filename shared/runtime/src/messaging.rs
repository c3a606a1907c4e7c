//! Short messages, e-mails and notifications by AWS.

use domain::{Class, Disposition, Fault, Reason};
use std::collections::BTreeMap;
use std::error::Error;

/// A short message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sms<'m> {
    /// E.164.
    pub to: &'m str,
    /// The words.
    pub text: &'m str,
    /// The name that the phone shows, where the country allows one.
    pub sender_id: Option<&'m str>,
}

/// A plain-text e-mail.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Email<'m> {
    /// A verified identity of the account.
    pub from: &'m str,
    /// The address.
    pub to: &'m str,
    /// The subject line.
    pub subject: &'m str,
    /// The words.
    pub text: &'m str,
}

/// A notification of an app.
#[derive(Clone, PartialEq, Debug)]
pub struct Push<'m> {
    /// The ARN of a platform endpoint.
    pub endpoint: &'m str,
    /// What platforms show that `platforms` leaves out.
    pub text: &'m str,
    /// What each platform gets, by SNS's name for it.
    pub platforms: &'m BTreeMap<String, serde_json::Value>,
}

/// Why a message was not sent. Variants are named by what the caller must do.
#[derive(Debug, thiserror::Error)]
pub enum MessagingError {
    /// It was certainly not sent, and may be later: throttled, paused, refused for now.
    #[error("not sent for now ({code})")]
    NotNow {
        /// The service's error code.
        code: String,
        /// What the client saw.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// It may have been sent: the answer was lost.
    #[error("the answer was lost; it may have been sent")]
    Unknown {
        /// What the client saw.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// It will never be sent as it is: a bad address, an unverified sender.
    #[error("refused ({code})")]
    Refused {
        /// The service's error code.
        code: String,
        /// What the client saw.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
}

impl Fault for MessagingError {
    fn class(&self) -> Class {
        match self {
            Self::NotNow { .. } | Self::Unknown { .. } => Class::Transient,
            Self::Refused { .. } => Class::Theirs,
        }
    }

    /// What to do with the effect. What may have been sent is not sent again by itself.
    fn disposition(&self) -> Disposition {
        match self {
            Self::NotNow { .. } => Disposition::Retry { after: None },
            Self::Unknown { .. } | Self::Refused { .. } => Disposition::Park,
        }
    }

    fn reason(&self) -> Reason {
        let code = match self {
            Self::NotNow { .. } => "messaging_not_now",
            Self::Unknown { .. } => "outcome_unknown",
            Self::Refused { .. } => "messaging_refused",
        };
        Reason { code: code.into(), detail: self.to_string() }
    }
}

/// Whatever sends short messages.
#[expect(async_fn_in_trait, reason = "every function runs on one thread")]
pub trait SmsSender {
    /// Sends one; returns the service's message id.
    async fn send_sms(&self, sms: Sms<'_>) -> Result<String, MessagingError>;
}

/// Whatever sends e-mails.
#[expect(async_fn_in_trait, reason = "every function runs on one thread")]
pub trait EmailSender {
    /// Sends one; returns the service's message id.
    async fn send_email(&self, email: Email<'_>) -> Result<String, MessagingError>;
}

/// Whatever notifies apps.
#[expect(async_fn_in_trait, reason = "every function runs on one thread")]
pub trait PushSender {
    /// Sends one; returns the service's message id.
    async fn send_push(&self, push: Push<'_>) -> Result<String, MessagingError>;
}

impl Push<'_> {
    /// What SNS takes as a message of structure `json`: a text for each platform, and `default`.
    ///
    /// <https://docs.aws.amazon.com/sns/latest/dg/sns-send-custom-platform-specific-payloads-mobile-devices.html>
    #[must_use]
    pub fn message(&self) -> String {
        let platforms = self.platforms.iter();
        let texts = platforms.map(|(name, payload)| (name.clone(), payload.to_string()));
        let all = texts.chain([("default".to_owned(), self.text.to_owned())]);
        all.collect::<serde_json::Value>().to_string()
    }
}

mod sender {
    use super::{Email, EmailSender, MessagingError, Push, PushSender, Sms, SmsSender};
    use crate::aws::once;
    use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message};
    use aws_sdk_sns::error::{BuildError, ProvideErrorMetadata, SdkError};
    use aws_sdk_sns::types::MessageAttributeValue;
    use aws_types::SdkConfig;
    use std::error::Error;

    /// Amazon SNS, straight to a phone.
    #[derive(Clone, Debug)]
    pub struct SnsSender(aws_sdk_sns::Client);

    /// Amazon SES.
    #[derive(Clone, Debug)]
    pub struct SesSender(aws_sdk_sesv2::Client);

    impl SnsSender {
        /// In the account of this configuration. Nothing is sent twice by itself.
        #[must_use]
        pub fn new(configuration: &SdkConfig) -> Self {
            Self(aws_sdk_sns::Client::new(&once(configuration)))
        }
    }

    impl SesSender {
        /// In the account of this configuration. Nothing is sent twice by itself.
        #[must_use]
        pub fn new(configuration: &SdkConfig) -> Self {
            Self(aws_sdk_sesv2::Client::new(&once(configuration)))
        }
    }

    impl SmsSender for SnsSender {
        async fn send_sms(&self, sms: Sms<'_>) -> Result<String, MessagingError> {
            let mut publish = self.0.publish().phone_number(sms.to).message(sms.text);
            if let Some(sender) = sms.sender_id {
                let value = MessageAttributeValue::builder().data_type("String");
                let value = value.string_value(sender).build().map_err(refused)?;
                publish = publish.message_attributes("AWS.SNS.SMS.SenderID", value);
            }
            let answer = publish.send().await.map_err(messaging_error)?;
            Ok(answer.message_id.unwrap_or_default())
        }
    }

    impl PushSender for SnsSender {
        async fn send_push(&self, push: Push<'_>) -> Result<String, MessagingError> {
            let publish = self.0.publish().target_arn(push.endpoint).message(push.message());
            let answer = publish.message_structure("json").send().await.map_err(messaging_error)?;
            Ok(answer.message_id.unwrap_or_default())
        }
    }

    impl EmailSender for SesSender {
        async fn send_email(&self, email: Email<'_>) -> Result<String, MessagingError> {
            let content = |text: &str| Content::builder().charset("UTF-8").data(text).build();
            let text = content(email.text).map_err(refused)?;
            let message = Message::builder()
                .subject(content(email.subject).map_err(refused)?)
                .body(Body::builder().text(text).build());
            let answer = self
                .0
                .send_email()
                .from_email_address(email.from)
                .destination(Destination::builder().to_addresses(email.to).build())
                .content(EmailContent::builder().simple(message.build()).build())
                .send()
                .await
                .map_err(messaging_error)?;
            Ok(answer.message_id.unwrap_or_default())
        }
    }

    fn refused(source: BuildError) -> MessagingError {
        MessagingError::Refused { code: "BuildError".into(), source: Box::new(source) }
    }

    /// Codes: <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>,
    /// <https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html>.
    fn messaging_error<E>(error: SdkError<E>) -> MessagingError
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let status = error.raw_response().map(|response| response.status().as_u16());
        let never_left = matches!(&error, SdkError::ConstructionFailure(_)) || unconnected(&error);
        let code = error.code().unwrap_or("no response").to_owned();
        let source = Box::new(error);
        match (code.as_str(), status) {
            (
                "Throttling"
                | "ThrottlingException"
                | "Throttled"
                | "TooManyRequestsException"
                | "LimitExceededException"
                | "SendingPausedException"
                | "AccountSuspendedException"
                | "AccessDenied"
                | "AccessDeniedException"
                | "AuthorizationError"
                | "AuthorizationErrorException"
                | "ExpiredToken"
                | "ExpiredTokenException",
                _,
            ) => MessagingError::NotNow { code, source },
            (_, None) if never_left => MessagingError::NotNow { code, source },
            (_, Some(400..500)) => MessagingError::Refused { code, source },
            (_, _) => MessagingError::Unknown { source },
        }
    }

    /// Whether no connection was opened. A connection that ended tells nothing of what it carried.
    fn unconnected(error: &(dyn Error + 'static)) -> bool {
        let mut cause = Some(error);
        while let Some(error) = cause {
            let client = error.downcast_ref::<hyper_util::client::legacy::Error>();
            if client.is_some_and(hyper_util::client::legacy::Error::is_connect) {
                return true;
            }
            cause = error.source();
        }
        false
    }
}

pub use sender::{SesSender, SnsSender};

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn a_platform_s_payload_is_a_text_within_the_message() {
        let platforms = BTreeMap::from([("APNS".to_owned(), json!({ "aps": { "badge": 1 } }))]);
        let push = Push { endpoint: "arn", text: "shipped \"A1\"", platforms: &platforms };
        let message: Value = serde_json::from_str(&push.message()).unwrap();
        let payload = r#"{"aps":{"badge":1}}"#;
        assert_eq!(message, json!({ "default": "shipped \"A1\"", "APNS": payload }));
    }
}
