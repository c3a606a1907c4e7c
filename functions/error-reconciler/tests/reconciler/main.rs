//! What becomes of dead letters, and of what waits for its way back.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

mod bare;
mod desk;
mod holds;
mod letters;
mod redrive;
mod releases;
mod rivals;
mod webhooks;
