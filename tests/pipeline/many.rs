//! Events of many customers, each delivered three times, in any order and several at once: what
//! comes of them on the deployed stack is what a plain reckoning says.

use crate::change::{USUAL, apply, restore};
use crate::graph::tables;
use crate::{PATIENCE, balanced, fresh, fresh_phone, now, stack};
use domain::{Assurance, Customer, EventKind, Handle};
use jiff::Timestamp;
use reqwest::Method;
use serde_json::Value;
use state::dynamo::Store;
use state::{Customers, Histories, Identities};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use support::expected::{Deed, Handled, Night, expected};
use support::telling::{RULES, SPAN, Telling, What, statements, tell};
use support::{Dice, Signed, Stack, texts, until};
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, ResponseTemplate};

const EVENTS: usize = 300;
const CUSTOMERS: usize = 15;

/// How many deliveries are under way at once.
const SENDERS: usize = 8;

/// The usual company and CRM with one more door, and the rules of the reckoning in place of the
/// usual ones. Messages go out at any hour: the test does not wait for the morning.
fn document(endpoint: &str) -> String {
    let (head, _) = USUAL.split_once("\nclassify:\n").expect("the usual rules follow the doors");
    let mapping = |when: &str, kind: &str, topic: &str| {
        format!(
            "          - {{ when: {{ /what: {when} }}, kind: {kind}, topic: {topic}, id: [/key], \
             time: /at, handles: [{{ kind: phone, at: /phone }}], text: /text, \
             duration: /seconds, fields: {{ number: /number, total: /total }} }}\n"
        )
    };
    let mappings: String = [
        ("text", "message", "text"),
        ("answered", "call", "answered"),
        ("placed", "order", "placed"),
        ("shipped", "order", "shipped"),
        ("delivered", "order", "delivered"),
        ("statement", "contact", "statement"),
    ]
    .map(|(when, kind, topic)| mapping(when, kind, topic))
    .concat();
    let door = format!(
        "sources:\n  told:\n    secret: omnicord/hotline\n    channel:\n      call-push:\n        \
         mappings:\n{mappings}"
    );
    let rules: String = RULES
        .lines()
        .filter(|line| !line.contains("quiet:"))
        .fold(String::new(), |text, line| text + line + "\n");
    head.replacen("sources:\n", &door, 1)
        + "\n"
        + &rules
        + &format!(
            "endpoints: {{ inhouse: {{ url: {endpoint}, secret: omnicord/inhouse, \
             allow_private: [127.0.0.0/8] }} }}\n"
        )
}

/// The source and its key.
const DOOR: &str = "told/local-only-hotline-key";

/// Who is who in one run.
struct Cast {
    run: String,
    phones: Vec<String>,
}

impl Cast {
    fn new() -> Self {
        Self { run: fresh("m"), phones: (0..CUSTOMERS).map(|_| fresh_phone()).collect() }
    }

    fn key(&self, number: usize) -> String {
        format!("{}-{number}", self.run)
    }

    /// The event, as its source posts it.
    fn post(&self, telling: &Telling) -> Signed {
        let body = telling.body(&self.key(telling.number), &self.phones[telling.customer]);
        Signed::posted(body.to_string())
    }

    /// Delivers these, several at once.
    async fn deliver(&self, stack: &Arc<Stack>, posts: Vec<Signed>) {
        let posts = Arc::new(std::sync::Mutex::new(posts));
        let mut senders = tokio::task::JoinSet::new();
        for _ in 0..SENDERS {
            let (stack, posts) = (Arc::clone(stack), Arc::clone(&posts));
            senders.spawn(async move {
                loop {
                    let Some(post) = posts.lock().unwrap().pop() else { return };
                    let answer = stack.send(Method::POST, DOOR, &post);
                    let answer = answer.await;
                    assert_eq!(answer.status, 200, "{}", answer.body);
                }
            });
        }
        senders.join_all().await;
    }

    async fn customer(&self, store: &Store, customer: usize) -> Option<Customer> {
        let phone = Handle::phone(&self.phones[customer], "US", Assurance::Attested).unwrap();
        let links = store.links(&[phone.key()]).await.unwrap();
        let group = store.group(&links.get(&phone.key())?.home).await.unwrap()?;
        assert!(group.members.is_empty(), "nobody is merged here");
        Some(group.root)
    }

    /// The customer's events in the order in which they were applied, once all are decided on.
    async fn history(&self, store: &Store, told: &[&Telling]) -> Option<(Customer, Vec<Handled>)> {
        let customer = self.customer(store, told[0].customer).await?;
        let mut order = BTreeMap::new();
        for entry in store.entries(&customer.id).await.unwrap() {
            let event = entry.tagged.event;
            // A tag that comes to its end meanwhile.
            if event.kind == EventKind::Timer {
                continue;
            }
            let number = usize::try_from(event.fields["number"].as_u64()?).unwrap();
            order.insert(entry.tagged.customer.version, (event.id, number));
        }
        let ids: Vec<_> = order.values().map(|(id, _)| id.clone()).collect();
        let records = store.events(&ids).await.unwrap().into_iter();
        let decided_at: BTreeMap<_, _> = records.map(|it| (it.id, it.applied_at)).collect();
        let handled = order.values().map(|(id, number)| {
            let telling = told.iter().find(|telling| telling.number == *number)?;
            let decided_at = decided_at.get(id)?.as_ref()?.as_second();
            Some(Handled { telling: (*telling).clone(), decided_at })
        });
        let handled: Vec<_> = handled.collect::<Option<_>>()?;
        (handled.len() == told.len()).then_some((customer, handled))
    }
}

/// What reached the in-house system and the customers' phones, each thing once.
async fn reached(stack: &Stack, endpoint: &MockServer, cast: &Cast) -> BTreeSet<Deed> {
    let mut posts: BTreeMap<String, Value> = BTreeMap::new();
    for request in endpoint.received_requests().await.unwrap() {
        let id = request.headers["webhook-id"].to_str().unwrap().to_owned();
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        let before = posts.insert(id, body.clone());
        assert!(before.is_none_or(|before| before == body), "one id, two bodies");
    }
    let mut deeds = BTreeSet::new();
    for body in posts.into_values() {
        let text = |name: &str| body[name].as_str().unwrap().trim_end().to_owned();
        let (rule, number) = (text("rule"), text("number").parse().unwrap());
        let deed = Deed { rule, number, says: text("says"), not_before: None };
        assert!(deeds.insert(deed), "two ids, one deed");
    }
    for text in texts(&stack.endpoint).await {
        if cast.phones.contains(&text.to) {
            let number = text.text.rsplit(' ').next().unwrap().parse().unwrap();
            let (rule, says) = ("thanks".to_owned(), text.text);
            assert!(deeds.insert(Deed { rule, number, says, not_before: None }), "sent twice");
        }
    }
    deeds
}

/// Until a shipment of somebody else is told to the in-house system: running functions may be half
/// a minute behind.
async fn until_followed(stack: &Arc<Stack>, endpoint: &MockServer, start: i64) {
    let mut tries = 0;
    until("the new rules", PATIENCE, async || {
        let other = Cast::new();
        tries += 1;
        let what = What::Order("shipped", 100);
        let shipped = Telling { number: 1_000_000 + tries, customer: 0, at: start, what };
        // The receiver may not know the door yet.
        stack.send(Method::POST, DOOR, &other.post(&shipped)).await;
        endpoint.received_requests().await?.pop()
    })
    .await;
    balanced(stack).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_events_three_times_in_any_order_come_to_what_is_reckoned() {
    let stack = Arc::new(stack().await);
    let endpoint = MockServer::start().await;
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(204)).mount(&endpoint).await;
    apply(&stack, &document(&endpoint.uri()));
    let start = now().as_second();
    let start = start - i64::try_from(SPAN).unwrap() - 3_600;
    until_followed(&stack, &endpoint, start).await;

    let (cast, store, mut dice) = (Cast::new(), tables().await, Dice(7));
    let told = tell(EVENTS, CUSTOMERS, start, &mut dice);
    let last = statements(EVENTS, CUSTOMERS, start);
    let mut posts: Vec<_> =
        told.iter().chain(&told).chain(&told).map(|telling| cast.post(telling)).collect();
    dice.shuffle(&mut posts);
    cast.deliver(&stack, posts).await;
    balanced(&stack).await;
    cast.deliver(&stack, last.iter().map(|telling| cast.post(telling)).collect()).await;

    let mut all = BTreeSet::new();
    for customer in 0..CUSTOMERS {
        let own: Vec<_> =
            told.iter().chain(&last).filter(|telling| telling.customer == customer).collect();
        let (known, history) = until("all of a customer's events", 2 * PATIENCE, async || {
            cast.history(&store, &own).await
        })
        .await;
        let (tags, deeds) = expected(&history, Night::Open);
        // What ends while the test looks may be gone, or not yet.
        let soon = now().as_second() + 1_800;
        let lasts = |until: Option<i64>| until.is_none_or(|until| until > soon);
        let borne = known.profile.tags.iter().map(|(name, tag)| {
            (name.as_str(), (tag.since.as_second(), tag.until.map(Timestamp::as_second)))
        });
        let borne: BTreeMap<_, _> = borne.filter(|(_, (_, until))| lasts(*until)).collect();
        let meant = tags.iter().map(|(name, times)| (*name, *times));
        assert_eq!(borne, meant.filter(|(_, (_, until))| lasts(*until)).collect());
        let party = stack.crm.party(&cast.phones[customer]).await;
        for tag in ["high_care", "upset"] {
            if tags.get(tag).is_some_and(|(_, until)| !lasts(*until)) {
                continue;
            }
            until("the tags in Tryton", PATIENCE, async || {
                let bears = match party {
                    Some(party) => stack.crm.is_tagged(party, tag).await,
                    None => false,
                };
                (bears == tags.contains_key(tag)).then_some(())
            })
            .await;
        }
        all.extend(deeds.into_iter().filter(|deed| deed.rule != "tags"));
    }
    balanced(&stack).await;
    let reached = reached(&stack, &endpoint, &cast).await;
    let reached: BTreeSet<_> = reached.into_iter().filter(|it| it.number < 1_000_000).collect();
    assert_eq!(reached, all);
    restore(&stack).await;
}
