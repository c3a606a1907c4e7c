//! What the types of a mapping cannot rule out.

use super::{HandleAt, Mapping, Topic};
use crate::Problem;
use domain::{EventKind, HandleKind};

/// Every problem of the mappings, in their order.
pub(crate) fn validate(mappings: &[Mapping]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (index, mapping) in mappings.iter().enumerate() {
        let found = of_mapping(mapping);
        problems.extend(found.into_iter().map(|p| p.below(&format!("mappings[{index}]"))));
        let shadowed = index + 1 < mappings.len() && mapping.when.0.is_empty();
        if shadowed {
            let path = format!("mappings[{index}].when");
            problems.push(Problem::at(path, "is empty, so that no later mapping is ever used"));
        }
    }
    problems
}

fn of_mapping(mapping: &Mapping) -> Vec<Problem> {
    let mut problems = Vec::new();
    if matches!(&mapping.topic, Topic::Word(word) if word.trim().is_empty()) {
        problems.push(Problem::at("topic", "is empty"));
    }
    if mapping.kind == EventKind::Timer {
        problems.push(Problem::at("kind", "is told by no source: the configured timers ring"));
    }
    if mapping.handles.is_empty() {
        problems.push(Problem::at("handles", "is empty: an event must concern someone"));
    }
    for (index, handle) in mapping.handles.iter().enumerate() {
        if let Some(message) = of_scope(handle) {
            problems.push(Problem::at(format!("handles[{index}].scope"), message));
        }
    }
    if mapping.duration.is_some() && mapping.duration_between.is_some() {
        problems.push(Problem::at("duration_between", "contradicts `duration`: keep one"));
    }
    if let Some(name) = mapping.constants.keys().find(|name| mapping.fields.contains_key(*name)) {
        problems.push(Problem::at(format!("constants.{name}"), "is also a name in `fields`"));
    }
    problems
}

fn of_scope(handle: &HandleAt) -> Option<&'static str> {
    match (handle.kind, handle.scope.is_empty()) {
        (HandleKind::Phone | HandleKind::Email, false) => {
            Some("must be empty: phones and e-mail addresses are unique by themselves")
        }
        (HandleKind::Account | HandleKind::Crm, true) => {
            Some("is empty: say who issued it, such as `shop` or a CRM connector's id")
        }
        (HandleKind::WechatOpenid, true) => Some("is empty: give the appid"),
        (HandleKind::WecomExternal | HandleKind::WecomUser, true) => {
            Some("is empty: give the corpid")
        }
        (HandleKind::WhatsappUser, true) => Some("is empty: give the business portfolio's id"),
        (HandleKind::Phone | HandleKind::Email, true)
        | (
            HandleKind::Account
            | HandleKind::Crm
            | HandleKind::WechatOpenid
            | HandleKind::WhatsappUser
            | HandleKind::WecomExternal
            | HandleKind::WecomUser,
            false,
        )
        | (HandleKind::WechatUnionid, _) => None,
    }
}
