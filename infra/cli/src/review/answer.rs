//! A person's answer: first the decision is written, then the question closed, then what waited
//! for it goes back to its queue.

use super::decide::{self, Decision};
use super::read;
use super::words::{forbidding, question, settled};
use crate::customer::{FOR_WANT_OF_A_RECORD, Person};
use crate::failures::{Backlog, Concern, concerned, going_back, send_back};
use crate::graph::Scene;
use crate::output::View;
use crate::page::Page;
use crate::trouble::Trouble;
use domain::{CustomerId, ReviewId};
use identity::{Group, Inquiry, Merge, Review, ReviewState};
use rules::RuleSet;
use serde::Serialize;
use state::{Identities, Journal};

/// Yes or no.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Answer {
    /// Yes, with the record that is meant where that is the question.
    Accept {
        /// The record's id.
        record: Option<String>,
    },
    /// No.
    Reject,
}

/// An answered question.
#[derive(Debug, Serialize)]
pub(super) struct Answered {
    #[serde(flatten)]
    review: Review,
    /// The merges that the answer brought about. Empty where an earlier call wrote them.
    pub(super) merges: Vec<Merge>,
    /// How many messages go back to their queues.
    pub(super) messages: usize,
}

/// Answers a question. Doing it again finishes what an earlier call left undone.
pub(super) async fn answer(
    store: &(impl Identities + Journal + Backlog),
    rules: &RuleSet,
    id: &ReviewId,
    answer: &Answer,
    person: Person<'_>,
) -> Result<Answered, Trouble> {
    let mut review = read(store, id).await?;
    let mut merges = Vec::new();
    if review.state == ReviewState::Open {
        merges = Decision { rules, review: &review, answer, person }.write(store).await?;
        let closed = Review { state: answer.state(person), ..review.clone() };
        review = if store.close_review(&closed).await? { closed } else { read(store, id).await? };
    }
    if !answer.agrees_with(&review.state) {
        return Err(answered_otherwise(&review));
    }
    let messages = match concern(store, &review, answer).await? {
        Some(concern) => send_back(store, &concerned(store, &concern).await?, person.at).await?,
        None => 0,
    };
    Ok(Answered { review, merges, messages })
}

impl Answer {
    fn state(&self, Person { by, at }: Person<'_>) -> ReviewState {
        let by = by.to_owned();
        match self {
            Self::Accept { record } => ReviewState::Accepted { at, by, record: record.clone() },
            Self::Reject => ReviewState::Rejected { at, by },
        }
    }

    fn agrees_with(&self, state: &ReviewState) -> bool {
        match (self, state) {
            (Self::Accept { record }, ReviewState::Accepted { record: known, .. }) => {
                record == known
            }
            (Self::Reject, ReviewState::Rejected { .. }) => true,
            (Self::Accept { .. }, ReviewState::Open | ReviewState::Rejected { .. })
            | (Self::Reject, ReviewState::Open | ReviewState::Accepted { .. }) => false,
        }
    }
}

fn answered_otherwise(review: &Review) -> Trouble {
    let (said, by) = match &review.state {
        ReviewState::Open => ("nothing", "nobody"),
        ReviewState::Accepted { record: Some(record), by, .. } => (record.as_str(), by.as_str()),
        ReviewState::Accepted { record: None, by, .. } => ("yes", by.as_str()),
        ReviewState::Rejected { by, .. } => ("no", by.as_str()),
    };
    let remedy = match review.inquiry {
        Inquiry::SamePerson { .. } => "To decide anew: omnicord customer merge, or unmerge",
        Inquiry::WhichRecord { .. } | Inquiry::Admit { .. } => {
            "To decide anew, change the records in the CRM: later messages follow them"
        }
        Inquiry::UnknownRecord { .. } => "To decide anew, add the record to the CRM",
    };
    Trouble::Refused {
        why: format!("the question {} was answered otherwise: {by} said {said}", review.id),
        remedy: remedy.into(),
    }
}

/// The messages that an answer concerns, if any.
pub(super) async fn concern(
    store: &impl Identities,
    review: &Review,
    answer: &Answer,
) -> Result<Option<Concern>, Trouble> {
    let (codes, parked): (&'static [&'static str], _) = match (&review.inquiry, answer) {
        (Inquiry::UnknownRecord { record }, _) => {
            return Ok(Some(Concern::Record(record.clone())));
        }
        (Inquiry::SamePerson { .. }, Answer::Reject) => return Ok(None),
        (Inquiry::SamePerson { .. } | Inquiry::WhichRecord { .. }, Answer::Accept { .. }) => {
            (FOR_WANT_OF_A_RECORD, true)
        }
        (Inquiry::Admit { .. }, Answer::Accept { .. }) => (&["crm_unknown_customer"], true),
        // They are parked where they are tried again, and say why.
        (Inquiry::WhichRecord { .. }, Answer::Reject) => (&["crm_ambiguous"], false),
        (Inquiry::Admit { .. }, Answer::Reject) => (&["crm_unknown_customer"], false),
    };
    let scene = Scene::read(store, &decide::subjects(review), &[]).await?;
    let ids: Vec<CustomerId> =
        scene.groups.iter().flat_map(Group::profiles).map(|profile| profile.id.clone()).collect();
    Ok(Some(Concern::Profiles { ids, codes, parked }))
}

impl View for Answered {
    fn text(&self, page: &Page) -> String {
        let merge = |Merge { id, survivor, absorbed, .. }: &Merge| {
            format!("{absorbed} became part of {survivor}: merge {id}\n")
        };
        let messages = match self.review.state {
            ReviewState::Open | ReviewState::Accepted { .. } => going_back(self.messages),
            ReviewState::Rejected { .. } => forbidding(&self.review, self.messages),
        };
        [
            page.facts([
                ("review", self.review.id.to_string()),
                ("question", question(&self.review)),
                ("answer", settled(page, &self.review.state)),
            ]),
            self.merges.iter().map(merge).collect(),
            messages,
        ]
        .concat()
    }
}
