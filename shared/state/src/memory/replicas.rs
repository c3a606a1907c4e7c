//! Replicas in memory.

use super::Store;
use crate::{Replica, ReplicaKey, Replicas, StoreError};
use jiff::Timestamp;

impl Replicas for Store {
    async fn replica(&self, key: &ReplicaKey) -> Result<Option<Replica>, StoreError> {
        Ok(self.read().replicas.get(key).cloned())
    }

    async fn put_replica(&self, after: &Replica) -> Result<bool, StoreError> {
        self.write(|contents| {
            let known = contents.replicas.get(&after.key).map_or(0, |known| known.version);
            let follows = known + 1 == after.version;
            if follows {
                contents.replicas.insert(after.key.clone(), after.clone());
            }
            follows
        })
    }

    async fn due_replicas(&self, now: Timestamp, most: u32) -> Result<Vec<ReplicaKey>, StoreError> {
        let contents = self.read();
        let due =
            |replica: &Replica| Some((replica.due.filter(|due| *due <= now)?, replica.key.clone()));
        let mut due: Vec<_> = contents.replicas.values().filter_map(due).collect();
        due.sort();
        due.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        Ok(due.into_iter().map(|(_, key)| key).collect())
    }

    async fn replicas_of(&self, record: &str) -> Result<Vec<ReplicaKey>, StoreError> {
        let contents = self.read();
        Ok(contents.replicas.keys().filter(|key| key.record == record).cloned().collect())
    }
}
