//! A configuration made ready to decide.

mod action;
mod apply;
mod compile;
mod decide;
mod group;
mod recipient;
mod tag;
mod validate;

pub use decide::Decision;
pub use group::Regarded;

use crate::condition::{Evaluator, Expression};
use crate::document::Node;
use crate::findings::Findings;
use crate::template::Templates;
use crate::{Classifier, Config, Problem};
use action::Prepared;
use domain::{Classification, EventKind, InboundEvent};
use jiff::SignedDuration;
use std::collections::BTreeMap;
use tag::Condition;

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
    counters: Vec<Counting>,
    fields: Vec<Expression>,
    tags: Vec<Condition>,
    triggers: Vec<Firing>,
    by_kind: BTreeMap<EventKind, Vec<usize>>,
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
struct Firing {
    when: Option<Expression>,
    actions: Vec<Prepared>,
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
