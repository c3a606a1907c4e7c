//! The identity graph: which handles are one customer, decided without I/O.
//!
//! A *profile* holds handles and what events told by them. *Merges* join profiles to one
//! *customer*, and no merge moves anything from one profile to another: taking it away leaves what
//! never merging would have left. Everything here computes a [`Change`], one transaction, from what
//! was read; whoever reads and writes the store runs it again where the write came too late.

mod blocklist;
mod candidates;
mod change;
mod group;
mod journal;
mod limits;
mod link;
mod person;
mod policy;
mod question;
mod record;
mod resolve;
mod review;
mod sketch;

pub use blocklist::Blocklist;
pub use candidates::Candidates;
pub use change::{Change, CustomerWrite, LinkWrite, MOST_WRITES};
pub use group::Group;
pub use journal::{Cause, Merge, MergeState};
pub use limits::Limit;
pub use link::{Link, Links};
pub use person::{Refused, admit, extract, join, part, tell_apart};
pub use policy::{Claims, KindPolicy, Merging, Policy};
pub use question::{Answer, Question, first_id, known, leads};
pub use record::{
    Consulted, Linking, Occasion, Record, RecordMoved, Several, follow_record, handle_of,
    link_record,
};
pub use resolve::resolve;
pub use review::{Candidate, Inquiry, Review, ReviewState};
