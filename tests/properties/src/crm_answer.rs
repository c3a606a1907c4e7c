//! Whatever a CRM answers, the connector ends, and its errors hold nothing of the answer.

use crate::answers::{Answer, Server};
use crate::quiet::repeats_nothing;
use channels::Secret;
use crm::{
    Changes, Commerce, Connector, ContactId, ContactUpdate, Contacts, CrmError, NewContact, Notes,
    Span, Stage, Tags, Ticket, Tickets,
};
use domain::{Assurance, CustomerId, EffectKey, EventId, Fault, Handle};
use jiff::Timestamp;
use rules::RecordKind;
use serde_json::json;
use std::cell::LazyCell;
use tokio::runtime::Runtime;

/// No call needs as many requests, whatever it is answered.
const MOST_REQUESTS: usize = 60;

/// Records of a page of changes.
const PAGE: usize = 2;

/// Pages of them that are looked at.
const PAGES: usize = 8;

/// The connector with its surroundings.
struct Desk {
    server: Server,
    connector: Connector,
    runtime: Runtime,
}

thread_local! {
    static DESK: LazyCell<Desk> = const { LazyCell::new(Desk::new) };
}

/// The first line names what is asked for; each further one is an answer: `200 [{"id": 1}]`.
pub(crate) fn holds(bytes: &[u8]) {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let Some(call) = lines.next() else { return };
    DESK.with(|desk| {
        desk.server.answer(lines.filter_map(answer));
        let outcome = desk.runtime.block_on(desk.call(call));
        assert!(desk.server.asked() < MOST_REQUESTS, "asked {} times", desk.server.asked());
        if let Err(error) = outcome {
            let reason = error.reason();
            assert!(reason.code.starts_with("crm_"), "{}", reason.code);
            repeats_nothing(&reason.detail, bytes);
            repeats_nothing(&error.to_string(), bytes);
        }
    });
}

fn answer(line: &[u8]) -> Option<Answer> {
    let (status, body) = line.split_at_checked(3)?;
    let status: u16 = str::from_utf8(status).ok()?.parse().ok()?;
    // A client waits for what follows a status below 200; 204 and 304 have no body.
    let whole = (200..600).contains(&status) && status != 204 && status != 304;
    whole.then(|| (status, body.strip_prefix(b" ").unwrap_or(body).to_vec()))
}

impl Desk {
    fn new() -> Self {
        let server = Server::start();
        let settings =
            json!({ "tryton": { "secret": "s", "url": server.url, "database": "tryton" } });
        let secret = Secret::from_json(r#"{"key": "k"}"#).unwrap();
        let settings = serde_json::from_value(settings).unwrap();
        let connector = Connector::new(&settings, &secret, crm::http().unwrap()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { server, connector, runtime }
    }

    async fn call(&self, name: &[u8]) -> Result<(), CrmError> {
        let (crm, contact) = (&self.connector, ContactId::new("7"));
        let phone = Handle::phone("+12025550123", "", Assurance::Claimed).unwrap();
        let handles = vec![phone, Handle::email("anna@example.com", Assurance::Claimed).unwrap()];
        let event = EventId::new("shop", "1");
        let (key, lead) = (EffectKey::new(&event, "r", "t"), Stage::Lead(CustomerId::new("x")));
        let new = |stage| NewContact { name: Some("Anna".into()), handles: handles.clone(), stage };
        let ticket = |owner: Option<&str>| Ticket {
            title: "title".into(),
            text: "text".into(),
            owner: owner.map(str::to_owned),
        };
        let (add, remove) = (["vip".to_owned(), "new".to_owned()], ["old".to_owned()]);
        match name {
            b"find" => crm.find(&handles).await.map(drop),
            b"locate" => crm.locate(&contact).await.map(drop),
            b"create" => crm.create(&new(Stage::Contact)).await.map(drop),
            b"lead" => crm.create(&new(lead)).await.map(drop),
            b"update" => {
                let update = ContactUpdate { name: Some("Bea".into()), add: handles };
                crm.update(&contact, &update).await.map(drop)
            }
            b"tag" => crm.tag(&contact, &add, &remove).await,
            b"note" => crm.note(&contact, &key, "text").await.map(drop),
            b"ticket" => crm.ticket(&contact, &key, &ticket(None)).await.map(drop),
            b"owned" => crm.ticket(&contact, &key, &ticket(Some("Otto"))).await.map(drop),
            b"orders" => crm.orders(&contact).await.map(drop),
            b"shipments" => crm.shipments(&contact).await.map(drop),
            b"changed-contacts" => self.changes(RecordKind::Contacts).await,
            b"changed-orders" => self.changes(RecordKind::Orders).await,
            b"changed-shipments" => self.changes(RecordKind::Shipments).await,
            b"changed-invoices" => self.changes(RecordKind::Invoices).await,
            _ => crm.invoices(&contact).await.map(drop),
        }
    }

    /// Asks for pages, of which each lies beyond the one before.
    async fn changes(&self, kind: RecordKind) -> Result<(), CrmError> {
        let day = |day: i64| Timestamp::from_second(1_795_334_400 + 86_400 * day).unwrap();
        let span = Span { after: day(0), until: day(1) };
        let mut beyond: Option<String> = None;
        for _ in 0..PAGES {
            let page = self.connector.changes(kind, span, beyond.as_deref(), PAGE).await?;
            let number = |mark: &str| mark.parse::<u64>().expect("an id");
            let Some(next) = page.next else { return Ok(()) };
            assert!(beyond.is_none_or(|mark| number(&mark) < number(&next)), "round in circles");
            beyond = Some(next);
        }
        Ok(())
    }
}
