//! Which handles are whose.

use super::Duration;
use domain::HandleKind;
use identity::{Blocklist, Claims, KindPolicy, Limit, Merging, Policy};
use jiff::SignedDuration;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How handles lead to customers. Every setting has a default that suits most companies.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Identity {
    /// The kinds of handle that tell most, first; those left out follow in their usual order.
    #[schemars(schema_with = "kinds")]
    pub priority: Vec<HandleKind>,
    /// What holds for single kinds, where the default does not suit.
    #[schemars(schema_with = "by_kind")]
    pub kinds: BTreeMap<HandleKind, KindRule>,
    /// Values that are nobody's, such as the company's own numbers: `+4930123456*`, or with a
    /// kind before it, `email:*@example.com`. `*` stands for any text, `?` for one character.
    pub blocked: Vec<String>,
    /// Lets placeholders pass that are blocked otherwise: `anonymous`, `0000000`, `noreply@…`.
    pub allow_placeholders: bool,
    /// Lets service lines pass that are blocked otherwise: 400, 95 and 1010 numbers in China,
    /// toll-free and shared-cost numbers elsewhere.
    pub allow_service_lines: bool,
    /// What becomes of a handle that the customer typed and no channel proved.
    pub claimed: Claimed,
    /// Mail providers that deliver several addresses to one mailbox, by their domain.
    pub mailboxes: BTreeMap<String, Mailbox>,
}

/// What holds for the handles of one kind. Left out, each setting keeps the kind's default.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct KindRule {
    /// How many of one issuer a customer may have: 1 for CRM records and accounts of WeChat, WeCom
    /// and `WhatsApp`, 3 for other accounts, 5 for phones and e-mail addresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 50))]
    pub limit: Option<usize>,
    /// Counts towards the limit only what came in within this time; everything, if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<Duration>,
    /// Whether it leads an event to a customer by itself.
    #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
    pub matches: Option<bool>,
    /// Whether it joins two customers into one.
    #[serde(rename = "merge", skip_serializing_if = "Option::is_none")]
    pub merging: Option<MergeRule>,
    /// By how many other customers it may be used before it counts as shared and tells nobody any
    /// more: 5 for phones and e-mail addresses, never for others.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 50))]
    pub shared_after: Option<usize>,
}

/// Whether a handle joins two customers into one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MergeRule {
    /// By itself, where a channel proved it.
    Auto,
    /// Once a person has agreed: `omnicord review`.
    Review,
    /// Not at all.
    Never,
}

/// What becomes of a handle that the customer typed and no channel proved.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Claimed {
    /// It is believed where nobody else has it, and where it is all there is to go by.
    #[default]
    Match,
    /// Like `match`; and where another customer has it, a person is asked whether the two are one.
    Review,
    /// It is never used.
    Ignore,
}

/// What does not tell one provider's mailboxes apart.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Mailbox {
    /// `anna+shop` is `anna`.
    pub ignore_tags: bool,
    /// `an.na` is `anna`.
    pub ignore_dots: bool,
    /// Other domains of the same provider, such as `googlemail.com` for `gmail.com`.
    pub aliases: Vec<String>,
}

impl Identity {
    /// The settings as the identity graph takes them, with what is wrong with mailboxes: the
    /// domain, and why.
    #[must_use]
    pub fn policy(&self) -> (Policy, Vec<(String, String)>) {
        let mut policy = Policy::default().with_priority(&self.priority);
        for (kind, rule) in &self.kinds {
            policy = policy.with_kind(*kind, rule.policy(*kind));
        }
        let mut blocked = Blocklist::default();
        if self.allow_placeholders {
            blocked = blocked.without_placeholders();
        }
        if self.allow_service_lines {
            blocked = blocked.without_service_lines();
        }
        for entry in &self.blocked {
            let (kind, pattern) = pattern(entry);
            blocked = blocked.and(kind, pattern);
        }
        policy.blocked = blocked;
        policy.claims = match self.claimed {
            Claimed::Match => Claims::Match,
            Claimed::Review => Claims::Review,
            Claimed::Ignore => Claims::Ignore,
        };
        let mut problems = Vec::new();
        let mut check = |domain: &String, told: Result<(), domain::InvalidMailbox>| {
            problems.extend(told.err().map(|error| (domain.clone(), error.to_string())));
        };
        for (domain, mailbox) in &self.mailboxes {
            for alias in &mailbox.aliases {
                check(domain, policy.mailboxes.alias(alias, domain));
            }
            if mailbox.ignore_tags {
                check(domain, policy.mailboxes.ignore_tags(domain));
            }
            if mailbox.ignore_dots {
                check(domain, policy.mailboxes.ignore_dots(domain));
            }
        }
        (policy, problems)
    }
}

impl KindRule {
    fn policy(&self, kind: HandleKind) -> KindPolicy {
        let usual = KindPolicy::of(kind);
        let most = self.limit.or(usual.limit.map(|limit| limit.most));
        let within = self.within.map(SignedDuration::from);
        KindPolicy {
            limit: most.map(|most| Limit { most, within }),
            matches: self.matches.unwrap_or(usual.matches),
            merging: match self.merging {
                Some(MergeRule::Auto) => Merging::Auto,
                Some(MergeRule::Review) => Merging::Review,
                Some(MergeRule::Never) => Merging::Never,
                None => usual.merging,
            },
            shared_after: self.shared_after.or(usual.shared_after),
        }
    }
}

/// A blocked value, with the kind that it is limited to.
pub(crate) fn pattern(entry: &str) -> (Option<HandleKind>, &str) {
    let named = entry.split_once(':').and_then(|(name, pattern)| {
        let kind = HandleKind::ALL.into_iter().find(|kind| kind.as_str() == name)?;
        Some((kind, pattern))
    });
    named.map_or((None, entry), |(kind, pattern)| (Some(kind), pattern))
}

/// The schema of a list of handle kinds: [`domain`] knows no JSON Schema.
fn kinds(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "array",
        "uniqueItems": true,
        "items": { "enum": HandleKind::ALL.map(HandleKind::as_str) },
    })
}

fn by_kind(generator: &mut SchemaGenerator) -> Schema {
    let rule = generator.subschema_for::<KindRule>();
    json_schema!({
        "type": "object",
        "propertyNames": { "enum": HandleKind::ALL.map(HandleKind::as_str) },
        "additionalProperties": rule,
    })
}
