//! Destinations in memory.

use super::Store;
use crate::{Controls, StoreError, Swapped};
use delivery::Control;

impl Controls for Store {
    async fn control(&self, destination: &str) -> Result<Option<Control>, StoreError> {
        Ok(self.read().controls.get(destination).cloned())
    }

    async fn swap_control(
        &self,
        destination: &str,
        after: &Control,
    ) -> Result<Swapped, StoreError> {
        self.swaps.set(self.swaps.get() + 1);
        if self.controls_closed.get() {
            let source = "the test asked for it".into();
            return Err(StoreError::Unavailable { code: "injected".into(), source });
        }
        let mut contents = self.contents.borrow_mut();
        let control = contents.controls.entry(destination.to_owned()).or_default();
        if after.version != control.version + 1 {
            return Ok(Swapped::Lost(Box::new(control.clone())));
        }
        control.clone_from(after);
        Ok(Swapped::Written)
    }
}

impl Store {
    /// How often a destination's control was replaced, or tried to be. These writes are not among
    /// [`Store::writes`]: how many there are depends on what a worker still holds.
    #[must_use]
    pub fn swaps(&self) -> usize {
        self.swaps.get()
    }

    /// Makes the controls unavailable, or available again.
    pub fn close_controls(&self, closed: bool) {
        self.controls_closed.set(closed);
    }
}
