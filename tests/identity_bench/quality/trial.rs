//! One set, resolved under one choice in one order.

use super::choice::Choice;
use super::febrl::Set;
use crate::dice::Dice;
use crate::strangers::NobodyKnown;
use domain::CustomerId;
use identity::{Inquiry, Review, ReviewState};
use identity_match::resolve;
use runtime::memory::message;
use state::memory::{Contents, Store};

/// What became of a set's records.
pub(crate) struct Trial {
    /// The customer of each record, in the order of the set.
    pub(crate) customers: Vec<CustomerId>,
    /// The open questions, by the two customers that each asks about.
    pub(crate) questions: Vec<(CustomerId, CustomerId)>,
}

/// Lets each record come in as an event of its own.
pub(crate) async fn run(set: &Set, choice: &Choice, seed: u64) -> Trial {
    let (store, rules) = (Store::default(), choice.rules());
    let mut order: Vec<_> = set.records.iter().enumerate().collect();
    Dice(seed).shuffle(&mut order);
    let mut homes: Vec<Option<CustomerId>> = vec![None; order.len()];
    for (number, (index, record)) in order.into_iter().enumerate() {
        let number = i64::try_from(number).expect("a set is small");
        let event = message(number, &choice.handles(record));
        let answer = resolve(&store, &NobodyKnown, &rules, &event).await.expect("no store fails");
        homes[index] = Some(answer.home);
    }
    let contents = store.contents();
    let homes = homes.into_iter().flatten();
    Trial {
        customers: homes.map(|home| customer(&contents, &home)).collect(),
        questions: questions(&contents),
    }
}

/// The customer to whom a profile belongs in the end.
fn customer(contents: &Contents, profile: &CustomerId) -> CustomerId {
    let root = contents.customers.get(profile).and_then(|p| p.membership.merged_into.clone());
    root.unwrap_or_else(|| profile.clone())
}

fn questions(contents: &Contents) -> Vec<(CustomerId, CustomerId)> {
    let open = contents.reviews.values().filter(|review| review.state == ReviewState::Open);
    let pair = |review: &Review| {
        let Inquiry::SamePerson { other, .. } = &review.inquiry else { return None };
        let one = review.customer.as_ref()?;
        Some((customer(contents, one), customer(contents, other)))
    };
    open.filter_map(pair).collect()
}
