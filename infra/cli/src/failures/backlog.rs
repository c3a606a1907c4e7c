//! The messages that wait for what a person decides.

use domain::{
    CrmLink, CustomerId, Failure, FailureId, FailureRecord, FailureState, HandleKind, InboundEvent,
    Payload,
};
use jiff::Timestamp;
use state::FailureRecords;
use state::dynamo::Store;
use state::{Failures, StoreError};

/// How often a record may be written by others between reading and writing it.
const RACES: usize = 3;

/// The failure records, with a look at all of one state.
pub(crate) trait Backlog: Failures {
    /// Every record in the state of this name ([`FailureState::name`]).
    async fn records(&self, state: &str) -> Result<Vec<FailureRecord>, StoreError>;

    /// The same, where a record that this version cannot read keeps nobody from the others.
    async fn readable(&self, state: &str) -> Result<FailureRecords, StoreError>;
}

impl Backlog for Store {
    async fn records(&self, state: &str) -> Result<Vec<FailureRecord>, StoreError> {
        self.failure_records(state).await
    }

    async fn readable(&self, state: &str) -> Result<FailureRecords, StoreError> {
        self.readable_failure_records(state).await
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
        let Some(failure) = store.failure(id).await? else { return Ok(false) };
        match ask_again(store, failure.record, now).await? {
            Asked::GoesBack => return Ok(true),
            Asked::InItsQueue => return Ok(false),
            Asked::Changed => {}
        }
    }
    Ok(false)
}

/// What came of asking for another try.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Asked {
    /// The reconciler's next tick sends it back.
    GoesBack,
    /// It went back before.
    InItsQueue,
    /// It is no longer as it was read, or is gone: nothing was written.
    Changed,
}

/// Makes a message due now whose record was just read.
pub(super) async fn ask_again(
    store: &impl Backlog,
    mut record: FailureRecord,
    now: Timestamp,
) -> Result<Asked, StoreError> {
    let read = record.state;
    match read {
        FailureState::Redriven { .. } => return Ok(Asked::InItsQueue),
        FailureState::Waiting { retry_at } if retry_at <= now => return Ok(Asked::GoesBack),
        FailureState::Waiting { .. }
        | FailureState::Held { .. }
        | FailureState::Behind { .. }
        | FailureState::Parked { .. }
        | FailureState::Dismissed { .. } => {}
    }
    record.ask_again(now);
    let written = store.advance_failure(read, &record).await?;
    Ok(if written { Asked::GoesBack } else { Asked::Changed })
}

#[cfg(test)]
mod tests {
    use super::*;
    use state::memory::Store;

    impl Backlog for Store {
        async fn records(&self, state: &str) -> Result<Vec<FailureRecord>, StoreError> {
            let FailureRecords { records, unreadable } = self.readable(state).await?;
            assert_eq!(unreadable, [], "nobody can read these");
            Ok(records)
        }

        /// What failed last under the build `newer` cannot be read.
        async fn readable(&self, state: &str) -> Result<FailureRecords, StoreError> {
            let records = self.contents().failures.into_values().map(|failure| failure.record);
            let (unreadable, records): (Vec<_>, Vec<_>) = records
                .filter(|record| record.state.name() == state)
                .partition(|record| record.release.build.as_deref() == Some("newer"));
            let unreadable = unreadable.into_iter().map(|record| record.id).collect();
            Ok(FailureRecords { records, unreadable })
        }
    }
}
