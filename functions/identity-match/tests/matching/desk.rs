//! The step with a CRM's directory that a test writes.

use crate::phonebook::Phonebook;
use domain::{Carried, CustomerId, Handle, HandleKey, InboundEvent, Matched, Obstacle};
use identity::{Link, Merge, Review};
use identity_match::{Directory, IdentityMatch};
use runtime::memory::{Queue, Rules, START, message};
use runtime::{FixedClock, QueueStep, RuleBook, StepFailure};
use state::memory::{Contents, Store};
use state::{Identities, Journal};
use std::rc::Rc;

const CONFIG: &str = r#"
company: { name: Lab Commerce, region: US, time_zone: UTC, public_url: "https://hooks.example.com" }
"#;

thread_local! {
    /// Compiled once for every interleaving.
    static USUAL: RuleBook<Store, Rc<FixedClock>> = rules("");
}

fn rules(identity: &str) -> RuleBook<Store, Rc<FixedClock>> {
    let rules = Rules::none(&Rc::new(FixedClock::new(START)));
    rules.apply(&format!("{CONFIG}{identity}"));
    rules.book()
}

/// The step's surroundings.
pub(crate) struct Desk<S = Store, D = Phonebook> {
    step: IdentityMatch<S, D, Queue, Store, Rc<FixedClock>>,
    pub(crate) store: Store,
    pub(crate) phonebook: Phonebook,
    pub(crate) queue: Queue,
}

impl Desk {
    /// Where the configuration is silent about identities.
    pub(crate) fn new() -> Self {
        Self::over(Clone::clone, Clone::clone)
    }

    /// Where the configuration has these sections.
    pub(crate) fn following(sections: &str) -> Self {
        Self::under(rules(sections), Clone::clone, Clone::clone)
    }

    /// Where `identity` is configured so.
    pub(crate) fn with(identity: &str) -> Self {
        let rules = rules(&format!("identity: {identity}"));
        Self::under(rules, Clone::clone, Clone::clone)
    }
}

impl<S: Identities + Journal, D: Directory> Desk<S, D> {
    /// The step over what the two make of store and directory.
    pub(crate) fn over(
        store_seen: impl FnOnce(&Store) -> S,
        directory_seen: impl FnOnce(&Phonebook) -> D,
    ) -> Self {
        Self::under(USUAL.with(Clone::clone), store_seen, directory_seen)
    }

    fn under(
        rules: RuleBook<Store, Rc<FixedClock>>,
        store_seen: impl FnOnce(&Store) -> S,
        directory_seen: impl FnOnce(&Phonebook) -> D,
    ) -> Self {
        let (store, phonebook, queue) = (Store::default(), Phonebook::default(), Queue::default());
        let (seen, directory) = (store_seen(&store), directory_seen(&phonebook));
        let clock = Rc::new(FixedClock::new(START));
        let step = IdentityMatch::new(seen, directory, queue.clone(), rules, clock);
        Self { step, store, phonebook, queue }
    }

    pub(crate) async fn handle(&self, event: InboundEvent) -> Result<(), StepFailure> {
        self.handle_carried(event.into()).await
    }

    /// Handles a message that may belong to a replay.
    pub(crate) async fn handle_carried(
        &self,
        message: Carried<InboundEvent>,
    ) -> Result<(), StepFailure> {
        self.step.handle(message).await.map(drop)
    }

    /// Handles a message by whoever bears these handles; returns what goes to the next step.
    pub(crate) async fn matched(&self, number: i64, handles: &[Handle]) -> Matched {
        self.told(message(number, handles)).await
    }

    /// Handles an event; returns what goes to the next step.
    pub(crate) async fn told(&self, event: InboundEvent) -> Matched {
        self.handle(event).await.unwrap();
        self.queue.messages::<Matched>().pop().unwrap()
    }

    pub(crate) fn contents(&self) -> Contents {
        self.store.contents()
    }

    /// Where the handle leads.
    pub(crate) fn link(&self, handle: &Handle) -> Link {
        self.contents().links[&handle.key()].clone()
    }

    /// The customer to whom the handle leads.
    pub(crate) fn owner(&self, handle: &Handle) -> CustomerId {
        self.link(handle).customer
    }

    /// The customer to whom the last event went: its messages wait for one another.
    pub(crate) fn group(&self) -> String {
        self.queue.parcels().pop().unwrap().group
    }

    /// The one question that was left for a person.
    pub(crate) fn review(&self) -> Review {
        let reviews: Vec<_> = self.contents().reviews.into_values().collect();
        let [review] = &reviews[..] else { panic!("{} questions", reviews.len()) };
        review.clone()
    }

    /// The one merge.
    pub(crate) fn merge(&self) -> Merge {
        let merges: Vec<_> = self.contents().merges.into_values().collect();
        let [merge] = &merges[..] else { panic!("{} merges", merges.len()) };
        merge.clone()
    }
}

/// Which of the event's handles had no say, and why not.
pub(crate) fn set_aside(matched: &Matched) -> Vec<(HandleKey, Obstacle)> {
    let aside = matched.decision.set_aside.iter();
    aside.map(|aside| (aside.handle.clone(), aside.why)).collect()
}
