//! The messages that wait for what a person decides.

use domain::{
    CrmLink, CustomerId, Failure, FailureId, FailureRecord, FailureState, HandleKind, InboundEvent,
    Payload,
};
use jiff::Timestamp;
use state::dynamo::Store;
use state::{Failures, StoreError};

/// How often a record may be written by others between reading and writing it.
const RACES: usize = 3;

/// The failure records, with a look at all of one state.
pub(crate) trait Backlog: Failures {
    /// Every record in the state of this name ([`FailureState::name`]).
    async fn records(&self, state: &str) -> Result<Vec<FailureRecord>, StoreError>;
}

impl Backlog for Store {
    async fn records(&self, state: &str) -> Result<Vec<FailureRecord>, StoreError> {
        self.failure_records(state).await
    }
}

/// What a decision is about, by which its messages are found.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Concern {
    /// Some profiles, where their messages failed last for one of these reasons.
    Profiles {
        /// The profiles.
        ids: Vec<CustomerId>,
        /// The reasons' codes.
        codes: &'static [&'static str],
        /// Whether what was given up is meant too, and not only what is tried again anyway.
        parked: bool,
    },
    /// A record that events name and the CRM does not have.
    Record(CrmLink),
}

/// The messages that a decision concerns.
pub(crate) async fn concerned(
    store: &impl Backlog,
    concern: &Concern,
) -> Result<Vec<FailureId>, StoreError> {
    let mut records = store.records("waiting").await?;
    match concern {
        Concern::Profiles { parked: false, .. } => {}
        Concern::Profiles { parked: true, .. } | Concern::Record(_) => {
            records.extend(store.records("parked").await?);
            records.extend(store.records("held").await?);
        }
    }
    let mut found = Vec::new();
    for record in records {
        let last = record.attempts.last().map_or("", |attempt| attempt.reason.code.as_str());
        let meant = match concern {
            Concern::Profiles { ids, codes, .. } => {
                codes.contains(&last) && record.about.customer.is_some_and(|id| ids.contains(&id))
            }
            Concern::Record(link) if last == "crm_unknown_record" => {
                store.failure(&record.id).await?.is_some_and(|failure| names(&failure, link))
            }
            Concern::Record(_) => false,
        };
        if meant {
            found.push(record.id);
        }
    }
    Ok(found)
}

/// Whether the message is an event that names the record.
fn names(failure: &Failure, record: &CrmLink) -> bool {
    let Payload::Message { body, .. } = &failure.payload else { return false };
    serde_json::from_str::<InboundEvent>(body).is_ok_and(|event| {
        event.handles.iter().any(|handle| {
            handle.kind == HandleKind::Crm
                && handle.scope == record.crm
                && handle.value == record.id
        })
    })
}

/// Makes messages due now: the reconciler's next tick sends them back. Returns how many go back.
pub(crate) async fn send_back(
    store: &impl Backlog,
    ids: &[FailureId],
    now: Timestamp,
) -> Result<usize, StoreError> {
    let mut count = 0;
    for id in ids {
        count += usize::from(make_due(store, id, now).await?);
    }
    Ok(count)
}

/// How many messages go back, in words.
pub(crate) fn going_back(count: usize) -> String {
    match count {
        0 => "no message waits for that\n".to_owned(),
        1 => "1 waiting message goes back to its queue within a minute\n".to_owned(),
        count => format!("{count} waiting messages go back to their queues within a minute\n"),
    }
}

async fn make_due(
    store: &impl Backlog,
    id: &FailureId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    for _ in 0..RACES {
        let Some(mut failure) = store.failure(id).await? else { return Ok(false) };
        let read = failure.record.state;
        match read {
            FailureState::Redriven { .. } => return Ok(false),
            FailureState::Waiting { retry_at } if retry_at <= now => return Ok(true),
            FailureState::Waiting { .. }
            | FailureState::Held { .. }
            | FailureState::Behind { .. }
            | FailureState::Parked { .. }
            | FailureState::Dismissed { .. } => {}
        }
        failure.record.ask_again(now);
        if store.advance_failure(read, &failure.record).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use state::memory::Store;

    impl Backlog for Store {
        async fn records(&self, state: &str) -> Result<Vec<FailureRecord>, StoreError> {
            let records = self.contents().failures.into_values().map(|failure| failure.record);
            Ok(records.filter(|record| record.state.name() == state).collect())
        }
    }
}
