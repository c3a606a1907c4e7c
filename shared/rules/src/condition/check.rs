//! An expression's names against the vocabulary: a rule with a typing error would never fire.

use super::vocabulary::{Scope, Type, Vocabulary, is_of_event};
use super::{Mistake, work};
use crate::problem::suggestion;
use cel::IdedExpr;
use cel::common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr, LiteralValue, operators};
use std::collections::BTreeSet;

/// The standard functions that a condition may use.
const FUNCTIONS: [&str; 8] =
    ["size", "contains", "startsWith", "endsWith", "string", "int", "double", "bool"];

/// Levels of one expression. Evaluation is recursive, with tens of kilobytes to a level in a
/// debug build; `a && b && …` is balanced and stays flat.
const MOST_LEVELS: usize = 32;

/// The operators whose result is never true or false.
const CALCULATIONS: [&str; 6] = [
    operators::ADD,
    operators::SUBSTRACT,
    operators::MULTIPLY,
    operators::DIVIDE,
    operators::MODULO,
    operators::NEGATE,
];

/// The operators whose result is always true or false.
const JUDGEMENTS: [&str; 10] = [
    operators::EQUALS,
    operators::NOT_EQUALS,
    operators::LESS,
    operators::LESS_EQUALS,
    operators::GREATER,
    operators::GREATER_EQUALS,
    operators::LOGICAL_AND,
    operators::LOGICAL_OR,
    operators::LOGICAL_NOT,
    operators::IN,
];

/// Every path that the expression reads, with every mistake in it.
pub(super) fn names(
    ast: &IdedExpr,
    source: &str,
    vocabulary: &Vocabulary,
    scope: Scope,
) -> (BTreeSet<String>, Vec<Mistake>) {
    let mut walk = Walk {
        source,
        vocabulary,
        scope,
        locals: Vec::new(),
        level: 0,
        paths: BTreeSet::new(),
        mistakes: Vec::new(),
    };
    walk.expression(ast);
    if walk.mistakes.is_empty()
        && let Some(message) = work::excess(ast)
    {
        walk.mistakes.push(Mistake { offset: 0, message });
    }
    if scope == Scope::Tag {
        let of_customer = |path: &String| path.starts_with("customer.");
        if walk.paths.iter().any(|path| is_of_event(path)) && walk.paths.iter().any(of_customer) {
            let message = "a tag's condition is about `event` or about `customer`, not both; \
                           count the event's part first, or use a trigger with `crm.tag`";
            walk.mistakes.push(Mistake { offset: 0, message: message.to_owned() });
        }
    }
    (walk.paths, walk.mistakes)
}

/// Why the expression as a whole is no condition, as far as its form tells.
pub(super) fn unconditional(ast: &IdedExpr, vocabulary: &Vocabulary) -> Option<String> {
    let found = match &ast.expr {
        Expr::Literal(LiteralValue::Boolean(_)) => return None,
        Expr::Literal(_) | Expr::List(_) | Expr::Map(_) | Expr::Struct(_) => "a constant".into(),
        Expr::Ident(_) | Expr::Select(_) => {
            let path = path(ast)?;
            match vocabulary.check(&path).ok()? {
                Type::Bool | Type::Any => return None,
                Type::Text | Type::Number | Type::List | Type::Map => {
                    format!("`{}`", path.join("."))
                }
            }
        }
        Expr::Call(call) if CALCULATIONS.contains(&call.func_name.as_str()) => "a sum".into(),
        Expr::Call(_) | Expr::Comprehension(_) | Expr::Unspecified => return None,
    };
    Some(format!("{found} is neither true nor false; compare it with something"))
}

/// Why the expression as a whole tells no time, as far as its form tells.
pub(super) fn untimely(ast: &IdedExpr, vocabulary: &Vocabulary) -> Option<String> {
    let found = match &ast.expr {
        Expr::Literal(_) => "a constant is the same for every customer".to_owned(),
        Expr::List(_) | Expr::Map(_) | Expr::Struct(_) => "a list or map is no time".to_owned(),
        Expr::Ident(_) | Expr::Select(_) => {
            let path = path(ast)?;
            match vocabulary.check(&path).ok()? {
                Type::Text | Type::Number | Type::Any => return None,
                Type::Bool | Type::List | Type::Map => format!("`{}` is no time", path.join(".")),
            }
        }
        Expr::Call(call) if JUDGEMENTS.contains(&call.func_name.as_str()) => {
            "true and false are no times".to_owned()
        }
        Expr::Call(_) | Expr::Comprehension(_) | Expr::Unspecified => return None,
    };
    Some(format!("{found}; name a date or a time that is known of the customer"))
}

/// `["event", "topic"]` for `event.topic` and for `event["topic"]`.
pub(super) fn path(expression: &IdedExpr) -> Option<Vec<&str>> {
    match &expression.expr {
        Expr::Ident(name) => Some(vec![name]),
        Expr::Select(select) => {
            let mut path = path(&select.operand)?;
            path.push(&select.field);
            Some(path)
        }
        Expr::Call(CallExpr { func_name, args, target: None }) if func_name == operators::INDEX => {
            let [operand, index] = args.as_slice() else { return None };
            let mut path = path(operand)?;
            path.push(text(index)?);
            Some(path)
        }
        Expr::Call(_)
        | Expr::Comprehension(_)
        | Expr::List(_)
        | Expr::Literal(_)
        | Expr::Map(_)
        | Expr::Struct(_)
        | Expr::Unspecified => None,
    }
}

pub(super) fn text(expression: &IdedExpr) -> Option<&str> {
    match &expression.expr {
        Expr::Literal(LiteralValue::String(text)) => Some(text.inner()),
        Expr::Literal(_)
        | Expr::Ident(_)
        | Expr::Select(_)
        | Expr::Call(_)
        | Expr::Comprehension(_)
        | Expr::List(_)
        | Expr::Map(_)
        | Expr::Struct(_)
        | Expr::Unspecified => None,
    }
}

struct Walk<'a> {
    source: &'a str,
    vocabulary: &'a Vocabulary,
    scope: Scope,
    /// The variables of the comprehensions around, innermost last.
    locals: Vec<&'a str>,
    level: usize,
    paths: BTreeSet<String>,
    mistakes: Vec<Mistake>,
}

impl<'a> Walk<'a> {
    fn expression(&mut self, node: &'a IdedExpr) {
        let path = path(node);
        self.level += path.as_ref().map_or(1, Vec::len);
        if self.level > MOST_LEVELS {
            if self.mistakes.is_empty() {
                let message = format!("nested deeper than {MOST_LEVELS} levels; simplify it");
                self.mistake("", message);
            }
        } else if let Some(path) = &path {
            self.name(path);
        } else {
            self.inner(node);
        }
        self.level -= path.as_ref().map_or(1, Vec::len);
    }

    fn inner(&mut self, node: &'a IdedExpr) {
        match &node.expr {
            Expr::Call(call) => self.call(call),
            Expr::Comprehension(comprehension) => self.comprehension(comprehension),
            Expr::List(list) => list.elements.iter().for_each(|item| self.expression(item)),
            Expr::Map(map) => map.entries.iter().for_each(|entry| self.entry(&entry.expr)),
            Expr::Struct(made) => {
                self.mistake(&made.type_name, format!("unknown type `{}`", made.type_name));
            }
            Expr::Select(select) => self.expression(&select.operand),
            Expr::Ident(_) | Expr::Literal(_) | Expr::Unspecified => {}
        }
    }

    fn name(&mut self, path: &[&'a str]) {
        let root = path.first().copied().unwrap_or_default();
        if root.starts_with('@') || self.locals.contains(&root) {
            return;
        }
        let dotted = path.join(".");
        let checked = self.vocabulary.check(path).and_then(|_| self.scope.check(&dotted));
        match checked {
            Ok(()) => {
                self.paths.insert(dotted);
            }
            Err(message) => self.mistake(&dotted, message),
        }
    }

    fn call(&mut self, call: &'a CallExpr) {
        let name = call.func_name.as_str();
        if name.starts_with(char::is_alphabetic) && !FUNCTIONS.contains(&name) {
            let near = suggestion(name, FUNCTIONS);
            self.mistake(name, format!("unknown function `{name}`{near}"));
        }
        call.target.iter().for_each(|target| self.expression(target));
        call.args.iter().for_each(|argument| self.expression(argument));
        if let [left, right] = call.args.as_slice()
            && [operators::EQUALS, operators::NOT_EQUALS, operators::IN].contains(&name)
        {
            self.comparison(left, right);
            self.comparison(right, left);
        }
    }

    /// `path == "text"`, `path in ["text", …]`, `"text" in path`.
    fn comparison(&mut self, side: &'a IdedExpr, other: &'a IdedExpr) {
        let Some(path) = path(side) else { return };
        let path = path.join(".");
        let texts: Vec<&IdedExpr> = match &other.expr {
            Expr::List(list) => list.elements.iter().collect(),
            Expr::Literal(_)
            | Expr::Ident(_)
            | Expr::Select(_)
            | Expr::Call(_)
            | Expr::Comprehension(_)
            | Expr::Map(_)
            | Expr::Struct(_)
            | Expr::Unspecified => vec![other],
        };
        for node in texts {
            if let Some(text) = text(node)
                && let Err(message) = self.vocabulary.check_value(&path, text)
            {
                self.mistake(text, message);
            }
        }
    }

    fn comprehension(&mut self, comprehension: &'a ComprehensionExpr) {
        self.expression(&comprehension.iter_range);
        self.expression(&comprehension.accu_init);
        let depth = self.locals.len();
        self.locals.push(&comprehension.iter_var);
        self.locals.extend(comprehension.iter_var2.as_deref());
        self.locals.push(&comprehension.accu_var);
        self.expression(&comprehension.loop_cond);
        self.expression(&comprehension.loop_step);
        self.expression(&comprehension.result);
        self.locals.truncate(depth);
    }

    fn entry(&mut self, entry: &'a EntryExpr) {
        match entry {
            EntryExpr::StructField(field) => self.expression(&field.value),
            EntryExpr::MapEntry(entry) => {
                self.expression(&entry.key);
                self.expression(&entry.value);
            }
        }
    }

    /// A mistake where `words` stand: the parser keeps no places once it has succeeded.
    fn mistake(&mut self, words: &str, message: String) {
        let before = self.source.find(words).and_then(|start| self.source.get(..start));
        let offset = before.map_or(0, |before| before.chars().count());
        self.mistakes.push(Mistake { offset, message });
    }
}
