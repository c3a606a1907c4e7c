//! The CRM's answers, as the graph remembers them.

use super::stored::Stored;
use domain::{CrmLink, Handle, HandleKey};
use identity::{Inquiry, Policy, Record};
use identity_match::{Directory, Standing};
use rules::RuleSet;
use runtime::StepFailure;
use std::collections::{BTreeMap, BTreeSet};

/// Each record with the handles of its profile.
pub(super) struct Remembered<'s> {
    records: Vec<Record>,
    by_handle: BTreeMap<HandleKey, Vec<usize>>,
    unknown: Vec<&'s CrmLink>,
}

impl<'s> Remembered<'s> {
    pub(super) fn new(stored: &'s Stored, policy: &Policy) -> Self {
        let mut records = Vec::new();
        let mut by_handle: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (index, (link, handles)) in stored.records.iter().enumerate() {
            let handles = handles.iter().filter_map(Handle::stored);
            let handles: BTreeSet<_> =
                handles.map(|handle| handle.in_mailbox(&policy.mailboxes).key()).collect();
            for key in &handles {
                by_handle.entry(key.clone()).or_default().push(index);
            }
            records.push(Record { link: link.clone(), name: None, handles });
        }
        let unknown = stored.answered.iter().filter_map(|review| match &review.inquiry {
            Inquiry::UnknownRecord { record } => Some(record),
            Inquiry::SamePerson { .. } | Inquiry::WhichRecord { .. } | Inquiry::Admit { .. } => {
                None
            }
        });
        Self { records, by_handle, unknown: unknown.collect() }
    }
}

impl Directory for Remembered<'_> {
    async fn find(&self, _: &RuleSet, handles: &[Handle]) -> Result<Vec<Record>, StepFailure> {
        let found = handles.iter().filter_map(|handle| self.by_handle.get(&handle.key()));
        let indices: BTreeSet<_> = found.flatten().copied().collect();
        Ok(indices.into_iter().filter_map(|index| self.records.get(index)).cloned().collect())
    }

    async fn locate(&self, _: &RuleSet, record: &CrmLink) -> Result<Standing, StepFailure> {
        let unknown = self.unknown.contains(&record);
        Ok(if unknown { Standing::Unknown } else { Standing::Here })
    }
}
