//! What each rule made of an event, by the configuration that decided.

use super::firings::firings;
use crate::config::of_version;
use crate::trouble::Trouble;
use domain::RuleRef;
use jiff::Timestamp;
use rules::{Disclosure, RuleTrace, Verdict};
use serde::Serialize;
use state::{Customers, EventRecord, Histories, Recent, Settings, TimelineEntry};
use std::collections::BTreeSet;

/// The rules that looked at an event.
#[derive(Serialize)]
pub(super) struct Judged {
    pub(super) config_version: u64,
    pub(super) known_by: KnownBy,
    /// In the order in which they were looked at; absent where the version is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rules: Option<Vec<Explanation>>,
}

/// How it is known which configuration decided.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum KnownBy {
    /// An effect or a refusal names it.
    Decision,
    /// No rule did anything, so that none is named: it is the one by which the event was matched, a
    /// moment before.
    Match,
    /// Nothing is decided yet: it is the one in force, which would decide now.
    InForce,
}

/// What one rule made of it.
#[derive(Serialize)]
pub(super) struct Explanation {
    #[serde(flatten)]
    pub(super) trace: RuleTrace,
    /// Whether the ledger has something else than what this explains: the decision looked at what
    /// the state no longer has.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) unlike_the_ledger: bool,
}

/// Explains what the rules made of an event, with the customer as the event left them.
pub(super) async fn judged(
    store: &(impl Settings + Customers + Histories + Recent),
    record: &EventRecord,
    entry: &TimelineEntry,
    now: Timestamp,
    disclosure: Disclosure,
) -> Result<Judged, Trouble> {
    let matched = (entry.decision.config_version, KnownBy::Match);
    let (config_version, known_by) = match (record.applied_at, named(record)) {
        (None, _) => match store.current_version().await? {
            Some(version) => (version, KnownBy::InForce),
            None => matched,
        },
        (Some(_), Some(rule)) => (rule.config_version, KnownBy::Decision),
        (Some(_), None) => matched,
    };
    let Some(rules) = of_version(store, config_version).await? else {
        return Ok(Judged { config_version, known_by, rules: None });
    };
    let at = record.applied_at.unwrap_or(now);
    let tagged = &entry.tagged;
    let fired = firings(store, &rules, tagged, at).await?;
    let did: BTreeSet<&str> = record.effects.iter().map(|effect| &*effect.rule.name).collect();
    let explanation = |trace: RuleTrace| {
        let is_to_act = matches!(trace.verdict, Verdict::Fires { .. });
        let acted = did.contains(&*trace.rule.name);
        let refused = record.refusals.iter().any(|refusal| refusal.rule.name == trace.rule.name);
        let unlike = if is_to_act { !acted && !refused } else { acted };
        Explanation { trace, unlike_the_ledger: record.applied_at.is_some() && unlike }
    };
    let traces = rules.explain(tagged, at, &fired, disclosure);
    let rules = Some(traces.into_iter().map(explanation).collect());
    Ok(Judged { config_version, known_by, rules })
}

fn named(record: &EventRecord) -> Option<&RuleRef> {
    let effects = record.effects.iter().map(|effect| &effect.rule);
    effects.chain(record.refusals.iter().map(|refusal| &refusal.rule)).next()
}

#[cfg(test)]
mod tests;
