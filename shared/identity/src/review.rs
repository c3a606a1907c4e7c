//! Questions that only a person can answer.

use domain::{CrmLink, CustomerId, EventId, HandleKey, Obstacle, ReviewId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A CRM record that may be meant.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Candidate {
    /// The record's id.
    pub id: String,
    /// The name on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// What is asked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Inquiry {
    /// Are this customer and another one person?
    SamePerson {
        /// A profile of the other.
        other: CustomerId,
        /// The handles that speak for it.
        handles: Vec<HandleKey>,
        /// Why it was not decided without a person.
        because: Obstacle,
    },
    /// Which of several CRM records is this customer's?
    WhichRecord {
        /// The connector.
        crm: String,
        /// The handle that all of them bear.
        handle: HandleKey,
        /// The records, by id.
        candidates: Vec<Candidate>,
    },
    /// May the CRM get a record of this customer?
    Admit {
        /// The connector.
        crm: String,
    },
    /// An event names a record that the CRM does not have.
    UnknownRecord {
        /// The record that was named.
        record: CrmLink,
    },
}

impl Inquiry {
    /// The question's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::SamePerson { .. } => "same_person",
            Self::WhichRecord { .. } => "which_record",
            Self::Admit { .. } => "admit",
            Self::UnknownRecord { .. } => "unknown_record",
        }
    }
}

/// What became of a question.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum ReviewState {
    /// It waits for a person.
    Open,
    /// Yes.
    Accepted {
        /// When.
        at: Timestamp,
        /// Who.
        by: String,
        /// The record that was chosen, where there was a choice.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        record: Option<String>,
    },
    /// No.
    Rejected {
        /// When.
        at: Timestamp,
        /// Who.
        by: String,
    },
}

impl ReviewState {
    /// The state's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Accepted { .. } => "accepted",
            Self::Rejected { .. } => "rejected",
        }
    }
}

/// One question.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Review {
    /// Derived from what is asked about whom: the same question is asked once.
    pub id: ReviewId,
    /// What is asked.
    pub inquiry: Inquiry,
    /// The profile that it is about; none where the event could not be matched yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerId>,
    /// The event that raised it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<EventId>,
    /// When it was raised first, by the event's own time.
    pub opened_at: Timestamp,
    /// The version of the configuration that was in force.
    pub config_version: u64,
    /// What became of it.
    pub state: ReviewState,
}

impl Review {
    /// Whether two customers are one person.
    #[must_use]
    pub fn same_person(
        (one, other): (&CustomerId, &CustomerId),
        handles: Vec<HandleKey>,
        because: Obstacle,
        event: &EventId,
        opened_at: Timestamp,
        config_version: u64,
    ) -> Self {
        let (low, high) = if one < other { (one, other) } else { (other, one) };
        Self {
            id: ReviewId::new("same_person", &[low.as_str(), high.as_str()]),
            inquiry: Inquiry::SamePerson { other: other.clone(), handles, because },
            customer: Some(one.clone()),
            event: Some(event.clone()),
            opened_at,
            config_version,
            state: ReviewState::Open,
        }
    }

    /// What stands in the way of writing to the CRM for a customer: `Admit` or `WhichRecord`.
    #[must_use]
    pub fn about_record(
        inquiry: Inquiry,
        customer: &CustomerId,
        event: &EventId,
        opened_at: Timestamp,
        config_version: u64,
    ) -> Self {
        Self {
            id: ReviewId::new(inquiry.name(), &[customer.as_str()]),
            inquiry,
            customer: Some(customer.clone()),
            event: Some(event.clone()),
            opened_at,
            config_version,
            state: ReviewState::Open,
        }
    }

    /// The same question about a customer once more, because of another event: the answer that was
    /// given holds no more.
    #[must_use]
    pub fn again(self, event: &EventId) -> Self {
        let customer = self.customer.as_ref().map_or("", CustomerId::as_str);
        Self { id: ReviewId::new(self.inquiry.name(), &[customer, event.as_str()]), ..self }
    }

    /// An event names a record that the CRM does not have.
    #[must_use]
    pub fn unknown_record(
        record: CrmLink,
        event: &EventId,
        opened_at: Timestamp,
        config_version: u64,
    ) -> Self {
        Self {
            id: ReviewId::new("unknown_record", &[&record.crm, &record.id]),
            inquiry: Inquiry::UnknownRecord { record },
            customer: None,
            event: Some(event.clone()),
            opened_at,
            config_version,
            state: ReviewState::Open,
        }
    }
}
