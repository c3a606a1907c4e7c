//! The real steps over a store in memory, for tests.

use super::find::find;
use super::merge::{Person, merge, unmerge};
use domain::{
    Assurance, Handle, HandleKey, HandleKind, InboundEvent, Matched, MergeId, Outbound, Tagged,
};
use identity_match::{Directory, Standing};
use rules::RuleSet;
use runtime::memory::{Queue, Rules, START, Schedules, message};
use runtime::{FixedClock, QueueStep, StepFailure};
use state::ConfigVersion;
use state::memory::Store;
use std::rc::Rc;
use tag_update::TagUpdate;
use trigger_dispatcher::TriggerDispatcher;

/// Counts messages, remembers the latest, tags whoever sends three, and answers each.
pub(crate) const CONFIG: &str = r#"
company: { name: Lab Commerce, region: US, time_zone: UTC, public_url: "https://hooks.example.com" }
counters:
  - { name: messages, when: 'event.kind == "message"', window: 30d }
fields:
  - { name: latest, on: [message], value: event.text }
tags:
  - { name: talkative, when: customer.counts.messages >= 3 }
triggers:
  - name: answer
    on: [message]
    actions:
      - sms: { text: "thank you: {{ event.text }}" }
"#;

/// A CRM with these records.
#[derive(Default)]
pub(crate) struct Crm(pub(crate) Vec<identity::Record>);

impl Directory for Crm {
    async fn find(
        &self,
        _: &RuleSet,
        handles: &[Handle],
    ) -> Result<Vec<identity::Record>, StepFailure> {
        let bears = |record: &&identity::Record| {
            handles.iter().any(|handle| record.handles.contains(&handle.key()))
        };
        Ok(self.0.iter().filter(bears).cloned().collect())
    }

    async fn locate(&self, _: &RuleSet, _: &domain::CrmLink) -> Result<Standing, StepFailure> {
        Ok(Standing::Here)
    }
}

/// The pipeline.
pub(crate) struct Pipeline {
    pub(crate) store: Store,
    pub(crate) rules: RuleSet,
    pub(crate) crm: Crm,
    clock: Rc<FixedClock>,
    book: Rules,
}

impl Pipeline {
    pub(crate) fn new() -> Self {
        let (store, clock) = (Store::default(), Rc::new(FixedClock::new(START)));
        let book = Rules::none(&clock);
        book.apply(CONFIG);
        store.apply_config(ConfigVersion {
            version: 1,
            text: CONFIG.to_owned(),
            applied_at: START,
            applied_by: "anna".into(),
        });
        let rules = RuleSet::load(CONFIG, 1).unwrap();
        Self { store, rules, crm: Crm::default(), clock, book }
    }

    /// Puts another configuration in force.
    pub(crate) fn apply(&mut self, text: &str) {
        self.book.apply(text);
        let version = self.rules.version() + 1;
        self.store.apply_config(ConfigVersion {
            version,
            text: text.to_owned(),
            applied_at: START,
            applied_by: "anna".into(),
        });
        self.rules = RuleSet::load(text, version).unwrap();
    }

    /// Lets what follows be decided at this time.
    pub(crate) fn at(&self, now: jiff::Timestamp) {
        self.clock.set(now);
    }

    /// Matches a message by whoever bears these handles.
    pub(crate) async fn matched(&self, event: InboundEvent) -> Matched {
        let answer =
            identity_match::resolve(&self.store, &self.crm, &self.rules, &event).await.unwrap();
        Matched { event, customer: answer.home, decision: answer.decision, matched_at: None }
    }

    /// Writes it into its customer's history.
    pub(crate) async fn tagged(&self, matched: Matched) -> Result<Option<Tagged>, StepFailure> {
        let queue = Queue::default();
        let (timers, clock) = (Schedules::default(), Rc::clone(&self.clock));
        let (store, rules) = (self.store.clone(), self.book.book());
        let step = TagUpdate::new(store, queue.clone(), timers, rules, clock);
        step.handle(matched.into()).await?;
        Ok(queue.messages::<Tagged>().pop())
    }

    /// Decides what it sets off.
    pub(crate) async fn dispatched(&self, tagged: Tagged) -> Vec<Outbound> {
        let (queue, clock) = (Queue::default(), Rc::clone(&self.clock));
        let store = self.store.clone();
        let step = TriggerDispatcher::new(store, queue.clone(), self.book.book(), clock);
        step.handle(tagged.into()).await.unwrap();
        queue.messages()
    }

    /// Lets a person make one customer of two.
    pub(crate) async fn joined(&self, one: &Handle, other: &Handle, person: Person<'_>) {
        let one = find(&self.store, one.key().as_str()).await.unwrap();
        let other = find(&self.store, other.key().as_str()).await.unwrap();
        merge(&self.store, &self.rules, [&one, &other], person, true).await.unwrap();
    }

    /// Lets a person take a merge back.
    pub(crate) async fn parted(&self, merge: &MergeId, person: Person<'_>) {
        unmerge(&self.store, merge, person, true).await.unwrap();
    }

    /// All of it for the message of this number. Returns what goes out.
    pub(crate) async fn message(&self, number: i64, handles: &[Handle]) -> Vec<Outbound> {
        let matched = self.matched(message(number, handles)).await;
        match self.tagged(matched).await.unwrap() {
            Some(tagged) => self.dispatched(tagged).await,
            None => Vec::new(),
        }
    }
}

/// A telephone number that the channel proved.
pub(crate) fn phone(last: u8) -> Handle {
    Handle::phone(&format!("(202) 555-01{last:02}"), "US", Assurance::Attested).unwrap()
}

/// An address that the channel proved.
pub(crate) fn email(name: &str) -> Handle {
    Handle::email(&format!("{name}@example.com"), Assurance::Attested).unwrap()
}

/// A record of the CRM.
pub(crate) fn record(id: &str) -> Handle {
    Handle::account(HandleKind::Crm, "tryton", id, Assurance::Attested).unwrap()
}

/// Their keys.
pub(crate) fn keys(handles: &[Handle]) -> std::collections::BTreeSet<HandleKey> {
    handles.iter().map(Handle::key).collect()
}
