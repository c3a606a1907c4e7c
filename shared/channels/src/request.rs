//! The HTTP request that a channel judges.

use std::{fmt, net::IpAddr};

/// The HTTP methods that vendors use: GET for handshakes, POST for deliveries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Method {
    /// A handshake: the vendor asks whether the address is ours.
    Get,
    /// A delivery.
    Post,
}

/// An HTTP request as API Gateway handed it over.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path's segment after `/hooks/{source}/`, decoded.
    pub path_key: Option<String>,
    /// The query parameters, decoded, in the order of arrival.
    pub query: Vec<(String, String)>,
    /// The headers; names in lower case.
    pub headers: Vec<(String, String)>,
    /// The raw bytes, exactly as the sender sent them: signatures cover these.
    pub body: Vec<u8>,
    /// The sender's address, as API Gateway saw it; never from a header.
    pub source_ip: Option<IpAddr>,
}

impl Request {
    /// The first query parameter of this name.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<&str> {
        first(&self.query, name)
    }

    /// The first header of this name, which is in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        first(&self.headers, name)
    }
}

fn first<'p>(pairs: &'p [(String, String)], name: &str) -> Option<&'p str> {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// Shows sizes only: everything else may be personal data or a secret.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({:?}, {} bytes)", self.method, self.body.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_holds_no_content() {
        let request = Request {
            method: Method::Post,
            path_key: Some("hidden".into()),
            query: vec![("hidden".into(), "hidden".into())],
            headers: vec![("hidden".into(), "hidden".into())],
            body: b"hidden".to_vec(),
            source_ip: None,
        };
        assert_eq!(format!("{request:?}"), "Request(Post, 6 bytes)");
    }
}
