//! How much the stack's queues hold.

use crate::trouble::Trouble;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::types::QueueAttributeName;
use domain::Step;
use jiff::SignedDuration;
use runtime::SqsOutbox;
use serde::Serialize;
use std::error::Error;

/// How long a queue keeps a message, as `template.yaml` says of each. What is older is in none: a
/// dead letter begins anew, but error-reconciler takes it out within a minute.
pub(crate) const RETENTION: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Messages of one queue, as SQS counts them: [approximately].
///
/// [approximately]: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub(crate) struct Depth {
    /// Ready to be received.
    pub(crate) visible: usize,
    /// Received, not yet deleted.
    pub(crate) not_visible: usize,
    /// Not yet to be received.
    pub(crate) delayed: usize,
}

impl Depth {
    /// All of them.
    pub(crate) fn total(self) -> usize {
        self.visible + self.not_visible + self.delayed
    }
}

/// A queue with its dead letters.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub(crate) struct HopDepth {
    /// The queue.
    pub(crate) queue: Depth,
    /// Its dead-letter queue.
    pub(crate) dead_letters: Depth,
}

impl HopDepth {
    /// Messages in both.
    pub(crate) fn total(self) -> usize {
        self.queue.total() + self.dead_letters.total()
    }

    /// The one that holds more.
    fn fuller(self, other: Self) -> Self {
        if other.total() > self.total() { other } else { self }
    }
}

/// The pipeline's queues, in its order.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub(crate) struct Depths {
    /// Feeds `identity-match`.
    pub(crate) inbound: HopDepth,
    /// Feeds `tag-update`.
    pub(crate) matched: HopDepth,
    /// Feeds `trigger-dispatcher`.
    pub(crate) tagged: HopDepth,
    /// Feeds `outbound-delivery`.
    pub(crate) outbound: HopDepth,
}

impl Depths {
    /// Hop by hop, the reading that holds more.
    pub(crate) fn fuller(self, other: Self) -> Self {
        Self {
            inbound: self.inbound.fuller(other.inbound),
            matched: self.matched.fuller(other.matched),
            tagged: self.tagged.fuller(other.tagged),
            outbound: self.outbound.fuller(other.outbound),
        }
    }
}

/// Each hop's queue and dead-letter queue, by the names that `template.yaml` gives them.
fn names(stack: &str) -> [[String; 2]; 4] {
    ["inbound", "matched", "tagged", "outbound"]
        .map(|hop| ["", "-dead-letter"].map(|suffix| format!("{stack}-{hop}{suffix}.fifo")))
}

/// The queues' addresses.
#[derive(Debug)]
pub(crate) struct Queues {
    client: Client,
    urls: [[String; 2]; 4],
}

impl Queues {
    /// Looks the queues up.
    pub(crate) async fn find(client: Client, stack: &str) -> Result<Self, Trouble> {
        let mut urls: [[String; 2]; 4] = Default::default();
        for (urls, names) in urls.iter_mut().zip(names(stack)) {
            for (url, name) in urls.iter_mut().zip(names) {
                let answer = client.get_queue_url().queue_name(name).send().await;
                *url = answer.map_err(trouble)?.queue_url.unwrap_or_default();
            }
        }
        Ok(Self { client, urls })
    }

    /// The way into the queue that a step reads, if it reads one.
    pub(crate) fn before(&self, step: Step) -> Option<SqsOutbox> {
        let place = match step {
            Step::IdentityMatch => 0,
            Step::TagUpdate => 1,
            Step::TriggerDispatcher => 2,
            Step::OutboundDelivery => 3,
            Step::WebhookReceiver | Step::ErrorReconciler => return None,
        };
        let [queue, _] = self.urls.get(place)?;
        Some(SqsOutbox::new(self.client.clone(), queue.clone()))
    }

    /// Counts all of them, one after the other.
    pub(crate) async fn depths(&self) -> Result<Depths, Trouble> {
        let mut hops = [HopDepth::default(); 4];
        for (hop, [queue, dead_letters]) in hops.iter_mut().zip(&self.urls) {
            hop.queue = self.depth(queue).await?;
            hop.dead_letters = self.depth(dead_letters).await?;
        }
        let [inbound, matched, tagged, outbound] = hops;
        Ok(Depths { inbound, matched, tagged, outbound })
    }

    async fn depth(&self, url: &str) -> Result<Depth, Trouble> {
        let [visible, not_visible, delayed] = [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
            QueueAttributeName::ApproximateNumberOfMessagesDelayed,
        ];
        let answer = self
            .client
            .get_queue_attributes()
            .queue_url(url)
            .attribute_names(visible.clone())
            .attribute_names(not_visible.clone())
            .attribute_names(delayed.clone())
            .send()
            .await
            .map_err(trouble)?;
        let attributes = answer.attributes.unwrap_or_default();
        let number = |name| attributes.get(&name).and_then(|text| text.parse().ok()).unwrap_or(0);
        Ok(Depth {
            visible: number(visible),
            not_visible: number(not_visible),
            delayed: number(delayed),
        })
    }
}

fn trouble<E>(error: SdkError<E>) -> Trouble
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let code = error.code().unwrap_or("no response").to_owned();
    Trouble::of_service(code, Box::new(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use state::dynamo::Tables;

    const TEMPLATE: &str = include_str!("../../../template.yaml");
    const STACK: &str = "${AWS::StackName}";

    #[test]
    fn the_template_names_every_queue_so() {
        for name in names(STACK).concat() {
            assert!(TEMPLATE.contains(&format!("QueueName: !Sub \"{name}\"")), "{name}");
        }
    }

    #[test]
    fn the_template_keeps_every_message_so_long() {
        let kept = TEMPLATE.split("MessageRetentionPeriod: ").skip(1);
        let kept: Vec<i64> =
            kept.map(|rest| rest.split_whitespace().next().unwrap().parse().unwrap()).collect();
        assert_eq!(kept, [RETENTION.as_secs(); 8]);
    }

    #[test]
    fn the_template_names_every_table_so() {
        let tables = Tables::of_stack(STACK);
        let Tables { identities, customers, timeline, ledger, failures, .. } = tables.clone();
        let Tables { destinations, journal, replicas, settings, consents, hints, sweeps, .. } =
            tables;
        let kept = [identities, customers, timeline, ledger, failures];
        let others = [destinations, journal, replicas, settings, consents, hints, sweeps];
        for name in kept.into_iter().chain(others) {
            let name = name.unwrap();
            assert!(TEMPLATE.contains(&format!("TableName: !Sub \"{name}\"")), "{name}");
        }
    }
}
