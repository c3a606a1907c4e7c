//! Expressions against facts.

use super::convert::{to_cel, to_json};
use super::{Expression, Facts, SUBJECTS};
use cel::common::value::CowVal;
use cel::context::VariableResolver;
use cel::{Context, Env, ExecutionError, Value as Cel};
use serde_json::Value;
use std::fmt;
use std::sync::Arc;

/// Why an expression has no value, without repeating any: a fact may be personal.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum Unevaluable {
    /// A comparison or function met a type that it does not take.
    #[error("a comparison or function met a type that it does not take")]
    Type,
    /// A key or index that is not there.
    #[error("a key or index is not there")]
    Missing,
    /// A number too large, or a division by zero.
    #[error("a calculation has no result")]
    Arithmetic,
    /// A condition that is neither true nor false.
    #[error("the condition is neither true nor false")]
    NoTruthValue,
    /// A value without a form in JSON.
    #[error("the value has no form in JSON")]
    NoJson,
}

/// The functions of the language, built once.
pub(crate) struct Evaluator(Arc<Env>);

impl Evaluator {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Env::stdlib()))
    }

    /// Whether a condition holds. One that stumbles over something absent does not hold.
    ///
    /// # Errors
    /// It stumbled although everything that it reads is there: the rule does not fit the data.
    pub(crate) fn holds(
        &self,
        condition: &Expression,
        facts: &Facts<'_>,
    ) -> Result<bool, Unevaluable> {
        Ok(self.truth(condition, facts)?.unwrap_or(false))
    }

    /// The same; none where it stumbled over something absent.
    ///
    /// # Errors
    /// As [`Evaluator::holds`].
    pub(crate) fn truth(
        &self,
        condition: &Expression,
        facts: &Facts<'_>,
    ) -> Result<Option<bool>, Unevaluable> {
        match self.resolve(condition, facts)? {
            Some(Cel::Bool(truth)) => Ok(Some(truth)),
            Some(Cel::Null) | None => Ok(None),
            Some(_) => Err(Unevaluable::NoTruthValue),
        }
    }

    /// The value of an expression; none where it stumbled over something absent.
    ///
    /// # Errors
    /// As [`Evaluator::holds`], and where the value has no form in JSON.
    pub(crate) fn value(
        &self,
        expression: &Expression,
        facts: &Facts<'_>,
    ) -> Result<Option<Value>, Unevaluable> {
        let Some(value) = self.resolve(expression, facts)? else { return Ok(None) };
        let json = to_json(&value).ok_or(Unevaluable::NoJson)?;
        Ok(Some(json).filter(|json| !json.is_null()))
    }

    fn resolve(
        &self,
        expression: &Expression,
        facts: &Facts<'_>,
    ) -> Result<Option<Cel>, Unevaluable> {
        let names = Names(facts);
        let mut context = Context::with_env(Arc::clone(&self.0));
        context.set_variable_resolver(&names);
        match context.resolve(&expression.ast) {
            Ok(value) => Ok(Some(value)),
            Err(_) if expression.paths().any(|path| facts.get(path).is_null()) => Ok(None),
            Err(error) => Err(Unevaluable::from(error)),
        }
    }
}

impl fmt::Debug for Evaluator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Evaluator")
    }
}

impl From<ExecutionError> for Unevaluable {
    fn from(error: ExecutionError) -> Self {
        // The enum is open: what a later version adds is most likely one more type error.
        #[allow(clippy::wildcard_enum_match_arm)]
        match error {
            ExecutionError::NoSuchKey(_) | ExecutionError::IndexOutOfBounds(_) => Self::Missing,
            ExecutionError::DivisionByZero(_)
            | ExecutionError::RemainderByZero(_)
            | ExecutionError::Overflow(..) => Self::Arithmetic,
            _ => Self::Type,
        }
    }
}

/// Facts under their qualified names. CEL asks for the longest name first, so that
/// `event.fields.x` is null where it is absent while `has(event.fields.x)` is false.
struct Names<'f>(&'f Facts<'f>);

impl VariableResolver for Names<'_> {
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        let mut segments = variable.split('.');
        let (root, member) = (segments.next().unwrap_or_default(), segments.next());
        let known = match (member, segments.next(), segments.next()) {
            (None, ..) => root == "now" || is_root(root),
            (Some(_), None, _) => is_root(root),
            (Some(member), Some(_), None) => {
                ["event", "customer"].contains(&root)
                    && ["fields", "counts", "facts"].contains(&member)
            }
            (Some(_), Some(_), Some(_)) => false,
        };
        if !known {
            return None;
        }
        to_cel(self.0.get(variable)).try_into().ok().map(CowVal::Owned)
    }
}

fn is_root(name: &str) -> bool {
    ["event", "customer", "company"].contains(&name) || SUBJECTS.contains(&name)
}
