//! Lines in memory.

use super::Store;
use crate::{Lines, StoreError};
use domain::{Line, LineId};

impl Lines for Store {
    async fn line(&self, id: &LineId) -> Result<Line, StoreError> {
        Ok(self.read().lines.get(id).cloned().unwrap_or_default())
    }

    async fn replace_line(
        &self,
        id: &LineId,
        read: &Line,
        after: &Line,
    ) -> Result<bool, StoreError> {
        self.write(|contents| {
            let stored = contents.lines.get(id).cloned().unwrap_or_default();
            if stored.places() != read.places() {
                return false;
            }
            if after.is_empty() {
                contents.lines.remove(id);
            } else {
                contents.lines.insert(id.clone(), after.clone());
            }
            true
        })
    }
}
