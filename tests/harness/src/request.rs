//! What a function asks AWS for.

use crate::fault::Kind;
use crate::http::Message;
use serde_json::Value;

/// A request with what is known of it.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) message: Message,
    /// As a signature names it.
    pub(crate) service: &'static str,
    /// The operation's name; of services that do not name it in a header, only what matters here.
    pub(crate) operation: String,
    /// The body, where it is JSON.
    pub(crate) json: Value,
}

impl Request {
    pub(crate) fn of(message: Message) -> Self {
        let target = message.header("x-amz-target").unwrap_or_default().to_owned();
        let (service, operation) = match target.split_once('.') {
            Some(("AmazonSQS", operation)) => ("sqs", operation),
            Some(("secretsmanager", operation)) => ("secretsmanager", operation),
            Some((_, operation)) => ("dynamodb", operation),
            None if message.body.starts_with(b"Action=Publish") => ("sns", "Publish"),
            None if message.second().contains("/outbound-emails") => ("ses", "SendEmail"),
            None if message.second().starts_with("/schedules/") => ("scheduler", "CreateSchedule"),
            None => ("", ""),
        };
        let operation = operation.to_owned();
        let json = serde_json::from_slice(&message.body).unwrap_or_default();
        Self { message, service, operation, json }
    }
}

/// Which faults may strike it.
pub(crate) fn kinds(request: &Request) -> Vec<Kind> {
    let to_people = String::from_utf8_lossy(&request.message.body).contains("PhoneNumber=");
    match (request.service, request.operation.as_str()) {
        ("dynamodb", "PutItem" | "UpdateItem" | "DeleteItem" | "TransactWriteItems") => {
            vec![Kind::Write, Kind::Store]
        }
        ("dynamodb", "BatchGetItem") => vec![Kind::BatchRead, Kind::Store],
        ("dynamodb", _) => vec![Kind::Store],
        ("scheduler", _) => vec![Kind::Write],
        ("sqs", "SendMessage") if is_dead_letter(&request.json) => vec![Kind::Send],
        ("sqs", "SendMessage") => vec![Kind::Message, Kind::Send],
        ("sqs", "SendMessageBatch") => vec![Kind::MessageBatch, Kind::Message, Kind::Send],
        ("sns", "Publish") if to_people => vec![Kind::Text, Kind::Send],
        ("sns", _) => vec![Kind::Send],
        ("ses", _) => vec![Kind::Text, Kind::Send],
        _ => Vec::new(),
    }
}

fn is_dead_letter(json: &Value) -> bool {
    json["QueueUrl"].as_str().is_some_and(|queue| queue.ends_with("-dead-letter.fifo"))
}
