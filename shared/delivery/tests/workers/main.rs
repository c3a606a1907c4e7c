//! Workers that share a destination, and the bounds that hold over all of them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

mod bounds;
mod circuit;
mod crowd;
mod flood;
