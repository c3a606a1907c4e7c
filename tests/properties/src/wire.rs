//! Requests as text, close to HTTP, so that a fuzzer can change every part by itself.

use channels::{Method, Request};

/// Reads `POST /source/key?a=1&b=2`, a header on each line, an empty line and the body. Nothing
/// is decoded. The source's name comes first.
pub(crate) fn read(bytes: &[u8]) -> Option<(&str, Request)> {
    let end = bytes.windows(2).position(|pair| pair == b"\n\n")?;
    let mut lines = str::from_utf8(&bytes[..end]).ok()?.lines();
    let (method, target) = lines.next()?.split_once(' ')?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut path = path.split('/').skip(1);
    let source = path.next()?;
    let pair = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let request = Request {
        method: if method == "GET" { Method::Get } else { Method::Post },
        path_key: path.next().map(str::to_owned),
        query: query.split('&').filter_map(|part| part.split_once('=').map(pair)).collect(),
        headers: lines.filter_map(|line| line.split_once(": ").map(pair)).collect(),
        body: bytes[end + 2..].to_vec(),
        source_ip: Some([192, 0, 2, 1].into()),
    };
    Some((source, request))
}
