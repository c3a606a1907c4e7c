//! Each event enters its customer's history once, whoever writes beside it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

mod bench;
mod consent;
mod groups;
mod once;
mod replay;
mod splits;
mod timers;
mod turns;
