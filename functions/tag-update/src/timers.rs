//! The calls that wake a customer's timers.

use domain::{Customer, CustomerId, Matched, WakeId};
use identity::Group;
use jiff::{SignedDuration, Timestamp};
use rules::RuleSet;
use runtime::{Clock, StepFailure, Timers, Wake};
use std::collections::BTreeMap;

/// By how much a call is set ahead at least: more than setting it takes. The scheduler's documents
/// do not say what becomes of a time that has gone by
/// (<https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#one-time>). Should
/// it refuse one, as a worker may ask for whose clock is behind, the message is parked.
const AHEAD: SignedDuration = SignedDuration::from_secs(10);

/// A call that is this near, by the worker's clock, is not relied on. It may have come already: it
/// is the ring that is handled, or one that found the customer without this event. The timer would
/// then have no call at all, where one too many comes for nothing. The worker's clock may be ten
/// minutes behind and the scheduler's ten ahead, and less than a minute passes from the reading of
/// the clock to the writing of the profile: the function runs no longer.
const NEAR: SignedDuration = SignedDuration::from_mins(21);

/// How far ahead a call is set at most, so that no call outlives the form of its message by years,
/// nor a date in the distant future is more than the scheduler takes.
const FAR: SignedDuration = SignedDuration::from_hours(24 * 365);

/// Sets the calls for one profile.
#[derive(Debug)]
pub(crate) struct Bell<'a, T, C> {
    pub(crate) timers: &'a T,
    pub(crate) clock: &'a C,
    pub(crate) config_version: u64,
}

impl<T: Timers, C: Clock> Bell<'_, T, C> {
    /// Sets a call for each timer that no call wakes in time; returns those that are set by then.
    ///
    /// A call that comes too early is set anew when it comes. So a timer that each event puts off
    /// costs a call in each of its periods, and not one for each event.
    pub(crate) async fn keep(
        &self,
        home: &Customer,
        due: BTreeMap<String, Timestamp>,
        group: &CustomerId,
    ) -> Result<BTreeMap<String, Timestamp>, StepFailure> {
        let near = after(self.clock.now(), NEAR);
        let mut wakes = home.wakes.clone();
        wakes.retain(|_, at| *at > near);
        for (timer, due) in due {
            if wakes.get(&timer).is_none_or(|at| *at > due) {
                let call = self.set(&home.id, &timer, due, group).await?;
                wakes.insert(timer, call);
            }
        }
        Ok(wakes)
    }

    /// Sets the first call for a due time; returns its time. What has gone by is called for at once,
    /// and what is years ahead in steps.
    pub(crate) async fn set(
        &self,
        home: &CustomerId,
        timer: &str,
        due: Timestamp,
        group: &CustomerId,
    ) -> Result<Timestamp, StepFailure> {
        let now = self.clock.now();
        let call = within_reach(due, now);
        let ring = Matched::ring(home, timer, call, now, self.config_version);
        let id = WakeId::new(home, timer, call);
        let wake = Wake::new(id, call.max(after(now, AHEAD)), group.as_str(), &ring)?;
        self.timers.set(wake).await?;
        Ok(call)
    }
}

/// The due time itself, or so many whole steps before it that it is not far from now. Steps from the
/// due time, not from now: a repetition comes to the same call.
fn within_reach(due: Timestamp, now: Timestamp) -> Timestamp {
    let beyond = due.duration_since(now).as_secs() - FAR.as_secs();
    if beyond <= 0 {
        return due;
    }
    let steps = (beyond + FAR.as_secs() - 1) / FAR.as_secs();
    due.checked_sub(SignedDuration::from_secs(steps * FAR.as_secs())).unwrap_or(due)
}

fn after(time: Timestamp, duration: SignedDuration) -> Timestamp {
    time.checked_add(duration).unwrap_or(Timestamp::MAX)
}

/// What a ring finds.
pub(crate) enum Found {
    /// The timer is due.
    Due,
    /// It has moved to a later time.
    Later(Timestamp),
    /// It has stopped, or rung by another profile's call.
    Nothing,
}

/// Looks whether the customer has the timer that a ring speaks of. The ring itself decides
/// nothing.
pub(crate) fn find(rules: &RuleSet, group: &Group, ring: &Matched) -> Found {
    let customer = rules.combine(group);
    match rules.timers(&customer).get(&ring.event.topic) {
        Some(due) if *due <= ring.event.occurred_at => Found::Due,
        Some(due) => Found::Later(*due),
        None => Found::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_far_is_reached_in_steps() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let now = at("2026-01-01T00:00:00Z");
        for (due, call) in [
            ("2025-01-01T00:00:00Z", "2025-01-01T00:00:00Z"),
            ("2026-12-31T00:00:00Z", "2026-12-31T00:00:00Z"),
            ("2027-01-01T00:00:01Z", "2026-01-01T00:00:01Z"),
            ("2027-12-31T00:00:00Z", "2026-12-31T00:00:00Z"),
            ("9999-12-01T00:00:00Z", "2026-03-19T00:00:00Z"),
        ] {
            assert_eq!(within_reach(at(due), now), at(call), "{due}");
        }
    }
}
