//! The in-house system, which remembers what it was told.

use crate::brew::lock;
use crate::http::Message;
use serde_json::Value;
use std::io::{self, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A webhook that arrived: its id and what it says.
pub(crate) type Told = (String, Value);

/// The in-house system.
#[derive(Clone, Debug, Default)]
pub(crate) struct Endpoint {
    told: Arc<Mutex<Vec<Told>>>,
}

impl Endpoint {
    /// Listens until the program ends. Returns its port.
    pub(crate) fn start(&self) -> io::Result<u16> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let port = listener.local_addr()?.port();
        let endpoint = self.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let endpoint = endpoint.clone();
                thread::spawn(move || endpoint.serve(client));
            }
        });
        Ok(port)
    }

    fn serve(&self, client: TcpStream) -> io::Result<()> {
        client.set_nodelay(true)?;
        let mut to_client = client.try_clone()?;
        let mut from_client = BufReader::new(client);
        while let Some(request) = Message::read(&mut from_client)? {
            let id = request.header("webhook-id").unwrap_or_default().to_owned();
            let body = serde_json::from_slice(&request.body).unwrap_or_default();
            lock(&self.told).push((id, body));
            to_client.write_all(b"HTTP/1.1 204 No Content\r\n\r\n")?;
        }
        Ok(())
    }

    /// All that arrived since it was asked last.
    pub(crate) fn take(&self) -> Vec<Told> {
        std::mem::take(&mut lock(&self.told))
    }
}
