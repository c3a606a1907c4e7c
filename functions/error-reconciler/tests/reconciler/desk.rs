//! The reconciler with everything around it in memory.

use delivery::Circuit;
use domain::{
    About, Attempt, Class, DeadLetter, Disposition, Failure, FailureId, FailureRecord,
    FailureState, Payload, Reason, Release, Step,
};
use error_reconciler::{Deployed, ErrorReconciler, Queues, Records};
use jiff::{SignedDuration, Timestamp};
use runtime::memory::{Pager, Queue, Rules, START};
use runtime::{Clock, FixedClock, Outcome, Record, RecordHandler};
use state::memory::Store;
use state::{Controls as _, Failures as _};
use std::rc::Rc;

/// A shop of which one sort of payload is mapped.
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
"#;

/// The reconciler's surroundings; `S` is the store that it sees.
pub(crate) struct Desk<S = Store> {
    pub(crate) reconciler: ErrorReconciler<S, Queue, Store, Pager, Rc<FixedClock>>,
    pub(crate) store: Store,
    pub(crate) queues: [Queue; 4],
    pub(crate) rules: Rules,
    pub(crate) pager: Pager,
    pub(crate) clock: Rc<FixedClock>,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self::over(Clone::clone)
    }
}

impl<S: Records> Desk<S> {
    /// The reconciler over what `wrap` makes of the store.
    pub(crate) fn over(wrap: impl FnOnce(&Store) -> S) -> Self {
        let clock = Rc::new(FixedClock::new(START));
        let rules = Rules::none(&clock);
        rules.apply(CONFIG);
        let (store, pager) = (Store::default(), Pager::default());
        let queues: [Queue; 4] = Default::default();
        let [inbound, matched, tagged, outbound] = queues.clone();
        let reconciler = ErrorReconciler {
            store: wrap(&store),
            queues: Queues { inbound, matched, tagged, outbound },
            rules: rules.book(),
            alarms: pager.clone(),
            clock: Rc::clone(&clock),
            deployed: Deployed::new("1".into()),
        };
        Self { reconciler, store, queues, rules, pager, clock }
    }

    pub(crate) async fn settle(&self, record: &Record) -> Outcome {
        self.reconciler.settle(record).await
    }

    /// The schedule calls, this much later.
    pub(crate) async fn tick_after(&self, wait: SignedDuration) {
        self.clock.set(self.clock.now() + wait);
        self.reconciler.tick().await;
    }

    /// The one record.
    pub(crate) fn failure(&self) -> Failure {
        let failures: Vec<_> = self.store.contents().failures.into_values().collect();
        let [failure] = &failures[..] else { panic!("{} records", failures.len()) };
        failure.clone()
    }

    /// When the one record goes back.
    pub(crate) fn retry_at(&self) -> Option<Timestamp> {
        self.failure().record.state.retry_at()
    }

    /// Opens or closes a destination's circuit.
    pub(crate) async fn circuit(&self, destination: &str, circuit: Circuit) {
        let known = self.store.control(destination).await.unwrap();
        let mut control = known.unwrap_or_default();
        control.version += 1;
        control.circuit = circuit;
        self.store.swap_control(destination, &control).await.unwrap();
    }

    /// Writes a record as it stands.
    pub(crate) async fn put(&self, failure: &Failure) {
        self.store.put_failure(failure).await.unwrap();
    }
}

/// Longer than any first wait.
pub(crate) const LONG: SignedDuration = SignedDuration::from_mins(2);

pub(crate) const RETRY: Disposition = Disposition::Retry { after: None };

/// What `tag-update` wrote when it gave a message up.
pub(crate) fn letter(disposition: Disposition) -> DeadLetter {
    DeadLetter {
        step: Step::TagUpdate,
        reason: Reason { code: "store_unavailable".into(), detail: "no answer".into() },
        class: Class::Transient,
        disposition,
        receives: 5,
        config: None,
        about: About::default(),
        body: r#"{"the":"message"}"#.into(),
    }
}

/// A letter as the queue hands it out, sent this many seconds after the start.
pub(crate) fn record(letter: &DeadLetter, sent: i64) -> Record {
    let body = serde_json::to_string(letter).unwrap();
    delivered("acme-matched-dead-letter.fifo", body, sent)
}

/// Any body as a queue hands it out.
pub(crate) fn delivered(queue: &str, body: String, sent: i64) -> Record {
    Record {
        id: "m-1".into(),
        receipt: "r-1".into(),
        group: "the-group".into(),
        receives: 1,
        sent_at: START + SignedDuration::from_secs(sent),
        queue: queue.into(),
        body,
    }
}

/// Makes a record due now, as `omnicord failures retry` does.
pub(crate) async fn retried<S: Records>(desk: &Desk<S>) {
    let mut failure = desk.failure();
    failure.record.ask_again(desk.clock.now());
    desk.put(&failure).await;
}

/// An effect on this destination that failed for a while, first so many seconds after the start.
pub(crate) fn effect(destination: &str, number: i64) -> Failure {
    let at = START + SignedDuration::from_secs(number);
    let reason = Reason { code: "crm_unreachable".into(), detail: "no answer".into() };
    let body = format!("{destination} {number}");
    let record = FailureRecord {
        id: FailureId::new("outbound-delivery", &body),
        step: Step::OutboundDelivery,
        about: About { destination: Some(destination.into()), ..About::default() },
        disposition: RETRY,
        attempts: vec![Attempt { at, class: Class::Transient, reason, receives: 5, held: false }],
        state: FailureState::Waiting {
            retry_at: at + SignedDuration::from_secs(7919 * number % 600),
        },
        asked_at: None,
        because: None,
        release: Release::default(),
    };
    Failure { record, payload: Payload::Message { body, group: destination.into() } }
}
