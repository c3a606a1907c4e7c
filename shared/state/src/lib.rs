//! What the steps remember, and the ports through which they do.

mod attempts;
mod consents;
mod controls;
pub mod dynamo;
mod erasure;
mod error;
mod extraction;
mod failures;
mod firings;
mod hints;
mod identities;
mod ledger;
pub mod lines;
pub mod memory;
mod recent;
mod replays;
mod replicas;
mod settings;
mod sweeps;
mod timeline;
mod visit;

pub use attempts::{Attempted, Attempts};
pub use consents::Consents;
pub use controls::{Admission, Controls, Swapped, admit};
pub use erasure::{Erased, Erasure, ErasureState, Erasures, JournalId, MOST_REMOVALS, Removal};
pub use error::StoreError;
pub use extraction::{Extraction, ExtractionState, Extractions};
pub use failures::{Due, FailureRecords, Failures};
pub use firings::{Firings, firing_profiles};
pub use hints::{Hint, HintList, Hints};
pub use identities::{Committed, Customers, Identities, Journal, surroundings};
pub use ledger::{
    Claim, Dispatch, Dispatched, EffectRecord, EffectState, EventRecord, Lease, Ledger, Settlement,
    Stage,
};
pub use lines::Lines;
pub use recent::{Looked, Recent};
pub use replays::{Page, Place, Plan, Progress, Remaking, Replays, Run, RunState, Runs};
pub use replicas::{Part, Refused, Replica, ReplicaKey, Replicas, Wanted};
pub use settings::{ConfigVersion, Settings};
pub use sweeps::{Asked, Cursor, Endless, Left, Report, Sweep, Sweeps, Tally};
pub use timeline::{Application, Applied, InGroup, Seen, Timeline, TimelineEntry};
pub use visit::{Histories, JournalRecord, Visit};
