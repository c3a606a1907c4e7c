//! Two events of one CRM record that are matched at the same time, in every interleaving.

use crate::desk::{Desk, Phonebook, email, phone, record};
use domain::{CrmLink, Customer, CustomerId, Handle, HandleKey, Matched};
use identity_match::Directory;
use rules::RuleSet;
use runtime::StepFailure;
use runtime::memory::message;
use state::memory::Store;
use state::{Identities, Linked, Owners, StoreError};
use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Gives way before each request, so that the schedule decides whose is next.
struct Yielding<T>(T);

async fn give_way() {
    let mut gave = false;
    poll_fn(|_| {
        let before = gave;
        gave = true;
        if before { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

impl Identities for Yielding<Store> {
    async fn owners(&self, keys: &[HandleKey]) -> Result<Owners, StoreError> {
        give_way().await;
        self.0.owners(keys).await
    }

    async fn create(&self, customer: &Customer) -> Result<Linked, StoreError> {
        give_way().await;
        self.0.create(customer).await
    }

    async fn link(
        &self,
        customer: &CustomerId,
        handles: &[HandleKey],
        crm: Option<&CrmLink>,
    ) -> Result<Linked, StoreError> {
        give_way().await;
        self.0.link(customer, handles, crm).await
    }
}

impl Directory for Yielding<Phonebook> {
    async fn find(
        &self,
        rules: &RuleSet,
        handles: &[Handle],
    ) -> Result<Option<CrmLink>, StepFailure> {
        give_way().await;
        self.0.find(rules, handles).await
    }
}

/// As many turns as the two ever take, which the first test makes sure of.
const TURNS: u32 = 12;

/// Matches both, each bit of the schedule giving a turn to one of them, and then to whoever is
/// not at the end. Returns how many turns were taken.
fn run(
    desk: &Desk<Yielding<Store>, Yielding<Phonebook>>,
    ends: [&[Handle]; 2],
    schedule: u32,
) -> u32 {
    let [first, second] = ends;
    let mut first = pin!(desk.handle(message(1, first)));
    let mut second = pin!(desk.handle(message(2, second)));
    let mut context = Context::from_waker(Waker::noop());
    let (mut done, mut turns) = ([false; 2], 0);
    while done != [true; 2] {
        let asked = usize::from(turns < TURNS && schedule >> turns & 1 == 1);
        let turn = if done[asked] { 1 - asked } else { asked };
        let polled = if turn == 0 {
            first.as_mut().poll(&mut context)
        } else {
            second.as_mut().poll(&mut context)
        };
        if let Poll::Ready(outcome) = polled {
            outcome.unwrap();
            done[turn] = true;
        }
        turns += 1;
        assert!(turns < 100, "they come to an end");
    }
    turns
}

fn desk() -> Desk<Yielding<Store>, Yielding<Phonebook>> {
    Desk::over(|store| Yielding(store.clone()), |phonebook| Yielding(phonebook.clone()))
}

#[test]
fn the_two_ends_of_one_record_meet_in_one_customer() {
    let mut longest = 0;
    for schedule in 0..1 << TURNS {
        let desk = desk();
        desk.phonebook.enter("7", &[phone(1), email("anna")]);
        longest = longest.max(run(&desk, [&[phone(1)], &[email("anna")]], schedule));
        let contents = desk.store.contents();
        let customers: Vec<_> = contents.customers.values().collect();
        let [anna] = &customers[..] else { panic!("{} customers, {schedule:b}", customers.len()) };
        let handles = [record("7").key(), phone(1).key(), email("anna").key()];
        assert_eq!(anna.handles, handles.clone().into(), "{schedule:b}");
        assert!(handles.iter().all(|handle| contents.identities[handle] == anna.id));
        let matched = desk.queue.messages::<Matched>();
        assert_eq!(matched.len(), 2);
        assert!(matched.iter().all(|matched| matched.customer == anna.id), "{schedule:b}");
    }
    assert!(longest <= TURNS, "every interleaving was tried: the longest takes {longest} turns");
}

#[test]
fn the_same_stranger_twice_is_one_customer() {
    for schedule in 0..1 << TURNS {
        let desk = desk();
        run(&desk, [&[phone(1), email("anna")], &[email("anna")]], schedule);
        let contents = desk.store.contents();
        let matched = desk.queue.messages::<Matched>();
        assert_eq!(matched[0].customer, matched[1].customer, "{schedule:b}");
        assert_eq!(contents.customers.len(), 1, "{schedule:b}");
    }
}
