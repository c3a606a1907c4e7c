//! What a destination is granted, and what becomes of the effects that it is not.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

mod attempts;
mod breaker;
mod endpoint;
#[path = "../delivery/hands.rs"]
#[allow(dead_code, reason = "the other suite uses the rest")]
mod hands;
mod isolation;
mod limits;
