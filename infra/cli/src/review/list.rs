//! Questions at a glance.

use super::words::{question, reason, settled};
use crate::output::View;
use crate::page::Page;
use crate::trouble::Trouble;
use domain::{CustomerId, EventId, HandleKey, HandleKind, ReviewId};
use identity::{Inquiry, Review, ReviewState};
use jiff::Timestamp;
use serde::Serialize;
use state::Journal;

/// Questions, the oldest first. Of handles the kinds will do.
#[derive(Serialize)]
pub(super) struct Listed {
    reviews: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    review: ReviewId,
    asks: &'static str,
    question: String,
    because: String,
    evidence: Vec<HandleKind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<CustomerId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<EventId>,
    opened_at: Timestamp,
    state: ReviewState,
}

pub(super) async fn list(store: &impl Journal, state: &str) -> Result<Listed, Trouble> {
    let mut reviews = store.reviews(state).await?;
    reviews.sort_by(|a, b| (a.opened_at, &a.id).cmp(&(b.opened_at, &b.id)));
    Ok(Listed { reviews: reviews.into_iter().map(Row::new).collect() })
}

impl Row {
    fn new(review: Review) -> Self {
        Self {
            asks: review.inquiry.name(),
            question: question(&review),
            because: reason(&review.inquiry),
            evidence: evidence(&review.inquiry).iter().filter_map(HandleKey::kind).collect(),
            review: review.id,
            customer: review.customer,
            event: review.event,
            opened_at: review.opened_at,
            state: review.state,
        }
    }
}

/// The handles that speak for it.
pub(super) fn evidence(inquiry: &Inquiry) -> &[HandleKey] {
    match inquiry {
        Inquiry::SamePerson { handles, .. } => handles,
        Inquiry::WhichRecord { handle, .. } => std::slice::from_ref(handle),
        Inquiry::Admit { .. } | Inquiry::UnknownRecord { .. } => &[],
    }
}

impl View for Listed {
    fn text(&self, page: &Page) -> String {
        let mut sheet =
            page.table(["review", "question", "because", "evidence", "opened", "state"]);
        for row in &self.reviews {
            let kinds: Vec<_> = row.evidence.iter().map(|kind| kind.as_str()).collect();
            sheet.row([
                row.review.to_string(),
                row.question.clone(),
                row.because.clone(),
                kinds.join(", "),
                page.time(row.opened_at),
                settled(page, &row.state),
            ]);
        }
        sheet.or("none")
    }
}
