//! Telling people that something waits for them.

use aws_sdk_sns::Client;
use domain::{Reason, Step};
use tracing::error;

/// What people are told: ids and codes, nothing personal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Alarm<'a> {
    /// The step that it concerns.
    pub step: Step,
    /// The failure record to look at.
    pub failure: &'a str,
    /// Why.
    pub reason: &'a Reason,
}

/// Whatever reaches people.
#[expect(async_fn_in_trait, reason = "every function runs on one thread")]
pub trait Alarms {
    /// Raises an alarm. Returns whether it was taken.
    async fn raise(&self, alarm: Alarm<'_>) -> bool;
}

/// An SNS topic that people subscribe to.
#[derive(Clone, Debug)]
pub struct TopicAlarms {
    client: Client,
    topic: String,
}

impl TopicAlarms {
    /// Publishes to the topic with this ARN.
    #[must_use]
    pub fn new(client: Client, topic: String) -> Self {
        Self { client, topic }
    }
}

impl Alarms for TopicAlarms {
    async fn raise(&self, alarm: Alarm<'_>) -> bool {
        let text = format!(
            "{step} parked a message: {code}\n\n{detail}\n\nLook at it:  omnicord failures show \
             {failure}\nTry it again: omnicord failures retry {failure}\n",
            step = alarm.step,
            code = alarm.reason.code,
            detail = alarm.reason.detail,
            failure = alarm.failure,
        );
        let publish = self.client.publish().topic_arn(&self.topic);
        let subject = format!("Omnicord: {} parked ({})", alarm.step, alarm.reason.code);
        let subject = subject.chars().take(100).collect::<String>();
        match publish.subject(subject).message(text).send().await {
            Ok(_) => true,
            Err(source) => {
                error!(step = %alarm.step, failure = alarm.failure, %source, "alarm not raised");
                false
            }
        }
    }
}
