//! What the validation rules make of an event.

mod compile;
mod field;
mod invalid;
mod place;
mod transition;

pub(super) use compile::Checking;
pub use invalid::{Broken, Invalid};

use super::RuleSet;
use crate::condition::{Expression, Facts, Said};
use crate::{CheckRule, Otherwise};
use compile::{Mending, Testing};
use domain::{Checks, Classification, InboundEvent, Repair};
use field::{FieldTest, Setting};
use serde_json::Value;

impl RuleSet {
    /// Judges an event by itself: repairs and flags what the rules say, and notes both in its
    /// `checks`. A function of event and rules; judging it again changes nothing.
    ///
    /// # Errors
    /// The first rule that parks it. The event is left half repaired then: keep the message.
    pub fn check(&self, event: &mut InboundEvent) -> Result<(), Invalid> {
        event.checks = Checks::default();
        for (rule, checking) in self.config.validate.iter().zip(&self.checks) {
            let Testing::Fields { tests, mending } = &checking.testing else { continue };
            if !self.concerns(rule, checking, event) {
                continue;
            }
            for test in tests {
                self.check_field(rule, test, mending.as_ref(), event)?;
            }
        }
        Ok(())
    }

    fn check_field(
        &self,
        rule: &CheckRule,
        test: &FieldTest,
        mending: Option<&Mending>,
        event: &mut InboundEvent,
    ) -> Result<(), Invalid> {
        let value = event_facts(self, event, &Classification::default()).get(&test.path);
        let Some(broken) = test.broken(&value, Setting::of(event, &self.zone)) else {
            return Ok(());
        };
        let mended = mending.and_then(|mending| self.mended(test, mending, &value, event));
        if let (Some(value), Some(place)) = (mended, &test.place)
            && place.put(event, value, &self.zone)
        {
            let (rule, field) = (rule.name.clone(), test.path.clone());
            event.checks.repairs.push(Repair { rule, field });
            return Ok(());
        }
        match rule.otherwise {
            Otherwise::Park => Err(Invalid::new(&rule.name, &test.path, broken)),
            Otherwise::Flag => {
                event.checks.flags.insert(rule.name.clone());
                Ok(())
            }
        }
    }

    /// A value that passes in place of one that does not, if the remedy has one.
    fn mended(
        &self,
        test: &FieldTest,
        mending: &Mending,
        value: &Value,
        event: &InboundEvent,
    ) -> Option<Value> {
        let setting = Setting::of(event, &self.zone);
        let candidate = match mending {
            Mending::Trim => value.as_str()?.trim().into(),
            Mending::Clamp => test.clamped(value, setting)?,
            Mending::Default(value) => value.clone(),
            Mending::From(expression) => self.told_by(expression, event)?,
        };
        test.broken(&candidate, setting).is_none().then_some(candidate)
    }

    fn told_by(&self, expression: &Expression, event: &InboundEvent) -> Option<Value> {
        let classification = self.classify(event);
        self.evaluator.value(expression, &event_facts(self, event, &classification)).ok()?
    }

    /// Whether a rule looks at an event. A condition that does not fit the data does not hold.
    fn concerns(&self, rule: &CheckRule, checking: &Checking, event: &InboundEvent) -> bool {
        if !rule.on.contains(&event.kind)
            || rule.source.as_ref().is_some_and(|source| *source != event.source)
        {
            return false;
        }
        let Some(when) = &checking.when else { return true };
        let classification =
            if checking.hears_words { self.classify(event) } else { Classification::default() };
        let facts = event_facts(self, event, &classification);
        self.evaluator.holds(when, &facts).unwrap_or(false)
    }
}

fn event_facts<'a>(
    rules: &'a RuleSet,
    event: &'a InboundEvent,
    classification: &'a Classification,
) -> Facts<'a> {
    rules.facts(Some(Said { event, classification }), None, event.occurred_at)
}
