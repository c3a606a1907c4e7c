//! One customer's state in memory, on which the steps can work.

use super::Rules;
use super::foreseen::Change;
use crate::trouble::Trouble;
use domain::{Carried, Customer, Effect, EventId, Matched, Outbound, Tagged};
use identity::Group;
use jiff::Timestamp;
use rules::RuleSet;
use runtime::memory::{Queue, Schedules};
use runtime::{FixedClock, QueueStep};
use state::memory::{Contents, Store};
use state::{Customers, Histories, Ledger, Run, TimelineEntry};
use std::collections::BTreeSet;
use std::rc::Rc;
use tag_update::TagUpdate;
use trigger_dispatcher::TriggerDispatcher;

/// A customer with everything that the steps look at.
pub(super) struct Copy {
    group: Group,
    store: Store,
    /// The events to be replayed, in the order in which they happened.
    entries: Vec<TimelineEntry>,
}

impl Copy {
    pub(super) async fn of(
        store: &(impl Histories + Ledger),
        group: Group,
        events: &BTreeSet<EventId>,
    ) -> Result<Self, Trouble> {
        let mut contents = Contents::default();
        let mut entries = Vec::new();
        for profile in group.profiles() {
            contents.customers.insert(profile.id.clone(), profile.clone());
            for entry in store.entries(&profile.id).await? {
                if events.contains(&entry.tagged.event.id) {
                    entries.push(entry.clone());
                }
                let key = (profile.id.clone(), TimelineEntry::key(&entry.tagged.event));
                contents.timeline.insert(key, entry);
            }
        }
        let ids: Vec<_> = events.iter().cloned().collect();
        for record in store.events(&ids).await? {
            contents.events.insert(record.id.clone(), record);
        }
        let profiles = group.profiles().map(|profile| profile.id.clone()).collect();
        for firings in store.firings(&profiles).await? {
            contents.firings.insert(firings.profile.clone(), firings);
        }
        entries.sort_by_key(|entry| {
            let event = &entry.tagged.event;
            (event.occurred_at, event.id.clone())
        });
        Ok(Self { group, store: Store::from(contents), entries })
    }

    /// Lets the steps replay the events.
    pub(super) async fn replayed(
        self,
        book: &Rules,
        run: &Run,
        now: Timestamp,
    ) -> Result<Change, Trouble> {
        let rules = book.current().await.map_err(|error| Trouble::Refused {
            why: error.to_string(),
            remedy: "Apply a configuration that this program can follow".into(),
        })?;
        let clock = Rc::new(FixedClock::new(now));
        let (tagged, outbound) = (Queue::default(), Queue::default());
        let (timers, time) = (Schedules::default(), Rc::clone(&clock));
        let tag_update =
            TagUpdate::new(self.store.clone(), tagged.clone(), timers, book.clone(), time);
        let (store, next) = (self.store.clone(), outbound.clone());
        let dispatcher = TriggerDispatcher::new(store, next, book.clone(), clock);
        let mut failed = 0;
        for entry in &self.entries {
            let matched = Matched {
                event: entry.tagged.event.clone(),
                customer: entry.tagged.home.clone(),
                decision: entry.decision.clone(),
                matched_at: entry.matched_at,
            };
            let replay = Some(run.mark());
            let settled = tag_update.handle(Carried { message: matched, replay }).await;
            failed += usize::from(settled.is_err());
        }
        for message in tagged.messages::<Carried<Tagged>>() {
            failed += usize::from(dispatcher.handle(message).await.is_err());
        }
        let new: Vec<Effect> =
            outbound.messages::<Outbound>().into_iter().map(|Outbound(effect)| effect).collect();
        Ok(Change {
            customer: self.group.id().clone(),
            before: stored(&rules, &self.group),
            after: self.after(&rules).await?,
            events: self.entries.len(),
            effects: new,
            failed,
        })
    }

    async fn after(&self, rules: &RuleSet) -> Result<Customer, Trouble> {
        let group = self.store.group(self.group.id()).await?;
        Ok(rules.reunited(group.as_ref().unwrap_or(&self.group)))
    }
}

/// The customer as every reader sees them today.
fn stored(rules: &RuleSet, group: &Group) -> Customer {
    rules.combine(group)
}
