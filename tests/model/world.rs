//! What a run of the pipeline left behind.

use crate::outside::Done;
use crate::run::{Run, Trouble, Until};
use domain::{Action, CustomerId, EffectKey, InboundEvent, Profile};
use jiff::Timestamp;
use runtime::{FixedClock, RuleBook};
use state::memory::{Contents, Store};
use state::{ConfigVersion, EffectState, Stage};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Rules, compiled: no run changes them.
pub(crate) type Rules = RuleBook<Store, Rc<FixedClock>>;

/// The rules of a document.
pub(crate) fn rules(document: &str) -> Rules {
    let store = Store::default();
    let start = Timestamp::UNIX_EPOCH;
    let (text, applied_by) = (document.into(), "model".into());
    store.apply_config(ConfigVersion { version: 1, text, applied_at: start, applied_by });
    RuleBook::new(store, Rc::new(FixedClock::new(start)))
}

/// What a run left behind.
pub(crate) struct World {
    pub(crate) contents: Contents,
    pub(crate) done: Done,
    /// What waits for a person.
    pub(crate) parked: BTreeSet<EffectKey>,
}

impl World {
    /// Runs events through the pipeline, in the order of their arrival, until every queue is
    /// empty; and so on with the next events.
    pub(crate) fn run(
        stages: &[&[InboundEvent]],
        rules: &Rules,
        trouble: Trouble,
        until: Until,
    ) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        // Tokio would have a worker that has done much wait for others, and here are none.
        runtime.block_on(tokio::task::unconstrained(async {
            let events = stages.iter().map(|events| events.len()).sum();
            let mut run = Run::new(rules.clone(), trouble, until, events);
            for events in stages {
                run.through(events).await;
            }
            run.end()
        }))
    }

    pub(crate) fn profiles(&self) -> BTreeMap<CustomerId, Profile> {
        let customers = self.contents.customers.iter();
        customers.map(|(id, customer)| (id.clone(), customer.profile.clone())).collect()
    }

    pub(crate) fn history(&self) -> BTreeSet<(CustomerId, String)> {
        self.contents.timeline.keys().cloned().collect()
    }

    pub(crate) fn effects(&self) -> BTreeSet<EffectKey> {
        let events = self.contents.events.values();
        events.flat_map(|event| &event.effects).map(|effect| effect.key.clone()).collect()
    }

    /// Events and effects that did not come to their end and wait for nobody.
    pub(crate) fn unfinished(&self) -> BTreeSet<String> {
        let contents = &self.contents;
        let events = contents.events.values().filter(|event| event.stage != Stage::Applied);
        let done = |key: &EffectKey| {
            contents.effects.get(key).is_some_and(|effect| effect.state == EffectState::Done)
        };
        let effects = self.effects().into_iter();
        let effects = effects.filter(|key| !done(key) && !self.parked.contains(key));
        events.map(|event| event.id.to_string()).chain(effects.map(|key| key.to_string())).collect()
    }

    pub(crate) fn texts_sent(&self) -> BTreeMap<EffectKey, usize> {
        self.done.texts.iter().map(|(key, times)| (key.clone(), times.len())).collect()
    }

    pub(crate) fn texts_decided(&self) -> BTreeSet<EffectKey> {
        let effects = self.contents.events.values().flat_map(|event| &event.effects);
        let texts = effects.filter(|effect| matches!(effect.action, Action::Sms { .. }));
        texts.map(|effect| effect.key.clone()).collect()
    }
}
