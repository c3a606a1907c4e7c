//! The HTTP side of the receiver: from API Gateway's event to a request, and back.

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use aws_lambda_events::encodings::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use channels::{Method, Request};
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use jiff::SignedDuration;

/// What the sender of a webhook is answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: &'static str,
    /// The body.
    pub body: String,
    /// `Retry-After`: seconds after which the sender may come again (RFC 9110, section 10.2.3).
    pub retry_after: Option<u64>,
}

impl Response {
    /// A status with nothing to say.
    #[must_use]
    pub fn empty(status: u16) -> Self {
        let content_type = "text/plain; charset=utf-8";
        Self { status, content_type, body: String::new(), retry_after: None }
    }

    /// 429: the sender is asked to deliver again after this time, in whole seconds and at least one
    /// (RFC 6585, section 4).
    #[must_use]
    pub fn come_again(after: SignedDuration) -> Self {
        let begun = u64::from(after.subsec_nanos() > 0);
        let seconds = u64::try_from(after.as_secs()).unwrap_or(0) + begun;
        Self { retry_after: Some(seconds.max(1)), ..Self::empty(429) }
    }
}

/// Whatever answers webhooks.
#[expect(async_fn_in_trait, reason = "every function runs on one thread")]
pub trait HttpStep {
    /// Answers one request to `/hooks/{source}`.
    async fn answer(&self, source: &str, request: Request) -> Response;
}

/// Answers API Gateway. Everything that the adapters see is what came over the wire: the query as
/// it was written, the body's own bytes.
pub(crate) async fn answer(
    step: &impl HttpStep,
    event: ApiGatewayV2httpRequest,
) -> ApiGatewayV2httpResponse {
    let response = match read(event) {
        Ok((source, request)) => step.answer(&source, request).await,
        Err(status) => Response::empty(status),
    };
    let mut answer = ApiGatewayV2httpResponse::default();
    answer.status_code = response.status.into();
    answer.headers.insert(CONTENT_TYPE, HeaderValue::from_static(response.content_type));
    if let Some(seconds) = response.retry_after {
        answer.headers.insert(RETRY_AFTER, seconds.into());
    }
    answer.body = Some(Body::Text(response.body));
    answer
}

/// The source's name and the request, or the status that says why there is none.
fn read(event: ApiGatewayV2httpRequest) -> Result<(String, Request), u16> {
    let http = event.request_context.http;
    let method = match http.method.as_str() {
        "GET" => Method::Get,
        "POST" => Method::Post,
        _ => return Err(405),
    };
    let mut path = event.path_parameters;
    let source = path.remove("source").ok_or(404u16)?;
    let body = event.body.unwrap_or_default();
    let body = if event.is_base64_encoded {
        STANDARD.decode(body).map_err(|_| 400u16)?
    } else {
        body.into_bytes()
    };
    let header = |(name, value): (&HeaderName, &HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    let query = event.raw_query_string.unwrap_or_default();
    let request = Request {
        method,
        path_key: path.remove("key"),
        query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        headers: event.headers.iter().filter_map(header).collect(),
        body,
        source_ip: http.source_ip.and_then(|address| address.parse().ok()),
    };
    Ok((source, request))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event(method: &str, body: &str, base64: bool) -> ApiGatewayV2httpRequest {
        serde_json::from_value(json!({
            "version": "2.0", "routeKey": "ANY /hooks/{source}", "rawPath": "/hooks/shop",
            "rawQueryString": "a=1%202&a=3&echostr=x%2By",
            "headers": { "X-Signature": "abc", "content-type": "application/json" },
            "pathParameters": { "source": "shop" },
            "requestContext": { "http": { "method": method, "sourceIp": "192.0.2.7" } },
            "body": body, "isBase64Encoded": base64,
        }))
        .unwrap()
    }

    #[test]
    fn bytes_query_and_header_names_arrive_as_sent() {
        let (source, request) = read(event("POST", "/wB7", true)).unwrap();
        assert_eq!(source, "shop");
        assert_eq!(request.body, [0xff, 0x00, b'{']);
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(request.query, [pair("a", "1 2"), pair("a", "3"), pair("echostr", "x+y")]);
        assert!(request.headers.contains(&pair("x-signature", "abc")));
        assert_eq!(request.source_ip, Some([192, 0, 2, 7].into()));
    }

    #[test]
    fn who_is_to_come_again_is_told_after_how_many_whole_seconds() {
        let seconds = |millis| {
            let answer = Response::come_again(SignedDuration::from_millis(millis));
            (answer.status, answer.retry_after)
        };
        assert_eq!(seconds(9_001), (429, Some(10)));
        assert_eq!(seconds(9_000), (429, Some(9)));
        assert_eq!(seconds(-5), (429, Some(1)));
        assert_eq!(Response::empty(200).retry_after, None);
    }

    #[tokio::test]
    async fn the_header_says_when_to_come_again() {
        struct Busy;
        impl HttpStep for Busy {
            async fn answer(&self, _: &str, _: Request) -> Response {
                Response::come_again(SignedDuration::from_secs(7))
            }
        }
        let answered = answer(&Busy, event("POST", "", false)).await;
        assert_eq!(
            (answered.status_code, &answered.headers["retry-after"]),
            (429, &"7".parse().unwrap())
        );
    }

    #[test]
    fn other_methods_and_broken_base64_are_refused() {
        assert_eq!(read(event("PUT", "", false)).err(), Some(405));
        assert_eq!(read(event("POST", "no base64!", true)).err(), Some(400));
    }
}
