//! What the actions of a rule would say.

use crate::output::{Verdict, View};
use crate::page::{Page, printable, title};
use crate::trouble::Trouble;
use domain::{Action, EventId, Tagged};
use jiff::Timestamp;
use rules::{Previewed, RuleSet};
use serde::Serialize;
use serde_json::Value;
use state::{Histories, Timeline};
use std::fmt::Write;

/// A rule's actions, filled in.
#[derive(Serialize)]
pub(super) struct Preview {
    trigger: String,
    /// The event; none, where it is a made-up one.
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<EventId>,
    actions: Vec<Previewed>,
}

/// Fills in the actions for a stored event, or for a made-up one.
pub(super) async fn preview(
    store: &(impl Timeline + Histories),
    rules: &RuleSet,
    trigger: &str,
    event: Option<EventId>,
    now: Timestamp,
) -> Result<Preview, Trouble> {
    let unknown = || Trouble::Missing {
        what: format!("rule `{trigger}` in the configuration in force"),
        remedy: "See its rules: omnicord config show",
    };
    let tagged = match &event {
        Some(id) => stored(store, id).await?,
        None => rules.sample(trigger, now).ok_or_else(unknown)?,
    };
    let actions = rules.preview(trigger, &tagged, now).ok_or_else(unknown)?;
    Ok(Preview { trigger: trigger.to_owned(), event, actions })
}

async fn stored(store: &(impl Timeline + Histories), id: &EventId) -> Result<Tagged, Trouble> {
    let record = store.events(std::slice::from_ref(id)).await?.pop();
    let entry = match record {
        Some(record) => store.entry(&record).await?,
        None => None,
    };
    let missing = || Trouble::Missing {
        what: format!("event {id} in any history"),
        remedy: "Look for one: omnicord customer show CUSTOMER",
    };
    Ok(entry.ok_or_else(missing)?.tagged)
}

impl View for Preview {
    fn text(&self, _: &Page) -> String {
        let of = self.event.as_ref().map_or("a made-up event".to_owned(), EventId::to_string);
        let mut text = format!("{} for {of}\n", self.trigger);
        for previewed in &self.actions {
            text += &title(&format!("\n{}", previewed.action));
            if let Some(reason) = &previewed.refused {
                let _ = writeln!(text, "refused ({}): {}", reason.code, reason.detail);
            }
            for (name, value) in previewed.made.iter().flat_map(members) {
                let _ = writeln!(text, "{name}: {}", printable(&value));
            }
        }
        text
    }

    fn verdict(&self) -> Verdict {
        let refused = self.actions.iter().any(|previewed| previewed.refused.is_some());
        if refused { Verdict::Finding } else { Verdict::Clean }
    }
}

/// What an action consists of, by the names that storage has for it.
fn members(action: &Action) -> Vec<(String, String)> {
    let Ok(Value::Object(members)) = serde_json::to_value(action) else { return Vec::new() };
    let shown = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let told = members.into_iter().filter(|(name, value)| name != "type" && !value.is_null());
    told.map(|(name, value)| (name, shown(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use anstream::adapter::strip_str;
    use state::memory::Store;

    const CONFIG: &str = r#"
company: { name: Lab, region: DE, time_zone: UTC, public_url: "https://hooks.example.com" }
wechat: { main: { app_id: wx1, secret: omnicord/wechat } }
fields: [{ name: last_order, on: [order], value: event.fields.number }]
triggers:
  - name: shipped
    on: [order]
    actions:
      - sms: { text: "Order {{ order.number }} of {{ company.name }}: {{ event.fields.tracking }}" }
      - wechat.message: { account: main, text: "{{ customer.fields.last_order }}" }
      - wechat.template:
          account: main
          template: T1
          data: { thing1: "{{ event.fields.a.b }}" }
          miniprogram: { app_id: wx2, page: "order?n={{ order.number }}" }
  - name: late
    on: [order]
    actions: [{ email: { to: "{{ event.text }}", subject: hi, text: "{{ event.duration }}" } }]
email: { from: care@example.com }
"#;

    async fn shown(trigger: &str) -> (String, Verdict) {
        let rules = RuleSet::load(CONFIG, 1).unwrap();
        let now = "2026-01-02T03:04:05Z".parse().unwrap();
        let preview = preview(&Store::default(), &rules, trigger, None, now).await.unwrap();
        let text = preview.text(&Page::unbounded("2026-01-02T03:04:05Z"));
        (strip_str(&text).to_string(), preview.verdict())
    }

    #[tokio::test]
    async fn every_text_is_filled_in_for_a_made_up_event() {
        let (text, verdict) = shown("shipped").await;
        assert_eq!(verdict, Verdict::Clean, "{text}");
        insta::assert_snapshot!(text);
    }

    #[tokio::test]
    async fn an_action_that_cannot_be_filled_in_says_why() {
        let (text, verdict) = shown("late").await;
        assert_eq!(verdict, Verdict::Finding);
        assert!(text.contains("refused (bad_recipient)"), "{text}");
    }

    #[tokio::test]
    async fn a_rule_or_event_that_does_not_exist_is_said() {
        let rules = RuleSet::load(CONFIG, 1).unwrap();
        let (store, now) = (Store::default(), Timestamp::UNIX_EPOCH);
        let none = preview(&store, &rules, "nothing", None, now).await.err().unwrap();
        assert!(none.to_string().contains("`nothing`"), "{none}");
        let event = Some(EventId::new("shop", "1"));
        let none = preview(&store, &rules, "shipped", event, now).await.err().unwrap();
        assert!(none.to_string().contains("event evt_"), "{none}");
    }
}
