//! From the configuration to rules that can decide.

use super::action::Prepared;
use super::check::Checking;
use super::consent::Consenting;
use super::index::Index;
use super::measure::Measuring;
use super::tag::{Condition, Tagging};
use super::timer::{Timing, check_topics};
use super::{Compiled, Counting, RuleSet};
use crate::classify::KeywordClassifier;
use crate::condition::{Evaluator, Expression, Mistake, Scope, Vocabulary};
use crate::document::Path;
use crate::findings::Findings;
use crate::template::Templates;
use crate::{
    Config, CounterRule, Duration, EchoRule, FactRule, Measure, Problem, TagRule, TimerRule,
    Trigger,
};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use std::collections::BTreeSet;

impl RuleSet {
    /// Validates and compiles.
    pub(super) fn build(
        config: Config,
        version: u64,
        mut findings: Findings<'_>,
    ) -> Result<Self, Vec<Problem>> {
        config.validate(&mut findings);
        let time_zone = TimeZone::get(&config.company.time_zone).unwrap_or(TimeZone::UTC);
        let mut compiler = Compiler {
            vocabulary: Vocabulary::of(&config),
            templates: Templates::new(time_zone.clone()),
            findings,
            named: BTreeSet::new(),
        };
        let mut counters = compiler.each("counters", &config.counters, Compiler::counter);
        let facts = compiler.each("facts", &config.facts, Compiler::fact);
        let counted: Vec<CounterRule> = config
            .counters
            .iter()
            .cloned()
            .chain(config.facts.iter().filter_map(FactRule::counter))
            .collect();
        let fields = compiler.each("fields", &config.fields, |compiler, path, rule| {
            compiler.expression(&path.key("value"), &rule.value, Scope::Event, Expression::value)
        });
        let names: BTreeSet<String> = config
            .counters
            .iter()
            .map(|rule| &rule.name)
            .chain(config.facts.iter().map(|rule| &rule.name))
            .cloned()
            .collect();
        let tags = compiler.each("tags", &config.tags, |compiler, path, rule: &TagRule| {
            let when = compiler.condition(&path.key("when"), &rule.when, Scope::Tag);
            let remove_when = match &rule.remove_when {
                None => Some(None),
                Some(text) => {
                    let path = path.key("remove_when");
                    compiler.condition(&path, text, Scope::Event).map(Some)
                }
            };
            let condition = Condition::new(when?, &names);
            Some(Tagging { condition, remove_when: remove_when? })
        });
        let timings = compiler.each("timers", &config.timers, Compiler::timer);
        let triggers = compiler.each("triggers", &config.triggers, |compiler, path, rule| {
            compiler.trigger(path, rule, &config)
        });
        let echoes = compiler.each("echoes", &config.echoes, |compiler, path, rule: &EchoRule| {
            compiler.condition(&path.key("when"), &rule.when, Scope::Event)
        });
        let checks = compiler.each("validate", &config.validate, |compiler, path, rule| {
            Checking::new(compiler, path, rule, &config)
        });
        let consent = Consenting::new(&config.consent, &mut compiler);
        compiler.findings.conclude()?;
        let mut measures = Vec::new();
        let mut measurings = Vec::new();
        for ((when, value), rule) in facts.into_iter().zip(&config.facts) {
            if rule.of == Measure::Count {
                counters.push(when);
            } else {
                let horizon = horizon(&rule.name, rule.window, &config.tags, &tags);
                measures.push(rule.clone());
                measurings.push(Measuring { when, value, horizon });
            }
        }
        let counters = counters
            .into_iter()
            .zip(&counted)
            .map(|(when, rule)| Counting {
                when,
                horizon: horizon(&rule.name, rule.window, &config.tags, &tags),
            })
            .collect();
        Ok(Self {
            policy: config.identity.policy().0,
            classifier: Box::new(KeywordClassifier::new(&config.classify)),
            evaluator: Evaluator::new(),
            templates: compiler.templates,
            vocabulary: compiler.vocabulary,
            index: Index::of(&config.triggers, &triggers),
            zone: time_zone,
            echoes,
            checks,
            consent,
            config,
            version,
            counted,
            counters,
            measures,
            measurings,
            fields,
            tags,
            timings,
            triggers,
        })
    }
}

/// How long a counter or fact remembers: what any rule may still look back at. An event as late as
/// a whole window is counted exactly.
fn horizon(
    fact: &str,
    window: Duration,
    rules: &[TagRule],
    tags: &[Tagging],
) -> Option<SignedDuration> {
    let window = SignedDuration::from(window);
    let mut longest = window;
    for (tag, compiled) in rules.iter().zip(tags) {
        if compiled.condition.looks_back_at(fact) {
            longest = longest.max(tag.lasting?.into());
        }
    }
    window.checked_add(longest)
}

/// Compiles rules, and goes on where one fails to find the problems of the next.
pub(super) struct Compiler<'d> {
    pub(super) vocabulary: Vocabulary,
    pub(super) templates: Templates,
    pub(super) findings: Findings<'d>,
    /// What the templates of the trigger at hand name.
    pub(super) named: BTreeSet<String>,
}

impl Compiler<'_> {
    fn each<R, T>(
        &mut self,
        section: &str,
        rules: &[R],
        compile: impl Fn(&mut Self, &Path, &R) -> Option<T>,
    ) -> Vec<T> {
        let path = Path::root().key(section);
        let rules = rules.iter().enumerate();
        rules.filter_map(|(index, rule)| compile(self, &path.index(index), rule)).collect()
    }

    fn counter(&mut self, path: &Path, rule: &CounterRule) -> Option<Expression> {
        self.condition(&path.key("when"), &rule.when, Scope::Event)
    }

    fn fact(&mut self, path: &Path, rule: &FactRule) -> Option<(Expression, Option<Expression>)> {
        let when = self.condition(&path.key("when"), &rule.when, Scope::Event);
        let value = match &rule.value {
            None => Some(None),
            Some(text) => {
                self.expression(&path.key("value"), text, Scope::Event, Expression::value).map(Some)
            }
        };
        Some((when?, value?))
    }

    fn timer(&mut self, path: &Path, rule: &TimerRule) -> Option<Timing> {
        let at = self.expression(&path.key("at"), &rule.at, Scope::Customer, Expression::time);
        let when = match &rule.when {
            None => Some(None),
            Some(text) => self.condition(&path.key("when"), text, Scope::Customer).map(Some),
        };
        Some(Timing { at: at?, when: when? })
    }

    fn trigger(&mut self, path: &Path, rule: &Trigger, config: &Config) -> Option<Compiled> {
        let mut condition = |name: &str, text: &Option<String>| match text {
            None => Some(None),
            Some(text) => self.condition(&path.key(name), text, Scope::All).map(Some),
        };
        let (when, unless) = (condition("when", &rule.when), condition("unless", &rule.unless));
        if let Some(Some(when)) = &when {
            check_topics(config, rule, when, &path.key("when"), &mut self.findings);
        }
        let actions = path.key("actions");
        self.named.clear();
        let prepared: Vec<Option<Prepared>> = rule
            .actions
            .iter()
            .enumerate()
            .map(|(index, action)| {
                Prepared::new(action, &actions.index(index).key(action.name()), self)
            })
            .collect();
        let actions = prepared.into_iter().collect::<Option<_>>()?;
        let named = std::mem::take(&mut self.named);
        Some(Compiled { when: when?, unless: unless?, actions, named })
    }

    pub(super) fn condition(
        &mut self,
        path: &Path,
        text: &str,
        scope: Scope,
    ) -> Option<Expression> {
        self.expression(path, text, scope, Expression::condition)
    }

    pub(super) fn expression(
        &mut self,
        path: &Path,
        text: &str,
        scope: Scope,
        compile: impl Fn(&str, &Vocabulary, Scope) -> Result<Expression, Vec<Mistake>>,
    ) -> Option<Expression> {
        match compile(text, &self.vocabulary, scope) {
            Ok(expression) => Some(expression),
            Err(mistakes) => {
                for Mistake { offset, message } in mistakes {
                    self.findings.add_within(path, text, offset, message);
                }
                None
            }
        }
    }
}
