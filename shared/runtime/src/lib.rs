//! What AWS gives a function, behind the ports that the steps use.

mod alarm;
mod aws;
mod clock;
mod embedded;
mod environment;
mod failure;
mod hop;
mod host;
mod http;
mod in_step;
mod inlet;
pub mod memory;
mod messaging;
mod metrics;
mod outbox;
mod place;
mod rule_book;
mod schedule;
mod secrets;
mod sqs;
mod telemetry;
mod timers;

pub use alarm::{Alarm, Alarms, TopicAlarms};
pub use clock::{Clock, FixedClock, SystemClock};
pub use environment::{Environment, MissingVariable};
pub use failure::StepFailure;
pub use hop::{Hop, QueueStep, Settled};
pub use host::Host;
pub use http::{HttpStep, Response};
pub use in_step::in_step;
pub use inlet::{Inlet, SqsInlet};
pub use messaging::{
    Email, EmailSender, MessagingError, Push, PushSender, SesSender, Sms, SmsSender, SnsSender,
};
pub use metrics::{Measure, Metric, count, measure};
pub use outbox::{Outbox, Parcel, SendError, SqsOutbox};
pub use place::{Place, Turn};
pub use rule_book::{NoRules, RuleBook};
pub use schedule::Scheduled;
pub use secrets::{SecretError, Secrets, SecretsManager};
pub use sqs::{Broken, Outcome, QueueStepEvent, Record, RecordHandler, settle_all};
pub use timers::{ScheduledTimers, TimerError, Timers, Wake};

/// What ends a function before it serves anything.
pub type Error = lambda_runtime::Error;
