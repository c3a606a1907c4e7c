//! Stands between the functions and the emulator, and does to a request what strikes it.

use crate::brew::{Brew, Struck, lock};
use crate::emulator::Emulator;
use crate::fault::{Fault, Kind};
use crate::http::Message;
use crate::process::{function_at, signal};
use crate::request::{Request, kinds};
use crate::{messages, store};
use rustix::process::Signal;
use serde_json::{Value, json};
use std::io::{self, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// Where the functions look for AWS.
pub(crate) const PORT: u16 = 4567;

/// How long a frozen function stands still: past the visibility timeouts of the harness.
pub(crate) const FROZEN: Duration = Duration::from_secs(7);
/// Longer than a function waits for a message to be taken.
const PATIENCE: Duration = Duration::from_millis(4_500);
/// The longest time for which a message waits to be tried again, in seconds.
const LONGEST_WAIT: i64 = 3;

/// A message that did not arrive whole.
#[derive(Clone, Debug)]
pub(crate) struct Parcel {
    /// Its queue's URL.
    pub(crate) queue: String,
    pub(crate) group: String,
    pub(crate) body: String,
}

/// The proxy, shared by its connections.
#[derive(Debug)]
pub(crate) struct Proxy {
    pub(crate) emulator: Emulator,
    pub(crate) brew: Arc<Brew>,
    /// Messages that are held back.
    pub(crate) held: AtomicUsize,
    /// What was cut off, whole.
    pub(crate) truncated: Mutex<Vec<Parcel>>,
    /// Messages that passed so far: what is held back to be overtaken waits for the next.
    pub(crate) passed: AtomicUsize,
}

impl Proxy {
    /// Serves the functions until the program ends.
    pub(crate) fn start(emulator: Emulator, brew: Arc<Brew>) -> io::Result<Arc<Self>> {
        let proxy = Arc::new(Self {
            emulator,
            brew,
            held: AtomicUsize::new(0),
            truncated: Mutex::default(),
            passed: AtomicUsize::new(0),
        });
        let (listener, serving) = (TcpListener::bind(("127.0.0.1", PORT))?, Arc::clone(&proxy));
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let proxy = Arc::clone(&serving);
                // A connection that breaks is the function's to repeat.
                thread::spawn(move || proxy.serve(client));
            }
        });
        Ok(proxy)
    }

    fn serve(self: &Arc<Self>, client: TcpStream) -> io::Result<()> {
        client.set_nodelay(true)?;
        let peer = client.peer_addr()?.port();
        let mut to_client = client.try_clone()?;
        let mut from_client = BufReader::new(client);
        while let Some(message) = Message::read(&mut from_client)? {
            let request = Request::of(message);
            let struck = self.brew.draw(&kinds(&request));
            let answer = match struck {
                Some(struck) => self.strike(request, struck, peer)?,
                None => Some(self.pass(request)?),
            };
            let Some(answer) = answer else { break };
            to_client.write_all(&answer.bytes())?;
        }
        Ok(())
    }

    /// Hands a request on as it is, but for the waits between two tries: the test has no hours.
    pub(crate) fn pass(&self, request: Request) -> io::Result<Message> {
        if kinds(&request).contains(&Kind::Message) {
            self.passed.fetch_add(1, Ordering::Relaxed);
        }
        if request.operation == "ChangeMessageVisibility"
            && request.json["VisibilityTimeout"].as_i64().is_some_and(|wait| wait > LONGEST_WAIT)
        {
            let mut json = request.json.clone();
            json["VisibilityTimeout"] = LONGEST_WAIT.into();
            return self.pass_changed(request, &json);
        }
        if let Some(json) = store::with_short_lease(&request) {
            return self.pass_changed(request, &json);
        }
        request.message.ask(self.emulator.port)
    }

    /// Hands a request on with another body, signed anew.
    pub(crate) fn pass_changed(&self, request: Request, json: &Value) -> io::Result<Message> {
        let mut message = request.message;
        message.body = json.to_string().into_bytes();
        self.emulator.sign(&mut message, request.service);
        message.ask(self.emulator.port)
    }

    /// The answer to a request that is struck; none where the connection ends without one.
    fn strike(
        self: &Arc<Self>,
        request: Request,
        struck: Struck,
        peer: u16,
    ) -> io::Result<Option<Message>> {
        match struck.fault {
            Fault::KilledBeforeWrite | Fault::KilledBeforeSend => {
                kill(peer, PORT);
                Ok(None)
            }
            Fault::KilledAfterWrite | Fault::KilledAfterSend => {
                self.pass(request)?;
                kill(peer, PORT);
                Ok(None)
            }
            Fault::Frozen if struck.draw.is_multiple_of(2) => {
                freeze(peer, PORT);
                self.pass(request).map(Some)
            }
            Fault::Frozen => {
                let answer = self.pass(request)?;
                freeze(peer, PORT);
                Ok(Some(answer))
            }
            Fault::MessageDuplicated => messages::duplicate(self, request, struck.draw).map(Some),
            Fault::MessageDelayed => Ok(Some(messages::hold(self, request, struck.draw, false))),
            Fault::MessagesReordered => Ok(Some(messages::hold(self, request, struck.draw, true))),
            Fault::MessageTruncated => messages::truncate(self, request, struck.draw).map(Some),
            Fault::QueuePartial => messages::partly(self, request, struck.draw).map(Some),
            Fault::StoreThrottled => Ok(Some(store::throttled())),
            Fault::StoreRepeated => {
                self.pass(request.clone())?;
                self.pass(request).map(Some)
            }
            Fault::StoreTimeout => {
                self.pass(request)?;
                // Longer than the functions' clients wait for one attempt.
                thread::sleep(Duration::from_millis(2_500));
                Ok(None)
            }
            Fault::TextUnanswered => {
                self.pass(request)?;
                if struck.draw.is_multiple_of(2) {
                    thread::sleep(PATIENCE);
                }
                Ok(None)
            }
            Fault::StorePartial => store::partly(self, request).map(Some),
            Fault::Crm(_)
            | Fault::CrmSlow
            | Fault::CrmOtherType
            | Fault::CrmErrorInside
            | Fault::CrmReset
            | Fault::CrmTls
            | Fault::CrmDns
            | Fault::SecretRotated
            | Fault::CrmKeyRotated
            | Fault::ConfigurationChanged
            | Fault::Deployed
            | Fault::ClockSkew
            | Fault::PoisonBody
            | Fault::PoisonMessage => self.pass(request).map(Some),
        }
    }

    /// What was cut off since it was asked last.
    pub(crate) fn take_truncated(&self) -> Vec<Parcel> {
        std::mem::take(&mut lock(&self.truncated))
    }

    /// Sends a message by the harness's own hand.
    pub(crate) fn send(&self, parcel: &Parcel, deduplication: &str) {
        let body = json!({
            "QueueUrl": parcel.queue, "MessageGroupId": parcel.group,
            "MessageDeduplicationId": deduplication, "MessageBody": parcel.body,
        });
        self.emulator.call("sqs", "AmazonSQS.SendMessage", &body);
    }
}

/// Ends the function at the other end of a connection at once.
pub(crate) fn kill(peer: u16, proxy: u16) {
    if let Some(pid) = function_at(peer, proxy) {
        signal(pid, Signal::KILL);
    }
}

/// Has the function at the other end of a connection stand still for a while.
pub(crate) fn freeze(peer: u16, proxy: u16) {
    if let Some(pid) = function_at(peer, proxy) {
        signal(pid, Signal::STOP);
        thread::sleep(FROZEN);
        signal(pid, Signal::CONT);
    }
}
