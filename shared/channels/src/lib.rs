//! What every channel's webhooks become: proved authentic, then read into normalised events.
//!
//! Pure and synchronous. One folder for each channel: `mod.rs` holds what is configured and how
//! it maps to events, `wire.rs` the vendor's shapes. To add one, add its folder, its line in
//! [`registry`](ChannelSettings) and its folder of fixtures.

mod authenticity;
pub mod call_push;
mod channel;
mod fetched;
pub mod field_map;
mod list_page;
mod malformed;
mod rate;
mod registry;
mod rejection;
mod request;
mod sealed;
mod secret;
pub mod standard_webhooks;
pub mod wechat;
pub mod wecom;
mod xml;

pub use authenticity::{Verified, hmac_key};
pub use channel::{Channel, Context, Delivery, Problem, Reply};
pub use fetched::validate_fetched;
pub use list_page::{ListPage, Unlisted};
pub use malformed::Malformed;
pub use rate::{NotARate, Rate};
pub use registry::{ChannelSettings, Source};
pub use rejection::Rejection;
pub use request::{Method, Request};
pub use secret::{MalformedSecret, Secret};
