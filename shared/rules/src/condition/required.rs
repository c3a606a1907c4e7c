//! What must be equal for a condition to hold, as far as its form shows.

use super::Expression;
use super::check::{path, text};
use cel::IdedExpr;
use cel::common::ast::{CallExpr, Expr, operators};
use domain::{Classification, InboundEvent};
use std::collections::BTreeSet;

/// A text of the event that conditions often ask for, the most telling first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Member {
    Topic,
    Issue,
    Mood,
    Source,
    Channel,
    Kind,
    Direction,
}

/// The member must have one of these values, or the condition does not hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Required {
    pub(crate) member: Member,
    pub(crate) any: BTreeSet<String>,
}

impl Member {
    fn named(path: &[&str]) -> Option<Self> {
        let ["event", name] = path else { return None };
        Some(match *name {
            "topic" => Self::Topic,
            "issue" => Self::Issue,
            "mood" => Self::Mood,
            "source" => Self::Source,
            "channel" => Self::Channel,
            "kind" => Self::Kind,
            "direction" => Self::Direction,
            _ => return None,
        })
    }

    /// What the event has there.
    pub(crate) fn of<'e>(
        self,
        event: &'e InboundEvent,
        classification: &'e Classification,
    ) -> Option<&'e str> {
        match self {
            Self::Topic => Some(&event.topic),
            Self::Issue => classification.issue.as_deref(),
            Self::Mood => classification.mood.as_deref(),
            Self::Source => Some(&event.source),
            Self::Channel => Some(&event.channel),
            Self::Kind => Some(event.kind.as_str()),
            Self::Direction => Some(event.direction.as_str()),
        }
    }
}

impl Required {
    /// Whether the event has one of the values.
    pub(crate) fn met(&self, event: &InboundEvent, classification: &Classification) -> bool {
        self.member.of(event, classification).is_some_and(|value| self.any.contains(value))
    }
}

impl Expression {
    /// What its conjunctions require. In CEL `a && b` is false where either is, whatever becomes
    /// of the other: a requirement that is not met leaves nothing to evaluate.
    pub(crate) fn required(&self) -> Vec<Required> {
        let mut found = Vec::new();
        collect(&self.ast, &mut found);
        found.sort_by_key(|required| required.member);
        found
    }

    /// The topics of which it requires one.
    pub(crate) fn required_topics(&self) -> impl Iterator<Item = String> {
        let required = self.required().into_iter();
        required.filter(|required| required.member == Member::Topic).flat_map(|topic| topic.any)
    }
}

fn collect(node: &IdedExpr, found: &mut Vec<Required>) {
    let Expr::Call(CallExpr { func_name, args, target: None }) = &node.expr else { return };
    let [left, right] = args.as_slice() else { return };
    match func_name.as_str() {
        operators::LOGICAL_AND => {
            collect(left, found);
            collect(right, found);
        }
        operators::EQUALS => {
            found.extend(equality(left, right).or_else(|| equality(right, left)));
        }
        operators::IN => found.extend(membership(left, right)),
        _ => {}
    }
}

fn equality(side: &IdedExpr, other: &IdedExpr) -> Option<Required> {
    let member = Member::named(&path(side)?)?;
    Some(Required { member, any: [text(other)?.to_owned()].into() })
}

fn membership(side: &IdedExpr, list: &IdedExpr) -> Option<Required> {
    let member = Member::named(&path(side)?)?;
    // An optional element, `[?x]`, may be left out of the list.
    let Expr::List(list) = &list.expr else { return None };
    let texts = list.elements.iter().map(|element| text(element).map(str::to_owned));
    Some(Required { member, any: texts.collect::<Option<_>>()? })
}
