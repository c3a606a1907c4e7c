//! The events that the measured functions get.

use serde_json::{Value, json};

use super::tally::Sent;

/// Area codes, each with a hundred numbers that are reserved for fiction.
const AREAS: [usize; 10] = [202, 212, 213, 214, 215, 301, 302, 303, 304, 305];
/// The secret address of the hotline, as in `infra/local/ministack/secrets.json`.
const KEY: &str = "local-only-hotline-key";
/// The first call, in seconds since 1970; each further one begins a minute later.
const FIRST_CALL: usize = 1_767_225_600;

/// The `number`th call, by one of a thousand callers, as API Gateway hands its webhook on (payload
/// format 2.0).
///
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>
pub(super) fn webhook(number: usize, caller: usize) -> String {
    let area = AREAS.iter().cycle().nth(caller / 100).copied().unwrap_or_default();
    let start = FIRST_CALL + 60 * number;
    let body = json!({
        "cdr_enterprise_id": "3000000",
        "cdr_main_unique_id": format!("bench-{number}"),
        "cdr_call_type": 1,
        "cdr_status": 1,
        "cdr_customer_number": format!("+1{area}55501{:02}", caller % 100),
        "cdr_start_time": start,
        "cdr_bridge_time": start + 5,
        "cdr_end_time": start + 35,
        "cdr_bridged_cno": "2001",
    });
    json!({
        "version": "2.0",
        "routeKey": "ANY /hooks/{source}/{key}",
        "rawPath": format!("/hooks/hotline/{KEY}"),
        "rawQueryString": "",
        "headers": { "content-type": "application/json" },
        "pathParameters": { "source": "hotline", "key": KEY },
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "bench",
            "domainName": "bench.execute-api.us-east-1.amazonaws.com",
            "http": {
                "method": "POST",
                "path": format!("/hooks/hotline/{KEY}"),
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "bench",
            },
            "requestId": format!("bench-{number}"),
            "routeKey": "ANY /hooks/{source}/{key}",
            "stage": "$default",
            "timeEpoch": 1000 * start,
        },
        "body": body.to_string(),
        "isBase64Encoded": false,
    })
    .to_string()
}

/// Messages that a step sent, as Lambda hands them to the step behind it.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html>
pub(super) fn queue(sender: &str, messages: &[Sent]) -> String {
    let hop = match sender {
        "webhook-receiver" => "inbound",
        "identity-match" => "matched",
        "tag-update" => "tagged",
        _ => "outbound",
    };
    let record = |message: &Sent| {
        json!({
            "messageId": message.deduplication,
            "receiptHandle": "bench",
            "body": message.body,
            "attributes": {
                "ApproximateReceiveCount": "1",
                "SentTimestamp": (1000 * FIRST_CALL).to_string(),
                "MessageGroupId": message.group,
                "MessageDeduplicationId": message.deduplication,
            },
            "messageAttributes": {},
            "eventSource": "aws:sqs",
            "eventSourceARN": format!("arn:aws:sqs:us-east-1:000000000000:omnicord-{hop}.fifo"),
            "awsRegion": "us-east-1",
        })
    };
    let records: Vec<Value> = messages.iter().map(record).collect();
    json!({ "Records": records }).to_string()
}
