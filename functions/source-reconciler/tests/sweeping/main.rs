//! What a sweep finds, puts in and leaves, with everything around it in memory.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

mod history;
mod left;
mod model;
mod pages;
mod rivals;
mod world;
