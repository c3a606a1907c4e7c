//! The configuration document, `omnicord.yaml`, as types.

mod accounts;
mod action;
mod bound;
mod check;
mod classify;
mod company;
mod consent;
pub mod crm;
mod destination;
mod duration;
mod fact;
mod failures;
mod field_value;
mod identity;
mod intake;
mod limits;
mod outbound;
mod owner;
mod profile;
mod read;
mod reconcile;
mod subject;
mod sync;
mod timer;
mod trigger;

pub use accounts::{Reached, Server, WechatAccount, WecomAccount, WhatsappAccount};
pub use action::{ActionRule, MiniprogramRule};
pub use bound::{Bound, NotABound};
pub use channels::Rate;
pub use check::{Check, CheckRule, Otherwise, Range, Remedy, Transition};
pub use classify::{Classify, Keywords};
pub use company::Company;
pub use consent::{Basis, ConsentRule, ConsentRules};
pub use crm::{Crm, Tryton, UnknownCustomer};
pub use destination::{Destination, Patience};
pub use duration::Duration;
pub use fact::{FactRule, Measure};
pub use failures::{FailureRules, Later};
pub use field_value::FieldValue;
pub(crate) use identity::pattern;
pub use identity::{Claimed, Identity, KindRule, Mailbox, MergeRule};
pub use limits::{Cap, Clock, InQuiet, NotAClock, Quiet};
pub use outbound::{Email, Endpoint, Sms};
pub use owner::{Agent, Hours, Owner};
pub use profile::{CounterRule, EchoRule, FieldMerge, FieldRule, TagRule};
pub use reconcile::{CrmOrigin, History, NextPage, Origin, Reconcile, RecordKind, TimeForm};
pub use subject::{Form, Subjects};
pub use sync::{FieldSync, Flow, Passage, RecordSync, SyncPolicy, TagSync};
pub use timer::TimerRule;
pub use trigger::Trigger;

use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What one company wants Omnicord to do.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Whose stack this is.
    pub company: Company,
    /// The doors through which events enter, by the name that ends their webhook's address:
    /// `/hooks/{name}`.
    #[serde(default)]
    pub sources: BTreeMap<String, channels::Source>,
    /// How it is made sure that what the sources have to tell has arrived, by the source's name.
    #[serde(default)]
    pub reconcile: BTreeMap<String, Reconcile>,
    /// Where the customers' records are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crm: Option<Crm>,
    /// Who works for the company, for `owner: { skill: … }`.
    #[serde(default)]
    pub agents: Vec<Agent>,
    /// What flows between the customer's data here and the CRM's record.
    #[serde(default)]
    pub sync: SyncPolicy,
    /// Which handles are whose.
    #[serde(default)]
    pub identity: Identity,
    /// How words become issue and mood.
    #[serde(default)]
    pub classify: Classify,
    /// What is known of the fields that events tell.
    #[serde(default)]
    pub schema: Subjects,
    /// Which events are taken for valid.
    #[serde(default)]
    pub validate: Vec<CheckRule>,
    /// What is counted of each customer.
    #[serde(default)]
    pub counters: Vec<CounterRule>,
    /// What is measured of each customer.
    #[serde(default)]
    pub facts: Vec<FactRule>,
    /// Which facts about the customer are kept of what events tell.
    #[serde(default)]
    pub fields: Vec<FieldRule>,
    /// Which tags a customer bears.
    #[serde(default)]
    pub tags: Vec<TagRule>,
    /// Which events only repeat what Omnicord itself wrote into the CRM.
    #[serde(default)]
    pub echoes: Vec<EchoRule>,
    /// At which times customers are looked at again.
    #[serde(default)]
    pub timers: Vec<TimerRule>,
    /// What sets off which action.
    #[serde(default)]
    pub triggers: Vec<Trigger>,
    /// How short messages are sent.
    #[serde(default)]
    pub sms: Sms,
    /// How e-mail is sent; needed by `email` actions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    /// The webhooks that actions may post to, by name.
    #[serde(default)]
    pub endpoints: BTreeMap<String, Endpoint>,
    /// The `WeChat` Official Accounts that actions may send from, by name.
    #[serde(default)]
    pub wechat: BTreeMap<String, WechatAccount>,
    /// The `WeCom` apps that actions may send from, by name.
    #[serde(default)]
    pub wecom: BTreeMap<String, WecomAccount>,
    /// The `WhatsApp` numbers that actions may send from, by name.
    #[serde(default)]
    pub whatsapp: BTreeMap<String, WhatsappAccount>,
    /// Who may be written to.
    #[serde(default)]
    pub consent: ConsentRules,
    /// What each destination is granted: `crm`, `sms`, `email`, `webhook:{endpoint}`, `push`,
    /// `wechat:{account}`, `wecom:{account}`, `whatsapp:{account}`, `agent`, and `default` for what
    /// these leave out.
    #[serde(default)]
    pub destinations: BTreeMap<String, Destination>,
    /// What becomes of what has failed.
    #[serde(default)]
    pub failures: FailureRules,
}

/// The JSON Schema of `omnicord.yaml`, for editors.
#[must_use]
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Config).to_value()
}
