//! Whom an event concerns, by its handles.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

mod desk;
mod interleaved;
mod outcomes;
mod races;
mod strangers;
