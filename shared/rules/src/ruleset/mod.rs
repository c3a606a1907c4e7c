//! A configuration made ready to decide.

mod accounts;
mod action;
mod again;
mod apply;
mod check;
mod compile;
mod consent;
mod crm;
mod decide;
mod echo;
mod explain;
mod group;
mod index;
mod judge;
mod measure;
mod message;
mod preview;
mod quiet;
mod recipient;
mod reconcile;
mod sync;
mod tag;
mod timer;
mod validate;
mod validate_sync;

pub use check::{Broken, Invalid};
pub use decide::Decision;
pub use explain::{ConditionTrace, Disclosure, PartTrace, RuleTrace, Truth};
pub use group::Regarded;
pub use judge::{Messages, Verdict};
pub use preview::Previewed;

use crate::condition::{Evaluator, Expression, Vocabulary};
use crate::document::Node;
use crate::findings::Findings;
use crate::template::Templates;
use crate::{Classifier, Config, CounterRule, FactRule, Problem};
use action::Prepared;
use check::Checking;
use consent::Consenting;
use domain::{Classification, InboundEvent};
use index::Index;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use measure::Measuring;
use std::collections::BTreeSet;
use tag::Tagging;
use timer::Timing;
use validate::{is_name, unique};

/// The rules of one version of the configuration. It holds no state: the same event and customer
/// always give the same decision.
#[derive(Debug)]
pub struct RuleSet {
    config: Config,
    version: u64,
    policy: identity::Policy,
    classifier: Box<dyn Classifier>,
    evaluator: Evaluator,
    templates: Templates,
    vocabulary: Vocabulary,
    /// The counters of the configuration, with the facts that are counts.
    counted: Vec<CounterRule>,
    counters: Vec<Counting>,
    /// The facts that are not counts.
    measures: Vec<FactRule>,
    measurings: Vec<Measuring>,
    fields: Vec<Expression>,
    tags: Vec<Tagging>,
    timings: Vec<Timing>,
    triggers: Vec<Compiled>,
    echoes: Vec<Expression>,
    checks: Vec<Checking>,
    consent: Consenting,
    index: Index,
    zone: TimeZone,
}

/// A counter rule, compiled.
#[derive(Debug)]
struct Counting {
    when: Expression,
    /// How long an occurrence is remembered; for ever, if none.
    horizon: Option<SignedDuration>,
}

/// A trigger, compiled.
#[derive(Debug)]
struct Compiled {
    when: Option<Expression>,
    unless: Option<Expression>,
    actions: Vec<Prepared>,
    /// What the actions' templates name.
    named: BTreeSet<String>,
}

impl RuleSet {
    /// Reads, validates and compiles a configuration document.
    ///
    /// # Errors
    /// Every problem that can be found at once, each with its line.
    pub fn load(text: &str, version: u64) -> Result<Self, Vec<Problem>> {
        let document = Node::parse(text).map_err(|problem| vec![problem])?;
        let config = Config::read(&document)?;
        Self::build(config, version, Findings::of(text, &document))
    }

    /// Validates and compiles a configuration whose text is not at hand.
    ///
    /// # Errors
    /// Every problem, without lines.
    pub fn compile(config: Config, version: u64) -> Result<Self, Vec<Problem>> {
        Self::build(config, version, Findings::unplaced())
    }

    /// The configuration's version, which every decision names.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What holds for handles.
    #[must_use]
    pub fn identity(&self) -> &identity::Policy {
        &self.policy
    }

    /// The configuration alone.
    #[must_use]
    pub fn into_config(self) -> Config {
        self.config
    }

    /// What the event's words tell.
    #[must_use]
    pub fn classify(&self, event: &InboundEvent) -> Classification {
        event
            .text
            .as_deref()
            .map_or_else(Classification::default, |text| self.classifier.classify(text))
    }
}
