//! Whether a rule fires.

use super::{Compiled, RuleSet, quiet};
use crate::condition::{Facts, Unevaluable};
use crate::{Cap, Duration, InQuiet, Quiet, Trigger};
use domain::{Fired, Reason, Tagged};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::cell::OnceCell;

/// What was decided of one rule, with what decided it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// Its condition does not hold.
    NotMatched,
    /// A condition of it does not fit the data.
    Failed {
        /// Why it has no value.
        why: String,
    },
    /// An earlier rule matched that stops those after it.
    Stopped {
        /// That rule.
        by: String,
    },
    /// The event only repeats what Omnicord itself wrote.
    Echo {
        /// The rule that recognised it.
        by: String,
    },
    /// Its exception holds.
    Unless,
    /// It comes too late.
    Expired {
        /// How long after the event it still makes sense.
        expires: Duration,
    },
    /// It fired for the customer a short while ago.
    CoolingDown {
        /// How long it rests.
        cooldown: Duration,
    },
    /// It fired for the customer as often as it may.
    Capped {
        /// The limit that is reached.
        cap: Cap,
    },
    /// It fires.
    Fires {
        /// What becomes of its messages to the customer.
        messages: Messages,
    },
}

/// What becomes of the messages of a rule that fires.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Messages {
    /// They go out at once.
    Now,
    /// They wait for the end of quiet hours.
    At(Timestamp),
    /// They fall into quiet hours and are dropped.
    Dropped,
    /// When quiet hours end they come too late.
    TooLate,
}

impl Verdict {
    /// Whether the rule looked at the event, so that a `stop` of it counts.
    pub(super) fn matched(&self) -> bool {
        match self {
            Self::NotMatched
            | Self::Failed { .. }
            | Self::Stopped { .. }
            | Self::Echo { .. }
            | Self::Unless => false,
            Self::Expired { .. }
            | Self::CoolingDown { .. }
            | Self::Capped { .. }
            | Self::Fires { .. } => true,
        }
    }

    /// Why the rule as a whole is refused, where it is.
    #[must_use]
    pub fn refusal(&self) -> Option<Reason> {
        let (code, detail) = match self {
            Self::NotMatched | Self::Stopped { .. } | Self::Echo { .. } | Self::Fires { .. } => {
                return None;
            }
            Self::Failed { why } => ("condition_failed", why.clone()),
            Self::Unless => ("unless", "the rule's exception holds".to_owned()),
            Self::Expired { expires } => {
                ("expired", format!("the event happened more than {expires} ago"))
            }
            Self::CoolingDown { cooldown } => {
                ("cooling_down", format!("it fired for this customer within the last {cooldown}"))
            }
            Self::Capped { cap: Cap { most, per } } => {
                ("capped", format!("it fires at most {most} times in {per} for one customer"))
            }
        };
        Some(Reason { code: code.to_owned(), detail })
    }
}

/// Judges the rules by what is known when one event is decided on.
pub(super) struct Judge<'a> {
    pub(super) rules: &'a RuleSet,
    pub(super) tagged: &'a Tagged,
    pub(super) facts: Facts<'a>,
    pub(super) now: Timestamp,
    pub(super) fired: &'a Fired,
    zone: OnceCell<TimeZone>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(
        rules: &'a RuleSet,
        tagged: &'a Tagged,
        now: Timestamp,
        fired: &'a Fired,
    ) -> Self {
        let facts = rules.facts_of(tagged);
        Self { rules, tagged, facts, now, fired, zone: OnceCell::new() }
    }

    pub(super) fn verdict(&self, rule: &Trigger, compiled: &Compiled) -> Verdict {
        match self.matches(compiled) {
            Ok(Verdict::Fires { .. }) => self.limits(rule),
            Ok(other) => other,
            Err(error) => Verdict::Failed { why: error.to_string() },
        }
    }

    fn matches(&self, compiled: &Compiled) -> Result<Verdict, Unevaluable> {
        let holds = |condition| self.rules.evaluator.holds(condition, &self.facts);
        if let Some(when) = &compiled.when
            && !holds(when)?
        {
            return Ok(Verdict::NotMatched);
        }
        if let Some(unless) = &compiled.unless
            && holds(unless)?
        {
            return Ok(Verdict::Unless);
        }
        Ok(Verdict::Fires { messages: Messages::Now })
    }

    fn limits(&self, rule: &Trigger) -> Verdict {
        if let Some(expires) = rule.expires
            && self.is_late(self.now, expires)
        {
            return Verdict::Expired { expires };
        }
        if let Some(cooldown) = rule.cooldown
            && self.firings(rule, cooldown) > 0
        {
            return Verdict::CoolingDown { cooldown };
        }
        let reached = rule.caps.iter().find(|cap| self.firings(rule, cap.per) >= cap.most);
        if let Some(cap) = reached {
            return Verdict::Capped { cap: *cap };
        }
        Verdict::Fires { messages: self.messages(rule) }
    }

    fn messages(&self, rule: &Trigger) -> Messages {
        let Some(quiet) = &rule.quiet.or(self.rules.config.company.quiet) else {
            return Messages::Now;
        };
        let zone = self.zone.get_or_init(|| self.rules.zone_of(&self.tagged.customer));
        match (quiet::end(quiet, zone, self.now), quiet) {
            (None, _) => Messages::Now,
            (Some(_), Quiet { then: InQuiet::Drop, .. }) => Messages::Dropped,
            (Some(end), Quiet { then: InQuiet::Wait, .. }) => match rule.expires {
                Some(expires) if self.is_late(end, expires) => Messages::TooLate,
                Some(_) | None => Messages::At(end),
            },
        }
    }

    fn is_late(&self, at: Timestamp, expires: Duration) -> bool {
        at.duration_since(self.tagged.event.occurred_at) > SignedDuration::from(expires)
    }

    fn firings(&self, rule: &Trigger, window: Duration) -> usize {
        self.fired.within(&rule.name, &self.tagged.event.id, self.now, window.into()).count()
    }
}

impl RuleSet {
    /// The customer's own time zone, else the company's.
    pub(super) fn zone_of(&self, customer: &domain::Customer) -> TimeZone {
        quiet::zone_of(customer, self.config.company.customer_time_zone.as_deref())
            .unwrap_or_else(|| self.zone.clone())
    }
}

impl Trigger {
    /// How long a firing is remembered; none, where no limit looks back at it.
    pub(super) fn remembered(&self) -> Option<SignedDuration> {
        let periods = self.caps.iter().map(|cap| cap.per).chain(self.cooldown);
        periods.max().map(SignedDuration::from)
    }
}
