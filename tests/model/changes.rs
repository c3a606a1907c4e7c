//! What changes around a run: how destinations feel, which version runs, which rules hold.

use crate::run::Run;
use jiff::Timestamp;
use state::Failures;

impl Run {
    /// Lets the surroundings change.
    pub(crate) fn change(&mut self) {
        self.turns += 1;
        if self.calm {
            return;
        }
        if self.turns > self.trouble.turns {
            self.calm_down();
            return;
        }
        if self.dice.percent(self.trouble.moods) {
            self.around.moods.borrow_mut().swing(&mut self.dice);
        }
        if self.dice.percent(self.trouble.moods) {
            let closed = self.dice.percent(50);
            self.around.pager.close(closed);
            if closed {
                self.around.weather.count("alarm_not_taken");
            }
        }
        if self.dice.percent(self.trouble.changes) {
            if self.dice.percent(50) { self.deploy() } else { self.configure() }
        }
    }

    /// Where nothing moves any more, the next version comes, if anything waits for one; and with
    /// it the end of what goes wrong, where that is to end. Returns whether it came, so that the
    /// reconciler has to look.
    pub(crate) async fn mend(&mut self) -> bool {
        let held = self.around.store.failures_in("held", Timestamp::MAX, 1).await.unwrap();
        if self.calm {
            // The reconciler looks each minute, and a timer rings months later.
            return !held.is_empty() && !std::mem::replace(&mut self.looked, true);
        }
        if self.trouble.turns < usize::MAX {
            // No version takes as long as a timer: what comes after a ring is what stories tell
            // whose last events are late.
            if held.is_empty() && self.dice.percent(50) && self.ring() {
                return true;
            }
            self.calm_down();
            return true;
        }
        if !held.is_empty() {
            self.deploy();
        }
        !held.is_empty()
    }

    /// Nothing goes wrong from now on, and what can be mended is.
    pub(crate) fn calm_down(&mut self) {
        self.calm = true;
        self.around.moods.borrow_mut().clear();
        self.around.pager.close(false);
        self.around.weather.clear();
        self.deploy();
    }

    /// Another version of the program, without the bug.
    fn deploy(&mut self) {
        self.around.build += 1;
        if !self.calm {
            self.around.weather.count("version_deployed");
        }
        self.lasting = self.around.lasting();
    }

    fn configure(&mut self) {
        if let Some(next) = self.versions.pop() {
            self.around.rules = next;
            self.around.weather.count("configuration_changed");
            self.lasting = self.around.lasting();
        }
    }
}
