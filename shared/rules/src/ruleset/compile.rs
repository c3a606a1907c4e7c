//! From the configuration to rules that can decide.

use super::action::Prepared;
use super::index::Index;
use super::tag::{Condition, Tagging};
use super::{Compiled, Counting, RuleSet};
use crate::classify::KeywordClassifier;
use crate::condition::{Evaluator, Expression, Mistake, Scope, Vocabulary};
use crate::document::Path;
use crate::findings::Findings;
use crate::template::Templates;
use crate::{Config, CounterRule, EchoRule, Problem, TagRule, Trigger};
use jiff::SignedDuration;
use jiff::tz::TimeZone;

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
        };
        let counters = compiler.each("counters", &config.counters, Compiler::counter);
        let fields = compiler.each("fields", &config.fields, |compiler, path, rule| {
            compiler.expression(&path.key("value"), &rule.value, Scope::Event, Expression::value)
        });
        let names: Vec<String> = config.counters.iter().map(|rule| rule.name.clone()).collect();
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
        let triggers = compiler.each("triggers", &config.triggers, Compiler::trigger);
        let echoes = compiler.each("echoes", &config.echoes, |compiler, path, rule: &EchoRule| {
            compiler.condition(&path.key("when"), &rule.when, Scope::Event)
        });
        compiler.findings.conclude()?;
        let counters = counters
            .into_iter()
            .zip(&config.counters)
            .map(|(when, rule)| Counting { when, horizon: horizon(rule, &config.tags, &tags) })
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
            config,
            version,
            counters,
            fields,
            tags,
            triggers,
        })
    }
}

/// How long a counter remembers: what any rule may still look back at. An event as late as a
/// whole window is counted exactly.
fn horizon(rule: &CounterRule, rules: &[TagRule], tags: &[Tagging]) -> Option<SignedDuration> {
    let window = SignedDuration::from(rule.window);
    let mut longest = window;
    for (tag, compiled) in rules.iter().zip(tags) {
        if compiled.condition.counters().contains(&rule.name) {
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

    fn trigger(&mut self, path: &Path, rule: &Trigger) -> Option<Compiled> {
        let mut condition = |name: &str, text: &Option<String>| match text {
            None => Some(None),
            Some(text) => self.condition(&path.key(name), text, Scope::All).map(Some),
        };
        let (when, unless) = (condition("when", &rule.when), condition("unless", &rule.unless));
        let actions = path.key("actions");
        let prepared: Vec<Option<Prepared>> = rule
            .actions
            .iter()
            .enumerate()
            .map(|(index, action)| {
                Prepared::new(action, &actions.index(index).key(action.name()), self)
            })
            .collect();
        let actions = prepared.into_iter().collect::<Option<_>>()?;
        Some(Compiled { when: when?, unless: unless?, actions })
    }

    fn condition(&mut self, path: &Path, text: &str, scope: Scope) -> Option<Expression> {
        self.expression(path, text, scope, Expression::condition)
    }

    fn expression(
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
