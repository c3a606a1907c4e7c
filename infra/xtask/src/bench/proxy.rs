//! Stands between a function and the emulator, to count what passes.

use std::io::{self, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use serde_json::Value;

use super::http::Message;
use super::tally::Tally;
use crate::ports;

/// A proxy that runs until the program ends.
pub(super) struct Proxy {
    address: SocketAddr,
    tally: Arc<Mutex<Tally>>,
}

impl Proxy {
    pub(super) fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let tally = Arc::new(Mutex::new(Tally::default()));
        let counting = Arc::clone(&tally);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let tally = Arc::clone(&counting);
                // A broken connection shows as a failed invocation.
                thread::spawn(move || serve(client, &tally));
            }
        });
        Ok(Self { address, tally })
    }

    /// What a function takes for AWS.
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The count so far; it begins anew.
    pub(super) fn take(&self) -> Tally {
        std::mem::take(&mut self.tally.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn serve(client: TcpStream, tally: &Mutex<Tally>) -> io::Result<()> {
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, ports::MINISTACK))?;
    server.set_nodelay(true)?;
    client.set_nodelay(true)?;
    let mut to_client = client.try_clone()?;
    let mut from_client = BufReader::new(client);
    let mut from_server = BufReader::new(server.try_clone()?);
    while let Some(mut request) = Message::read(&mut from_client)? {
        let operation = request.header("x-amz-target").unwrap_or("other").to_owned();
        if operation.starts_with("DynamoDB") {
            ask_for_capacity(&mut request);
        }
        request.write(&mut server)?;
        let Some(response) = Message::read(&mut from_server)? else { break };
        tally.lock().unwrap_or_else(PoisonError::into_inner).count(
            &operation,
            &request.body,
            &response.body,
        );
        response.write(&mut to_client)?;
    }
    Ok(())
}

/// The functions do not want to know what a request cost; the measurement does.
fn ask_for_capacity(request: &mut Message) {
    if let Ok(Value::Object(mut body)) = serde_json::from_slice(&request.body) {
        body.insert("ReturnConsumedCapacity".to_owned(), "TOTAL".into());
        request.body = Value::Object(body).to_string().into_bytes();
    }
}
