//! Just enough HTTP/1.1 for two programs that we know, over the loopback interface.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;

/// A request or a response, with its body.
pub(super) struct Message {
    /// The first line.
    pub(super) start: String,
    /// The other lines of the head but for the body's length, each without its line break.
    pub(super) headers: Vec<String>,
    pub(super) body: Vec<u8>,
}

impl Message {
    /// An answer in JSON.
    pub(super) fn answer(status: &str, headers: &[String], body: &str) -> Self {
        let mut headers = headers.to_vec();
        headers.push("Content-Type: application/json".to_owned());
        Self { start: format!("HTTP/1.1 {status}"), headers, body: body.into() }
    }

    /// Reads the next message of a connection; `None` at its end.
    pub(super) fn read(stream: &mut BufReader<TcpStream>) -> io::Result<Option<Self>> {
        let mut start = String::new();
        if stream.read_line(&mut start)? == 0 {
            return Ok(None);
        }
        let (mut headers, mut length) = (Vec::new(), 0);
        loop {
            let mut line = String::new();
            stream.read_line(&mut line)?;
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().map_err(io::Error::other)?;
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                return Err(io::Error::other("a chunked body"));
            } else {
                headers.push(line.to_owned());
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body)?;
        Ok(Some(Self { start: start.trim_end().to_owned(), headers, body }))
    }

    /// Writes the message in one packet where it fits, so that nothing waits for the second.
    pub(super) fn write(&self, stream: &mut TcpStream) -> io::Result<()> {
        let mut bytes = format!("{}\r\n", self.start).into_bytes();
        for header in &self.headers {
            bytes.extend_from_slice(header.as_bytes());
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(format!("Content-Length: {}\r\n\r\n", self.body.len()).as_bytes());
        bytes.extend_from_slice(&self.body);
        stream.write_all(&bytes)
    }

    /// The value of a header, by its name in any case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut pairs = self.headers.iter().filter_map(|line| line.split_once(':'));
        pairs.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }
}
