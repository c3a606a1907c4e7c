//! What the steps remember, and the ports through which they do.

pub mod dynamo;
mod error;
mod failures;
mod identities;
mod ledger;
pub mod memory;
mod settings;
mod timeline;

pub use error::StoreError;
pub use failures::Failures;
pub use identities::{Identities, Linked, Owners};
pub use ledger::{
    Claim, Dispatch, Dispatched, EffectRecord, EffectState, EventRecord, Lease, Ledger, Settlement,
    Stage,
};
pub use settings::{ConfigVersion, Settings};
pub use timeline::{Application, Customers, Seen, Timeline, TimelineEntry};
