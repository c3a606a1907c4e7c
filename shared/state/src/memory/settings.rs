//! The configuration's versions in memory.

use super::Store;
use crate::{ConfigVersion, Settings, StoreError};

impl Settings for Store {
    async fn current_version(&self) -> Result<Option<u64>, StoreError> {
        Ok(self.contents.borrow().configs.last().map(|config| config.version))
    }

    async fn config(&self, version: u64) -> Result<Option<ConfigVersion>, StoreError> {
        let contents = self.contents.borrow();
        Ok(contents.configs.iter().find(|config| config.version == version).cloned())
    }
}
