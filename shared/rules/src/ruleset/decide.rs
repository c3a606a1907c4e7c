//! What is to be done about an event.

use super::action::Prepared;
use super::{Firing, RuleSet, recipient};
use crate::Trigger;
use crate::condition::{Facts, Said, Unevaluable};
use crate::template::{Template, Unrendered};
use domain::{
    Action, Effect, EffectKey, HandleKind, InvalidHandle, Reason, Refusal, RuleRef, Tagged,
};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The rule that the effect of synced tags names; no trigger may bear it.
pub(super) const TAGS: &str = "tags";

/// What the rules make of an event.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Decision {
    /// What is to be done, in the order of the configuration.
    pub effects: Vec<Effect>,
    /// What a rule asked for but cannot be done.
    pub refused: Vec<Refusal>,
}

/// Why an action cannot be carried out.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum Unsent {
    /// Neither the event nor the customer has one.
    #[error("no {0} is known of the customer")]
    NoRecipient(&'static str),
    /// The rule's own `to` is no address.
    #[error("the recipient is not valid: {0}")]
    BadRecipient(InvalidHandle),
    /// A text would come out incomplete.
    #[error("{0}")]
    Text(#[from] Unrendered),
}

impl Unsent {
    fn code(&self) -> &'static str {
        match self {
            Self::NoRecipient(_) => "no_recipient",
            Self::BadRecipient(_) => "bad_recipient",
            Self::Text(_) => "text_failed",
        }
    }
}

impl RuleSet {
    /// Decides what is to be done about an event, which `decided_at` dates.
    ///
    /// Conditions are looked at as of the event's time, so that a replay decides alike. Two
    /// actions of one rule and destination are told apart by their order alone: effect keys
    /// outlive a reload of the same rules.
    #[must_use]
    pub fn decide(&self, tagged: &Tagged, decided_at: Timestamp) -> Decision {
        let said = Said { event: &tagged.event, classification: &tagged.classification };
        let facts = self.facts(Some(said), Some(&tagged.customer), tagged.event.occurred_at);
        let mut draft = Draft { rules: self, tagged, facts, decided_at, made: Decision::default() };
        draft.sync_tags();
        for index in self.by_kind.get(&tagged.event.kind).into_iter().flatten() {
            if let (Some(rule), Some(firing)) =
                (self.config.triggers.get(*index), self.triggers.get(*index))
            {
                draft.fire(rule, firing);
            }
        }
        draft.made
    }
}

struct Draft<'a> {
    rules: &'a RuleSet,
    tagged: &'a Tagged,
    facts: Facts<'a>,
    decided_at: Timestamp,
    made: Decision,
}

impl Draft<'_> {
    fn sync_tags(&mut self) {
        let synced =
            |tag: &str| self.rules.config.tags.iter().any(|rule| rule.sync && rule.name == tag);
        let changed = |added: bool| -> Vec<String> {
            let changes = self.tagged.tags.iter();
            let changes = changes.filter(|change| change.added == added && synced(&change.tag));
            changes.map(|change| change.tag.clone()).collect()
        };
        let (add, remove) = (changed(true), changed(false));
        if !add.is_empty() || !remove.is_empty() {
            let action = Action::CrmTag { add, remove };
            self.effect(TAGS, action.name(), action);
        }
    }

    fn fire(&mut self, rule: &Trigger, firing: &Firing) {
        match firing.when.as_ref().map(|when| self.rules.evaluator.holds(when, &self.facts)) {
            None | Some(Ok(true)) => {}
            Some(Ok(false)) => return,
            Some(Err(error)) => return self.refuse_rule(rule, error),
        }
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for (prepared, action) in firing.actions.iter().zip(&rule.actions) {
            let place = match prepared {
                Prepared::Webhook { endpoint, .. } => format!("webhook:{endpoint}"),
                Prepared::CrmTag { .. }
                | Prepared::CrmNote { .. }
                | Prepared::CrmTicket { .. }
                | Prepared::Sms { .. }
                | Prepared::Email { .. } => action.name().to_owned(),
            };
            let nth = seen.entry(place.clone()).and_modify(|nth| *nth += 1).or_insert(1);
            let target = if *nth == 1 { place } else { format!("{place}#{nth}") };
            match self.action(prepared) {
                Ok(action) => self.effect(&rule.name, &target, action),
                Err(unsent) => self.refuse(rule, Some(action.name()), unsent.code(), &unsent),
            }
        }
    }

    fn action(&self, prepared: &Prepared) -> Result<Action, Unsent> {
        let (event, customer) = (&self.tagged.event, &self.tagged.customer);
        if prepared.is_for_crm() && customer.handles.is_empty() {
            return Err(Unsent::NoRecipient("handle"));
        }
        Ok(match prepared {
            Prepared::CrmTag { add, remove } => {
                Action::CrmTag { add: add.clone(), remove: remove.clone() }
            }
            Prepared::CrmNote { text } => Action::CrmNote { text: self.text(text)? },
            Prepared::CrmTicket { title, text, owner } => Action::CrmTicket {
                title: self.line(title)?,
                text: self.text(text)?,
                owner: owner.as_ref().map(|owner| self.line(owner)).transpose()?,
            },
            Prepared::Sms { to, text } => Action::Sms {
                to: match to {
                    Some(to) => {
                        recipient::phone(&self.line(to)?, &self.rules.config.company.region)?
                    }
                    None => recipient::of_event_or_customer(HandleKind::Phone, event, customer)?,
                },
                text: self.text(text)?,
            },
            Prepared::Email { to, subject, text } => Action::Email {
                to: match to {
                    Some(to) => recipient::email(&self.line(to)?)?,
                    None => recipient::of_event_or_customer(HandleKind::Email, event, customer)?,
                },
                subject: self.line(subject)?,
                text: self.text(text)?,
            },
            Prepared::Webhook { endpoint, payload } => Action::Webhook {
                endpoint: endpoint.clone(),
                payload: payload.render(&self.rules.templates, &self.facts)?,
            },
        })
    }

    fn text(&self, template: &Template) -> Result<String, Unrendered> {
        self.rules.templates.render(template, &self.facts)
    }

    /// One line: a customer's words must not break a subject or an address in two.
    fn line(&self, template: &Template) -> Result<String, Unrendered> {
        Ok(self.text(template)?.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    fn effect(&mut self, rule: &str, target: &str, action: Action) {
        let event = self.tagged.event.id.clone();
        self.made.effects.push(Effect {
            key: EffectKey::new(&event, rule, target),
            event,
            customer: self.tagged.home.clone(),
            rule: self.named(rule),
            decided_at: self.decided_at,
            action,
        });
    }

    fn refuse_rule(&mut self, rule: &Trigger, error: Unevaluable) {
        self.refuse(rule, None, "condition_failed", &error);
    }

    fn refuse(
        &mut self,
        rule: &Trigger,
        action: Option<&'static str>,
        code: &str,
        why: &dyn std::error::Error,
    ) {
        let reason = Reason { code: code.to_owned(), detail: why.to_string() };
        let action = action.map(str::to_owned);
        self.made.refused.push(Refusal { rule: self.named(&rule.name), action, reason });
    }

    fn named(&self, rule: &str) -> RuleRef {
        RuleRef { name: rule.to_owned(), config_version: self.rules.version }
    }
}
