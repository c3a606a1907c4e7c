//! An action whose templates are compiled.

use super::compile::Compiler;
use super::crm::{Chooser, Due, FieldText};
use super::message::Message;
use crate::ActionRule;
use crate::condition::Facts;
use crate::document::Path;
use crate::template::{Template, Templates, Unrendered};
use serde_json::Value;

/// What a rule does, ready to be filled in.
#[derive(Debug)]
pub(super) enum Prepared {
    CrmTag { add: Vec<String>, remove: Vec<String> },
    CrmNote { text: Template },
    CrmTicket { title: Template, text: Template, owner: Option<Chooser> },
    CrmTask { title: Template, text: Template, due: Option<Due>, owner: Option<Chooser> },
    CrmField { fields: Vec<(String, FieldText)> },
    Sms { to: Option<Template>, text: Template },
    Email { to: Option<Template>, subject: Template, text: Template },
    Webhook { endpoint: String, payload: Payload },
    Message(Message),
}

/// JSON whose texts are templates.
#[derive(Debug)]
pub(super) enum Payload {
    Constant(Value),
    Text(Template),
    List(Vec<Payload>),
    Map(Vec<(String, Payload)>),
}

impl Prepared {
    /// Whether it writes to the customer's CRM record.
    pub(super) fn is_for_crm(&self) -> bool {
        match self {
            Self::CrmTag { .. }
            | Self::CrmNote { .. }
            | Self::CrmTicket { .. }
            | Self::CrmTask { .. }
            | Self::CrmField { .. } => true,
            Self::Sms { .. } | Self::Email { .. } | Self::Webhook { .. } | Self::Message(_) => {
                false
            }
        }
    }

    /// Compiles an action's templates; none where one has a mistake, which is then reported.
    pub(super) fn new(rule: &ActionRule, path: &Path, compiler: &mut Compiler<'_>) -> Option<Self> {
        let mut text = |member: &str, text: &str| compiler.text(&path.key(member), text);
        Some(match rule {
            ActionRule::CrmTag { add, remove } => {
                Self::CrmTag { add: add.clone(), remove: remove.clone() }
            }
            ActionRule::CrmNote { text: note } => Self::CrmNote { text: text("text", note)? },
            ActionRule::CrmTicket { title, text: matter, owner } => {
                let (title, matter) = (text("title", title), text("text", matter));
                let owner = owner.as_ref().map(|owner| compiler.owner(path, owner));
                Self::CrmTicket { title: title?, text: matter?, owner: flip(owner)? }
            }
            ActionRule::CrmTask { title, text: matter, due, owner } => {
                let (title, matter) = (text("title", title), text("text", matter));
                let due = due.as_ref().map(|due| compiler.due(path, due));
                let owner = owner.as_ref().map(|owner| compiler.owner(path, owner));
                let (due, owner) = (flip(due)?, flip(owner)?);
                Self::CrmTask { title: title?, text: matter?, due, owner }
            }
            ActionRule::CrmField { set } => Self::CrmField { fields: compiler.fields(path, set)? },
            ActionRule::Sms { to, text: message } => {
                let to = to.as_ref().map(|to| text("to", to));
                Self::Sms { text: text("text", message)?, to: flip(to)? }
            }
            ActionRule::Email { to, subject, text: body } => {
                let to = to.as_ref().map(|to| text("to", to));
                let (subject, body) = (text("subject", subject), text("text", body));
                Self::Email { to: flip(to)?, subject: subject?, text: body? }
            }
            ActionRule::Webhook { endpoint, payload } => Self::Webhook {
                endpoint: endpoint.clone(),
                payload: Payload::new(payload, &path.key("payload"), compiler)?,
            },
            ActionRule::Push { .. }
            | ActionRule::WechatTemplate { .. }
            | ActionRule::WechatMessage { .. }
            | ActionRule::WecomMessage { .. }
            | ActionRule::WhatsappTemplate { .. }
            | ActionRule::AgentHint { .. } => Self::Message(Message::new(rule, path, compiler)?),
        })
    }
}

/// An optional part: absent, compiled, or failed.
#[allow(clippy::option_option)]
pub(super) fn flip<T>(part: Option<Option<T>>) -> Option<Option<T>> {
    match part {
        None => Some(None),
        Some(compiled) => compiled.map(Some),
    }
}

impl Payload {
    pub(super) fn new(value: &Value, path: &Path, compiler: &mut Compiler<'_>) -> Option<Self> {
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => Some(Self::Constant(value.clone())),
            Value::String(text) => compiler.text(path, text).map(Self::Text),
            Value::Array(items) => {
                let items = items.iter().enumerate();
                let items =
                    items.map(|(index, item)| Self::new(item, &path.index(index), compiler));
                items.collect::<Vec<_>>().into_iter().collect::<Option<_>>().map(Self::List)
            }
            Value::Object(members) => {
                let members = members.iter().map(|(name, member)| {
                    Some((name.clone(), Self::new(member, &path.key(name), compiler)?))
                });
                members.collect::<Vec<_>>().into_iter().collect::<Option<_>>().map(Self::Map)
            }
        }
    }

    /// Fills in every text.
    pub(super) fn render(
        &self,
        templates: &Templates,
        facts: &Facts<'_>,
    ) -> Result<Value, Unrendered> {
        Ok(match self {
            Self::Constant(value) => value.clone(),
            Self::Text(template) => Value::String(templates.render(template, facts)?),
            Self::List(items) => {
                let items = items.iter().map(|item| item.render(templates, facts));
                Value::Array(items.collect::<Result<_, _>>()?)
            }
            Self::Map(members) => {
                let members = members
                    .iter()
                    .map(|(name, member)| Ok((name.clone(), member.render(templates, facts)?)));
                Value::Object(members.collect::<Result<_, Unrendered>>()?)
            }
        })
    }
}

impl Compiler<'_> {
    pub(super) fn text(&mut self, path: &Path, text: &str) -> Option<Template> {
        match self.templates.add(text, &self.vocabulary) {
            Ok(template) => {
                self.named.extend(template.paths().map(str::to_owned));
                Some(template)
            }
            Err(mistakes) => {
                for mistake in mistakes {
                    self.findings.add(path, mistake);
                }
                None
            }
        }
    }
}
