//! What the CRM reports back of our own writing.

use super::RuleSet;
use crate::condition::Said;
use domain::{Classification, EventKind, InboundEvent};

impl RuleSet {
    /// The rule by which the event only repeats what Omnicord itself wrote, if one holds. Such an
    /// event changes nothing of its customer and sets nothing off.
    #[must_use]
    pub fn echo(&self, event: &InboundEvent) -> Option<&str> {
        // Nobody wrote what a timer tells, and a ring that left no trace would come again for ever.
        if self.echoes.is_empty() || event.kind == EventKind::Timer {
            return None;
        }
        let classification = Classification::default();
        let said = Said { event, classification: &classification };
        let facts = self.facts(Some(said), None, event.occurred_at);
        let mut rules = self.config.echoes.iter().zip(&self.echoes);
        let echo = rules.find(|(_, when)| self.evaluator.holds(when, &facts).unwrap_or(false));
        echo.map(|(rule, _)| rule.name.as_str())
    }
}
