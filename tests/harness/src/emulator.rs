//! The emulated AWS, asked with the root user's keys.

use crate::http::Message;
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use serde_json::{Value, json};
use std::io;
use std::time::SystemTime;

/// Where the emulated AWS answers, and the region that it plays.
#[derive(Clone, Debug)]
pub(crate) struct Emulator {
    pub(crate) port: u16,
    pub(crate) region: String,
}

impl Emulator {
    /// Signs a request in place of whoever signed it.
    pub(crate) fn sign(&self, request: &mut Message, service: &str) {
        for name in ["authorization", "x-amz-date", "x-amz-security-token", "host"] {
            request.without(name);
        }
        request.headers.push(format!("Host: 127.0.0.1:{}", self.port));
        let identity = Credentials::new("test", "test", None, None, "local").into();
        let params = SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(service)
            .time(SystemTime::from(crate::now()))
            .settings(SigningSettings::default())
            .build()
            .expect("nothing is missing");
        let method = request.start.split(' ').next().unwrap_or_default();
        let uri = format!("http://127.0.0.1:{}{}", self.port, request.second());
        let body = SignableBody::Bytes(&request.body);
        let signable = SignableRequest::new(method, uri, std::iter::empty(), body);
        let signed = sign(signable.expect("a request"), &params.into()).expect("it can be signed");
        let (instructions, _) = signed.into_parts();
        for (name, value) in instructions.headers() {
            request.headers.push(format!("{name}: {value}"));
        }
    }

    /// Calls an operation of a service that speaks JSON, such as `AmazonSQS.SendMessage`.
    pub(crate) fn call(&self, service: &str, target: &str, body: &Value) -> Value {
        let answer = self.attempt(service, target, body);
        answer.unwrap_or_else(|error| panic!("{target}: {error}"))
    }

    /// Calls an operation that may be refused.
    pub(crate) fn attempt(&self, service: &str, target: &str, body: &Value) -> io::Result<Value> {
        let request = Message {
            start: "POST / HTTP/1.1".to_owned(),
            headers: vec![
                format!("X-Amz-Target: {target}"),
                "Content-Type: application/x-amz-json-1.0".to_owned(),
            ],
            body: body.to_string().into_bytes(),
        };
        self.send(request, service)
    }

    /// Calls Lambda, whose operations are addresses.
    pub(crate) fn lambda(&self, method: &str, path: &str, body: &Value) -> Value {
        let request = Message {
            start: format!("{method} /2015-03-31/functions/{path} HTTP/1.1"),
            headers: vec!["Content-Type: application/json".to_owned()],
            body: if method == "GET" { Vec::new() } else { body.to_string().into_bytes() },
        };
        self.send(request, "lambda").unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    fn send(&self, mut request: Message, service: &str) -> io::Result<Value> {
        self.sign(&mut request, service);
        let answer = request.ask(self.port)?;
        if !answer.second().starts_with('2') {
            let words = String::from_utf8_lossy(&answer.body).into_owned();
            return Err(io::Error::other(format!("{}: {words}", answer.second())));
        }
        Ok(serde_json::from_slice(&answer.body).unwrap_or(json!(null)))
    }
}
