//! Stands between the functions and the CRM.

use crate::brew::{Brew, Struck};
use crate::fault::{Fault, Kind, Status};
use crate::http::Message;
use crate::proxy::{freeze, kill};
use std::io::{self, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// Where the functions look for the CRM.
pub(crate) const PORT: u16 = 8093;
/// Where a server listens that speaks no TLS which anybody would accept.
pub(crate) const TLS_PORT: u16 = 8094;
/// The key that the CRM asks for once its key was rotated.
pub(crate) const NEW_KEY: &str = "local_only_key_after_its_rotation";

/// A fatal alert, `handshake_failure`: RFC 8446, section 6.
const ALERT: [u8; 7] = [21, 3, 3, 0, 2, 2, 40];

/// What to do with an answer.
enum Ending {
    Answer(Message),
    /// Its head and half of its body, the rest after everybody's patience.
    Slowly(Message),
    /// The connection is reset.
    Reset,
}

/// The CRM behind its faults.
#[derive(Debug)]
pub(crate) struct Crm {
    brew: Arc<Brew>,
    /// Where it listens itself.
    port: u16,
    key: String,
    rotated: AtomicBool,
}

impl Crm {
    /// Serves the functions until the program ends.
    pub(crate) fn start(brew: Arc<Brew>, port: u16, key: String) -> io::Result<Arc<Self>> {
        let crm = Arc::new(Self { brew, port, key, rotated: AtomicBool::new(false) });
        let serving = Arc::clone(&crm);
        listen(PORT, move |client| serving.serve(client))?;
        let failing = Arc::clone(&crm);
        listen(TLS_PORT, move |mut client| {
            failing.brew.count(Fault::CrmTls, 1);
            client.write_all(&ALERT)
        })?;
        Ok(crm)
    }

    /// Whether the CRM asks for [`NEW_KEY`].
    pub(crate) fn rotate(&self, rotated: bool) {
        self.rotated.store(rotated, Ordering::SeqCst);
    }

    fn serve(&self, client: TcpStream) -> io::Result<()> {
        client.set_nodelay(true)?;
        let peer = client.peer_addr()?.port();
        let mut to_client = client.try_clone()?;
        let mut from_client = BufReader::new(client);
        while let Some(mut request) = Message::read(&mut from_client)? {
            if self.rotated.load(Ordering::SeqCst) && !self.exchange(&mut request) {
                self.brew.count(Fault::CrmKeyRotated, 1);
                to_client.write_all(&Message::answer(401, "{}").bytes())?;
                continue;
            }
            let writes = request.start.starts_with("POST") || request.start.starts_with("PUT");
            let kinds: &[Kind] = if writes { &[Kind::CrmWrite, Kind::Crm] } else { &[Kind::Crm] };
            let ending = match self.brew.draw(kinds) {
                Some(struck) => self.strike(&request, struck, peer)?,
                None => Ending::Answer(request.ask(self.port)?),
            };
            match ending {
                Ending::Answer(answer) => to_client.write_all(&answer.bytes())?,
                Ending::Slowly(answer) => {
                    let bytes = answer.bytes();
                    let (now, later) = bytes.split_at(bytes.len() - answer.body.len() / 2);
                    to_client.write_all(now)?;
                    thread::sleep(Duration::from_secs(9));
                    to_client.write_all(later)?;
                }
                Ending::Reset => break,
            }
        }
        Ok(())
    }

    /// Changes the new key for the one that the CRM knows. Returns whether it was the new one.
    fn exchange(&self, request: &mut Message) -> bool {
        let known = request.header("authorization").is_some_and(|it| it.ends_with(NEW_KEY));
        request.without("authorization");
        request.headers.push(format!("Authorization: bearer {}", self.key));
        known
    }

    fn strike(&self, request: &Message, struck: Struck, peer: u16) -> io::Result<Ending> {
        // Half of the time it has done what it was asked for.
        let done = struck.draw.is_multiple_of(2);
        let answer = |status, body: &str| Ending::Answer(Message::answer(status, body));
        if done && !matches!(struck.fault, Fault::KilledBeforeWrite | Fault::Frozen) {
            request.ask(self.port)?;
        }
        Ok(match struck.fault {
            Fault::KilledBeforeWrite => {
                kill(peer, PORT);
                Ending::Reset
            }
            Fault::KilledAfterWrite => {
                if !done {
                    request.ask(self.port)?;
                }
                kill(peer, PORT);
                Ending::Reset
            }
            Fault::Frozen => {
                freeze(peer, PORT);
                Ending::Answer(request.ask(self.port)?)
            }
            Fault::Crm(Status(429)) => {
                Ending::Answer(Message::answer(429, "{}").with("Retry-After", "2"))
            }
            Fault::Crm(Status(status)) => answer(status, r#"{"error":"made up"}"#),
            Fault::CrmSlow => {
                let body = r#"[{"id": 1, "name": "made up, and never read to its end"}]"#;
                Ending::Slowly(Message::answer(200, body))
            }
            Fault::CrmOtherType => {
                let mut page = Message::answer(200, "<html><title>Sign in</title></html>");
                page.headers = vec!["Content-Type: text/html".to_owned()];
                Ending::Answer(page)
            }
            Fault::CrmErrorInside => answer(200, r#"{"error": "something went wrong"}"#),
            Fault::CrmReset => Ending::Reset,
            Fault::KilledBeforeSend
            | Fault::KilledAfterSend
            | Fault::MessageDuplicated
            | Fault::MessageDelayed
            | Fault::MessagesReordered
            | Fault::MessageTruncated
            | Fault::StoreThrottled
            | Fault::StoreRepeated
            | Fault::StoreTimeout
            | Fault::StorePartial
            | Fault::QueuePartial
            | Fault::TextUnanswered
            | Fault::CrmTls
            | Fault::CrmDns
            | Fault::SecretRotated
            | Fault::CrmKeyRotated
            | Fault::ConfigurationChanged
            | Fault::Deployed
            | Fault::ClockSkew
            | Fault::PoisonBody
            | Fault::PoisonMessage => Ending::Answer(request.ask(self.port)?),
        })
    }
}

fn listen(
    port: u16,
    serve: impl Fn(TcpStream) -> io::Result<()> + Clone + Send + 'static,
) -> io::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", port))?;
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let serve = serve.clone();
            thread::spawn(move || serve(client));
        }
    });
    Ok(())
}
