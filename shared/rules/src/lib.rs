//! The rules of one company: its configuration document with everything that follows from it.

mod classify;
mod condition;
pub mod config;
mod document;
mod findings;
mod problem;
mod recipe;
mod ruleset;
mod template;

pub use classify::Classifier;
pub use config::{
    ActionRule, Agent, Basis, Bound, Cap, Check, CheckRule, Claimed, Classify, Clock, Company,
    Config, ConsentRule, ConsentRules, CounterRule, Crm, Destination, Duration, EchoRule, Email,
    Endpoint, FactRule, FailureRules, FieldMerge, FieldRule, FieldSync, FieldValue, Flow, Form,
    History, Hours, Identity, InQuiet, Keywords, KindRule, Later, Mailbox, Measure, MergeRule,
    MiniprogramRule, Origin, Otherwise, Owner, Passage, Patience, Quiet, Range, Rate, Reached,
    Reconcile, RecordKind, RecordSync, Remedy, Server, Sms, Subjects, SyncPolicy, TagRule, TagSync,
    TimeForm, TimerRule, Transition, Trigger, Tryton, UnknownCustomer, WechatAccount, WecomAccount,
    WhatsappAccount, schema,
};
pub use problem::Problem;
pub use recipe::{CannotAdd, Recipe, Setting, add_recipe, recipes};
pub use ruleset::{
    Broken, ConditionTrace, Decision, Disclosure, Invalid, Messages, PartTrace, Previewed,
    Regarded, RuleSet, RuleTrace, Truth, Verdict,
};

/// Reads and validates a configuration as a whole.
///
/// # Errors
/// Every problem that can be found at once: those of the document's structure, or else those of
/// what it says.
pub fn parse(text: &str) -> Result<Config, Vec<Problem>> {
    RuleSet::load(text, 0).map(RuleSet::into_config)
}
