//! Just enough HTTP/1.1 to stand between two programs on the loopback interface.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;

/// A request or a response, with its body.
#[derive(Clone, Debug, Default)]
pub(crate) struct Message {
    /// The first line.
    pub(crate) start: String,
    /// The other lines of the head but for the body's length, each without its line break.
    pub(crate) headers: Vec<String>,
    pub(crate) body: Vec<u8>,
}

impl Message {
    /// An answer in JSON.
    pub(crate) fn answer(status: u16, body: &str) -> Self {
        let headers = vec!["Content-Type: application/json".to_owned()];
        Self { start: format!("HTTP/1.1 {status} Faulty"), headers, body: body.into() }
    }

    /// The same with one more header.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push(format!("{name}: {value}"));
        self
    }

    /// Reads the next message of a connection; `None` at its end. A response without a length ends
    /// with its connection.
    pub(crate) fn read(stream: &mut BufReader<TcpStream>) -> io::Result<Option<Self>> {
        let mut start = String::new();
        if stream.read_line(&mut start)? == 0 {
            return Ok(None);
        }
        let (mut headers, mut length) = (Vec::new(), None);
        loop {
            let mut line = String::new();
            stream.read_line(&mut line)?;
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            if name.eq_ignore_ascii_case("content-length") {
                length = Some(value.trim().parse().map_err(io::Error::other)?);
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                return Err(io::Error::other("a chunked body"));
            } else {
                headers.push(line.to_owned());
            }
        }
        let bodiless = [" 204 ", " 304 "].iter().any(|status| start.contains(status));
        let mut body = Vec::new();
        match length {
            Some(length) => {
                body.resize(length, 0);
                stream.read_exact(&mut body)?;
            }
            None if start.starts_with("HTTP/") && !bodiless => {
                stream.read_to_end(&mut body)?;
            }
            None => {}
        }
        Ok(Some(Self { start: start.trim_end().to_owned(), headers, body }))
    }

    /// Head and body, in one piece where it fits into a packet, so that nothing waits for more.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = format!("{}\r\n", self.start).into_bytes();
        for header in &self.headers {
            bytes.extend_from_slice(header.as_bytes());
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(format!("Content-Length: {}\r\n\r\n", self.body.len()).as_bytes());
        bytes.extend_from_slice(&self.body);
        bytes
    }

    /// Asks the server at this port, over a connection of its own.
    pub(crate) fn ask(&self, port: u16) -> io::Result<Self> {
        let mut server = TcpStream::connect(("127.0.0.1", port))?;
        server.set_nodelay(true)?;
        server.write_all(&self.bytes())?;
        let answer = Self::read(&mut BufReader::new(server))?;
        answer.ok_or_else(|| io::Error::other("the connection ended without an answer"))
    }

    /// The value of a header, by its name in any case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut pairs = self.headers.iter().filter_map(|line| line.split_once(':'));
        pairs.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    /// Leaves out the headers of this name.
    pub(crate) fn without(&mut self, name: &str) {
        self.headers.retain(|line| {
            line.split_once(':').is_none_or(|(known, _)| !known.eq_ignore_ascii_case(name))
        });
    }

    /// The second word of the first line: a request's target, a response's status.
    pub(crate) fn second(&self) -> &str {
        self.start.split(' ').nth(1).unwrap_or_default()
    }
}
