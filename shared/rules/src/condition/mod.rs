//! Conditions in the Common Expression Language over what is known of an event and its customer.

mod check;
mod convert;
mod evaluate;
mod facts;
mod measure;
mod parts;
mod required;
mod subject;
mod syntax;
mod vocabulary;
mod work;

pub(crate) use evaluate::{Evaluator, Unevaluable};
pub(crate) use facts::{Facts, Said};
pub(crate) use measure::decimal;
pub(crate) use required::{Member, Required};
pub(crate) use vocabulary::{SUBJECTS, Scope, Type, Vocabulary};

use cel::IdedExpr;
use cel::parser::PrattParser;
use std::collections::BTreeSet;

/// Names, values and operators in one expression; far more than a person can survey.
const MOST_NODES: usize = 1_000;

/// A condition or value that was found to name only what exists.
#[derive(Debug)]
pub(crate) struct Expression {
    ast: IdedExpr,
    paths: BTreeSet<String>,
}

/// A mistake in an expression's text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Mistake {
    /// Characters from the start of the text.
    pub(crate) offset: usize,
    /// What is wrong, with what to write instead.
    pub(crate) message: String,
}

impl Expression {
    /// A condition: true or false.
    ///
    /// # Errors
    /// Every mistake: syntax, names that do not exist or not in this scope, comparisons with a
    /// value that never occurs, a result that is no truth value.
    pub(crate) fn condition(
        text: &str,
        vocabulary: &Vocabulary,
        scope: Scope,
    ) -> Result<Self, Vec<Mistake>> {
        let expression = Self::value(text, vocabulary, scope)?;
        match check::unconditional(&expression.ast, vocabulary) {
            None => Ok(expression),
            Some(message) => Err(vec![Mistake { offset: 0, message }]),
        }
    }

    /// A time: epoch seconds or a text.
    ///
    /// # Errors
    /// As [`Expression::condition`], where the form shows that the result is neither.
    pub(crate) fn time(
        text: &str,
        vocabulary: &Vocabulary,
        scope: Scope,
    ) -> Result<Self, Vec<Mistake>> {
        let expression = Self::value(text, vocabulary, scope)?;
        match check::untimely(&expression.ast, vocabulary) {
            None => Ok(expression),
            Some(message) => Err(vec![Mistake { offset: 0, message }]),
        }
    }

    /// An expression of any type.
    ///
    /// # Errors
    /// As [`Expression::condition`], whatever the result.
    pub(crate) fn value(
        text: &str,
        vocabulary: &Vocabulary,
        scope: Scope,
    ) -> Result<Self, Vec<Mistake>> {
        // The default parser, ANTLR's, overflows the stack on a hundred parentheses.
        let parser = PrattParser::new().max_expression_node_count(MOST_NODES);
        let ast = parser.parse(text).map_err(|errors| {
            // What follows the first error is mostly its consequence.
            let first = errors.errors.first();
            let first = first.map(|error| syntax::mistake(text, error.pos, &error.msg));
            first.into_iter().collect::<Vec<_>>()
        })?;
        let (paths, mistakes) = check::names(&ast, text, vocabulary, scope);
        if mistakes.is_empty() { Ok(Self { ast, paths }) } else { Err(mistakes) }
    }

    /// The conditions that a condition is made of, where there are several; each by itself.
    pub(crate) fn parts<'t>(text: &'t str, vocabulary: &Vocabulary) -> Vec<(&'t str, Self)> {
        let parts = parts::parts(text);
        if parts.len() < 2 {
            return Vec::new();
        }
        let compiled = parts.into_iter().map(|part| {
            let expression = Self::value(part, vocabulary, Scope::All).ok()?;
            Some((part, expression))
        });
        compiled.flatten().collect()
    }

    /// What it reads, such as `event.topic`.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.paths.iter().map(String::as_str)
    }
}
