//! What a configuration's validation rules would have found in a stored event.

use domain::InboundEvent;
use identity::Group;
use rules::{Invalid, RuleSet};

/// What was found, under names that stand beside those of the rules that act.
pub(super) struct Checked {
    /// Such as `order-number: flagged`.
    pub(super) found: Vec<String>,
    /// Whether the event would have gone on.
    pub(super) passed: bool,
}

/// Judges an event as it is stored, repaired perhaps by the rules of its day.
pub(super) fn checked(rules: &RuleSet, event: &mut InboundEvent, group: &Group) -> Checked {
    let parked = |invalid: Invalid| vec![format!("{}: parked", invalid.rule)];
    if let Err(invalid) = rules.check(event) {
        return Checked { found: parked(invalid), passed: false };
    }
    match rules.take_turn(event, group) {
        Ok(out_of_turn) => event.checks.out_of_turn = out_of_turn,
        Err(invalid) => return Checked { found: parked(invalid), passed: false },
    }
    let repairs = event.checks.repairs.iter().map(|it| format!("{}: put right", it.rule));
    let flags = event.checks.broken().into_iter().map(|rule| format!("{rule}: flagged"));
    Checked { found: repairs.chain(flags).collect(), passed: true }
}
