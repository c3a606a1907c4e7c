//! What happened lately, in memory.

use super::Store;
use crate::{Looked, Recent, StoreError};
use domain::{CustomerId, EventId};
use jiff::Timestamp;

impl Recent for Store {
    async fn occurred_since(
        &self,
        profile: &CustomerId,
        from: Timestamp,
    ) -> Result<Vec<EventId>, StoreError> {
        let contents = self.read();
        let own = contents.timeline.iter().filter(|((customer, _), _)| customer == profile);
        let events = own.map(|(_, entry)| &entry.tagged.event);
        Ok(events.filter(|event| event.occurred_at >= from).map(|event| event.id.clone()).collect())
    }

    async fn decided_since(&self, from: Timestamp) -> Result<Looked, StoreError> {
        let contents = self.read();
        let decided =
            contents.events.values().filter(|it| it.applied_at.is_some_and(|at| at >= from));
        Ok(Looked { records: decided.cloned().collect(), read_units: 0.0 })
    }
}
