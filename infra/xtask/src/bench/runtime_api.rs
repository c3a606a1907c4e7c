//! The side of the Lambda Runtime API that AWS plays.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::io::{self, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::http::Message;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Serves one function.
pub(super) struct RuntimeApi {
    address: SocketAddr,
    events: Sender<String>,
    polls: Receiver<Instant>,
    answers: Receiver<String>,
}

/// What the connection's thread holds.
struct Wires {
    events: Mutex<Receiver<String>>,
    polls: Sender<Instant>,
    answers: Sender<String>,
}

impl RuntimeApi {
    pub(super) fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let (events, to_send) = channel();
        let (polled, polls) = channel();
        let (answered, answers) = channel();
        let wires = Wires { events: Mutex::new(to_send), polls: polled, answers: answered };
        let wires = Arc::new(wires);
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let wires = Arc::clone(&wires);
                // It ends when the function does.
                thread::spawn(move || serve(connection, &wires));
            }
        });
        Ok(Self { address, events, polls, answers })
    }

    /// The value of `AWS_LAMBDA_RUNTIME_API`.
    pub(super) fn address(&self) -> String {
        self.address.to_string()
    }

    /// The moment at which the function first asked for an event.
    pub(super) fn first_poll(&self) -> Option<Instant> {
        self.polls.recv_timeout(PATIENCE).ok()
    }

    /// Hands the function an event, and waits for its answer.
    pub(super) fn invoke(&self, event: &str) -> Option<String> {
        self.events.send(event.to_owned()).ok()?;
        self.answers.recv_timeout(PATIENCE).ok()
    }
}

fn serve(connection: TcpStream, wires: &Wires) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let mut writer = connection.try_clone()?;
    let mut reader = BufReader::new(connection);
    while let Some(request) = Message::read(&mut reader)? {
        let answer = if request.start.starts_with("GET") {
            // Nobody waits for any poll but the first.
            let _ = wires.polls.send(Instant::now());
            let events = wires.events.lock().unwrap_or_else(PoisonError::into_inner);
            let Ok(event) = events.recv() else { break };
            Message::answer("200 OK", &invocation(), &event)
        } else {
            let body = String::from_utf8_lossy(&request.body).into_owned();
            if wires.answers.send(body).is_err() {
                break;
            }
            Message::answer("202 Accepted", &[], "{}")
        };
        answer.write(&mut writer)?;
    }
    Ok(())
}

fn invocation() -> [String; 3] {
    [
        "Lambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd".to_owned(),
        // Far ahead: the year 2100.
        "Lambda-Runtime-Deadline-Ms: 4102444800000".to_owned(),
        "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:000000000000:function:bench"
            .to_owned(),
    ]
}
