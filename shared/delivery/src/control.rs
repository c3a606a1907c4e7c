//! What all workers know of a destination.

use crate::window::Window;
use crate::{Breaker, Circuit, MOST_PERMITS, Policy};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// A destination's shared state: one record, replaced under the condition that nobody else has
/// replaced it since it was read. Every change is one function from the old record to the new.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Control {
    /// Counts the changes.
    pub version: u64,
    /// Whether effects go out.
    pub circuit: Circuit,
    /// Failures since the last success that was told.
    pub streak: u32,
    pub(crate) window: Window,
    /// When the permits given out so far are worked off at the even pace of the rate: the
    /// theoretical arrival time of the generic cell rate algorithm (ITU-T I.371), which is a token
    /// bucket in one number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    paid_until: Option<Timestamp>,
    /// The day of UTC that `spent` belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    day: Option<Date>,
    /// What was taken of that day's quota.
    spent: u32,
    /// Who may have how many effects under way. A worker that died holds its slots until they
    /// lapse, so none has to be given back for the count to be right.
    slots: Vec<Slots>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Slots {
    grant: u64,
    count: u32,
    until: Timestamp,
}

/// How calls ended that nobody was told of yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// The destination answered.
    pub successes: u32,
    /// The destination failed.
    pub failures: u32,
}

/// What a worker asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Ask {
    /// Effects that it would begin, at least 1.
    pub permits: u32,
    /// Effects that it would have under way at once, at least 1.
    pub slots: u32,
    /// The grant that the new one replaces.
    pub replaces: Option<u64>,
    /// Permits of today's quota that it did not need.
    pub unused: u32,
    /// How its calls ended.
    pub tally: Tally,
}

/// What a worker got.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Grant {
    /// The control's version that recorded it, which no other grant has.
    pub id: u64,
    /// Effects that may be begun.
    pub permits: u32,
    /// Effects that may be under way at once, where that is bounded.
    pub slots: Option<u32>,
    /// No effect may be begun later.
    pub until: Timestamp,
    /// The day of UTC whose quota was taken.
    pub day: Date,
    /// Whether it is the one effect that tries whether the destination is back.
    pub probe: bool,
}

/// Why a worker got nothing; each until when it need not ask again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// The destination keeps failing.
    Open {
        /// The next probe.
        until: Timestamp,
    },
    /// The rate is used up.
    OverRate {
        /// The next permit.
        until: Timestamp,
    },
    /// The day's quota is used up.
    QuotaSpent {
        /// The next day.
        until: Timestamp,
    },
    /// As many effects are under way as may be.
    Busy {
        /// The next slot that lapses.
        until: Timestamp,
    },
}

impl Refusal {
    /// Until when the worker need not ask again.
    #[must_use]
    pub fn until(self) -> Timestamp {
        match self {
            Self::Open { until }
            | Self::OverRate { until }
            | Self::QuotaSpent { until }
            | Self::Busy { until } => until,
        }
    }
}

impl Control {
    /// Gives a worker as much as the policy leaves of what it asks for.
    ///
    /// # Errors
    /// Why that is nothing. A control that is out of date never refuses what a newer one grants,
    /// but for permits and slots that somebody gave back meanwhile.
    pub fn grant(
        &self,
        policy: &Policy,
        ask: Ask,
        now: Timestamp,
    ) -> Result<(Self, Grant), Refusal> {
        let mut after = self.tallied(policy, ask.tally, now);
        if let Some(until) = after.circuit.shut_until(now) {
            return Err(Refusal::Open { until });
        }
        let probe = after.circuit != Circuit::Closed;
        let id = after.version;
        let until = now + policy.term();
        let most = if probe { 1 } else { ask.permits.clamp(1, MOST_PERMITS) };
        let day = now.to_zoned(TimeZone::UTC).date();
        let left = after.quota_left(policy, ask.unused, day, now)?;
        let slots = after.take_slots(policy, ask, id, until + policy.timeout, now)?;
        let permits = after.take_tokens(policy, most.min(left), now)?;
        after.spent = after.spent.saturating_add(permits);
        if probe {
            let failed_probes = after.circuit.failed_probes();
            let until = until + policy.timeout;
            after.circuit = Circuit::Probing { until, failed_probes };
        }
        Ok((after, Grant { id, permits, slots, until, day, probe }))
    }

    /// Takes note of how calls ended; opens the circuit where there were too many failures.
    #[must_use]
    pub fn tallied(&self, policy: &Policy, tally: Tally, now: Timestamp) -> Self {
        let mut after = self.clone();
        after.version += 1;
        if tally == Tally::default() {
            return after;
        }
        after.window.add(tally, policy.breaker, now);
        let streak = if tally.successes > 0 { 0 } else { after.streak };
        after.streak = streak.saturating_add(tally.failures);
        let broken = after.streak >= policy.breaker.failures || after.window.is_bad(policy.breaker);
        if broken && tally.failures > 0 && after.circuit == Circuit::Closed {
            after.open(now + policy.breaker.open, 0);
        }
        after
    }

    /// Takes note of how a probe ended.
    #[must_use]
    pub fn probed(&self, policy: &Policy, answered: bool, now: Timestamp) -> Self {
        let mut after = self.clone();
        after.version += 1;
        let Circuit::Probing { failed_probes, .. } = after.circuit else { return after };
        if answered {
            (after.circuit, after.streak, after.window) = (Circuit::Closed, 0, Window::default());
        } else {
            let failed_probes = failed_probes.saturating_add(1);
            after.open(now + policy.breaker.rest(failed_probes), failed_probes);
        }
        after
    }

    /// Lets another effect probe: the one that was to do it never got as far.
    #[must_use]
    pub fn unprobed(&self, now: Timestamp) -> Self {
        let mut after = self.clone();
        after.version += 1;
        if let Circuit::Probing { failed_probes, .. } = after.circuit {
            after.circuit = Circuit::Open { until: now, failed_probes };
        }
        after
    }

    /// Leaves the destination alone as long as it asked for (`Retry-After`), within the limits of
    /// the breaker.
    pub(crate) fn rest(&mut self, asked: SignedDuration, now: Timestamp) {
        let until = now + asked.clamp(SignedDuration::ZERO, Breaker::LONGEST);
        if self.circuit.shut_until(now).is_none_or(|shut| shut < until) {
            self.open(until, self.circuit.failed_probes());
        }
    }

    /// What is left of the daily quota that the last grant was taken from, in per cent; none where
    /// there is no quota.
    #[must_use]
    pub fn quota_percent_left(&self, policy: &Policy) -> Option<u8> {
        let quota = policy.quota?;
        let left = u64::from(quota.saturating_sub(self.spent));
        u8::try_from(left * 100 / u64::from(quota.max(1))).ok()
    }

    fn open(&mut self, until: Timestamp, failed_probes: u32) {
        self.circuit = Circuit::Open { until, failed_probes };
        (self.streak, self.window) = (0, Window::default());
    }

    fn quota_left(
        &mut self,
        policy: &Policy,
        unused: u32,
        day: Date,
        now: Timestamp,
    ) -> Result<u32, Refusal> {
        let spent = if self.day == Some(day) { self.spent.saturating_sub(unused) } else { 0 };
        (self.day, self.spent) = (Some(day), spent);
        let Some(quota) = policy.quota else { return Ok(MOST_PERMITS) };
        match quota.saturating_sub(spent) {
            0 => {
                let midnight = day.tomorrow().and_then(|day| day.to_zoned(TimeZone::UTC));
                let until = midnight.map_or(now, |midnight| midnight.timestamp());
                Err(Refusal::QuotaSpent { until })
            }
            left => Ok(left),
        }
    }

    fn take_slots(
        &mut self,
        policy: &Policy,
        ask: Ask,
        grant: u64,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<u32>, Refusal> {
        self.slots.retain(|slots| slots.until > now && Some(slots.grant) != ask.replaces);
        let Some(most) = policy.concurrency else { return Ok(None) };
        let taken = self.slots.iter().map(|slots| slots.count).fold(0, u32::saturating_add);
        match most.saturating_sub(taken).min(ask.slots.max(1)) {
            0 => {
                let first = self.slots.iter().map(|slots| slots.until).min();
                Err(Refusal::Busy { until: first.unwrap_or(now) })
            }
            count => {
                self.slots.push(Slots { grant, count, until });
                Ok(Some(count))
            }
        }
    }

    fn take_tokens(&mut self, policy: &Policy, most: u32, now: Timestamp) -> Result<u32, Refusal> {
        let Some(rate) = policy.rate else {
            self.paid_until = None;
            return Ok(most);
        };
        let interval = rate.interval();
        let nanos = interval.as_nanos();
        let paid_until = self.paid_until.unwrap_or(now).max(now);
        let ahead = paid_until.duration_since(now).as_nanos();
        let free = (nanos * i128::from(rate.burst()) - ahead) / nanos;
        let permits = u32::try_from(free.max(0)).unwrap_or(u32::MAX).min(most);
        let after = |permits: u32| {
            let worked = i64::try_from(nanos * i128::from(permits)).unwrap_or(i64::MAX);
            paid_until.checked_add(SignedDuration::from_nanos(worked)).unwrap_or(Timestamp::MAX)
        };
        if permits == 0 {
            let full = i64::try_from(nanos * i128::from(rate.burst())).unwrap_or(i64::MAX);
            let until = after(1).checked_sub(SignedDuration::from_nanos(full));
            return Err(Refusal::OverRate { until: until.unwrap_or(now) });
        }
        self.paid_until = Some(after(permits));
        Ok(permits)
    }
}
