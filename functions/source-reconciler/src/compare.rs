//! Which of the events that should have arrived did, and what becomes of the others.

use channels::{Context, Delivery, Source, Verified};
use domain::{Disposition, EventId, Fault, InboundEvent, REPAIRED_FROM};
use rules::Reconcile;
use rules::config::Origin;
use runtime::{Outbox, Parcel, SendError, StepFailure};
use serde_json::Value;
use state::{Left, Sweeps, Tally};
use std::collections::{BTreeMap, BTreeSet};
use tracing::{info, warn};

/// The most events that one look into the ledger takes.
const LOOK: usize = 100;

/// A comparison of one page.
pub(crate) struct Comparison<'a, S, O> {
    pub(crate) store: &'a S,
    pub(crate) inbound: &'a O,
    pub(crate) context: Context<'a>,
    pub(crate) dry_run: bool,
    pub(crate) tally: &'a mut Tally,
}

impl<S: Sweeps, O: Outbox> Comparison<'_, S, O> {
    /// Reads what was fetched as the events that it should have been, each once.
    pub(crate) fn read(
        &mut self,
        source: &Source,
        reconcile: &Reconcile,
        items: Vec<Value>,
    ) -> BTreeMap<EventId, InboundEvent> {
        let origin = match &reconcile.from {
            Origin::Crm(_) => "crm",
            Origin::History(_) => "history",
        };
        let mut events = BTreeMap::new();
        for item in items {
            let item = Verified::fetched(item.to_string().into_bytes());
            match source.parse_fetched(&item, reconcile.mappings(), &self.context) {
                Ok(Delivery::Events(read)) => events.extend(read.into_iter().map(|mut event| {
                    event.fields.insert(REPAIRED_FROM.into(), origin.into());
                    (event.id.clone(), event)
                })),
                Ok(Delivery::Ignored { .. } | Delivery::Challenge(_)) => {}
                Err(malformed) => {
                    let (code, detail) = (malformed.code(), malformed.to_string());
                    warn!(source = self.context.source, code, detail, "cannot be read");
                    self.tally.leave(Left::Unreadable);
                }
            }
        }
        events
    }

    /// Looks for each event, and puts in what is missing.
    pub(crate) async fn settle(
        &mut self,
        mut events: BTreeMap<EventId, InboundEvent>,
    ) -> Result<(), StepFailure> {
        let ids: Vec<_> = events.keys().cloned().collect();
        for look in ids.chunks(LOOK) {
            for arrived in self.store.arrived(&look.iter().cloned().collect()).await? {
                events.remove(&arrived);
                self.tally.expected += 1;
                self.tally.found += 1;
            }
        }
        if events.is_empty() {
            return Ok(());
        }
        let missing: BTreeSet<_> = events.keys().cloned().collect();
        for failed in self.store.failed(&missing).await? {
            events.remove(&failed);
            self.tally.leave(Left::Failed);
        }
        for id in events.keys() {
            self.tally.example(id);
        }
        if self.dry_run {
            for _ in events.values() {
                self.tally.leave(Left::DryRun);
            }
            return Ok(());
        }
        self.put_in(events.into_values()).await
    }

    async fn put_in(
        &mut self,
        events: impl Iterator<Item = InboundEvent>,
    ) -> Result<(), StepFailure> {
        let mut parcels = Vec::new();
        for event in events {
            match Parcel::inbound(&event) {
                Ok(parcel) => parcels.push(parcel),
                Err(fault) => self.refused(&fault),
            }
        }
        match self.inbound.send_all(parcels.clone()).await {
            Ok(()) => {
                for parcel in &parcels {
                    self.sent(parcel);
                }
            }
            Err(fault) if is_passing(&fault) => return Err(fault.into()),
            // One of them is at fault: each goes alone, so that it harms only itself.
            Err(_) => {
                for parcel in parcels {
                    match self.inbound.send(parcel.clone()).await {
                        Ok(()) => self.sent(&parcel),
                        Err(fault) if is_passing(&fault) => return Err(fault.into()),
                        Err(fault) => self.refused(&fault),
                    }
                }
            }
        }
        Ok(())
    }

    fn sent(&mut self, parcel: &Parcel) {
        let event = parcel.deduplication.as_str();
        info!(source = self.context.source, event, "had not arrived: put in");
        self.tally.expected += 1;
        self.tally.repaired += 1;
    }

    fn refused(&mut self, fault: &SendError) {
        let reason = fault.reason();
        let (code, detail) = (reason.code, reason.detail);
        warn!(source = self.context.source, code, detail, "cannot be put in");
        self.tally.leave(Left::Refused);
    }
}

fn is_passing(fault: &SendError) -> bool {
    match fault.disposition() {
        Disposition::Retry { .. } => true,
        Disposition::Hold { .. } | Disposition::Behind | Disposition::Park => false,
    }
}
