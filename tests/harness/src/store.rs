//! DynamoDB at its worst.

use crate::http::Message;
use crate::proxy::Proxy;
use crate::request::Request;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use std::io;

/// The table has no capacity left.
pub(crate) fn throttled() -> Message {
    let name = "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException";
    let body = json!({ "__type": name, "message": "The level of configured provisioned throughput \
        for the table was exceeded." });
    Message::answer(400, &body.to_string()).with("x-amzn-errortype", name)
}

/// Reads all items but the last of each table; the rest has to be asked for again.
pub(crate) fn partly(proxy: &Proxy, request: Request) -> io::Result<Message> {
    let (mut asked, mut left) = (Map::new(), Map::new());
    for (table, wanted) in request.json["RequestItems"].as_object().into_iter().flatten() {
        let mut keys = wanted["Keys"].as_array().cloned().unwrap_or_default();
        let mut rest = wanted.clone();
        rest["Keys"] = keys.pop().into_iter().collect();
        left.insert(table.clone(), rest);
        if !keys.is_empty() {
            let mut most = wanted.clone();
            most["Keys"] = keys.into();
            asked.insert(table.clone(), most);
        }
    }
    if asked.is_empty() {
        return Ok(Message::answer(200, &answer(&json!({}), &left).to_string()));
    }
    let mut json = request.json.clone();
    json["RequestItems"] = asked.into();
    let mut given = proxy.pass_changed(request, &json)?;
    let responses = serde_json::from_slice::<Value>(&given.body).unwrap_or_default();
    given.body = answer(&responses["Responses"], &left).to_string().into_bytes();
    // A checksum of the other body.
    given.without("x-amz-crc32");
    Ok(given)
}

fn answer(responses: &Value, unprocessed: &Map<String, Value>) -> Value {
    json!({ "Responses": responses, "UnprocessedKeys": unprocessed })
}

/// How long an effect is left to a worker that may have died: longer than any try takes here.
const LEASE: SignedDuration = SignedDuration::from_secs(20);

/// The claim of an effect, with a lease that ends sooner; nothing where it is no claim.
pub(crate) fn with_short_lease(request: &Request) -> Option<Value> {
    let values = &request.json["ExpressionAttributeValues"];
    let is_claim = request.operation == "UpdateItem" && !values[":until"].is_null();
    let now: Timestamp = values[":now"]["S"].as_str().filter(|_| is_claim)?.parse().ok()?;
    let mut json = request.json.clone();
    json["ExpressionAttributeValues"][":until"]["S"] = format!("{:.6}", now + LEASE).into();
    Some(json)
}
