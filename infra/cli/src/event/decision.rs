//! How an event found its customer, in words.

use crate::config::of_version;
use crate::page::Page;
use crate::trouble::Trouble;
use domain::{
    CustomerId, HandleKey, HandleKind, Match, MatchOutcome, MergeId, Obstacle, ReviewId, SetAside,
};
use identity::{MergeState, ReviewState};
use rules::RuleSet;
use serde::Serialize;
use state::{Journal, Settings};

/// The decision of `identity-match`, with what became of it since.
#[derive(Serialize)]
pub(super) struct Decision {
    outcome: MatchOutcome,
    /// The handle that decided.
    by: Option<Named>,
    linked: Vec<Named>,
    set_aside: Vec<Aside>,
    merges: Vec<Caused>,
    reviews: Vec<Asked>,
    config_version: u64,
}

/// A handle by its kind. The handle itself is personal: only where it was asked for.
#[derive(Serialize)]
struct Named {
    kind: Option<HandleKind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    handle: Option<HandleKey>,
}

/// A handle that had no say.
#[derive(Serialize)]
struct Aside {
    #[serde(flatten)]
    named: Named,
    why: Obstacle,
    /// The kind whose limit was in the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<HandleKind>,
    /// That limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    most: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    leads_to: Option<CustomerId>,
}

/// A merge that the event caused.
#[derive(Serialize)]
struct Caused {
    merge: MergeId,
    survivor: CustomerId,
    absorbed: CustomerId,
    state: MergeState,
}

/// A question that the event left for a person.
#[derive(Serialize)]
struct Asked {
    review: ReviewId,
    asks: &'static str,
    state: ReviewState,
}

impl Decision {
    /// Reads what the decision refers to.
    pub(super) async fn read(
        store: &(impl Journal + Settings),
        decision: Match,
        handles: bool,
    ) -> Result<Self, Trouble> {
        let rules = of_version(store, decision.config_version).await?;
        let named =
            |handle: HandleKey| Named { kind: handle.kind(), handle: handles.then_some(handle) };
        let aside = |SetAside { handle, why, limit, leads_to }| Aside {
            named: named(handle),
            why,
            limit,
            most: rules.as_ref().zip(limit).and_then(|(rules, kind)| most(rules, kind)),
            leads_to,
        };
        let mut merges = Vec::new();
        for id in decision.merges {
            merges.extend(store.merge(&id).await?.map(|merge| Caused {
                merge: id,
                survivor: merge.survivor,
                absorbed: merge.absorbed,
                state: merge.state,
            }));
        }
        let mut reviews = Vec::new();
        for id in decision.reviews {
            reviews.extend(store.review(&id).await?.map(|review| Asked {
                review: id,
                asks: review.inquiry.name(),
                state: review.state,
            }));
        }
        Ok(Self {
            outcome: decision.outcome,
            by: decision.by.map(named),
            linked: decision.linked.into_iter().map(named).collect(),
            set_aside: decision.set_aside.into_iter().map(aside).collect(),
            merges,
            reviews,
            config_version: decision.config_version,
        })
    }

    /// The decision in sentences.
    pub(super) fn text(&self, page: &Page) -> String {
        let outcome = match self.outcome {
            MatchOutcome::Matched => "a known customer",
            MatchOutcome::Linked => "a known customer, who gained a handle",
            MatchOutcome::Created => "a new customer",
            MatchOutcome::Merged => "several customers, whom it made one",
            MatchOutcome::Anonymous => "nobody: no handle was left to go by, it stands alone",
        };
        let lines = |lines: Vec<String>| lines.join("\n");
        page.facts([
            ("found", outcome.to_owned()),
            ("decided by", self.by.as_ref().map(Named::text).unwrap_or_default()),
            ("linked", lines(self.linked.iter().map(Named::text).collect())),
            ("set aside", lines(self.set_aside.iter().map(Aside::text).collect())),
            ("merged", lines(self.merges.iter().map(|merge| merge.text(page)).collect())),
            ("asked", lines(self.reviews.iter().map(|review| review.text(page)).collect())),
            ("configuration", self.config_version.to_string()),
        ])
    }
}

/// The limit that a configuration sets for a kind.
fn most(rules: &RuleSet, kind: HandleKind) -> Option<usize> {
    rules.identity().kind(kind).limit.map(|limit| limit.most)
}

impl Named {
    fn text(&self) -> String {
        match &self.handle {
            Some(handle) => handle.as_str().to_owned(),
            None => self.kind.map_or("handle", HandleKind::as_str).to_owned(),
        }
    }
}

impl Aside {
    fn text(&self) -> String {
        let limit = match (self.limit, self.most) {
            (Some(kind), Some(most)) => format!(" (more than {most} of kind {})", kind.as_str()),
            (Some(kind), None) => format!(" (of kind {})", kind.as_str()),
            (None, _) => String::new(),
        };
        let leads_to = self.leads_to.as_ref();
        let leads_to = leads_to.map(|id| format!("; it leads to {id}")).unwrap_or_default();
        format!("{}: {}{limit}{leads_to}", self.named.text(), why(self.why))
    }
}

/// What an obstacle means.
pub(crate) fn why(obstacle: Obstacle) -> &'static str {
    match obstacle {
        Obstacle::Blocked => "the configuration blocks its value",
        Obstacle::Shared => "too many customers use it to tell them apart",
        Obstacle::Claimed => "no channel proved it",
        Obstacle::NotMatching => "its kind may not match customers by itself",
        Obstacle::NotMerging => "its kind may not join customers",
        Obstacle::AwaitsReview => "a person has to say whether the two are one",
        Obstacle::KeptApart => "a person told the two customers apart",
        Obstacle::OverLimit => "with it, the customer would have too many handles",
        Obstacle::OtherRecord => "the CRM has it on another record",
        Obstacle::SeveralRecords => "the CRM has it on several records",
        Obstacle::UnknownRecord => "the CRM does not have the record",
        Obstacle::TooLarge => "joined, the two would be too large for one write",
    }
}

impl Caused {
    fn text(&self, page: &Page) -> String {
        let Self { merge, survivor, absorbed, state } = self;
        let state = match state {
            MergeState::Standing => "it stands".to_owned(),
            MergeState::Undone { at, by } => format!("{by} undid it {}", page.time(*at)),
        };
        format!("{merge}: {absorbed} became part of {survivor}; {state}")
    }
}

impl Asked {
    fn text(&self, page: &Page) -> String {
        let Self { review, asks, state } = self;
        let state = match state {
            ReviewState::Open => "open".to_owned(),
            ReviewState::Accepted { at, by, .. } => format!("{by} accepted {}", page.time(*at)),
            ReviewState::Rejected { at, by } => format!("{by} rejected {}", page.time(*at)),
        };
        format!("{review} ({asks}): {state}")
    }
}

#[cfg(test)]
mod tests;
