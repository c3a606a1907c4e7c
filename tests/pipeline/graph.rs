//! Events that join the same customers at the same time, over the deployed stack's own tables.

use crate::fresh;
use aws_config::{BehaviorVersion, Region};
use domain::{
    Assurance, CrmLink, CustomerId, Handle, HandleKey, HandleKind, InboundEvent, MergeId, ReviewId,
};
use identity::{Change, Group, Links, Merge, MergeState, Record, Review};
use identity_match::{Directory, Standing, resolve};
use proptest::prelude::*;
use rules::RuleSet;
use runtime::StepFailure;
use runtime::memory::message;
use state::dynamo::Store;
use state::{Committed, Customers, Identities, Journal, StoreError};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use support::Stack;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::{JoinHandle, LocalSet};

const RULES: &str = r#"
company: { name: Lab Commerce, region: US, time_zone: UTC, public_url: "https://hooks.example.com" }
identity: { kinds: { account: { limit: 20 } } }
"#;

/// What a worker tells whoever decides who is next.
enum News {
    /// It is about to send a request.
    AtGate(usize),
    /// One has come to its end.
    Done,
}

/// The real store, each request of which waits for its turn.
struct Gated {
    store: Store,
    worker: usize,
    turns: Rc<Semaphore>,
    news: mpsc::UnboundedSender<News>,
}

impl Gated {
    async fn turn(&self) {
        self.news.send(News::AtGate(self.worker)).unwrap();
        self.turns.acquire().await.unwrap().forget();
    }
}

impl Identities for Gated {
    async fn links(&self, keys: &[HandleKey]) -> Result<Links, StoreError> {
        self.turn().await;
        self.store.links(keys).await
    }

    async fn commit(&self, change: &Change) -> Result<Committed, StoreError> {
        self.turn().await;
        self.store.commit(change).await
    }
}

impl Customers for Gated {
    async fn group(&self, profile: &CustomerId) -> Result<Option<Group>, StoreError> {
        self.turn().await;
        self.store.group(profile).await
    }
}

impl Journal for Gated {
    async fn merge(&self, id: &MergeId) -> Result<Option<Merge>, StoreError> {
        self.store.merge(id).await
    }

    async fn review(&self, id: &ReviewId) -> Result<Option<Review>, StoreError> {
        self.store.review(id).await
    }

    async fn reviews(&self, state: &str) -> Result<Vec<Review>, StoreError> {
        self.store.reviews(state).await
    }

    async fn open_review(&self, review: &Review) -> Result<bool, StoreError> {
        self.store.open_review(review).await
    }

    async fn close_review(&self, review: &Review) -> Result<bool, StoreError> {
        self.store.close_review(review).await
    }
}

struct NoCrm;

impl Directory for NoCrm {
    async fn find(&self, _: &RuleSet, _: &[Handle]) -> Result<Vec<Record>, StepFailure> {
        Ok(Vec::new())
    }

    async fn locate(&self, _: &RuleSet, _: &CrmLink) -> Result<Standing, StepFailure> {
        Ok(Standing::Here)
    }
}

/// Who is next each time, and who dies before which of its requests.
#[derive(Clone, Debug)]
struct Schedule {
    next: Vec<prop::sample::Index>,
    death: Option<(usize, usize)>,
}

fn schedules(workers: usize) -> impl Strategy<Value = Schedule> {
    let next = prop::collection::vec(any::<prop::sample::Index>(), 40);
    let death = prop::option::of((0..workers, 0usize..6));
    (next, death).prop_map(|(next, death)| Schedule { next, death })
}

/// Matches all events at once, in the schedule's interleaving. Whose worker died is matched once
/// more at the end, as its queue would hand it out.
async fn match_all(store: &Store, events: &[InboundEvent], schedule: &Schedule) {
    let rules = Rc::new(RuleSet::load(RULES, 1).unwrap());
    let (news, mut heard) = mpsc::unbounded_channel();
    let turns: Vec<_> = events.iter().map(|_| Rc::new(Semaphore::new(0))).collect();
    let mut workers: Vec<JoinHandle<()>> = Vec::new();
    for (worker, event) in events.iter().cloned().enumerate() {
        let gated = Gated {
            store: store.clone(),
            worker,
            turns: Rc::clone(&turns[worker]),
            news: news.clone(),
        };
        let rules = Rc::clone(&rules);
        workers.push(tokio::task::spawn_local(async move {
            let matched = resolve(&gated, &NoCrm, &rules, &event).await;
            gated.news.send(News::Done).unwrap();
            assert!(matched.is_ok(), "{:?}", matched.err());
        }));
    }
    let (mut waiting, mut running) = (BTreeSet::new(), events.len());
    let mut requests = vec![0; events.len()];
    let mut next = schedule.next.iter().cycle();
    let mut dead = None;
    while running > 0 {
        while waiting.len() < running {
            match heard.recv().await.unwrap() {
                News::AtGate(worker) => drop(waiting.insert(worker)),
                News::Done => running -= 1,
            }
        }
        let waiters: Vec<usize> = waiting.iter().copied().collect();
        if waiters.is_empty() {
            break;
        }
        let chosen = *next.next().unwrap().get(&waiters);
        waiting.remove(&chosen);
        if schedule.death == Some((chosen, requests[chosen])) {
            workers[chosen].abort();
            dead = Some(chosen);
            running -= 1;
        } else {
            requests[chosen] += 1;
            turns[chosen].add_permits(1);
        }
    }
    for (worker, handle) in workers.into_iter().enumerate() {
        let ended = handle.await;
        assert!(ended.is_ok() || dead == Some(worker), "a worker failed: {ended:?}");
    }
    if let Some(worker) = dead {
        resolve(store, &NoCrm, &rules, &events[worker]).await.unwrap();
    }
}

/// The graph behind the handles is of one piece, and they are one customer.
async fn check(store: &Store, handles: &[Handle]) {
    let keys: Vec<_> = handles.iter().map(Handle::key).collect();
    let links = store.links(&keys).await.unwrap();
    assert_eq!(links.len(), keys.len(), "every handle is known");
    let customers: BTreeSet<_> = links.values().map(|link| link.customer.clone()).collect();
    let [customer] = customers.iter().collect::<Vec<_>>()[..] else {
        panic!("{} customers", customers.len())
    };
    let group = store.group(customer).await.unwrap().unwrap();
    let held: BTreeMap<_, _> = group
        .profiles()
        .flat_map(|profile| profile.handles.keys().map(|key| (key.clone(), profile.id.clone())))
        .collect();
    for (key, link) in &links {
        assert_eq!(held.get(key), Some(&link.home), "a profile holds what leads to it");
    }
    for id in group.root.membership.merges.keys() {
        let merge = store.merge(id).await.unwrap().expect("a standing merge is journalled");
        assert_eq!(merge.state, MergeState::Standing);
    }
    for member in &group.members {
        assert_eq!(member.membership.merged_into.as_ref(), Some(group.id()));
    }
}

fn account(name: &str) -> Handle {
    Handle::account(HandleKind::Account, "graph", name, Assurance::Attested).unwrap()
}

/// The deployed stack's own tables.
pub(crate) async fn tables() -> Store {
    let stack = Stack::running();
    let credentials = aws_credential_types::Credentials::new("test", "test", None, None, "local");
    let https = aws_smithy_http_client::Builder::new().build_http();
    let loaded = aws_config::defaults(BehaviorVersion::latest())
        .http_client(https)
        .region(Region::new(stack.region.clone()))
        .endpoint_url(&stack.endpoint)
        .credentials_provider(credentials)
        .load();
    Store::of_stack(&loaded.await, &stack.name)
}

/// How many interleavings are tried: each is some thirty requests.
const TRIES: u32 = 40;

#[test]
fn customers_joined_from_both_ends_at_once_are_one_in_any_interleaving_with_any_crash() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let store = runtime.block_on(tables());
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: TRIES,
        failure_persistence: None,
        max_shrink_iters: 20,
        ..ProptestConfig::default()
    });
    let told = runner.run(&schedules(3), |schedule| {
        let name = fresh("");
        let [a, b, c, d] = ["a", "b", "c", "d"].map(|end| account(&format!("{name}{end}")));
        let rules = RuleSet::load(RULES, 1).unwrap();
        LocalSet::new().block_on(&runtime, async {
            for (number, end) in [(1, &a), (2, &b), (3, &c)] {
                let known = message(number, std::slice::from_ref(end));
                resolve(&store, &NoCrm, &rules, &known).await.unwrap();
            }
            let joining = [
                message(4, &[a.clone(), b.clone()]),
                message(5, &[c.clone(), a.clone(), d.clone()]),
                message(6, &[b.clone(), c.clone()]),
            ];
            match_all(&store, &joining, &schedule).await;
            check(&store, &[a, b, c, d]).await;
        });
        Ok(())
    });
    told.unwrap();
}
