//! An event's explanation, laid out.

use super::explain::{Dismissals, Entry, Explained, Issued, Known};
use crate::failures::rows;
use crate::output::View;
use crate::page::{Page, title};
use domain::{Checks, RuleRef, Withheld};
use state::{EffectState, Stage};

impl View for Explained {
    fn text(&self, page: &Page) -> String {
        let dismissals = Dismissals::among(&self.failures);
        let mut text = if let Some(known) = &self.known {
            known.text(page, self.event.as_str(), &dismissals)
        } else {
            let stage = if dismissals.event() {
                "a person dismissed it before it came into the ledger: see the failures"
            } else {
                "not yet in the ledger: see the failures"
            };
            page.facts([("event", self.event.to_string()), ("stage", stage.to_owned())])
        };
        if !self.failures.is_empty() {
            text += &title("\nFailures");
            text += &rows(page, &self.failures);
        }
        text
    }
}

impl Known {
    fn text(&self, page: &Page, id: &str, dismissals: &Dismissals<'_>) -> String {
        let stage = match self.stage {
            Stage::Tagged if dismissals.event() => {
                "tagged: a person dismissed what its triggers would decide"
            }
            Stage::Tagged => "tagged: its triggers are still to be decided",
            Stage::Applied => "applied",
        };
        let facts = page.facts([
            ("event", id.to_owned()),
            ("source", self.source.clone()),
            ("kind", self.kind.as_str().to_owned()),
            ("profile", self.profile.to_string()),
            ("customer", self.customer()),
            ("stage", stage.to_owned()),
            ("received", page.time(self.received_at)),
            ("decided", self.applied_at.map(|at| page.time(at)).unwrap_or_default()),
        ]);
        let entry = self.entry.as_ref().map(|entry| entry.text(page)).unwrap_or_default();
        let rules = self.rules.as_ref().map(|rules| rules.text(page)).unwrap_or_default();
        let mut text = facts + &entry + &rules + &title("\nEffects");
        text += &self.effects(page, dismissals);
        if !self.refusals.is_empty() {
            text += &title("\nRefusals");
            text += &self.refusals(page);
        }
        text
    }

    fn customer(&self) -> String {
        match &self.customer {
            Some(customer) if *customer == self.profile => customer.to_string(),
            Some(customer) => format!("{customer} (the profile is merged into it)"),
            None => "erased".to_owned(),
        }
    }

    fn refusals(&self, page: &Page) -> String {
        let mut sheet = page.table(["action", "rule", "reason", "detail"]);
        for refusal in &self.refusals {
            let (code, detail) = (refusal.reason.code.clone(), refusal.reason.detail.clone());
            sheet.row([
                refusal.action.clone().unwrap_or_default(),
                named(&refusal.rule),
                code,
                detail,
            ]);
        }
        sheet.to_string()
    }

    fn effects(&self, page: &Page, dismissals: &Dismissals<'_>) -> String {
        let mut sheet = page.table(["action", "to", "rule", "state", "receipt", "effect"]);
        for effect in &self.effects {
            let receipt = effect.delivery.as_ref().and_then(|record| record.receipt.clone());
            sheet.row([
                effect.action.to_owned(),
                effect.destination.clone(),
                named(&effect.rule),
                state(effect, dismissals.effect(&effect.key), page),
                receipt.unwrap_or_default(),
                effect.key.to_string(),
            ]);
        }
        sheet.or("none")
    }
}

impl Entry {
    fn text(&self, page: &Page) -> String {
        let found = &self.classification;
        let facts = page.facts([
            ("occurred", page.time(self.occurred_at)),
            ("topic", self.topic.clone()),
            ("issue", found.issue.clone().unwrap_or_default()),
            ("mood", found.mood.clone().unwrap_or_default()),
        ]);
        let mut tags = page.table(["tag", "change", "until", "rule"]);
        for change in &self.tags {
            tags.row([
                change.tag.clone(),
                if change.added { "set" } else { "taken off" }.to_owned(),
                change.until.map(|at| page.time(at)).unwrap_or_default(),
                named(&change.rule),
            ]);
        }
        let identity = self.decision.text(page);
        let checks = checked(&self.checks, page);
        [facts, checks, title("\nIdentity"), identity, title("\nTags"), tags.or("no change")]
            .concat()
    }
}

/// What the validation rules found, where they found anything.
fn checked(checks: &Checks, page: &Page) -> String {
    if checks.is_empty() {
        return String::new();
    }
    let mut sheet = page.table(["rule", "found"]);
    for repair in &checks.repairs {
        sheet.row([repair.rule.clone(), format!("{} put right", repair.field)]);
    }
    for rule in &checks.flags {
        sheet.row([rule.clone(), "flagged".to_owned()]);
    }
    for rule in &checks.out_of_turn {
        sheet.row([rule.clone(), "flagged: out of turn when it came".to_owned()]);
    }
    title("\nValidation") + &sheet.to_string()
}

fn named(rule: &RuleRef) -> String {
    format!("{} (configuration {})", rule.name, rule.config_version)
}

fn state(effect: &Issued, is_dismissed: bool, page: &Page) -> String {
    let Some(record) = &effect.delivery else {
        if is_dismissed {
            return "dismissed by a person, never tried".into();
        }
        return format!("decided {}, not yet tried", page.time(effect.decided_at));
    };
    let attempt = record.attempt;
    match (record.state, record.done_at) {
        (EffectState::Done, at) if record.withheld.is_some() => {
            let why = record.withheld.map(Withheld::as_words).unwrap_or_default();
            format!("withheld: {why} {}", at.map(|at| page.time(at)).unwrap_or_default())
        }
        (EffectState::Done, Some(at)) => format!("done {}", page.time(at)),
        (EffectState::Done, None) => "done".into(),
        (EffectState::Leased, _) if page.is_past(record.lease_until) => {
            format!("attempt {attempt} ended without a word")
        }
        (EffectState::Leased, _) => format!("attempt {attempt} runs"),
        (EffectState::Released, _) if is_dismissed => {
            format!("attempt {attempt} failed; dismissed by a person")
        }
        (EffectState::Released, _) => format!("attempt {attempt} failed; to be tried again"),
    }
}

#[cfg(test)]
mod tests;
