//! What can be asked about the questions that wait for people.

use super::{By, prefixed};
use clap::{Args, Subcommand, ValueEnum};
use domain::ReviewId;

#[derive(Subcommand, Debug)]
pub(crate) enum ReviewCommand {
    /// List questions, the oldest first
    List {
        /// Those in this state
        #[arg(long, default_value = "open")]
        state: ReviewStateName,
    },
    /// Show one question, and what either answer will do
    Show {
        /// The question's id, rev_…
        #[arg(value_parser = review_id)]
        review: ReviewId,
    },
    /// Answer yes: the two are one, this is the record, the CRM may have the customer
    Accept(AcceptCommand),
    /// Answer no
    Reject {
        /// The question's id, rev_…
        #[arg(value_parser = review_id)]
        review: ReviewId,
        #[command(flatten)]
        by: By,
    },
}

#[derive(Args, Debug)]
pub(crate) struct AcceptCommand {
    /// The question's id, rev_…
    #[arg(value_parser = review_id)]
    pub(crate) review: ReviewId,
    /// Where the question is which record is meant: the record's id in the CRM
    #[arg(long, value_name = "ID")]
    pub(crate) record: Option<String>,
    #[command(flatten)]
    pub(crate) by: By,
}

/// A question's state, by its name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum ReviewStateName {
    /// Waits for a person
    Open,
    /// Answered with yes
    Accepted,
    /// Answered with no
    Rejected,
}

impl ReviewStateName {
    /// The name in the store.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
        }
    }
}

fn review_id(text: &str) -> Result<ReviewId, &'static str> {
    prefixed(text, "rev_").map(ReviewId::from_stored).ok_or("a question's id begins with rev_")
}
