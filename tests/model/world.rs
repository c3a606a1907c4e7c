//! What a run of the pipeline left behind.

use crate::counts::Counts;
use crate::outside::Done;
use crate::run::{Run, Until};
use crate::trouble::Trouble;
use crate::weather::Weather;
use crate::worker::Watch;
use domain::{
    Action, CustomerId, Effect, EffectKey, EventId, FailureState, InboundEvent, Payload, Profile,
};
use jiff::Timestamp;
use runtime::{FixedClock, RuleBook};
use state::memory::{Contents, Store};
use state::{ConfigVersion, EffectState, EventRecord, Stage};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Rules, compiled: no run changes them.
pub(crate) type Rules = RuleBook<Store, Watch>;

/// The rules of a document, as the version of this number.
pub(crate) fn rules(document: &str, version: u64) -> Rules {
    let store = Store::default();
    let start = Timestamp::UNIX_EPOCH;
    let (text, applied_by) = (document.into(), "model".into());
    store.apply_config(ConfigVersion { version, text, applied_at: start, applied_by });
    RuleBook::new(store, Watch::right(&Rc::new(FixedClock::new(start))))
}

/// What a run left behind.
pub(crate) struct World {
    pub(crate) contents: Contents,
    pub(crate) done: Done,
    /// The effects that wait for a person.
    pub(crate) parked: BTreeSet<EffectKey>,
    /// The bodies of the messages that wait for a person, whole or torn.
    bodies: Vec<String>,
    pub(crate) counts: Counts,
}

impl World {
    pub(crate) fn new(contents: Contents, done: Done, weather: &Weather) -> Self {
        let rest = |state| matches!(state, FailureState::Parked { .. } | FailureState::Held { .. });
        let open: Vec<_> =
            contents.failures.values().filter(|failure| rest(failure.record.state)).collect();
        let torn = weather.torn.borrow();
        let body = |payload: &Payload| match payload {
            Payload::Message { body, .. } => {
                let mut body = body;
                // What is sent again may be torn again.
                while let Some((_, whole)) = torn.iter().find(|(torn, _)| torn == body) {
                    body = whole;
                }
                body.clone()
            }
            Payload::Webhook { .. } => String::new(),
        };
        let bodies: Vec<_> = open.iter().map(|failure| body(&failure.payload)).collect();
        let parked =
            open.iter().filter_map(|failure| failure.record.about.effect.clone()).collect();
        let mut counts = weather.counts.take();
        counts.parked = open.len() as u64;
        let tried = |failure: &domain::Failure| failure.record.attempts.len() as u64;
        counts.redrives = contents.failures.values().map(tried).sum::<u64>() - counts.parked;
        Self { contents, done, parked, bodies, counts }
    }

    /// Whether an event came into a customer's history.
    pub(crate) fn knows(&self, event: &EventId) -> bool {
        self.contents.events.contains_key(event)
    }

    /// Whether it was decided what an event leads to.
    pub(crate) fn is_decided(&self, event: &EventId) -> bool {
        self.contents.events.get(event).is_some_and(|record| record.stage == Stage::Applied)
    }

    /// Whether a failure that people know of explains why the event or effect is not done with.
    pub(crate) fn is_parked(&self, id: &str) -> bool {
        self.bodies.iter().any(|body| body.contains(id))
    }

    /// Whether people know of a message about the event itself that did not come to its end.
    pub(crate) fn is_event_parked(&self, event: &EventId) -> bool {
        let mut events = self.bodies.iter().filter(|body| !body.contains(r#""key":"eff_"#));
        events.any(|body| body.contains(event.as_str()))
    }

    /// Whether people know of a ring of this profile's timer that did not come to its end.
    pub(crate) fn is_ring_parked(&self, profile: &CustomerId, timer: &str) -> bool {
        let topic = format!("\"topic\":\"{timer}\"");
        let parts = [profile.as_str(), r#""kind":"timer""#, &topic];
        self.bodies.iter().any(|body| parts.iter().all(|part| body.contains(part)))
    }

    /// Runs events through the pipeline, in the order of their arrival, until every queue is
    /// empty; and so on with the next events.
    pub(crate) fn run(
        stages: &[&[InboundEvent]],
        rules: &[Rules],
        trouble: Trouble,
        until: Until,
    ) -> Self {
        alone(async {
            let events = stages.iter().map(|events| events.len()).sum();
            let mut run = Run::new(rules, trouble, until, events);
            for events in stages {
                run.through(events).await;
            }
            run.end()
        })
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

    /// What was decided, the changes of tags left out: which event changes a tag is a question of
    /// order.
    pub(crate) fn deeds(&self) -> BTreeSet<(EventId, String)> {
        let events = self.contents.events.values();
        let effects = events.flat_map(|event| &event.effects);
        let effects = effects.filter(|effect| !matches!(effect.action, Action::CrmTag { .. }));
        effects.map(|effect| (effect.event.clone(), effect.rule.name.clone())).collect()
    }

    /// Events and effects that did not come to their end and wait for nobody.
    pub(crate) fn unfinished(&self) -> BTreeSet<String> {
        let contents = &self.contents;
        let open = |event: &EventRecord| {
            let known = self.is_event_parked(&event.id);
            let undecided = event.stage != Stage::Applied && !known;
            let undone = event.effects.iter().filter(move |effect| {
                match contents.effects.get(&effect.key).map(|effect| effect.state) {
                    Some(EffectState::Done) => false,
                    Some(EffectState::Leased | EffectState::Released) => {
                        !self.is_parked(effect.key.as_str())
                    }
                    // Its own message may be torn, or that of the event, of whose effects some were
                    // asked for before.
                    None => !known && !self.is_parked(effect.key.as_str()),
                }
            });
            let undone = undone.map(|effect| effect.key.to_string());
            undecided.then(|| event.id.to_string()).into_iter().chain(undone).collect::<Vec<_>>()
        };
        contents.events.values().flat_map(open).collect()
    }

    /// Whether every change of a tag came to the CRM.
    pub(crate) fn told_every_tag(&self) -> bool {
        let told = |event: &EventRecord| {
            let is_tag = |effect: &&Effect| matches!(effect.action, Action::CrmTag { .. });
            let mut tags = event.effects.iter().filter(is_tag);
            event.stage == Stage::Applied && tags.all(|tag| self.done.written.contains(&tag.key))
        };
        self.contents.events.values().all(told)
    }

    /// What the customer did not want.
    pub(crate) fn withheld(&self) -> impl Iterator<Item = EffectKey> {
        let effects = self.contents.effects.values();
        effects.filter(|effect| effect.withheld.is_some()).map(|effect| effect.id.clone())
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

/// Drives a run by itself.
pub(crate) fn alone<T>(run: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    // Tokio would have a worker that has done much wait for others, and here are none.
    runtime.block_on(tokio::task::unconstrained(run))
}
