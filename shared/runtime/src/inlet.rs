//! The queue that feeds a step, as far as the step moves messages in it.

use crate::Record;
use aws_sdk_sqs::Client;
use tracing::warn;

/// What a step may do to a message that it was handed.
#[expect(async_fn_in_trait, reason = "every function runs on one thread")]
pub trait Inlet {
    /// Shortens or lengthens the wait, in seconds; where that fails, the queue's own timeout holds.
    /// Returns whether it did.
    async fn wait(&self, record: &Record, seconds: i32) -> bool;

    /// Deletes a settled message; where that fails, it is left to the platform, to which it is
    /// reported as settled besides.
    async fn delete(&self, record: &Record);
}

/// A queue of SQS.
#[derive(Clone, Debug)]
pub struct SqsInlet {
    client: Client,
    url: String,
}

impl SqsInlet {
    pub(crate) fn new(client: Client, url: String) -> Self {
        Self { client, url }
    }
}

impl Inlet for SqsInlet {
    async fn wait(&self, record: &Record, seconds: i32) -> bool {
        let change = self.client.change_message_visibility().queue_url(&self.url);
        let change = change.receipt_handle(&record.receipt).visibility_timeout(seconds);
        let changed = change.send().await;
        if let Err(source) = &changed {
            warn!(queue = record.queue, message_id = record.id, %source, "its timeout stays");
        }
        changed.is_ok()
    }

    async fn delete(&self, record: &Record) {
        let delete = self.client.delete_message().queue_url(&self.url);
        if let Err(source) = delete.receipt_handle(&record.receipt).send().await {
            warn!(queue = record.queue, message_id = record.id, %source, "left to the platform");
        }
    }
}
