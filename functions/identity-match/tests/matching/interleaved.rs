//! Two events that are matched at the same time, in every interleaving.

use crate::desk::Desk;
use crate::people::{email, phone, record, unionid};
use crate::phonebook::Phonebook;
use domain::{CrmLink, Customer, CustomerId, Handle, HandleKey, Matched, MergeId, ReviewId};
use identity::{Change, Group, Links, Merge, Record, Review};
use identity_match::{Directory, Standing};
use rules::RuleSet;
use runtime::StepFailure;
use runtime::memory::{customer, enter, message};
use state::memory::Store;
use state::{Committed, Customers, Identities, Journal, StoreError};
use std::collections::BTreeSet;
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

impl Customers for Yielding<Store> {
    async fn group(&self, profile: &CustomerId) -> Result<Option<Group>, StoreError> {
        give_way().await;
        self.0.group(profile).await
    }
}

impl Identities for Yielding<Store> {
    async fn links(&self, keys: &[HandleKey]) -> Result<Links, StoreError> {
        give_way().await;
        self.0.links(keys).await
    }

    async fn commit(&self, change: &Change) -> Result<Committed, StoreError> {
        give_way().await;
        self.0.commit(change).await
    }
}

impl Journal for Yielding<Store> {
    async fn merge(&self, id: &MergeId) -> Result<Option<Merge>, StoreError> {
        give_way().await;
        self.0.merge(id).await
    }

    async fn review(&self, id: &ReviewId) -> Result<Option<Review>, StoreError> {
        give_way().await;
        self.0.review(id).await
    }

    async fn reviews(&self, state: &str) -> Result<Vec<Review>, StoreError> {
        give_way().await;
        self.0.reviews(state).await
    }

    async fn open_review(&self, review: &Review) -> Result<bool, StoreError> {
        give_way().await;
        self.0.open_review(review).await
    }

    async fn close_review(&self, review: &Review) -> Result<bool, StoreError> {
        give_way().await;
        self.0.close_review(review).await
    }
}

impl Directory for Yielding<Phonebook> {
    async fn find(&self, rules: &RuleSet, handles: &[Handle]) -> Result<Vec<Record>, StepFailure> {
        give_way().await;
        self.0.find(rules, handles).await
    }

    async fn locate(&self, rules: &RuleSet, record: &CrmLink) -> Result<Standing, StepFailure> {
        give_way().await;
        self.0.locate(rules, record).await
    }
}

type Both = Desk<Yielding<Store>, Yielding<Phonebook>>;

fn desk() -> Both {
    Desk::over(|store| Yielding(store.clone()), |phonebook| Yielding(phonebook.clone()))
}

/// One turn: who had it, and whether the other could have had it instead.
type Turn = (usize, bool);

/// Matches both, who takes their turns as these choices say; what they leave open, the first takes.
fn run(desk: &Both, events: [&[Handle]; 2], choices: &[usize]) -> Vec<Turn> {
    let [first, second] = events;
    let mut first = pin!(desk.handle(message(1, first)));
    let mut second = pin!(desk.handle(message(2, second)));
    let mut context = Context::from_waker(Waker::noop());
    let (mut done, mut turns) = ([false; 2], Vec::new());
    while done != [true; 2] {
        let open = done == [false; 2];
        let asked = choices.get(turns.len()).copied().filter(|who| !done[*who]);
        let chosen = asked.unwrap_or(usize::from(done[0]));
        let polled = if chosen == 0 {
            first.as_mut().poll(&mut context)
        } else {
            second.as_mut().poll(&mut context)
        };
        if let Poll::Ready(outcome) = polled {
            outcome.unwrap();
            done[chosen] = true;
        }
        turns.push((chosen, open));
        assert!(turns.len() < 100, "they come to an end");
    }
    turns
}

/// Matches both in every interleaving, each once: from the last turn that the first took and the
/// second could have taken, the second takes it.
fn interleave(events: [&[Handle]; 2], prepare: impl Fn(&Both), check: impl Fn(&Both)) {
    let (mut choices, mut tried) = (Vec::new(), 0);
    loop {
        let desk = desk();
        prepare(&desk);
        let turns = run(&desk, events, &choices);
        check(&desk);
        tried += 1;
        let Some(last) = turns.iter().rposition(|turn| *turn == (0, true)) else { break };
        choices = turns[..last].iter().map(|(who, _)| *who).chain([1]).collect();
    }
    assert!(tried > 100, "{tried} interleavings");
}

/// Makes a customer in the store that both share.
fn known(desk: &Both, handles: &[Handle]) {
    let customer = customer(handles);
    let mut entering = pin!(enter(&desk.store, customer));
    let mut context = Context::from_waker(Waker::noop());
    let entered = entering.as_mut().poll(&mut context);
    assert!(matches!(entered, Poll::Ready(Ok(Committed::Written))));
}

/// The one customer to whom every handle leads and both events went.
fn together(desk: &Both) -> Customer {
    let contents = desk.contents();
    let roots: BTreeSet<_> = contents.links.values().map(|link| link.customer.clone()).collect();
    let [root] = &roots.into_iter().collect::<Vec<_>>()[..] else { panic!("one customer") };
    for (id, customer) in &contents.customers {
        let merged_into = customer.membership.merged_into.as_ref();
        assert_eq!(merged_into, (id != root).then_some(root), "and nobody beside");
        for handle in customer.handles.keys() {
            assert_eq!(contents.links[handle].home, *id, "links and profiles agree");
        }
    }
    let merges = &contents.customers[root].membership.merges;
    assert!(contents.merges.keys().eq(merges.keys()), "each merge is journalled");
    let matched = desk.queue.messages::<Matched>();
    assert_eq!(matched.len(), 2);
    assert!(matched.iter().all(|matched| contents.customers.contains_key(&matched.customer)));
    contents.customers[root].clone()
}

#[test]
fn the_two_ends_of_one_record_meet_in_one_customer() {
    interleave(
        [&[phone(1)], &[email("anna")]],
        |desk| desk.phonebook.enter("7", &[phone(1), email("anna")]),
        |desk| {
            let anna = together(desk);
            let handles = [record("7").key(), email("anna").key(), phone(1).key()];
            assert!(anna.handles.keys().eq(&handles));
            assert_eq!(desk.contents().customers.len(), 1);
        },
    );
}

#[test]
fn the_same_stranger_twice_is_one_customer() {
    interleave(
        [&[phone(1), email("anna")], &[email("anna")]],
        |_| {},
        |desk| {
            together(desk);
            assert_eq!(desk.contents().customers.len(), 1);
        },
    );
}

#[test]
fn two_customers_who_are_joined_from_both_ends_are_merged_once() {
    interleave(
        [&[phone(1), email("anna")], &[email("anna"), phone(1)]],
        |desk| {
            known(desk, &[phone(1)]);
            known(desk, &[email("anna")]);
        },
        |desk| assert_eq!(together(desk).membership.merges.len(), 1),
    );
}

#[test]
fn three_customers_who_are_joined_two_by_two_are_one() {
    interleave(
        [&[phone(1), email("anna")], &[email("anna"), unionid("anna")]],
        |desk| {
            for handle in [phone(1), email("anna"), unionid("anna")] {
                known(desk, &[handle]);
            }
        },
        |desk| assert_eq!(together(desk).membership.merges.len(), 2),
    );
}

#[test]
fn a_handle_that_is_linked_while_its_customer_is_merged_leads_to_the_customer() {
    interleave(
        [&[phone(1), email("anna")], &[email("anna"), phone(2)]],
        |desk| {
            known(desk, &[phone(1)]);
            known(desk, &[email("anna")]);
        },
        |desk| {
            together(desk);
            assert!(desk.contents().links.contains_key(&phone(2).key()));
        },
    );
}

#[test]
fn an_event_that_breaks_off_anywhere_is_completed_by_its_repetition() {
    let (joining, other) = ([phone(1), email("anna")], [email("anna"), unionid("anna")]);
    let mut context = Context::from_waker(Waker::noop());
    for turns in 0.. {
        let desk = desk();
        for handle in [phone(1), email("anna"), unionid("anna")] {
            known(&desk, &[handle]);
        }
        let ended = {
            let mut broken = pin!(desk.handle(message(1, &joining)));
            (0..turns).any(|_| broken.as_mut().poll(&mut context).is_ready())
        };
        if ended {
            assert!(turns > 4, "it has several places to break off at");
            break;
        }
        run(&desk, [&joining, &other], &[1; 50]);
        assert_eq!(together(&desk).membership.merges.len(), 2, "after {turns} turns");
    }
}
