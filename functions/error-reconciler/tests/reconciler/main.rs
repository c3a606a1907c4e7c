//! What becomes of dead letters, and of what waits for its way back.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

mod age;
mod bare;
mod budget;
mod desk;
mod holds;
mod letters;
mod lines;
mod redrive;
mod releases;
mod rivals;
mod stuck;
mod webhooks;
