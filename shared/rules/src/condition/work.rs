//! How much work an expression can be, as far as its form tells.
//!
//! Lists within lists within lists are written in a few words, and take longer than a function may
//! run; so do texts that are joined to themselves over and over. The count is of an evaluation
//! that takes every branch, over data of which nothing is known but a usual length.

use cel::IdedExpr;
use cel::common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr, LiteralValue, operators};

/// What a list that events tell is taken to hold: as many elements, each with as many within it.
const USUAL: u64 = 200;
/// Steps of one evaluation; a step is a fraction of a microsecond.
const MOST_STEPS: u64 = 2_000_000;
/// The largest value, in elements: some dozens of copies of what an event tells.
const MOST_SIZE: u64 = 64 * USUAL;

/// Why the expression could take too much, if it could.
pub(super) fn excess(ast: &IdedExpr) -> Option<String> {
    let mut reckoning = Reckoning::default();
    if reckoning.of(ast).steps > MOST_STEPS {
        let message = "takes too many steps where lists are long; loop over fewer lists at once";
        return Some(message.to_owned());
    }
    let message = "makes a value that grows too large; join less";
    (reckoning.largest > MOST_SIZE).then(|| message.to_owned())
}

/// The cost of a value, and what it costs to go on with it.
#[derive(Clone, Copy)]
struct Work {
    steps: u64,
    /// Elements, where it is a list.
    items: u64,
    /// The elements of an element, where that is a list.
    inner: u64,
    /// All that it holds.
    size: u64,
}

impl Work {
    const PLAIN: Self = Self { steps: 1, items: 1, inner: 1, size: 1 };
    const TOLD: Self = Self { steps: 1, items: USUAL, inner: USUAL, size: USUAL };
    const NONE: Self = Self { steps: 0, items: 0, inner: 0, size: 0 };

    /// An element of the list.
    fn element(self) -> Self {
        Self {
            steps: 1,
            items: self.inner,
            inner: USUAL,
            size: self.size.div_ceil(self.items.max(1)),
        }
    }

    /// A value made of both.
    fn with(self, other: Self) -> Self {
        Self {
            steps: self.steps.saturating_add(other.steps),
            items: self.items.saturating_add(other.items),
            inner: self.inner.max(other.inner),
            size: self.size.saturating_add(other.size),
        }
    }
}

#[derive(Default)]
struct Reckoning<'a> {
    /// The variables of the comprehensions around, innermost last.
    locals: Vec<(&'a str, Work)>,
    /// The largest value made on the way.
    largest: u64,
}

impl<'a> Reckoning<'a> {
    fn of(&mut self, node: &'a IdedExpr) -> Work {
        let work = self.value(node);
        self.largest = self.largest.max(work.size);
        work
    }

    fn value(&mut self, node: &'a IdedExpr) -> Work {
        match &node.expr {
            Expr::Literal(LiteralValue::String(text)) => {
                let size = 1 + text.inner().len() as u64 / USUAL;
                Work { size, ..Work::PLAIN }
            }
            Expr::Literal(_) | Expr::Unspecified => Work::PLAIN,
            Expr::Ident(name) => {
                let local = self.locals.iter().rev().find(|(local, _)| local == name);
                local.map_or(Work::TOLD, |(_, work)| *work)
            }
            Expr::Select(select) => {
                let from = self.of(&select.operand);
                Work { steps: from.steps.saturating_add(1), items: USUAL, inner: USUAL, ..from }
            }
            Expr::Call(call) => self.call(call),
            Expr::Comprehension(comprehension) => self.comprehension(comprehension),
            Expr::List(list) => self.list(list.elements.iter()),
            Expr::Map(map) => self.entries(map.entries.iter().map(|entry| &entry.expr)),
            Expr::Struct(made) => self.entries(made.entries.iter().map(|entry| &entry.expr)),
        }
    }

    fn call(&mut self, call: &'a CallExpr) -> Work {
        let parts: Vec<Work> = call
            .target
            .as_deref()
            .into_iter()
            .chain(&call.args)
            .map(|part| self.of(part))
            .collect();
        let all = parts.iter().copied().fold(Work::NONE, Work::with);
        let steps = all.steps.saturating_add(1);
        match call.func_name.as_str() {
            // Both sides are copied.
            operators::ADD => Work { steps: steps.saturating_add(all.size), ..all },
            operators::INDEX => {
                let element = parts.first().map_or(Work::TOLD, |list| list.element());
                Work { steps, size: all.size, ..element }
            }
            operators::CONDITIONAL | "string" => Work { steps, ..all },
            _ => Work { steps, ..Work::PLAIN },
        }
    }

    fn list(&mut self, elements: impl Iterator<Item = &'a IdedExpr>) -> Work {
        elements.map(|element| self.of(element)).fold(
            Work { items: 0, ..Work::PLAIN },
            |list, it| Work {
                items: list.items + 1,
                inner: list.inner.max(it.items),
                ..list.with(it)
            },
        )
    }

    fn entries(&mut self, entries: impl Iterator<Item = &'a EntryExpr>) -> Work {
        let parts = entries.flat_map(|entry| match entry {
            EntryExpr::StructField(field) => vec![&field.value],
            EntryExpr::MapEntry(entry) => vec![&entry.key, &entry.value],
        });
        self.list(parts.collect::<Vec<_>>().into_iter())
    }

    fn comprehension(&mut self, comprehension: &'a ComprehensionExpr) -> Work {
        let range = self.of(&comprehension.iter_range);
        let first = self.of(&comprehension.accu_init);
        let depth = self.locals.len();
        self.locals.push((&comprehension.iter_var, range.element()));
        self.locals.extend(comprehension.iter_var2.as_deref().map(|name| (name, range.element())));
        // What one round adds: the macros of the language only ever append to what is there.
        self.locals.push((&comprehension.accu_var, Work::NONE));
        let (condition, round) =
            (self.of(&comprehension.loop_cond), self.of(&comprehension.loop_step));
        self.locals.truncate(depth);
        let each = condition.steps.saturating_add(round.steps);
        let steps = range.items.saturating_mul(each).saturating_add(range.steps);
        Work {
            steps: steps.saturating_add(first.steps),
            items: range.items.saturating_mul(round.items),
            inner: round.inner,
            size: range.items.saturating_mul(round.size).max(range.size),
        }
    }
}
