//! The vocabulary that every step shares, free of I/O.

mod class;
mod customer;
mod decision;
mod effect;
mod event;
mod failure;
mod firing;
mod handle;
mod id;
mod message;
mod series;

pub use class::Class;
pub use customer::{Counter, CrmLink, Customer, Dated, Held, Membership, Profile, Tag};
pub use decision::{
    Classification, Match, MatchOutcome, Obstacle, Refusal, RuleRef, SetAside, TagChange,
};
pub use effect::{Action, Effect};
pub use event::{Direction, EventKind, InboundEvent};
pub use failure::{Attempt, Disposition, Failure, FailureState, Fault, Payload, Reason, Release};
pub use firing::{Fired, Firing};
pub use handle::{
    Assurance, Handle, HandleKey, HandleKind, InvalidHandle, InvalidMailbox, Mailboxes,
};
pub use id::{
    CustomerId, EffectKey, ErasureId, EventId, ExtractionId, FailureId, MergeId, ReviewId,
    queue_group,
};
pub use message::{DeadLetter, Matched, Outbound, Step, Tagged};
pub use series::{Series, Told};
