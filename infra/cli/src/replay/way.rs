//! The way of replayed events into the pipeline.

use crate::queues::Queues;
use crate::stack::Stack;
use crate::trouble::Trouble;
use domain::Step;
use runtime::{Outbox, Parcel, SendError, SqsOutbox};
use state::Plan;
use std::ops::RangeInclusive;
use std::time::Duration;

/// A queue, with what waits before it and behind it.
pub(super) trait Way {
    /// Sends all of them.
    async fn send(&self, parcels: Vec<Parcel>) -> Result<(), Trouble>;

    /// How many messages wait in this queue and those that follow it.
    async fn depth(&self) -> Result<usize, Trouble>;

    /// Lets time pass.
    async fn pause(&self, time: Duration);
}

/// A queue of the stack.
#[derive(Debug)]
pub(super) struct QueueWay {
    queues: Queues,
    outbox: SqsOutbox,
    /// The first and the last queue through which the replay goes.
    through: RangeInclusive<usize>,
}

impl QueueWay {
    pub(super) async fn new(stack: &Stack, plan: &Plan) -> Result<Self, Trouble> {
        let (queues, step) = (stack.queues().await?, plan.step);
        let outbox = queues.before(step).ok_or_else(|| Trouble::Usage {
            what: format!("no queue feeds {step}"),
            remedy: "Choose another --step".into(),
        })?;
        let first = match step {
            Step::WebhookReceiver | Step::IdentityMatch | Step::ErrorReconciler => 0,
            Step::TagUpdate => 1,
            Step::TriggerDispatcher => 2,
            Step::OutboundDelivery => 3,
        };
        let last = if plan.effects { 3 } else { 1 };
        Ok(Self { queues, outbox, through: first..=last })
    }
}

impl Way for QueueWay {
    async fn send(&self, parcels: Vec<Parcel>) -> Result<(), Trouble> {
        self.outbox.send_all(parcels).await.map_err(|error| match error {
            SendError::Unavailable { code, source } | SendError::Rejected { code, source } => {
                Trouble::of_service(code, source)
            }
            SendError::TooLarge { .. } => Trouble::Refused {
                why: error.to_string(),
                remedy: "Leave its source out: --source".into(),
            },
        })
    }

    async fn depth(&self) -> Result<usize, Trouble> {
        let depths = self.queues.depths().await?;
        let hops = [depths.inbound, depths.matched, depths.tagged, depths.outbound];
        let hops = hops.get(self.through.clone()).unwrap_or_default();
        Ok(hops.iter().map(|hop| hop.queue.total()).sum())
    }

    async fn pause(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}
