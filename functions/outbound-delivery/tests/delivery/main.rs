//! Each effect once, whatever happens on the way.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

mod batches;
mod consent;
mod crm_link;
mod fields;
mod hands;
mod interrupted;
mod messages;
mod office;
mod once;
mod tryton;
mod unknown_customer;
mod vendors;
mod webhooks;
