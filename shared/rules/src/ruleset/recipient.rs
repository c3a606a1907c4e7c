//! Whom a message is for.

use super::decide::Unsent;
use domain::{Assurance, Customer, Handle, HandleKey, HandleKind, InboundEvent};

/// The event's own telephone number or address, else the customer's first.
pub(super) fn of_event_or_customer(
    kind: HandleKind,
    event: &InboundEvent,
    customer: &Customer,
) -> Result<String, Unsent> {
    let told = event.handles.iter().find(|handle| handle.kind == kind);
    let known = customer.handles.iter().find(|handle| handle.kind() == Some(kind));
    told.map(|handle| handle.value.as_str())
        .or_else(|| known.map(HandleKey::value))
        .map(str::to_owned)
        .ok_or(Unsent::NoRecipient(kind.as_str()))
}

/// The telephone number that a rule's own template gave.
pub(super) fn phone(text: &str, region: &str) -> Result<String, Unsent> {
    Handle::phone(text, region, Assurance::Claimed)
        .map(|handle| handle.value)
        .map_err(Unsent::BadRecipient)
}

/// The address that a rule's own template gave.
pub(super) fn email(text: &str) -> Result<String, Unsent> {
    Handle::email(text, Assurance::Claimed).map(|handle| handle.value).map_err(Unsent::BadRecipient)
}
