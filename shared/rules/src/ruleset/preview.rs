//! What a rule's actions would say.

use super::RuleSet;
use super::decide::Draft;
use super::judge::Judge;
use crate::Decision;
use crate::condition::SUBJECTS;
use crate::template::put;
use domain::{
    Action, Assurance, Classification, CrmLink, Customer, CustomerId, Dated, Direction, EventId,
    EventKind, Fired, Handle, HandleKind, Held, InboundEvent, InvalidHandle, Medium, Reason,
    Tagged,
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// One action of a rule, filled in.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Previewed {
    /// The action's name in the configuration.
    pub action: &'static str,
    /// What would be done, where it could be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub made: Option<Action>,
    /// Why not, where it could not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<Reason>,
}

impl RuleSet {
    /// Fills in every action of a rule for an event, whether or not the rule would fire for it;
    /// none, where there is no rule of this name.
    #[must_use]
    pub fn preview(
        &self,
        trigger: &str,
        tagged: &Tagged,
        now: Timestamp,
    ) -> Option<Vec<Previewed>> {
        let index = self.config.triggers.iter().position(|rule| rule.name == trigger)?;
        let (rule, compiled) = (self.config.triggers.get(index)?, self.triggers.get(index)?);
        let fired = Fired::default();
        let judge = Judge::new(self, tagged, now, &fired);
        let draft = Draft { judge, made: Decision::default() };
        let previewed = compiled.actions.iter().zip(&rule.actions).map(|(prepared, action)| {
            let made = draft.action(prepared, &draft.key(&rule.name, action.name()));
            let refused = made.as_ref().err().map(super::decide::Unsent::reason);
            Previewed { action: action.name(), made: made.ok(), refused }
        });
        Some(previewed.collect())
    }

    /// A made-up event of a kind that the rule looks at, with a made-up customer, that has
    /// everything that the rule's texts name; none, where there is no rule of this name.
    #[must_use]
    pub fn sample(&self, trigger: &str, now: Timestamp) -> Option<Tagged> {
        let index = self.config.triggers.iter().position(|rule| rule.name == trigger)?;
        let (rule, compiled) = (self.config.triggers.get(index)?, self.triggers.get(index)?);
        let handles: Vec<Handle> =
            self.sample_handles().into_iter().filter_map(Result::ok).collect();
        let mut event = InboundEvent {
            id: EventId::new("preview", trigger),
            source: self.config.sources.keys().next().map_or("preview", String::as_str).to_owned(),
            channel: "preview".into(),
            kind: rule.on.first().copied().unwrap_or(EventKind::Message),
            topic: "‹topic›".into(),
            direction: Direction::Inbound,
            occurred_at: now,
            received_at: now,
            handles,
            text: Some("‹text›".into()),
            duration_s: Some(60),
            fields: BTreeMap::new(),
            checks: domain::Checks::default(),
        };
        let mut customer = Customer::new(CustomerId::new("preview"), now);
        let held = |handle: &Handle| (handle.key(), Held::new(now, Assurance::Attested));
        customer.handles = event.handles.iter().map(held).collect();
        customer.crm = Some(CrmLink { crm: "preview".into(), id: "1".into() });
        let (mut fields, mut known) = (Map::new(), Map::new());
        for path in &compiled.named {
            let segments: Vec<&str> = path.split('.').collect();
            match segments.as_slice() {
                ["event", "fields", name @ ..] => put(&mut fields, name, self.example(&segments)),
                ["customer", "fields", name @ ..] => {
                    put(&mut known, name, self.example(&segments));
                }
                ["agent", name, ..] => {
                    let name = format!("agent_{name}");
                    put(&mut fields, &[&name], self.example(&segments));
                }
                [root, name @ ..] if SUBJECTS.contains(root) => {
                    put(&mut fields, name, self.example(&segments));
                }
                _ => {}
            }
        }
        event.fields = fields.into_iter().collect();
        let by = event.id.clone();
        let dated = |value| Dated { value, at: now, source: event.source.clone(), by: by.clone() };
        customer.profile.fields =
            known.into_iter().map(|(name, value)| (name, dated(value))).collect();
        let classification =
            Classification { issue: Some("‹issue›".into()), mood: Some("‹mood›".into()) };
        let home = customer.id.clone();
        Some(Tagged { event, customer, home, classification, tags: Vec::new() })
    }

    /// A value of the declared type, or else one that says what stands there.
    fn example(&self, path: &[&str]) -> Value {
        match self.vocabulary.check(path).map(crate::condition::Type::example) {
            Ok(Value::String(_)) | Err(_) => {
                json!(format!("‹{}›", path.last().copied().unwrap_or_default()))
            }
            Ok(example) => example,
        }
    }

    fn sample_handles(&self) -> Vec<Result<Handle, InvalidHandle>> {
        let proved = Assurance::Attested;
        let account = |kind, scope: &str, value| Handle::account(kind, scope, value, proved);
        let endpoint = "arn:aws:sns:eu-central-1:123456789012:endpoint/GCM/app/preview";
        let mut handles = vec![
            Handle::phone("+12025550100", "", proved),
            Handle::email("preview@example.com", proved),
            account(HandleKind::Account, Medium::PUSH_SCOPE, endpoint),
        ];
        let wechat = self.config.wechat.values();
        handles.extend(wechat.map(|it| account(HandleKind::WechatOpenid, &it.app_id, "‹openid›")));
        let wecom = self.config.wecom.values();
        handles.extend(wecom.map(|it| account(HandleKind::WecomUser, &it.corp_id, "‹member›")));
        handles
    }
}
