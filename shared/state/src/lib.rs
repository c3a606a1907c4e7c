//! What the steps remember, and the ports through which they do.

mod attempts;
mod controls;
pub mod dynamo;
mod erasure;
mod error;
mod extraction;
mod failures;
mod firings;
mod identities;
mod ledger;
pub mod memory;
mod settings;
mod timeline;
mod visit;

pub use attempts::{Attempted, Attempts};
pub use controls::{Controls, Swapped};
pub use erasure::{Erased, Erasure, ErasureState, Erasures, JournalId, MOST_REMOVALS, Removal};
pub use error::StoreError;
pub use extraction::{Extraction, ExtractionState, Extractions};
pub use failures::Failures;
pub use firings::{Firings, firing_profiles};
pub use identities::{Committed, Customers, Identities, Journal, surroundings};
pub use ledger::{
    Claim, Dispatch, Dispatched, EffectRecord, EffectState, EventRecord, Lease, Ledger, Settlement,
    Stage,
};
pub use settings::{ConfigVersion, Settings};
pub use timeline::{Application, Applied, InGroup, Seen, Timeline, TimelineEntry};
pub use visit::{Histories, JournalRecord, Visit};
