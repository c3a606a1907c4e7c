//! Questions and their answers in words.

use crate::event::why;
use crate::failures::going_back;
use crate::page::Page;
use domain::CustomerId;
use identity::{Inquiry, Review, ReviewState};

/// The question.
pub(super) fn question(review: &Review) -> String {
    let customer = review.customer.as_ref().map_or("the customer", CustomerId::as_str);
    match &review.inquiry {
        Inquiry::SamePerson { other, .. } => format!("are {customer} and {other} one person?"),
        Inquiry::WhichRecord { crm, .. } => format!("which record of {crm} is {customer}'s?"),
        Inquiry::Admit { crm } => format!("may {crm} get a record of {customer}?"),
        Inquiry::UnknownRecord { record } => {
            format!("which record do events mean by {}:{}?", record.crm, record.id)
        }
    }
}

/// Why a person has to be asked.
pub(super) fn reason(inquiry: &Inquiry) -> String {
    match inquiry {
        Inquiry::SamePerson { because, .. } => why(*because).to_owned(),
        Inquiry::WhichRecord { candidates, .. } => {
            format!("{} records bear the same handle", candidates.len())
        }
        Inquiry::Admit { .. } => {
            "the CRM lacks the customer, and the configuration has a person asked".to_owned()
        }
        Inquiry::UnknownRecord { .. } => "the CRM does not have the record".to_owned(),
    }
}

/// What became of a question.
pub(super) fn settled(page: &Page, state: &ReviewState) -> String {
    match state {
        ReviewState::Open => "open".to_owned(),
        ReviewState::Accepted { at, by, record } => {
            let record = record.as_ref().map(|id| format!(", record {id}")).unwrap_or_default();
            format!("{by} accepted {}{record}", page.time(*at))
        }
        ReviewState::Rejected { at, by } => format!("{by} rejected {}", page.time(*at)),
    }
}

/// What accepting does.
pub(super) fn accepting(review: &Review) -> &'static str {
    match review.inquiry {
        Inquiry::SamePerson { .. } => {
            "the two become one customer; omnicord customer unmerge takes them apart again"
        }
        Inquiry::WhichRecord { .. } => {
            "the record becomes the customer's; where another customer has it, the two become one, \
             unless a limit forbids it"
        }
        Inquiry::Admit { .. } => "the CRM gets a record of the customer",
        Inquiry::UnknownRecord { .. } => {
            "events that name the unknown record go on with the one that you name; nobody checks \
             that the CRM has that one"
        }
    }
}

/// What rejecting does.
pub(super) fn rejecting(review: &Review) -> &'static str {
    match review.inquiry {
        Inquiry::SamePerson { .. } => {
            "the two are told apart: no event joins them, omnicord customer merge still does"
        }
        Inquiry::WhichRecord { .. } => {
            "none of the records is the customer's: what is to be written to the CRM is parked"
        }
        Inquiry::Admit { .. } => {
            "the CRM gets no record: what is to be written to the CRM is parked"
        }
        Inquiry::UnknownRecord { .. } => {
            "events that name the unknown record go on as if they named none"
        }
    }
}

/// What becomes of the messages that wait for an answer which forbids what they want.
pub(super) fn forbidding(review: &Review, count: usize) -> String {
    match (&review.inquiry, count) {
        (_, 0) | (Inquiry::SamePerson { .. } | Inquiry::UnknownRecord { .. }, _) => {
            going_back(count)
        }
        (Inquiry::WhichRecord { .. } | Inquiry::Admit { .. }, 1) => {
            "1 waiting message is tried once more, then parked\n".to_owned()
        }
        (Inquiry::WhichRecord { .. } | Inquiry::Admit { .. }, count) => {
            format!("{count} waiting messages are tried once more, then parked\n")
        }
    }
}
