//! What the door answers, and what it leaves behind.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

mod accepted;
mod door;
mod limits;
mod outage;
mod refused;
mod unreadable;
