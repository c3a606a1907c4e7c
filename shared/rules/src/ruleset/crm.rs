//! What actions write into the CRM: fields, days, owners.

use super::RuleSet;
use super::compile::Compiler;
use super::decide::Unsent;
use crate::condition::{Expression, Facts, Scope};
use crate::document::Path;
use crate::template::Template;
use crate::{Agent, Duration, FieldValue, Hours, Owner};
use domain::EffectKey;
use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::collections::BTreeMap;

/// A field's value, ready to be filled in.
#[derive(Debug)]
pub(super) enum FieldText {
    Text(Template),
    Expression(Expression),
}

/// A day, ready to be counted or filled in.
#[derive(Debug)]
pub(super) enum Due {
    After(SignedDuration),
    On(Template),
}

/// An owner, ready to be chosen.
#[derive(Debug)]
pub(super) enum Chooser {
    Name(Template),
    RoundRobin(Vec<String>),
    Skill(String),
}

impl Compiler<'_> {
    pub(super) fn fields(
        &mut self,
        path: &Path,
        set: &BTreeMap<String, FieldValue>,
    ) -> Option<Vec<(String, FieldText)>> {
        let path = path.key("set");
        let fields = set.iter().map(|(name, value)| {
            let path = path.key(name);
            let value = match value {
                FieldValue::Text(text) => FieldText::Text(self.text(&path, text)?),
                FieldValue::Expression(text) => FieldText::Expression(self.expression(
                    &path.key("value"),
                    text,
                    Scope::All,
                    Expression::value,
                )?),
            };
            Some((name.clone(), value))
        });
        fields.collect::<Vec<_>>().into_iter().collect()
    }

    pub(super) fn due(&mut self, path: &Path, due: &str) -> Option<Due> {
        if let Ok(length) = due.parse::<Duration>() {
            return Some(Due::After(length.into()));
        }
        if !due.contains('{') && due.parse::<Date>().is_err() {
            let message = "no length of time and no day; write 2d, 2027-01-31 or a template";
            self.findings.add(&path.key("due"), message);
            return None;
        }
        self.text(&path.key("due"), due).map(Due::On)
    }

    pub(super) fn owner(&mut self, path: &Path, owner: &Owner) -> Option<Chooser> {
        Some(match owner {
            Owner::Name(name) => Chooser::Name(self.text(&path.key("owner"), name)?),
            Owner::RoundRobin(names) => Chooser::RoundRobin(names.clone()),
            Owner::Skill(skill) => Chooser::Skill(skill.clone()),
        })
    }
}

impl RuleSet {
    /// The values of fields, each filled in.
    pub(super) fn field_values(
        &self,
        fields: &[(String, FieldText)],
        facts: &Facts<'_>,
    ) -> Result<BTreeMap<String, Value>, Unsent> {
        let value = |(name, field): &(String, FieldText)| {
            let value = match field {
                FieldText::Text(text) => Value::String(self.templates.render(text, facts)?),
                FieldText::Expression(expression) => self
                    .evaluator
                    .value(expression, facts)
                    .map_err(|why| Unsent::NoValue(name.clone(), why.to_string()))?
                    .ok_or_else(|| {
                        Unsent::NoValue(name.clone(), "what it reads is absent".to_owned())
                    })?,
            };
            Ok((name.clone(), value))
        };
        fields.iter().map(value).collect()
    }

    /// The day by which a task is to be done, by the company's calendar.
    pub(super) fn day(
        &self,
        due: &Due,
        facts: &Facts<'_>,
        event: Timestamp,
    ) -> Result<Date, Unsent> {
        let date = |at: Timestamp| self.zone.to_datetime(at).date();
        match due {
            Due::After(length) => Ok(date(event.checked_add(*length).unwrap_or(Timestamp::MAX))),
            Due::On(template) => {
                let text = self.templates.render(template, facts)?;
                let text = text.trim();
                let instant = text.parse::<Timestamp>().map(date);
                instant.or_else(|_| text.parse()).map_err(|_| Unsent::BadDay)
            }
        }
    }

    /// Whom the effect falls to. The name of one who is named outright is filled in by `fill`.
    pub(super) fn owner(
        &self,
        chooser: &Chooser,
        effect: &EffectKey,
        event: Timestamp,
        fill: impl FnOnce(&Template) -> Result<String, Unsent>,
    ) -> Result<Option<String>, Unsent> {
        let chosen = match chooser {
            Chooser::Name(name) => return fill(name).map(Some),
            Chooser::RoundRobin(names) => names.get(effect.turn(names.len())),
            Chooser::Skill(skill) => {
                let skilled = |agent: &&Agent| agent.skills.contains(skill);
                let all: Vec<&Agent> = self.config.agents.iter().filter(skilled).collect();
                let time = self.zone.to_datetime(event).time();
                let there =
                    |agent: &&Agent| agent.available.is_none_or(|hours| within(hours, time));
                let at_work: Vec<&Agent> = all.iter().copied().filter(there).collect();
                let agents = if at_work.is_empty() { all } else { at_work };
                agents.get(effect.turn(agents.len())).map(|agent| &agent.name)
            }
        };
        Ok(chosen.cloned())
    }
}

/// Whether the time of day lies in the hours, which may reach into the next day.
fn within(Hours { from, to }: Hours, time: Time) -> bool {
    if from.0 <= to.0 { from.0 <= time && time < to.0 } else { time >= from.0 || time < to.0 }
}
