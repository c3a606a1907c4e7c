//! Whom a message is for.

use super::decide::Unsent;
use domain::{Assurance, Customer, Handle, HandleKey, HandleKind, InboundEvent, InvalidHandle};

/// The event's own telephone number or address, else the customer's first. A number that takes no
/// text message is passed over.
pub(super) fn of_event_or_customer(
    kind: HandleKind,
    event: &InboundEvent,
    customer: &Customer,
) -> Result<String, Unsent> {
    let told = event.handles.iter().map(Handle::key);
    told.chain(customer.handles.keys().cloned())
        .filter(|key| key.kind() == Some(kind))
        .find_map(|key| reached(kind, &key).map(str::to_owned))
        .ok_or(Unsent::NoRecipient(kind.as_str()))
}

/// The event's own handle, else the customer's first, among those that are accepted.
pub(super) fn accepted(
    event: &InboundEvent,
    customer: &Customer,
    accepts: impl Fn(&HandleKey) -> bool,
) -> Option<HandleKey> {
    let told = event.handles.iter().map(Handle::key).find(|key| accepts(key));
    told.or_else(|| {
        let current = customer.handles.iter().filter(|(_, held)| !held.former);
        current.map(|(key, _)| key).find(|key| accepts(key)).cloned()
    })
}

/// The account that a rule's own template gave.
pub(super) fn account(kind: HandleKind, scope: &str, text: &str) -> Result<HandleKey, Unsent> {
    let handle = Handle::account(kind, scope, text, Assurance::Claimed);
    handle.map(|handle| handle.key()).map_err(Unsent::BadRecipient)
}

/// The telephone number that a rule's own template gave, as a handle.
pub(super) fn number(text: &str, region: &str) -> Result<HandleKey, Unsent> {
    let handle = Handle::phone(text, region, Assurance::Claimed).map_err(Unsent::BadRecipient)?;
    handle.dialable().ok_or(Unsent::BadRecipient(InvalidHandle::Phone))?;
    Ok(handle.key())
}

/// The ARN of an SNS platform endpoint: `arn:aws:sns:eu-central-1:123456789012:endpoint/GCM/app/id`.
/// That of a topic would reach everybody who listens to it.
pub(super) fn endpoint(text: &str) -> Result<String, Unsent> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let valid = matches!(parts.as_slice(), ["arn", _, "sns", _, _, resource]
        if resource.starts_with("endpoint/"));
    if valid { Ok(text.to_owned()) } else { Err(Unsent::NoEndpoint) }
}

fn reached(kind: HandleKind, key: &HandleKey) -> Option<&str> {
    if kind == HandleKind::Phone { key.dialable() } else { Some(key.value()) }
}

/// The telephone number that a rule's own template gave.
pub(super) fn phone(text: &str, region: &str) -> Result<String, Unsent> {
    Ok(number(text, region)?.value().to_owned())
}

/// The address that a rule's own template gave.
pub(super) fn email(text: &str) -> Result<String, Unsent> {
    Handle::email(text, Assurance::Claimed).map(|handle| handle.value).map_err(Unsent::BadRecipient)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{CustomerId, Direction, EventId, EventKind, Held};
    use jiff::Timestamp;

    const EXTENSION: &str = "+1 202 555 0101 ext. 7";
    const SERVICE: &str = "+1 800 555 0100";
    const MOBILE: &str = "+49 151 12345678";

    fn number(text: &str) -> Handle {
        Handle::phone(text, "", Assurance::Attested).unwrap()
    }

    fn recipient(told: &[&str], known: &[&str]) -> Result<String, Unsent> {
        let at = Timestamp::UNIX_EPOCH;
        let event = InboundEvent {
            id: EventId::new("shop", "1"),
            source: "shop".into(),
            channel: "webhook".into(),
            kind: EventKind::Order,
            topic: "shipped".into(),
            direction: Direction::Inbound,
            occurred_at: at,
            received_at: at,
            handles: told.iter().map(|text| number(text)).collect(),
            text: None,
            duration_s: None,
            fields: std::collections::BTreeMap::new(),
            checks: domain::Checks::default(),
        };
        let mut customer = Customer::new(CustomerId::from_stored("cus_1"), at);
        let held = Held::new(at, Assurance::Attested);
        customer.handles = known.iter().map(|text| (number(text).key(), held)).collect();
        of_event_or_customer(HandleKind::Phone, &event, &customer)
    }

    #[test]
    fn a_number_that_takes_no_text_message_is_passed_over() {
        assert_eq!(recipient(&[EXTENSION, MOBILE], &[]).unwrap(), "+4915112345678");
        assert_eq!(recipient(&[SERVICE], &[EXTENSION, MOBILE]).unwrap(), "+4915112345678");
        assert_eq!(recipient(&[EXTENSION], &[SERVICE]), Err(Unsent::NoRecipient("phone")));
    }

    #[test]
    fn a_rule_s_own_number_must_take_text_messages() {
        assert_eq!(phone("0151 12345678", "DE").unwrap(), "+4915112345678");
        for text in [EXTENSION, SERVICE, "nobody"] {
            assert_eq!(phone(text, ""), Err(Unsent::BadRecipient(InvalidHandle::Phone)));
        }
    }
}
