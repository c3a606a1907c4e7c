//! What a function asks of AWS, counted.

use std::collections::BTreeMap;

use serde_json::Value;

/// A message that a step sent to its next queue.
pub(super) struct Sent {
    pub(super) group: String,
    pub(super) deduplication: String,
    pub(super) body: String,
}

/// Everything since the count began.
#[derive(Default)]
pub(super) struct Tally {
    /// Requests by operation, such as `DynamoDB.GetItem`.
    pub(super) requests: BTreeMap<String, u32>,
    /// Capacity units that DynamoDB charged for reading.
    pub(super) read_units: f64,
    /// Capacity units that DynamoDB charged for writing.
    pub(super) write_units: f64,
    /// The messages, in order.
    pub(super) sent: Vec<Sent>,
}

impl Tally {
    /// Counts an exchange. The operation is the header `X-Amz-Target`, such as
    /// `DynamoDB_20120810.GetItem`.
    pub(super) fn count(&mut self, operation: &str, request: &[u8], response: &[u8]) {
        let (service, action) = operation.split_once('.').unwrap_or((operation, ""));
        let service = service.split('_').next().unwrap_or(service);
        *self.requests.entry(format!("{service}.{action}")).or_default() += 1;
        match service {
            "DynamoDB" if action == "BatchGetItem" => self.read_units += batch_units(request),
            "DynamoDB" => self.charge(action, response),
            "AmazonSQS" => self.keep(request),
            _ => {}
        }
    }

    /// Requests to one service.
    pub(super) fn of(&self, service: &str) -> u32 {
        let named = |(name, _): &(&String, &u32)| name.starts_with(service);
        self.requests.iter().filter(named).map(|(_, count)| count).sum()
    }

    /// All requests.
    pub(super) fn all(&self) -> u32 {
        self.requests.values().sum()
    }

    fn charge(&mut self, action: &str, response: &[u8]) {
        let answer: Value = serde_json::from_slice(response).unwrap_or_default();
        let units = match answer.get("ConsumedCapacity") {
            Some(Value::Array(tables)) => tables.iter().map(units).sum(),
            Some(table) => units(table),
            None => 0.0,
        };
        if ["GetItem", "Query", "Scan", "TransactGetItems"].contains(&action) {
            self.read_units += units;
        } else {
            self.write_units += units;
        }
    }

    fn keep(&mut self, request: &[u8]) {
        let request: Value = serde_json::from_slice(request).unwrap_or_default();
        let messages = match request.get("Entries").and_then(Value::as_array) {
            Some(entries) => entries.clone(),
            None => vec![request],
        };
        let text = |message: &Value, name: &str| {
            message.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let with_body = messages.iter().filter(|message| message.get("MessageBody").is_some());
        self.sent.extend(with_body.map(|message| Sent {
            group: text(message, "MessageGroupId"),
            deduplication: text(message, "MessageDeduplicationId"),
            body: text(message, "MessageBody"),
        }));
    }
}

fn units(table: &Value) -> f64 {
    table.get("CapacityUnits").and_then(Value::as_f64).unwrap_or_default()
}

/// What a batch of keys costs if no item exceeds 4 KiB: the emulator does not say.
///
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html>
fn batch_units(request: &[u8]) -> f64 {
    let request: Value = serde_json::from_slice(request).unwrap_or_default();
    let tables = request.get("RequestItems").and_then(Value::as_object);
    let cost = |table: &Value| {
        let consistent = table.get("ConsistentRead").and_then(Value::as_bool).unwrap_or_default();
        let each = if consistent { 1.0 } else { 0.5 };
        let keys = table.get("Keys").and_then(Value::as_array).into_iter().flatten();
        keys.map(|_| each).sum::<f64>()
    };
    tables.into_iter().flat_map(serde_json::Map::values).map(cost).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capacity_is_summed_over_tables() {
        let mut tally = Tally::default();
        let keys = br#"{"RequestItems": {"a": {"Keys": [{}, {}]}, "b": {"Keys": [{}], "ConsistentRead": true}}}"#;
        tally.count("DynamoDB_20120810.BatchGetItem", keys, b"{}");
        let one = br#"{"ConsumedCapacity": {"CapacityUnits": 0.5}}"#;
        tally.count("DynamoDB_20120810.GetItem", b"{}", one);
        let two = br#"{"ConsumedCapacity": [{"CapacityUnits": 2.0}, {"CapacityUnits": 1.0}]}"#;
        tally.count("DynamoDB_20120810.TransactWriteItems", b"{}", two);
        assert!((tally.read_units - 2.5).abs() < f64::EPSILON);
        assert!((tally.write_units - 3.0).abs() < f64::EPSILON);
        assert_eq!((tally.of("DynamoDB"), tally.all()), (3, 3));
    }

    #[test]
    fn messages_are_kept_from_single_sends_and_batches() {
        let mut tally = Tally::default();
        let one = br#"{"MessageBody": "a", "MessageGroupId": "g", "MessageDeduplicationId": "d"}"#;
        tally.count("AmazonSQS.SendMessage", one, b"{}");
        tally.count("AmazonSQS.SendMessageBatch", br#"{"Entries": [{"MessageBody": "b"}]}"#, b"{}");
        tally.count("AmazonSQS.ChangeMessageVisibility", b"{}", b"{}");
        let bodies: Vec<_> = tally.sent.iter().map(|sent| sent.body.as_str()).collect();
        assert_eq!(bodies, ["a", "b"]);
        assert_eq!(
            (tally.sent[0].group.as_str(), tally.sent[0].deduplication.as_str()),
            ("g", "d")
        );
    }
}
