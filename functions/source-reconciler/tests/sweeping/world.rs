//! A shop that loses webhooks, and everything around the reconciler.

use channels::ListPage;
use domain::{EventId, InboundEvent};
use jiff::{SignedDuration, Timestamp};
use rules::RuleSet;
use rules::config::Origin;
use runtime::memory::{Queue, Rules, START};
use runtime::{Clock, FixedClock, Scheduled, StepFailure};
use serde_json::json;
use source_reconciler::{Origins, SourceReconciler, Unread};
use state::memory::Store;
use state::{Cursor, Report, StoreError, Sweep, Sweeps};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A shop whose list is asked each 15 minutes.
pub(crate) const CONFIG: &str = r#"
company: { name: Lab Commerce, region: US, time_zone: UTC, public_url: "https://hooks.example.com" }
sources:
  shop:
    secret: omnicord/shop
    channel:
      standard-webhooks:
        mappings:
          - when: { /type: order.paid }
            kind: order
            topic: paid
            id: [/number]
            handles: [{ kind: email, at: /email }]
            fields: { words: /words }
reconcile:
  shop:
    from:
      history:
        url: https://shop.example.com/orders
        secret: omnicord/shop-api
        since: from
        until: to
        items: /data
"#;

/// Something that happened at the shop.
#[derive(Clone, Debug)]
pub(crate) struct Happened {
    pub(crate) number: i64,
    /// By the shop's clock.
    pub(crate) noted_at: Timestamp,
    /// From when on the shop's list shows it.
    pub(crate) shown_at: Timestamp,
    /// What the list says of it.
    pub(crate) item: serde_json::Value,
}

impl Happened {
    pub(crate) fn new(number: i64, at: Timestamp) -> Self {
        let item = json!({ "type": "order.paid", "number": number, "email": "anna@acme.test" });
        Self { number, noted_at: at, shown_at: at, item }
    }
}

/// The id of the shop's event of this number.
pub(crate) fn id(number: i64) -> EventId {
    EventId::new("shop", &format!(r#"["order","paid","{number}"]"#))
}

/// The shop's list. Its clones share everything.
#[derive(Clone, Debug)]
pub(crate) struct Shop {
    pub(crate) list: Rc<RefCell<Vec<Happened>>>,
    pub(crate) page_size: usize,
    /// Whether the next request fails.
    pub(crate) down: Rc<Cell<bool>>,
    /// The marks that it takes no more.
    pub(crate) forgotten: Rc<RefCell<BTreeSet<String>>>,
    /// The marks that it writes in place of others.
    pub(crate) misled: Rc<RefCell<BTreeMap<String, String>>>,
    /// The marks of the pages that it was asked for.
    pub(crate) asked: Rc<RefCell<Vec<Option<String>>>>,
    clock: Rc<FixedClock>,
}

fn unavailable() -> StepFailure {
    StepFailure::retry("history_unavailable", "the test asked for it")
}

impl Origins for Shop {
    async fn page(&self, _: &RuleSet, _: &Origin, sweep: &Sweep) -> Result<ListPage, Unread> {
        // Whoever else runs may come in between.
        tokio::task::yield_now().await;
        if self.down.replace(false) {
            return Err(unavailable().into());
        }
        self.asked.borrow_mut().push(sweep.page.clone());
        if sweep.page.as_ref().is_some_and(|mark| self.forgotten.borrow().contains(mark)) {
            return Err(Unread::Lapsed(unavailable()));
        }
        let beyond: i64 = sweep.page.as_deref().map_or(-1, |mark| mark.parse().unwrap());
        let now = self.clock.now();
        let list = self.list.borrow();
        let mut found: Vec<_> = list
            .iter()
            .filter(|it| it.number > beyond && it.shown_at <= now)
            .filter(|it| sweep.after < it.noted_at && it.noted_at <= sweep.until)
            .collect();
        found.sort_by_key(|it| it.number);
        found.truncate(self.page_size);
        let full = found.len() == self.page_size;
        let next = found.last().filter(|_| full).map(|it| it.number.to_string());
        let next = next.map(|mark| self.misled.borrow().get(&mark).cloned().unwrap_or(mark));
        Ok(ListPage { items: found.into_iter().map(|it| it.item.clone()).collect(), next })
    }
}

/// The state, and the ledger as the pipeline fills it. Its clones share everything.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    pub(crate) store: Store,
    pub(crate) ledger: Rc<RefCell<BTreeSet<EventId>>>,
}

impl Sweeps for State {
    async fn cursor(&self, source: &str) -> Result<Option<Cursor>, StoreError> {
        self.store.cursor(source).await
    }

    async fn swap_cursor(&self, after: &Cursor) -> Result<bool, StoreError> {
        self.store.swap_cursor(after).await
    }

    async fn put_report(&self, report: &Report) -> Result<(), StoreError> {
        self.store.put_report(report).await
    }

    async fn reports(&self, source: &str, since: Timestamp) -> Result<Vec<Report>, StoreError> {
        self.store.reports(source, since).await
    }

    async fn arrived(&self, events: &BTreeSet<EventId>) -> Result<BTreeSet<EventId>, StoreError> {
        Ok(self.ledger.borrow().intersection(events).cloned().collect())
    }

    async fn failed(&self, events: &BTreeSet<EventId>) -> Result<BTreeSet<EventId>, StoreError> {
        self.store.failed(events).await
    }
}

/// Everything around the reconciler.
pub(crate) struct World {
    pub(crate) state: State,
    pub(crate) shop: Shop,
    pub(crate) inbound: Queue,
    pub(crate) rules: Rules,
    pub(crate) clock: Rc<FixedClock>,
    taken: Cell<usize>,
}

impl World {
    pub(crate) fn new(page_size: usize) -> Self {
        let clock = Rc::new(FixedClock::new(START));
        let rules = Rules::none(&clock);
        rules.apply(CONFIG);
        let shop = Shop {
            list: Rc::default(),
            page_size,
            down: Rc::default(),
            forgotten: Rc::default(),
            misled: Rc::default(),
            asked: Rc::default(),
            clock: Rc::clone(&clock),
        };
        let (state, inbound) = (State::default(), Queue::default());
        Self { state, shop, inbound, rules, clock, taken: Cell::new(0) }
    }

    /// A fresh process of the function.
    pub(crate) fn reconciler(&self) -> SourceReconciler<State, Shop, Queue, Store, Rc<FixedClock>> {
        SourceReconciler {
            store: self.state.clone(),
            origins: self.shop.clone(),
            inbound: self.inbound.clone(),
            rules: self.rules.book(),
            clock: Rc::clone(&self.clock),
        }
    }

    /// The schedule calls.
    pub(crate) async fn tick(&self) {
        self.reconciler().tick(self.clock.now() + SignedDuration::from_mins(2)).await;
    }

    /// The time goes on.
    pub(crate) fn after(&self, minutes: i64) {
        self.clock.set(self.clock.now() + SignedDuration::from_mins(minutes));
    }

    /// The pipeline takes what was put in since.
    pub(crate) fn take(&self) {
        let sent = self.inbound.messages::<InboundEvent>();
        let fresh = sent.iter().skip(self.taken.replace(sent.len()));
        self.state.ledger.borrow_mut().extend(fresh.map(|event| event.id.clone()));
    }

    /// An hour of calls, with the pipeline at work.
    pub(crate) async fn hour(&self) {
        for _ in 0..60 {
            self.after(1);
            self.tick().await;
            self.take();
        }
    }

    pub(crate) fn reports(&self) -> Vec<Report> {
        self.state.store.contents().reports.into_values().collect()
    }

    /// The reports of sweeps that were told of something.
    pub(crate) fn found(&self) -> impl Iterator<Item = Report> {
        self.reports().into_iter().filter(|report| report.tally.expected > 0)
    }

    pub(crate) fn first_report(&self) -> Report {
        self.found().next().unwrap()
    }

    /// A sweep that somebody asks for now.
    pub(crate) async fn ask(&self, since: Option<Timestamp>, dry_run: bool) -> Report {
        let mut cursor = self.state.cursor("shop").await.unwrap().unwrap();
        cursor.version += 1;
        cursor.asked = Some(state::Asked { at: self.clock.now(), since, dry_run });
        assert!(self.state.swap_cursor(&cursor).await.unwrap());
        self.tick().await;
        self.state.cursor("shop").await.unwrap().unwrap().last.unwrap()
    }
}
