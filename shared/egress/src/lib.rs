//! HTTP clients that connect only where a guard lets them.

use delivery::{Forbidden, Guard};
use domain::{Class, Disposition, Fault, Reason};
use reqwest::Client;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

const CONNECT: Duration = Duration::from_secs(2);

/// One client for each guard, so that no connection that one guard let through serves another.
pub struct Egress {
    names: Arc<dyn Resolve>,
    clients: RefCell<BTreeMap<Guard, Client>>,
}

impl Egress {
    /// Looks names up as the system does.
    #[must_use]
    pub fn new() -> Self {
        Self::with(Arc::new(SystemNames))
    }

    fn with(names: Arc<dyn Resolve>) -> Self {
        Self { names, clients: RefCell::default() }
    }

    /// The client that connects where this guard lets it. It follows no redirect, and uses no
    /// proxy: a proxy would look the name up by itself.
    ///
    /// # Errors
    /// Where the system's certificates cannot be read.
    pub fn client(&self, guard: &Guard) -> Result<Client, NoCertificates> {
        if let Some(client) = self.clients.borrow().get(guard) {
            return Ok(client.clone());
        }
        let names = GuardedNames { guard: guard.clone(), names: Arc::clone(&self.names) };
        let client = Client::builder()
            .connect_timeout(CONNECT)
            .redirect(Policy::none())
            .no_proxy()
            .dns_resolver(Arc::new(names))
            .build();
        let client = client.map_err(|_| NoCertificates)?;
        self.clients.borrow_mut().insert(guard.clone(), client.clone());
        Ok(client)
    }
}

impl Default for Egress {
    fn default() -> Self {
        Self::new()
    }
}

/// The system's certificates cannot be read: no connection could be trusted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the system's certificates are unusable")]
pub struct NoCertificates;

impl Fault for NoCertificates {
    fn class(&self) -> Class {
        Class::Ours
    }

    fn disposition(&self) -> Disposition {
        Disposition::Retry { after: None }
    }

    fn reason(&self) -> Reason {
        Reason { code: "certificates_unreadable".into(), detail: self.to_string() }
    }
}

impl std::fmt::Debug for Egress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Egress").field("clients", &self.clients).finish_non_exhaustive()
    }
}

/// Why the connection was refused by a guard, if that is what happened.
#[must_use]
pub fn forbidden(error: &reqwest::Error) -> Option<Forbidden> {
    let mut source: Option<&(dyn Error + 'static)> = error.source();
    while let Some(error) = source {
        if let Some(forbidden) = error.downcast_ref::<Forbidden>() {
            return Some(*forbidden);
        }
        source = error.source();
    }
    None
}

struct SystemNames;

impl Resolve for SystemNames {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            // reqwest puts the URL's port in place of 0.
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// What is judged here is what the client connects to: nobody can give another answer in between.
struct GuardedNames {
    guard: Guard,
    names: Arc<dyn Resolve>,
}

impl Resolve for GuardedNames {
    fn resolve(&self, name: Name) -> Resolving {
        let (guard, found) = (self.guard.clone(), self.names.resolve(name));
        Box::pin(async move {
            let found: Vec<SocketAddr> = found.await?.collect();
            // A name that leads inside as well is refused as a whole: it is not what it seems.
            for address in &found {
                guard.admit(address.ip())?;
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

    /// Answers each question with the next of its answers.
    struct Rebinding {
        answers: Vec<Vec<SocketAddr>>,
        asked: AtomicUsize,
    }

    impl Resolve for Rebinding {
        fn resolve(&self, _: Name) -> Resolving {
            let number = self.asked.fetch_add(1, Ordering::SeqCst);
            let found = self.answers[number.min(self.answers.len() - 1)].clone();
            Box::pin(async move { Ok(Box::new(found.into_iter()) as Addrs) })
        }
    }

    async fn server() -> MockServer {
        // Whoever came first has installed the same provider.
        drop(rustls::crypto::ring::default_provider().install_default());
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(ResponseTemplate::new(200)).mount(&server).await;
        server
    }

    fn leading_to(answers: Vec<Vec<SocketAddr>>) -> Egress {
        Egress::with(Arc::new(Rebinding { answers, asked: AtomicUsize::new(0) }))
    }

    fn loopback() -> Guard {
        Guard::new(&["127.0.0.0/8".parse().unwrap()])
    }

    async fn post(
        egress: &Egress,
        guard: &Guard,
        server: &MockServer,
    ) -> Result<u16, Option<Forbidden>> {
        let url = format!("http://hooks.example.com:{}/", server.address().port());
        let sent = egress.client(guard).unwrap().post(url).send().await;
        sent.map(|answer| answer.status().as_u16()).map_err(|error| forbidden(&error))
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_not_connected_to() {
        let server = server().await;
        let inside: SocketAddr = "127.0.0.1:0".parse().unwrap();
        let egress = leading_to(vec![vec![inside]]);
        assert_eq!(post(&egress, &Guard::default(), &server).await, Err(Some(Forbidden::Private)));
        assert!(server.received_requests().await.unwrap().is_empty());
        assert_eq!(post(&egress, &loopback(), &server).await, Ok(200), "it is the guard alone");
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_as_well_is_not_connected_to() {
        let server = server().await;
        let found = ["127.0.0.1:0", "169.254.169.254:0"].map(|text| text.parse().unwrap());
        let egress = leading_to(vec![found.to_vec()]);
        assert_eq!(post(&egress, &loopback(), &server).await, Err(Some(Forbidden::Reserved)));
        assert!(server.received_requests().await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_name_that_changes_its_mind_is_judged_by_each_answer() {
        let server = server().await;
        let (outside, inside) = ("[::1]:0".parse().unwrap(), "127.0.0.1:0".parse().unwrap());
        let egress = leading_to(vec![vec![outside], vec![inside]]);
        // ::1 stands for the public address of the first answer: nobody listens there.
        let guard = Guard::new(&["::1/128".parse().unwrap()]);
        assert_eq!(post(&egress, &guard, &server).await, Err(None), "let through");
        assert_eq!(post(&egress, &guard, &server).await, Err(Some(Forbidden::Private)));
        assert!(server.received_requests().await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_connection_is_not_lent_to_a_stricter_guard() {
        let server = server().await;
        let inside: SocketAddr = "127.0.0.1:0".parse().unwrap();
        let egress = leading_to(vec![vec![inside]]);
        assert_eq!(post(&egress, &loopback(), &server).await, Ok(200));
        assert_eq!(post(&egress, &Guard::default(), &server).await, Err(Some(Forbidden::Private)));
        assert_eq!(server.received_requests().await.unwrap().len(), 1);
    }
}
