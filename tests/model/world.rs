//! The pipeline between its queues, with everything that can go wrong there.

use crate::story::{CONFIG, Story};
use domain::{Action, CrmLink, CustomerId, Disposition, Effect, EffectKey, Handle, Profile};
use identity::Record;
use identity_match::{Directory, IdentityMatch, Standing};
use jiff::{SignedDuration, Timestamp};
use outbound_delivery::{Deliver, OutboundDelivery, Undelivered};
use rules::RuleSet;
use runtime::{Clock, FixedClock, Outbox, Parcel, QueueStep, RuleBook, SendError, StepFailure};
use state::memory::{Fault, Store};
use state::{ConfigVersion, EffectState, Stage};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use tag_update::TagUpdate;
use trigger_dispatcher::TriggerDispatcher;

/// A small generator of pseudo-random numbers (`SplitMix64`), so that a seed says everything.
#[derive(Clone, Debug)]
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).unwrap()).unwrap()
    }

    fn percent(&mut self, chance: u8) -> bool {
        self.below(100) < usize::from(chance)
    }
}

/// How much goes wrong, in percent of the tries.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trouble {
    pub(crate) seed: u64,
    /// A handled message meets a fault at one of its next writes or sends.
    pub(crate) faults: u8,
    /// A settled message is handed out again.
    pub(crate) repeats: u8,
}

impl Trouble {
    pub(crate) const NONE: Self = Self { seed: 0, faults: 0, repeats: 0 };
}

/// A queue that may fail before or after it took a message, and drops no repetition.
#[derive(Clone, Debug, Default)]
struct Queue {
    parcels: Rc<RefCell<Vec<Parcel>>>,
    fault: Rc<Cell<Option<Fault>>>,
}

impl Outbox for Queue {
    async fn send_all(&self, parcels: Vec<Parcel>) -> Result<(), SendError> {
        let fault = self.fault.take();
        if fault != Some(Fault::Before) {
            self.parcels.borrow_mut().extend(parcels);
        }
        if fault.is_none() {
            Ok(())
        } else {
            let source = "the test asked for it".into();
            Err(SendError::Unavailable { code: "injected".into(), source })
        }
    }
}

/// A CRM that knows nobody.
pub(crate) struct NoCrm;

impl Directory for NoCrm {
    async fn find(&self, _: &RuleSet, _: &[Handle]) -> Result<Vec<Record>, StepFailure> {
        Ok(Vec::new())
    }

    async fn locate(&self, _: &RuleSet, _: &CrmLink) -> Result<Standing, StepFailure> {
        Ok(Standing::Unknown)
    }
}

/// Destinations that count. The CRM's writes are find-before-create; a text is sent as often as
/// it is asked for.
#[derive(Clone, Default)]
struct Outside {
    texts: Rc<RefCell<BTreeMap<EffectKey, u32>>>,
    written: Rc<RefCell<BTreeSet<EffectKey>>>,
}

impl Deliver for Outside {
    async fn deliver(
        &self,
        _: &RuleSet,
        effect: &Effect,
        _: Timestamp,
    ) -> Result<String, Undelivered> {
        if matches!(effect.action, Action::Sms { .. }) {
            *self.texts.borrow_mut().entry(effect.key.clone()).or_default() += 1;
        } else {
            self.written.borrow_mut().insert(effect.key.clone());
        }
        Ok("receipt".into())
    }
}

thread_local! {
    /// Compiled once: no run changes it.
    static RULES: RuleBook<Store, Rc<FixedClock>> = {
        let store = Store::default();
        let start = Timestamp::UNIX_EPOCH;
        let (text, applied_by) = (CONFIG.into(), "model".into());
        store.apply_config(ConfigVersion { version: 1, text, applied_at: start, applied_by });
        RuleBook::new(store, Rc::new(FixedClock::new(start)))
    };
}

/// What a run left behind.
pub(crate) struct World {
    store: Store,
    outside: Outside,
    parked: BTreeSet<EffectKey>,
}

struct Run {
    dice: Dice,
    trouble: Trouble,
    store: Store,
    clock: Rc<FixedClock>,
    queues: [Queue; 4],
    parked: BTreeSet<EffectKey>,
}

impl World {
    /// Runs the story through the pipeline until every queue is empty.
    pub(crate) fn run(story: &Story, trouble: Trouble) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(Self::run_to_the_end(story, trouble))
    }

    async fn run_to_the_end(told: &Story, trouble: Trouble) -> Self {
        let store = Store::default();
        let start = Timestamp::from_second(1_790_000_000).unwrap();
        let mut run = Run {
            dice: Dice(trouble.seed),
            trouble,
            store: store.clone(),
            clock: Rc::new(FixedClock::new(start)),
            queues: Default::default(),
            parked: BTreeSet::new(),
        };
        let outside = Outside::default();
        for event in &told.0 {
            let parcel = Parcel::new(event.queue_group(), event.id.as_str(), event).unwrap();
            run.queues[0].parcels.borrow_mut().push(parcel);
        }
        let rules = || RULES.with(Clone::clone);
        let [_, matched, tagged, outbound] = run.queues.clone();
        let identity_match = IdentityMatch::new(store.clone(), NoCrm, matched, rules());
        let tag_update = TagUpdate::new(store.clone(), tagged, rules());
        let clock = Rc::clone(&run.clock);
        let dispatcher = TriggerDispatcher::new(store.clone(), outbound, rules(), clock);
        let clock = Rc::clone(&run.clock);
        let delivery = OutboundDelivery::new(store.clone(), outside.clone(), rules(), clock);
        for turn in 0.. {
            assert!(turn < 10_000, "the pipeline does not come to rest");
            match run.pick() {
                Some((0, parcel)) => run.turn(&identity_match, 0, parcel).await,
                Some((1, parcel)) => run.turn(&tag_update, 1, parcel).await,
                Some((2, parcel)) => run.turn(&dispatcher, 2, parcel).await,
                Some((_, parcel)) => run.turn(&delivery, 3, parcel).await,
                None => break,
            }
        }
        Self { store, outside, parked: run.parked }
    }

    pub(crate) fn profiles(&self) -> BTreeMap<CustomerId, Profile> {
        let customers = self.store.contents().customers.into_iter();
        customers.map(|(id, customer)| (id, customer.profile)).collect()
    }

    pub(crate) fn history(&self) -> BTreeSet<(CustomerId, String)> {
        self.store.contents().timeline.into_keys().collect()
    }

    pub(crate) fn effects(&self) -> BTreeSet<EffectKey> {
        let events = self.store.contents().events.into_values();
        events.flat_map(|event| event.effects).map(|effect| effect.key).collect()
    }

    /// Events and effects that did not come to their end and wait for nobody.
    pub(crate) fn unfinished(&self) -> BTreeSet<String> {
        let contents = self.store.contents();
        let events = contents.events.values().filter(|event| event.stage != Stage::Applied);
        let done = |key: &EffectKey| {
            contents.effects.get(key).is_some_and(|effect| effect.state == EffectState::Done)
        };
        let effects = self.effects().into_iter();
        let effects = effects.filter(|key| !done(key) && !self.parked.contains(key));
        events.map(|event| event.id.to_string()).chain(effects.map(|key| key.to_string())).collect()
    }

    pub(crate) fn texts_sent(&self) -> BTreeMap<EffectKey, u32> {
        self.outside.texts.borrow().clone()
    }

    pub(crate) fn texts_decided(&self) -> BTreeSet<EffectKey> {
        let events = self.store.contents().events.into_values();
        let effects = events.flat_map(|event| event.effects);
        let texts = effects.filter(|effect| matches!(effect.action, Action::Sms { .. }));
        texts.map(|effect| effect.key).collect()
    }

    pub(crate) fn parked(&self) -> BTreeSet<EffectKey> {
        self.parked.clone()
    }
}

impl Run {
    /// The first message of some group of some queue.
    fn pick(&mut self) -> Option<(usize, Parcel)> {
        let filled: Vec<_> =
            (0..4).filter(|index| !self.queues[*index].parcels.borrow().is_empty()).collect();
        if filled.is_empty() {
            return None;
        }
        let index = filled[self.dice.below(filled.len())];
        let mut parcels = self.queues[index].parcels.borrow_mut();
        let groups: BTreeSet<_> = parcels.iter().map(|parcel| parcel.group.clone()).collect();
        let group = groups.into_iter().nth(self.dice.below(parcels.len()));
        let first = group.and_then(|group| parcels.iter().position(|p| p.group == group));
        Some((index, parcels.remove(first.unwrap_or(0))))
    }

    /// Handles a message once, in whatever weather, and puts it back where it has to be.
    async fn turn<S: QueueStep>(&mut self, step: &S, index: usize, parcel: Parcel) {
        if self.dice.percent(self.trouble.faults) {
            let fault = if self.dice.percent(50) { Fault::Before } else { Fault::After };
            let write = self.store.writes() + self.dice.below(3);
            self.store.fail_write(write, fault);
            if self.dice.percent(50) && index < 3 {
                self.queues[index + 1].fault.set(Some(fault));
            }
        }
        let message = serde_json::from_str(&parcel.body).unwrap();
        let about = S::about(&message);
        let outcome = step.handle(message).await;
        let again = match outcome {
            Ok(_) => self.dice.percent(self.trouble.repeats),
            Err(StepFailure { disposition: Disposition::Retry { .. }, .. }) => {
                let later = self.clock.now().checked_add(SignedDuration::from_mins(3)).unwrap();
                self.clock.set(later);
                true
            }
            Err(StepFailure { disposition: Disposition::Hold { .. }, reason, .. }) => {
                panic!("nothing here waits for the outside: {reason:?}")
            }
            Err(StepFailure { disposition: Disposition::Park, reason, .. }) => {
                assert_eq!(reason.code, "outcome_unknown", "{reason:?}");
                self.parked.extend(about.effect);
                false
            }
        };
        if again {
            self.queues[index].parcels.borrow_mut().insert(0, parcel);
        }
    }
}
