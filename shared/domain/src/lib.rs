//! The vocabulary that every step shares, free of I/O.

mod about;
mod check;
mod class;
mod consent;
mod customer;
mod decision;
mod effect;
mod event;
mod failure;
mod failure_record;
mod failure_state;
mod firing;
mod handle;
mod id;
mod line;
mod message;
mod replay;
mod ring;
mod series;
mod states;

pub use about::About;
pub use check::{Checks, Repair};
pub use class::Class;
pub use consent::{Consent, ConsentBy, ConsentTold, Medium, Withheld, folded};
pub use customer::{Counter, CrmLink, Customer, Dated, Held, Membership, Profile, Tag};
pub use decision::{
    Classification, Match, MatchOutcome, Obstacle, Refusal, RuleRef, SetAside, TagChange,
};
pub use effect::{Action, Effect, Miniprogram, WechatTemplate};
pub use event::{Direction, EventKind, InboundEvent, REPAIRED_FROM};
pub use failure::{Attempt, Disposition, Fault, Reason};
pub use failure_record::{Failure, FailureRecord, Payload};
pub use failure_state::{FailureState, Release};
pub use firing::{Fired, Firing};
pub use handle::{
    Assurance, Handle, HandleKey, HandleKind, InvalidHandle, InvalidMailbox, Mailboxes,
};
pub use id::{
    ConsentId, CustomerId, EffectKey, ErasureId, EventId, ExtractionId, FailureId, LineId, MergeId,
    ReplayId, ReviewId, WakeId, queue_group,
};
pub use line::{Line, Standing};
pub use message::{DeadLetter, Matched, Outbound, Step, Tagged};
pub use replay::{Carried, Remade, Replay, Replayed};
pub use series::{Series, Told};
pub use states::States;
