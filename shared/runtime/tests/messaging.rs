//! What becomes of a message whose answer is not the usual one.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "what is not as expected ends the test"
)]

use aws_config::BehaviorVersion;
use aws_config::retry::RetryConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::SdkConfig;
use aws_types::region::Region;
use runtime::{Email, EmailSender, MessagingError, SesSender, Sms, SmsSender, SnsSender};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// What the service does with a request that it has read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Service {
    Answers(&'static str),
    Closes,
    /// Some of the request is never read, which ends the connection by a reset.
    Resets,
    KeepsSilent,
}

/// The service with a count of the requests that reached it.
struct Served {
    configuration: SdkConfig,
    requests: Arc<AtomicUsize>,
}

impl Served {
    fn new(service: Service) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&requests);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let count = Arc::clone(&count);
                thread::spawn(move || serve(client, service, &count));
            }
        });
        Self { configuration: configuration(url), requests }
    }

    async fn text(&self) -> Result<String, MessagingError> {
        let sms = Sms { to: "+12025550123", text: "shipped", sender_id: None };
        SnsSender::new(&self.configuration).send_sms(sms).await
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

fn serve(client: TcpStream, service: Service, count: &AtomicUsize) {
    // A byte at a time: what a buffer has taken is read.
    let mut reader = BufReader::with_capacity(1, client);
    let (mut length, mut line) = (0, String::new());
    while reader.read_line(&mut line).unwrap() > 2 {
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        line.clear();
    }
    length -= usize::from(service == Service::Resets);
    reader.read_exact(&mut vec![0; length]).unwrap();
    count.fetch_add(1, Ordering::SeqCst);
    match service {
        Service::Answers(answer) => reader.get_mut().write_all(answer.as_bytes()).unwrap(),
        Service::Closes | Service::Resets => {}
        // Until the client gives up.
        Service::KeepsSilent => drop(reader.read(&mut [0])),
    }
}

/// One that repeats what fails, as every other call does.
fn configuration(url: String) -> SdkConfig {
    let credentials = Credentials::new("test", "test", None, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(RetryConfig::standard())
        .endpoint_url(url)
        .build()
}

#[tokio::test]
async fn a_text_whose_answer_is_lost_is_not_sent_again_by_itself() {
    const BROKEN: &str = "HTTP/1.1 500 x\r\ncontent-length: 0\r\n\r\n";
    for service in
        [Service::Closes, Service::Resets, Service::KeepsSilent, Service::Answers(BROKEN)]
    {
        let served = Served::new(service);
        let sent = served.text().await;
        assert!(matches!(sent, Err(MessagingError::Unknown { .. })), "{service:?}: {sent:?}");
        assert_eq!(served.requests(), 1, "{service:?}");
    }
}

#[tokio::test]
async fn an_e_mail_whose_answer_is_lost_is_not_sent_again_by_itself() {
    let served = Served::new(Service::Closes);
    let (from, to) = ("shop@example.com", "anna@example.com");
    let email = Email { from, to, subject: "shipped", text: "shipped" };
    let sent = SesSender::new(&served.configuration).send_email(email).await;
    assert!(matches!(sent, Err(MessagingError::Unknown { .. })), "{sent:?}");
    assert_eq!(served.requests(), 1);
}

#[tokio::test]
async fn what_the_service_puts_off_was_not_sent() {
    const THROTTLED: &str = "HTTP/1.1 400 x\r\ncontent-length: 68\r\n\r\n\
        <ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>";
    let served = Served::new(Service::Answers(THROTTLED));
    let sent = served.text().await;
    assert!(matches!(sent, Err(MessagingError::NotNow { .. })), "{sent:?}");
    assert_eq!(served.requests(), 1);
}

#[tokio::test]
async fn what_nobody_took_was_not_sent() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nobody =
        Served { configuration: configuration(format!("http://{free}")), requests: Arc::default() };
    let sent = nobody.text().await;
    assert!(matches!(sent, Err(MessagingError::NotNow { .. })), "{sent:?}");
}
