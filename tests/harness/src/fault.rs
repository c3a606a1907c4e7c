//! The classes of faults.

use std::fmt;

/// What is done to the running pipeline.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Fault {
    KilledBeforeWrite,
    KilledAfterWrite,
    KilledBeforeSend,
    KilledAfterSend,
    Frozen,
    MessageDuplicated,
    MessageDelayed,
    MessagesReordered,
    MessageTruncated,
    StoreThrottled,
    StoreRepeated,
    StoreTimeout,
    StorePartial,
    QueuePartial,
    TextUnanswered,
    /// The CRM answers with this status.
    Crm(Status),
    CrmSlow,
    CrmOtherType,
    CrmErrorInside,
    CrmReset,
    CrmTls,
    CrmDns,
    SecretRotated,
    CrmKeyRotated,
    ConfigurationChanged,
    Deployed,
    ClockSkew,
    PoisonBody,
    PoisonMessage,
}

/// The statuses that a CRM may answer with.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Status(pub(crate) u16);

/// All classes, in the order of the table.
pub(crate) const ALL: [Fault; 38] = [
    Fault::KilledBeforeWrite,
    Fault::KilledAfterWrite,
    Fault::KilledBeforeSend,
    Fault::KilledAfterSend,
    Fault::Frozen,
    Fault::MessageDuplicated,
    Fault::MessageDelayed,
    Fault::MessagesReordered,
    Fault::MessageTruncated,
    Fault::StoreThrottled,
    Fault::StoreRepeated,
    Fault::StoreTimeout,
    Fault::StorePartial,
    Fault::QueuePartial,
    Fault::TextUnanswered,
    Fault::Crm(Status(400)),
    Fault::Crm(Status(401)),
    Fault::Crm(Status(403)),
    Fault::Crm(Status(404)),
    Fault::Crm(Status(409)),
    Fault::Crm(Status(422)),
    Fault::Crm(Status(429)),
    Fault::Crm(Status(500)),
    Fault::Crm(Status(502)),
    Fault::Crm(Status(503)),
    Fault::CrmSlow,
    Fault::CrmOtherType,
    Fault::CrmErrorInside,
    Fault::CrmReset,
    Fault::CrmTls,
    Fault::CrmDns,
    Fault::SecretRotated,
    Fault::CrmKeyRotated,
    Fault::ConfigurationChanged,
    Fault::Deployed,
    Fault::ClockSkew,
    Fault::PoisonBody,
    Fault::PoisonMessage,
];

/// A request that a fault can strike.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// A write to DynamoDB, or a schedule.
    Write,
    /// Any request to DynamoDB.
    Store,
    /// A read of several items.
    BatchRead,
    /// Something sent to a queue, or out of the pipeline.
    Send,
    /// A text message or an e-mail.
    Text,
    /// Something sent to a queue of the pipeline that is no dead-letter queue.
    Message,
    /// Several messages sent at once.
    MessageBatch,
    /// Any request to the CRM.
    Crm,
    /// A write to the CRM.
    CrmWrite,
}

impl Fault {
    /// The requests that it strikes, where it strikes requests at all; each in turn.
    pub(crate) fn strikes(self) -> &'static [Kind] {
        match self {
            Self::KilledBeforeWrite | Self::KilledAfterWrite => &[Kind::Write, Kind::CrmWrite],
            Self::KilledBeforeSend | Self::KilledAfterSend => &[Kind::Send, Kind::Text],
            Self::Frozen => &[Kind::Write, Kind::Send, Kind::CrmWrite],
            Self::MessageDuplicated
            | Self::MessageDelayed
            | Self::MessagesReordered
            | Self::MessageTruncated => &[Kind::Message],
            Self::StoreThrottled => &[Kind::Store],
            Self::StoreRepeated => &[Kind::Write],
            Self::StoreTimeout => &[Kind::Write, Kind::Store],
            Self::StorePartial => &[Kind::BatchRead],
            Self::QueuePartial => &[Kind::MessageBatch],
            Self::TextUnanswered => &[Kind::Text],
            Self::Crm(_)
            | Self::CrmSlow
            | Self::CrmOtherType
            | Self::CrmErrorInside
            | Self::CrmReset => &[Kind::Crm, Kind::CrmWrite],
            Self::CrmTls
            | Self::CrmDns
            | Self::SecretRotated
            | Self::CrmKeyRotated
            | Self::ConfigurationChanged
            | Self::Deployed
            | Self::ClockSkew
            | Self::PoisonBody
            | Self::PoisonMessage => &[],
        }
    }

    /// The longest run of requests that it strikes in a row: beyond what a client repeats by
    /// itself, and what opens a breaker.
    pub(crate) fn longest_run(self) -> usize {
        match self {
            Self::StoreThrottled | Self::Crm(_) | Self::CrmErrorInside | Self::CrmReset => 6,
            Self::MessageDuplicated | Self::MessagesReordered | Self::StorePartial => 4,
            Self::StoreTimeout | Self::QueuePartial | Self::CrmSlow | Self::CrmOtherType => 2,
            Self::KilledBeforeWrite
            | Self::KilledAfterWrite
            | Self::KilledBeforeSend
            | Self::KilledAfterSend
            | Self::Frozen
            | Self::MessageDelayed
            | Self::MessageTruncated
            | Self::StoreRepeated
            | Self::TextUnanswered
            | Self::CrmTls
            | Self::CrmDns
            | Self::SecretRotated
            | Self::CrmKeyRotated
            | Self::ConfigurationChanged
            | Self::Deployed
            | Self::ClockSkew
            | Self::PoisonBody
            | Self::PoisonMessage => 1,
        }
    }

    /// The class of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        ALL.into_iter().find(|fault| fault.to_string() == name)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::KilledBeforeWrite => "killed-before-write",
            Self::KilledAfterWrite => "killed-after-write",
            Self::KilledBeforeSend => "killed-before-send",
            Self::KilledAfterSend => "killed-after-send",
            Self::Frozen => "frozen",
            Self::MessageDuplicated => "message-duplicated",
            Self::MessageDelayed => "message-delayed",
            Self::MessagesReordered => "messages-reordered",
            Self::MessageTruncated => "message-truncated",
            Self::StoreThrottled => "store-throttled",
            Self::StoreRepeated => "store-conditional",
            Self::StoreTimeout => "store-timeout",
            Self::StorePartial => "store-partial",
            Self::QueuePartial => "queue-partial",
            Self::TextUnanswered => "text-unanswered",
            Self::Crm(status) => return f.pad(&format!("crm-{}", status.0)),
            Self::CrmSlow => "crm-slow",
            Self::CrmOtherType => "crm-other-type",
            Self::CrmErrorInside => "crm-error-inside",
            Self::CrmReset => "crm-reset",
            Self::CrmTls => "crm-tls",
            Self::CrmDns => "crm-dns",
            Self::SecretRotated => "secret-rotated",
            Self::CrmKeyRotated => "crm-key-rotated",
            Self::ConfigurationChanged => "configuration-changed",
            Self::Deployed => "deployed",
            Self::ClockSkew => "clock-skew",
            Self::PoisonBody => "poison-body",
            Self::PoisonMessage => "poison-message",
        })
    }
}
