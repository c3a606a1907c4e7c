//! What a destination is granted.

use jiff::SignedDuration;

/// The most permits that a worker takes at once: on a healthy destination without a rate, one
/// write to the shared state serves this many effects.
pub const MOST_PERMITS: u32 = 50;

/// So many in such a time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rate {
    /// How many, at least 1.
    pub count: u32,
    /// In which time.
    pub per: SignedDuration,
    /// How many may go at once after a quiet time, at least 1; what the rate grants in a second,
    /// if none.
    pub at_once: Option<u32>,
}

impl Rate {
    /// From one to the next, at an even pace; at least a nanosecond.
    #[must_use]
    pub fn interval(self) -> SignedDuration {
        let nanos = self.per.as_nanos() / i128::from(self.count.max(1));
        SignedDuration::from_nanos(i64::try_from(nanos).unwrap_or(i64::MAX).max(1))
    }

    /// How many may go at once after a quiet time, at least 1.
    #[must_use]
    pub fn burst(self) -> u32 {
        if let Some(at_once) = self.at_once {
            return at_once.max(1);
        }
        let a_second = SignedDuration::from_secs(1).as_nanos() / self.interval().as_nanos();
        u32::try_from(a_second).unwrap_or(u32::MAX).max(1)
    }
}

/// When a destination is left alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Breaker {
    /// Failures in a row that open it, at least 1.
    pub failures: u32,
    /// Failed calls in a hundred that open it, where `window` saw at least
    /// [`Breaker::LEAST_CALLS`].
    pub share: u8,
    /// How long calls are counted together.
    pub window: SignedDuration,
    /// How long it stays open before one effect tries again. Each such probe that fails doubles
    /// the time, up to [`Breaker::LONGEST`].
    pub open: SignedDuration,
}

impl Breaker {
    /// Calls without which a share says nothing.
    pub const LEAST_CALLS: u32 = 20;
    /// The longest time between probes, unless `open` itself is longer.
    pub const LONGEST: SignedDuration = SignedDuration::from_mins(10);

    /// How long it stays open after so many probes have failed.
    #[must_use]
    pub fn rest(self, failed_probes: u32) -> SignedDuration {
        let doubled = self.open.checked_mul(2i32.checked_pow(failed_probes).unwrap_or(i32::MAX));
        doubled.unwrap_or(SignedDuration::MAX).min(Self::LONGEST.max(self.open))
    }
}

/// What a destination is granted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Policy {
    /// Effects in a time, over all workers.
    pub rate: Option<Rate>,
    /// Effects in a day of UTC, over all workers.
    pub quota: Option<u32>,
    /// Effects under way at once, over all workers; at least 1.
    pub concurrency: Option<u32>,
    /// How long one attempt may take.
    pub timeout: SignedDuration,
    /// How old a decision may be when it is carried out.
    pub deadline: Option<SignedDuration>,
    /// When it is left alone.
    pub breaker: Breaker,
}

impl Policy {
    /// How long what a worker was granted may be begun. Short where a rate is kept, because the
    /// permits were counted against the time in which they were asked for.
    #[must_use]
    pub fn term(&self) -> SignedDuration {
        SignedDuration::from_secs(if self.rate.is_some() { 2 } else { 10 })
    }
}
