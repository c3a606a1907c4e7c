//! The sending end of a FIFO queue.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use domain::{Class, Disposition, Fault, InboundEvent, Reason};
use serde::Serialize;

/// One message on its way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parcel {
    /// Messages of one group arrive in the order in which they were sent.
    pub group: String,
    /// The queue drops a second message of the same id within five minutes.
    pub deduplication: String,
    /// JSON.
    pub body: String,
}

impl Parcel {
    /// Packs a message.
    pub fn new(
        group: impl Into<String>,
        deduplication: impl Into<String>,
        message: &impl Serialize,
    ) -> Result<Self, SendError> {
        let body = serde_json::to_string(message).map_err(|source| SendError::Rejected {
            code: "unserialisable".into(),
            source: Box::new(source),
        })?;
        Ok(Self { group: group.into(), deduplication: deduplication.into(), body })
    }

    /// Packs an event for `identity-match`.
    pub fn inbound(event: &InboundEvent) -> Result<Self, SendError> {
        let parcel = Self::new(event.queue_group(), event.id.as_str(), event)?;
        match parcel.body.len() {
            ..=LARGEST_EVENT => Ok(parcel),
            bytes => Err(SendError::TooLarge { bytes }),
        }
    }
}

/// Bytes of one event in the queue, below the 256 KiB that every SQS takes.
const LARGEST_EVENT: usize = 240_000;

/// Why a message may not have been sent. Variants are named by what the caller must do.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// Throttled, timed out or unreachable; it may even have been sent: send it again.
    #[error("the queue did not take the message ({code})")]
    Unavailable {
        /// The service's error code, or the transport's.
        code: String,
        /// What the client saw.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The event is larger than the queue takes: its source's mapping has to keep less of it.
    #[error("an event has {bytes} bytes, the queue takes {LARGEST_EVENT}: map fewer fields")]
    TooLarge {
        /// Of the event as JSON.
        bytes: usize,
    },
    /// The message itself is at fault.
    #[error("the queue rejected the message ({code})")]
    Rejected {
        /// The service's error code.
        code: String,
        /// What the client saw.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Fault for SendError {
    fn class(&self) -> Class {
        match self {
            Self::Unavailable { .. } => Class::Transient,
            Self::TooLarge { .. } => Class::Configuration,
            Self::Rejected { .. } => Class::Ours,
        }
    }

    fn disposition(&self) -> Disposition {
        match self {
            Self::Unavailable { .. } => Disposition::Retry { after: None },
            Self::TooLarge { .. } | Self::Rejected { .. } => Disposition::Park,
        }
    }

    fn reason(&self) -> Reason {
        let code = match self {
            Self::Unavailable { .. } => "queue_unavailable",
            Self::TooLarge { .. } => "event_too_large",
            Self::Rejected { .. } => "queue_rejected",
        };
        Reason { code: code.into(), detail: self.to_string() }
    }
}

/// Where a step puts what the next one is to do.
#[expect(async_fn_in_trait, reason = "every function runs on one thread")]
pub trait Outbox {
    /// Sends all of them; on an error some may have been sent.
    async fn send_all(&self, parcels: Vec<Parcel>) -> Result<(), SendError>;

    /// Sends one.
    async fn send(&self, parcel: Parcel) -> Result<(), SendError> {
        self.send_all(vec![parcel]).await
    }
}

/// An SQS FIFO queue.
#[derive(Clone, Debug)]
pub struct SqsOutbox {
    client: Client,
    url: String,
}

/// SQS takes ten messages at once: [SendMessageBatch].
///
/// [SendMessageBatch]: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
const BATCH: usize = 10;
/// The total size of a batch that every region and emulator takes, less room for attributes.
const BATCH_BYTES: usize = 250_000;

impl SqsOutbox {
    /// Sends to the queue with this URL.
    #[must_use]
    pub fn new(client: Client, url: String) -> Self {
        Self { client, url }
    }

    async fn send_batch(&self, parcels: Vec<Parcel>) -> Result<(), SendError> {
        let entries = parcels.into_iter().enumerate().map(|(index, parcel)| {
            SendMessageBatchRequestEntry::builder()
                .id(index.to_string())
                .message_group_id(parcel.group)
                .message_deduplication_id(parcel.deduplication)
                .message_body(parcel.body)
                .build()
        });
        let entries = entries.collect::<Result<Vec<_>, BuildError>>().map_err(rejected)?;
        let batch = self.client.send_message_batch().queue_url(&self.url);
        let answer = batch.set_entries(Some(entries)).send().await.map_err(send_error)?;
        match answer.failed.into_iter().next() {
            None => Ok(()),
            Some(failed) => {
                let source = failed.message.unwrap_or_default().into();
                let code = failed.code;
                Err(if failed.sender_fault {
                    SendError::Rejected { code, source }
                } else {
                    SendError::Unavailable { code, source }
                })
            }
        }
    }
}

impl Outbox for SqsOutbox {
    async fn send_all(&self, parcels: Vec<Parcel>) -> Result<(), SendError> {
        for batch in batches(parcels) {
            self.send_batch(batch).await?;
        }
        Ok(())
    }
}

/// Cuts at ten messages or the size limit, in order.
fn batches(parcels: Vec<Parcel>) -> Vec<Vec<Parcel>> {
    let mut batches: Vec<Vec<Parcel>> = Vec::new();
    let mut bytes = 0;
    for parcel in parcels {
        let size = parcel.body.len();
        match batches.last_mut() {
            Some(batch) if batch.len() < BATCH && bytes + size <= BATCH_BYTES => {
                bytes += size;
                batch.push(parcel);
            }
            Some(_) | None => {
                bytes = size;
                batches.push(vec![parcel]);
            }
        }
    }
    batches
}

fn rejected(source: BuildError) -> SendError {
    SendError::Rejected { code: "BuildError".into(), source: Box::new(source) }
}

/// Only what the message itself causes is final; rights and quotas are mended by people.
fn send_error<E>(error: SdkError<E>) -> SendError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let code = error.code().unwrap_or("no response").to_owned();
    let source = Box::new(error);
    match code.as_str() {
        "InvalidMessageContents" | "AWS.SimpleQueueService.BatchRequestTooLong" => {
            SendError::Rejected { code, source }
        }
        _ => SendError::Unavailable { code, source },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_keep_the_order_and_both_limits() {
        let sizes = [200_000, 40_000, 20_000].into_iter().chain([1; 30]);
        let parcels: Vec<_> = sizes
            .enumerate()
            .map(|(index, size)| Parcel {
                group: "g".into(),
                deduplication: index.to_string(),
                body: "x".repeat(size),
            })
            .collect();
        let cut = batches(parcels.clone());
        assert_eq!(cut.concat(), parcels);
        for batch in &cut {
            let bytes: usize = batch.iter().map(|parcel| parcel.body.len()).sum();
            assert!(batch.len() <= BATCH && bytes <= BATCH_BYTES);
        }
        assert_eq!(cut.len(), 5, "40 KB join the 200 KB, 20 KB begin the next batch");
    }
}
