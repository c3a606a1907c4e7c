//! A graph of made-up customers, and the step that works on it.

use crate::case::Case;
use crate::dice::Dice;
use crate::strangers::NobodyKnown;
use domain::{Assurance, Handle, HandleKind, InboundEvent, MatchOutcome, Matched};
use identity_match::{IdentityMatch, resolve};
use rules::RuleSet;
use runtime::memory::{Rules, START, message};
use runtime::{FixedClock, Outbox, Parcel, QueueStep, SendError};
use state::memory::Store;
use state::{Identities, Journal};
use std::cell::RefCell;
use std::rc::Rc;

const CONFIG: &str = r#"
company: { name: Bench, region: DE, time_zone: Europe/Berlin, public_url: "https://hooks.example.com" }
"#;

/// What the step asked of others since the graph was made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Requests {
    pub(crate) reads: usize,
    pub(crate) writes: usize,
    pub(crate) sends: usize,
}

impl Requests {
    /// Those since `before`.
    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            reads: self.reads - before.reads,
            writes: self.writes - before.writes,
            sends: self.sends - before.sends,
        }
    }
}

/// A queue that keeps what is sent until somebody looks.
#[derive(Clone, Default)]
struct Tray(Rc<RefCell<(usize, Vec<Parcel>)>>);

impl Outbox for Tray {
    async fn send_all(&self, parcels: Vec<Parcel>) -> Result<(), SendError> {
        let (sends, kept) = &mut *self.0.borrow_mut();
        *sends += 1;
        kept.extend(parcels);
        Ok(())
    }
}

/// Customers who have an account and an address each, known to `identity-match`.
pub(crate) struct Graph<S> {
    step: IdentityMatch<S, NobodyKnown, Tray, Store, Rc<FixedClock>>,
    store: Store,
    sent: Tray,
    /// Customers of whom nothing was heard since.
    untouched: Vec<usize>,
    size: usize,
    events: usize,
}

impl<S: Identities + Journal> Graph<S> {
    /// A graph of so many customers, each of whom one event made known. The step sees of the store
    /// what `seen` makes of it.
    pub(crate) async fn of(size: usize, seen: impl FnOnce(&Store) -> S) -> Self {
        let (store, sent) = (Store::default(), Tray::default());
        let rules = RuleSet::load(CONFIG, 1).expect("the document is valid");
        for number in 0..size {
            let event = event(number, &[account(number), address(number)]);
            resolve(&store, &NobodyKnown, &rules, &event).await.expect("no store fails");
        }
        let clock = Rc::new(FixedClock::new(START));
        let book = Rules::none(&clock);
        book.apply(CONFIG);
        let rules = book.book();
        let step = IdentityMatch::new(seen(&store), NobodyKnown, sent.clone(), rules, clock);
        let mut untouched: Vec<_> = (0..size).collect();
        Dice(size as u64).shuffle(&mut untouched);
        Self { step, store, sent, untouched, size, events: size }
    }

    /// Events of this case, each about other customers; none where too few are left.
    pub(crate) fn events(&mut self, case: Case, count: usize) -> Option<Vec<InboundEvent>> {
        (0..count).map(|_| self.event(case)).collect()
    }

    fn event(&mut self, case: Case) -> Option<InboundEvent> {
        self.events += 1;
        let new = self.events;
        let handles = match case {
            Case::Known => {
                let one = self.untouched.pop()?;
                [account(one), address(one)]
            }
            Case::Linked => [account(self.untouched.pop()?), address(new)],
            Case::Created => [account(new), address(new)],
            Case::Merged => [account(self.untouched.pop()?), address(self.untouched.pop()?)],
        };
        Some(event(new, &handles))
    }

    /// Has the step handle the events.
    pub(crate) async fn handle(&self, events: Vec<InboundEvent>) {
        for event in events {
            self.step.handle(event.into()).await.expect("no store fails");
        }
    }

    /// How the step decided since somebody last looked.
    pub(crate) fn outcomes(&self) -> Vec<MatchOutcome> {
        let parcels = std::mem::take(&mut self.sent.0.borrow_mut().1);
        let outcome = |parcel: Parcel| {
            let matched: Matched = serde_json::from_str(&parcel.body).expect("it is a decision");
            matched.decision.outcome
        };
        parcels.into_iter().map(outcome).collect()
    }

    /// What the step asked for so far.
    pub(crate) fn requests(&self) -> Requests {
        let (reads, writes) = (self.store.reads(), self.store.writes());
        Requests { reads, writes, sends: self.sent.0.borrow().0 }
    }

    /// How many customers it began with.
    pub(crate) fn size(&self) -> usize {
        self.size
    }
}

fn event(number: usize, handles: &[Handle]) -> InboundEvent {
    message(i64::try_from(number).expect("a graph fits into memory"), handles)
}

fn account(number: usize) -> Handle {
    let name = format!("customer-{number}");
    Handle::account(HandleKind::Account, "shop", &name, Assurance::Attested).expect("it has a name")
}

fn address(number: usize) -> Handle {
    let address = format!("customer-{number}@example.com");
    Handle::email(&address, Assurance::Attested).expect("it is an address")
}
