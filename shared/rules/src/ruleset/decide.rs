//! What is to be done about an event.

use super::action::{Payload, Prepared};
use super::crm::Chooser;
use super::judge::{Judge, Messages, Verdict};
use super::{Compiled, RuleSet, recipient};
use crate::Trigger;
use crate::template::{Template, Unrendered};
use domain::{
    Action, Effect, EffectKey, Fired, Firing, HandleKey, HandleKind, InvalidHandle, Reason,
    Refusal, RuleRef, Tagged,
};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;

/// The rule that the effect of synced tags names; no trigger may bear it.
pub(super) const TAGS: &str = "tags";

/// The rule that the effect of synced fields names; no trigger may bear it.
pub(super) const FIELDS: &str = "fields";

/// What the rules make of an event.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Decision {
    /// What is to be done, in the order of the rules.
    pub effects: Vec<Effect>,
    /// What a rule asked for but cannot be done.
    pub refused: Vec<Refusal>,
    /// What must be remembered for the rules' limits.
    pub firings: Vec<Firing>,
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
    /// The rule's own `to`, or what is known of the customer, is no endpoint of SNS.
    #[error("the recipient is not valid: no ARN of an SNS platform endpoint")]
    NoEndpoint,
    /// A text would come out incomplete.
    #[error("{0}")]
    Text(#[from] Unrendered),
    /// A field's value has none.
    #[error("the field `{0}` has no value: {1}")]
    NoValue(String, String),
    /// The rule's own `due` is no day.
    #[error("`due` is no day such as 2027-01-31")]
    BadDay,
    /// The configuration keeps such things out of the CRM.
    #[error("`sync` says that it never flows to the CRM")]
    NotSynced,
    /// The rule drops its messages in quiet hours.
    #[error("it falls into the customer's quiet hours")]
    Quiet,
    /// The rule expires before quiet hours end.
    #[error("it would be too late when the customer's quiet hours end")]
    TooLate,
}

impl Unsent {
    fn code(&self) -> &'static str {
        match self {
            Self::NoRecipient(_) => "no_recipient",
            Self::BadRecipient(_) | Self::NoEndpoint => "bad_recipient",
            Self::Text(_) => "text_failed",
            Self::NoValue(..) => "no_value",
            Self::BadDay => "bad_day",
            Self::NotSynced => "not_synced",
            Self::Quiet => "quiet",
            Self::TooLate => "expired",
        }
    }

    pub(super) fn reason(&self) -> Reason {
        Reason { code: self.code().to_owned(), detail: self.to_string() }
    }
}

impl RuleSet {
    /// Decides what is to be done about an event, which `now` dates. `fired` are the customer's
    /// earlier firings of limited rules; those of this very event do not count against it.
    ///
    /// Conditions are looked at as of the event's time, so that a replay decides alike. Limits and
    /// quiet hours are looked at as of `now`: they spare the customer at the time of sending. Two
    /// actions of one rule and destination are told apart by their order alone: effect keys
    /// outlive a reload of the same rules.
    #[must_use]
    pub fn decide(&self, tagged: &Tagged, now: Timestamp, fired: &Fired) -> Decision {
        if self.echo(&tagged.event).is_some() {
            return Decision::default();
        }
        let judge = Judge::new(self, tagged, now, fired);
        let mut draft = Draft { judge, made: Decision::default() };
        draft.sync_tags();
        draft.sync_fields();
        for index in self.index.candidates(&tagged.event, &tagged.classification) {
            if let (Some(rule), Some(compiled)) =
                (self.config.triggers.get(index), self.triggers.get(index))
            {
                let verdict = draft.judge.verdict(rule, compiled);
                draft.follow(rule, compiled, &verdict);
                if rule.stop && verdict.matched() {
                    break;
                }
            }
        }
        draft.made
    }

    /// Whether a rule that may fire for the event has a limit, so that [`RuleSet::decide`] must
    /// know of earlier firings.
    #[must_use]
    pub fn is_limited(&self, tagged: &Tagged) -> bool {
        let candidates = self.index.candidates(&tagged.event, &tagged.classification);
        let mut rules = candidates.into_iter().filter_map(|index| self.config.triggers.get(index));
        rules.any(|rule| rule.remembered().is_some())
    }
}

pub(super) struct Draft<'a> {
    pub(super) judge: Judge<'a>,
    pub(super) made: Decision,
}

impl Draft<'_> {
    fn sync_tags(&mut self) {
        let synced = |tag: &str| {
            self.judge.rules.config.tags.iter().any(|rule| rule.sync && rule.name == tag)
        };
        let changed = |added: bool| -> Vec<String> {
            let changes = self.judge.tagged.tags.iter();
            let changes = changes.filter(|change| change.added == added && synced(&change.tag));
            changes.map(|change| change.tag.clone()).collect()
        };
        let (add, remove) = (changed(true), changed(false));
        if !add.is_empty() || !remove.is_empty() {
            self.flow(TAGS, Action::CrmTag { add, remove });
        }
    }

    fn sync_fields(&mut self) {
        if let Some(action) = self.judge.rules.synced_fields(self.judge.tagged) {
            self.flow(FIELDS, action);
        }
    }

    /// What the configuration keeps out of the CRM was asked for by no rule: it is not refused.
    fn flow(&mut self, rule: &str, action: Action) {
        if let Ok(action) = self.judge.rules.permitted(action) {
            self.effect(self.key(rule, action.name()), rule, action, None);
        }
    }

    fn follow(&mut self, rule: &Trigger, compiled: &Compiled, verdict: &Verdict) {
        if let Some(reason) = verdict.refusal() {
            self.refuse(rule, None, reason);
        }
        if let Verdict::Fires { messages } = verdict {
            let before = self.made.effects.len();
            self.fire(rule, compiled, *messages);
            if self.made.effects.len() > before {
                self.remember(rule, *messages);
            }
        }
    }

    fn fire(&mut self, rule: &Trigger, compiled: &Compiled, messages: Messages) {
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for (prepared, action) in compiled.actions.iter().zip(&rule.actions) {
            let place = match prepared {
                Prepared::Webhook { endpoint, .. } => format!("webhook:{endpoint}"),
                Prepared::Message(message) => message.place(action.name()),
                Prepared::CrmTag { .. }
                | Prepared::CrmNote { .. }
                | Prepared::CrmTicket { .. }
                | Prepared::CrmTask { .. }
                | Prepared::CrmField { .. }
                | Prepared::Sms { .. }
                | Prepared::Email { .. } => action.name().to_owned(),
            };
            let nth = seen.entry(place.clone()).and_modify(|nth| *nth += 1).or_insert(1);
            let target = if *nth == 1 { place } else { format!("{place}#{nth}") };
            let key = self.key(&rule.name, &target);
            let made = self.action(prepared, &key);
            let made = made.and_then(|made| self.judge.rules.permitted(made));
            match made.and_then(|made| timed(made, messages)) {
                Ok((made, not_before)) => self.effect(key, &rule.name, made, not_before),
                Err(unsent) => self.refuse(rule, Some(action.name()), unsent.reason()),
            }
        }
    }

    /// A message that waits counts when it goes out: those of one night must not add up.
    fn remember(&mut self, rule: &Trigger, messages: Messages) {
        let Some(remembered) = rule.remembered() else { return };
        let at = match messages {
            Messages::At(end) => end,
            Messages::Now | Messages::Dropped | Messages::TooLate => self.judge.now,
        };
        let forget_at = at.checked_add(remembered).unwrap_or(Timestamp::MAX);
        let event = self.judge.tagged.event.id.clone();
        self.made.firings.push(Firing { rule: rule.name.clone(), event, at, forget_at });
    }

    pub(super) fn action(&self, prepared: &Prepared, key: &EffectKey) -> Result<Action, Unsent> {
        let (event, customer) = (&self.judge.tagged.event, &self.judge.tagged.customer);
        if prepared.is_for_crm() && customer.handles.is_empty() {
            return Err(Unsent::NoRecipient("handle"));
        }
        let (rules, at) = (self.judge.rules, event.occurred_at);
        let owner = |owner: &Option<Chooser>| match owner {
            None => Ok(None),
            Some(owner) => rules.owner(owner, key, at, |name| Ok(self.line(name)?)),
        };
        Ok(match prepared {
            Prepared::CrmTag { add, remove } => {
                Action::CrmTag { add: add.clone(), remove: remove.clone() }
            }
            Prepared::CrmNote { text } => Action::CrmNote { text: self.text(text)? },
            Prepared::CrmTicket { title, text, owner: chooser } => Action::CrmTicket {
                title: self.line(title)?,
                text: self.text(text)?,
                owner: owner(chooser)?,
            },
            Prepared::CrmTask { title, text, due, owner: chooser } => Action::CrmTask {
                title: self.line(title)?,
                text: self.text(text)?,
                due: due.as_ref().map(|due| rules.day(due, &self.judge.facts, at)).transpose()?,
                owner: owner(chooser)?,
            },
            Prepared::CrmField { fields } => Action::CrmField {
                values: rules.field_values(fields, &self.judge.facts)?,
                at,
                told_by_crm: false,
            },
            Prepared::Sms { to, text } => Action::Sms {
                to: match to {
                    Some(to) => {
                        recipient::phone(&self.line(to)?, &self.judge.rules.config.company.region)?
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
                payload: payload.render(&self.judge.rules.templates, &self.judge.facts)?,
            },
            Prepared::Message(message) => message.render(self)?,
        })
    }

    pub(super) fn text(&self, template: &Template) -> Result<String, Unrendered> {
        self.judge.rules.templates.render(template, &self.judge.facts)
    }

    /// One line: a customer's words must not break a subject or an address in two.
    pub(super) fn line(&self, template: &Template) -> Result<String, Unrendered> {
        Ok(self.text(template)?.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    pub(super) fn key(&self, rule: &str, target: &str) -> EffectKey {
        EffectKey::new(&self.judge.tagged.event.id, rule, target)
    }

    fn effect(
        &mut self,
        key: EffectKey,
        rule: &str,
        action: Action,
        not_before: Option<Timestamp>,
    ) {
        self.made.effects.push(Effect {
            key,
            event: self.judge.tagged.event.id.clone(),
            customer: self.judge.tagged.home.clone(),
            rule: self.judge.rules.named(rule),
            decided_at: self.judge.now,
            not_before,
            action,
        });
    }

    fn refuse(&mut self, rule: &Trigger, action: Option<&'static str>, reason: Reason) {
        let action = action.map(str::to_owned);
        let rule = self.judge.rules.named(&rule.name);
        self.made.refused.push(Refusal { rule, action, reason });
    }
}

/// The action with the time before which it must not be done.
fn timed(action: Action, messages: Messages) -> Result<(Action, Option<Timestamp>), Unsent> {
    if !action.disturbs() {
        return Ok((action, None));
    }
    match messages {
        Messages::Now => Ok((action, None)),
        Messages::At(end) => Ok((action, Some(end))),
        Messages::Dropped => Err(Unsent::Quiet),
        Messages::TooLate => Err(Unsent::TooLate),
    }
}

impl RuleSet {
    pub(super) fn named(&self, rule: &str) -> RuleRef {
        RuleRef { name: rule.to_owned(), config_version: self.version }
    }
}

impl Draft<'_> {
    /// Fills in each of the texts.
    pub(super) fn payloads(
        &self,
        payloads: &[(String, Payload)],
    ) -> Result<BTreeMap<String, Value>, Unrendered> {
        let (templates, facts) = (&self.judge.rules.templates, &self.judge.facts);
        let filled = payloads.iter();
        filled.map(|(name, each)| Ok((name.clone(), each.render(templates, facts)?))).collect()
    }

    /// Fills in a line that may be left out.
    pub(super) fn optional(
        &self,
        template: Option<&Template>,
    ) -> Result<Option<String>, Unrendered> {
        template.map(|template| self.line(template)).transpose()
    }

    /// The event's own handle, else the customer's, among those that are accepted.
    pub(super) fn handle(
        &self,
        what: &'static str,
        accepts: impl Fn(&HandleKey) -> bool,
    ) -> Result<HandleKey, Unsent> {
        let (event, customer) = (&self.judge.tagged.event, &self.judge.tagged.customer);
        recipient::accepted(event, customer, accepts).ok_or(Unsent::NoRecipient(what))
    }
}
