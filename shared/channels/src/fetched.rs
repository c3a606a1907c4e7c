//! How a source's events are read where they were asked for instead of being delivered.

use crate::field_map::{self, Mapping};
use crate::{Context, Delivery, Malformed, Problem, Source, Verified};

impl Source {
    /// Reads an item that was fetched. With `mappings` of its own, what none of them claims is no
    /// event of the source's; without, it is read as the delivery that it should have been.
    ///
    /// Either way an event gets the id that its delivery gives it, as long as source, kind, topic and
    /// the values of the mapping's `id` are the same.
    ///
    /// # Errors
    /// [`Malformed`]: fetching it again would not help.
    pub fn parse_fetched(
        &self,
        item: &Verified<'_>,
        mappings: &[Mapping],
        context: &Context<'_>,
    ) -> Result<Delivery, Malformed> {
        if mappings.is_empty() {
            return self.channel.parse(item, context);
        }
        let payload = field_map::json(item.body())?;
        match field_map::read(&[mappings], &[], self.channel.id(), &payload, None, context) {
            Err(Malformed::Unmapped) => {
                Ok(Delivery::Ignored { reason: "claimed by no mapping of `reconcile`" })
            }
            read => read,
        }
    }
}

/// What the types of such mappings cannot rule out.
#[must_use]
pub fn validate_fetched(mappings: &[Mapping]) -> Vec<Problem> {
    let mut problems = field_map::validate(mappings);
    for (index, mapping) in mappings.iter().enumerate() {
        if mapping.id.is_empty() {
            let path = format!("mappings[{index}].id");
            problems.push(Problem::at(path, "is empty: what is fetched has no delivery's id"));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::InboundEvent;
    use jiff::Timestamp;
    use serde_json::{Value, json};

    fn source() -> Source {
        let mapping = json!({
            "when": { "/type": "order.shipped" }, "kind": "order", "topic": "shipped",
            "id": ["/data/number"], "handles": [{ "kind": "email", "at": "/data/email" }],
        });
        serde_json::from_value(json!({
            "secret": "s", "channel": { "standard-webhooks": { "mappings": [mapping] } },
        }))
        .unwrap()
    }

    fn records() -> Vec<Mapping> {
        serde_json::from_value(json!([{
            "when": { "/state": "shipped" }, "kind": "order", "topic": "shipped",
            "id": ["/order/reference"], "handles": [{ "kind": "email", "at": "/emails/0" }],
        }]))
        .unwrap()
    }

    fn read(item: &Value, mappings: &[Mapping]) -> Result<Vec<InboundEvent>, Malformed> {
        let received_at = Timestamp::UNIX_EPOCH;
        let context = Context { source: "shop", region: "DE", received_at };
        let item = Verified::fetched(item.to_string().into_bytes());
        match source().parse_fetched(&item, mappings, &context)? {
            Delivery::Events(events) => Ok(events),
            Delivery::Ignored { .. } => Ok(Vec::new()),
            Delivery::Challenge(_) => panic!("a handshake"),
        }
    }

    #[test]
    fn the_event_is_the_same_however_it_is_learned_of() {
        let delivery = json!({
            "type": "order.shipped", "data": { "number": "WEB-1", "email": "anna@acme.test" },
        });
        let record = json!({
            "state": "shipped", "order": { "reference": "WEB-1" }, "emails": ["anna@acme.test"],
        });
        let delivered = read(&delivery, &[]).unwrap();
        assert_eq!(read(&record, &records()).unwrap()[0].id, delivered[0].id);
    }

    #[test]
    fn what_no_mapping_claims_is_no_event_of_a_record_but_an_unreadable_delivery() {
        let other = json!({ "state": "waiting" });
        assert_eq!(read(&other, &records()), Ok(Vec::new()));
        assert_eq!(read(&other, &[]), Err(Malformed::Unmapped));
    }

    #[test]
    fn what_is_fetched_needs_an_id_of_its_own() {
        let mut mappings = records();
        assert!(validate_fetched(&mappings).is_empty());
        mappings[0].id.clear();
        assert_eq!(validate_fetched(&mappings)[0].path, "mappings[0].id");
    }
}
