//! What a replay would change, found out by the steps themselves over a copy in memory.

mod copy;
mod foreseen;
mod show;

pub(super) use foreseen::Foreseen;

use super::dismissed::Dismissed;
use crate::trouble::Trouble;
use copy::Copy;
use domain::{CustomerId, EventId};
use indicatif::ProgressBar;
use jiff::Timestamp;
use runtime::{FixedClock, RuleBook};
use state::memory::{self, Contents};
use state::{Customers, Histories, Ledger, Run, Runs, Settings};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// How many entries are read at once.
const PAGE: usize = 500;

/// The rules in force, compiled once.
type Rules = RuleBook<memory::Store, Rc<FixedClock>>;

/// Puts one customer after the other through the replay, in memory.
pub(super) async fn foresee(
    store: &(impl Customers + Histories + Ledger + Runs + Settings),
    run: &Run,
    dismissed: &Dismissed,
    reading: &ProgressBar,
) -> Result<Foreseen, Trouble> {
    let now = run.begun_at;
    let rules = rules(store, now).await?;
    let Meant { events: meant, dismissed } = meant(store, run, dismissed, reading).await?;
    let mut foreseen = Foreseen { dismissed, ..Foreseen::new(run) };
    let mut handled = BTreeSet::new();
    for profile in meant.keys() {
        if handled.contains(profile) {
            continue;
        }
        let Some(group) = store.group(profile).await? else { continue };
        handled.extend(group.profiles().map(|profile| profile.id.clone()));
        let events: BTreeSet<_> = group
            .profiles()
            .filter_map(|profile| meant.get(&profile.id))
            .flatten()
            .cloned()
            .collect();
        let copy = Copy::of(store, group, &events).await?;
        foreseen.add(copy.replayed(&rules, run, now).await?);
    }
    Ok(foreseen)
}

async fn rules(store: &impl Settings, now: Timestamp) -> Result<Rules, Trouble> {
    let mut contents = Contents::default();
    if let Some(version) = store.current_version().await? {
        contents.configs.extend(store.config(version).await?);
    }
    Ok(RuleBook::new(memory::Store::from(contents), Rc::new(FixedClock::new(now))))
}

/// The events that are meant.
#[derive(Default)]
struct Meant {
    /// By profile.
    events: BTreeMap<CustomerId, BTreeSet<EventId>>,
    /// How many more there would be, had a person not dismissed them.
    dismissed: usize,
}

async fn meant(
    store: &impl Runs,
    run: &Run,
    dismissed: &Dismissed,
    reading: &ProgressBar,
) -> Result<Meant, Trouble> {
    let mut meant = Meant::default();
    let histories = match &run.plan.profiles {
        None => vec![None],
        Some(profiles) => profiles.iter().map(Some).collect(),
    };
    for history in histories {
        let mut place = None;
        loop {
            let page = store.page(history, place.as_ref(), PAGE).await?;
            for entry in &page.entries {
                reading.inc(1);
                let event = &entry.tagged.event;
                if !run.plan.means(event) {
                    continue;
                }
                if dismissed.event(&event.id) {
                    meant.dismissed += 1;
                    continue;
                }
                let events = meant.events.entry(entry.tagged.home.clone()).or_default();
                events.insert(event.id.clone());
            }
            place = page.end;
            if place.is_none() {
                break;
            }
        }
    }
    Ok(meant)
}
