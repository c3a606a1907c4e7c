//! Calls that wake a customer's timers.

use crate::SendError;
use aws_sdk_scheduler::Client;
use aws_sdk_scheduler::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_scheduler::operation::create_schedule::CreateScheduleError;
use aws_sdk_scheduler::types::{
    ActionAfterCompletion, FlexibleTimeWindow, FlexibleTimeWindowMode, SqsParameters, Target,
};
use domain::{Class, Disposition, Fault, Matched, Reason, WakeId};
use jiff::Timestamp;

/// A message that a queue is to be sent at a time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wake {
    /// The call's name: setting it again changes nothing.
    pub id: WakeId,
    /// When it is sent, to the second, or up to a minute later.
    pub at: Timestamp,
    /// The queue's group.
    pub group: String,
    /// JSON.
    pub body: String,
}

impl Wake {
    /// A call that brings this ring.
    pub fn new(id: WakeId, at: Timestamp, group: &str, ring: &Matched) -> Result<Self, SendError> {
        let body = serde_json::to_string(ring).map_err(|source| SendError::Rejected {
            code: "unserialisable".into(),
            source: Box::new(source),
        })?;
        Ok(Self { id, at, group: group.to_owned(), body })
    }
}

/// Why a call may not have been set. Variants are named by what the caller must do.
#[derive(Debug, thiserror::Error)]
pub enum TimerError {
    /// Throttled, timed out or unreachable; it may even have been set: set it again.
    #[error("the scheduler did not take the call ({code})")]
    Unavailable {
        /// The service's error code.
        code: String,
        /// What the client saw.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Setting it again would not help.
    #[error("the scheduler rejected the call ({code})")]
    Rejected {
        /// The service's error code.
        code: String,
        /// What the client saw.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Fault for TimerError {
    fn class(&self) -> Class {
        match self {
            Self::Unavailable { .. } => Class::Transient,
            Self::Rejected { .. } => Class::Configuration,
        }
    }

    fn disposition(&self) -> Disposition {
        match self {
            Self::Unavailable { .. } => Disposition::Retry { after: None },
            Self::Rejected { .. } => Disposition::Park,
        }
    }

    fn reason(&self) -> Reason {
        let code = match self {
            Self::Unavailable { .. } => "scheduler_unavailable",
            Self::Rejected { .. } => "scheduler_rejected",
        };
        Reason { code: code.into(), detail: self.to_string() }
    }
}

/// Whatever sends a message at a time.
#[expect(async_fn_in_trait, reason = "every function runs on one thread")]
pub trait Timers {
    /// Sets a call. One that is set already stays as it is.
    async fn set(&self, wake: Wake) -> Result<(), TimerError>;
}

/// One-time schedules of `EventBridge` Scheduler, which go away once they have sent.
#[derive(Clone, Debug)]
pub struct ScheduledTimers {
    client: Client,
    group: String,
    queue_arn: String,
    role_arn: String,
}

impl ScheduledTimers {
    /// Keeps schedules in this group; they send to the FIFO queue in the name of the role.
    #[must_use]
    pub fn new(client: Client, group: String, queue_arn: String, role_arn: String) -> Self {
        Self { client, group, queue_arn, role_arn }
    }

    /// The queue's own deduplication is by content, since a schedule can give no id:
    /// <https://docs.aws.amazon.com/scheduler/latest/APIReference/API_SqsParameters.html>
    fn target(&self, wake: Wake) -> Result<Target, BuildError> {
        Target::builder()
            .arn(&self.queue_arn)
            .role_arn(&self.role_arn)
            .sqs_parameters(SqsParameters::builder().message_group_id(wake.group).build())
            .input(wake.body)
            .build()
    }
}

impl Timers for ScheduledTimers {
    async fn set(&self, wake: Wake) -> Result<(), TimerError> {
        let exactly = FlexibleTimeWindow::builder().mode(FlexibleTimeWindowMode::Off).build();
        let create = self
            .client
            .create_schedule()
            .group_name(&self.group)
            .name(wake.id.as_str())
            .schedule_expression(expression(wake.at))
            .flexible_time_window(exactly.map_err(rejected)?)
            .action_after_completion(ActionAfterCompletion::Delete);
        match create.target(self.target(wake).map_err(rejected)?).send().await {
            Ok(_) => Ok(()),
            Err(error) if is_set(&error) => Ok(()),
            Err(error) => Err(timer_error(error)),
        }
    }
}

/// UTC, to the second:
/// <https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#one-time>
fn expression(at: Timestamp) -> String {
    at.strftime("at(%Y-%m-%dT%H:%M:%S)").to_string()
}

fn is_set(error: &SdkError<CreateScheduleError>) -> bool {
    error.as_service_error().is_some_and(CreateScheduleError::is_conflict_exception)
}

fn rejected(source: BuildError) -> TimerError {
    TimerError::Rejected { code: "BuildError".into(), source: Box::new(source) }
}

/// Only what the service says of the request itself is final: its own faults and limits pass.
fn timer_error(error: SdkError<CreateScheduleError>) -> TimerError {
    let code = error.code().unwrap_or("NoAnswer").to_owned();
    let is_final =
        error.as_service_error().is_some_and(CreateScheduleError::is_validation_exception);
    let source = Box::new(error);
    if is_final {
        TimerError::Rejected { code, source }
    } else {
        TimerError::Unavailable { code, source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_names_its_second_in_utc() {
        let at = "2027-01-31T23:00:05.9+01:00".parse().unwrap();
        assert_eq!(expression(at), "at(2027-01-31T22:00:05)");
    }
}
