//! Whom an event concerns, by its handles.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

mod anonymous;
mod blocked;
mod checks;
mod claims;
mod desk;
mod interleaved;
mod limits;
mod merges;
mod moved;
mod outcomes;
mod people;
mod phonebook;
mod races;
mod records;
mod shared;
mod strangers;
mod unknown;
