//! What one worker holds of a destination.

use crate::{Ask, Circuit, Control, Grant, MOST_PERMITS, Policy, Refusal, Tally};
use jiff::{SignedDuration, Timestamp};

/// The right to begin one effect. It is given back by [`Share::leave`].
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a pass that is not given back counts as an effect under way"]
pub struct Pass {
    grant: u64,
    probe: bool,
}

/// How an effect that held a pass ended, as far as its destination is concerned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The destination was never called.
    Unused,
    /// It answered, be it with a refusal of this one effect.
    Answered,
    /// It did not answer, or said that it cannot serve anybody just now.
    Failed {
        /// How long it asked to be left alone (`Retry-After`).
        asked: Option<SignedDuration>,
    },
}

/// One worker's view of a destination, with what it was granted. Passes are handed out from it
/// without a word to the others; [`Share::ask`] and [`Share::leave`] say what has to be told.
#[derive(Debug, Default)]
pub struct Share {
    seen: Control,
    grant: Option<Grant>,
    left: u32,
    under_way: u32,
    tally: Tally,
}

impl Share {
    /// The control as it was last seen.
    #[must_use]
    pub fn seen(&self) -> &Control {
        &self.seen
    }

    /// A pass from what was granted before, if that holds one.
    pub fn enter(&mut self, now: Timestamp) -> Option<Pass> {
        let grant = self.grant.filter(|grant| self.left > 0 && now <= grant.until)?;
        let shut = !grant.probe && self.seen.circuit != Circuit::Closed;
        if shut || grant.slots.is_some_and(|slots| self.under_way >= slots) {
            return None;
        }
        self.left -= 1;
        self.under_way += 1;
        Some(Pass { grant: grant.id, probe: grant.probe })
    }

    /// The control with a new grant in it, to be written in place of the seen one.
    ///
    /// # Errors
    /// Why there is none. The seen control is enough to know: nothing has to be read.
    pub fn ask(
        &self,
        policy: &Policy,
        waiting: u32,
        now: Timestamp,
    ) -> Result<(Control, Grant), Refusal> {
        let today = |grant: &Grant| now.to_zoned(jiff::tz::TimeZone::UTC).date() == grant.day;
        let ask = Ask {
            permits: self.wanted(policy, waiting),
            slots: self.under_way.saturating_add(waiting),
            replaces: self.grant.map(|grant| grant.id),
            unused: self.grant.filter(today).map_or(0, |_| self.left),
            tally: self.tally,
        };
        let (after, grant) = self.seen.grant(policy, ask, now)?;
        if grant.slots.is_some_and(|slots| slots <= self.under_way) {
            // Its own effects hold all there are: the first of them to end makes room.
            return Err(Refusal::Busy { until: now + SignedDuration::from_secs(1) });
        }
        Ok((after, grant))
    }

    /// The grant was written.
    pub fn granted(&mut self, control: Control, grant: Grant) {
        (self.seen, self.left, self.tally) = (control, grant.permits, Tally::default());
        self.grant = Some(grant);
    }

    /// Somebody else's control was found.
    pub fn learned(&mut self, control: Control) {
        if control.circuit != Circuit::Closed {
            // What this worker would add is known, and must not count again once it is closed.
            self.tally = Tally::default();
        }
        self.seen = control;
    }

    /// Gives a pass back. What the others have to be told of it is in [`Share::told`].
    pub fn leave(&mut self, pass: &Pass, outcome: Outcome) {
        self.under_way = self.under_way.saturating_sub(1);
        let own = self.grant.is_some_and(|grant| grant.id == pass.grant);
        match outcome {
            Outcome::Unused if own && !pass.probe => self.left += 1,
            Outcome::Unused => {}
            Outcome::Answered => self.tally.successes = self.tally.successes.saturating_add(1),
            Outcome::Failed { .. } if self.seen.circuit != Circuit::Closed => {}
            Outcome::Failed { .. } => self.tally.failures = self.tally.failures.saturating_add(1),
        }
    }

    /// The control that tells the others how this effect ended; none where that is no news, as on
    /// a healthy destination.
    #[must_use]
    pub fn told(
        &self,
        policy: &Policy,
        pass: &Pass,
        outcome: Outcome,
        now: Timestamp,
    ) -> Option<Control> {
        let seen = &self.seen;
        match outcome {
            Outcome::Unused if pass.probe => Some(seen.unprobed(now)),
            Outcome::Answered if pass.probe => Some(seen.probed(policy, true, now)),
            Outcome::Answered if seen.streak > 0 => Some(seen.tallied(policy, self.tally, now)),
            Outcome::Unused | Outcome::Answered => None,
            Outcome::Failed { asked } => {
                let mut after = if pass.probe {
                    seen.probed(policy, false, now)
                } else if seen.circuit == Circuit::Closed {
                    seen.tallied(policy, self.tally, now)
                } else {
                    // Begun before it opened: what it tells is known.
                    return None;
                };
                if let Some(asked) = asked {
                    after.rest(asked, now);
                }
                Some(after)
            }
        }
    }

    /// What [`Share::told`] gave was written.
    pub fn heard(&mut self, control: Control) {
        (self.seen, self.tally) = (control, Tally::default());
    }

    /// As many as are needed now; as many as the last grant's use makes likely.
    fn wanted(&self, policy: &Policy, waiting: u32) -> u32 {
        if policy.rate.is_none() && policy.quota.is_none() {
            return MOST_PERMITS;
        }
        let last = self.grant.map_or(0, |grant| match self.left {
            0 => grant.permits.saturating_mul(2),
            left => grant.permits.saturating_sub(left),
        });
        waiting.max(last).clamp(1, MOST_PERMITS)
    }
}
