//! One message of a queue.

use aws_lambda_events::sqs::SqsMessage;
use jiff::Timestamp;

/// One received message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record {
    /// SQS's own id of the message.
    pub id: String,
    /// The right to delete it or to move its visibility timeout.
    pub receipt: String,
    /// The FIFO group.
    pub group: String,
    /// How often it was handed out, this time included.
    pub receives: u32,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// The last part of the queue's ARN.
    pub queue: String,
    /// The body.
    pub body: String,
}

impl Record {
    pub(super) fn read(message: SqsMessage) -> Self {
        let attribute = |name: &str| message.attributes.get(name).cloned().unwrap_or_default();
        let sent = attribute("SentTimestamp").parse().ok();
        let sent_at = sent.and_then(|millis| Timestamp::from_millisecond(millis).ok());
        let arn = message.event_source_arn.clone().unwrap_or_default();
        Self {
            group: attribute("MessageGroupId"),
            receives: attribute("ApproximateReceiveCount").parse().unwrap_or(1),
            sent_at: sent_at.unwrap_or(Timestamp::UNIX_EPOCH),
            queue: arn.rsplit(':').next().unwrap_or_default().to_owned(),
            id: message.message_id.unwrap_or_default(),
            receipt: message.receipt_handle.unwrap_or_default(),
            body: message.body.unwrap_or_default(),
        }
    }
}
