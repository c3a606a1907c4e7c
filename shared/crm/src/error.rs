//! Why a CRM did not do as it was asked.

use domain::{Class, Disposition, Fault, Reason};
use jiff::SignedDuration;
use serde_json::error::Category;

/// How long to leave a CRM alone that does not let us in: a person has to act first.
const UNTIL_SETTINGS_CHANGE: SignedDuration = SignedDuration::from_mins(5);

/// Why a CRM did not do as it was asked, by what the caller must do.
///
/// No variant holds an address, a body or a URL: they carry personal data.
#[derive(Debug, thiserror::Error)]
pub enum CrmError {
    /// Nothing was sent: connection refused, no route, no such host, TLS failure.
    #[error("the CRM cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    /// Something may have been done: the answer did not come, or broke off. Repeating is safe,
    /// because every write looks for its own trace first.
    #[error("the CRM's answer did not arrive")]
    Unanswered(#[source] reqwest::Error),
    /// The CRM asks for patience.
    #[error("the CRM is busy (HTTP {status})")]
    Busy {
        /// The HTTP status.
        status: u16,
        /// How long it asks for.
        after: Option<SignedDuration>,
    },
    /// Another write was faster: what it left decides the next try.
    #[error("another write to the CRM was faster (HTTP {status})")]
    Outpaced {
        /// The HTTP status.
        status: u16,
    },
    /// The CRM failed of itself. It may be a passing fault or a request that it always fails on;
    /// the bound on attempts tells them apart.
    #[error("the CRM failed (HTTP {status})")]
    Broken {
        /// The HTTP status.
        status: u16,
    },
    /// The secret is wrong, was revoked, or is just being rotated. The message is not at fault, nor
    /// is it alone: it waits instead of being parked.
    #[error("the CRM does not accept the secret (HTTP {status})")]
    Unauthorised {
        /// The HTTP status.
        status: u16,
    },
    /// The settings or the secret cannot lead to the CRM. Waits, for the same reason.
    #[error("the CRM's settings are unusable: {0}")]
    Misconfigured(&'static str),
    /// The CRM's user lacks a right, on which others wait as well.
    #[error("the CRM's user may not access {record}")]
    Forbidden {
        /// The model that was asked for.
        record: &'static str,
    },
    /// The CRM lacks a part that the request needs. Waits, for the same reason.
    #[error("the CRM lacks the module {module}")]
    ModuleMissing {
        /// The module, by the name under which the CRM lists it.
        module: &'static str,
    },
    /// A proxy, a login page or a maintenance page answered in the CRM's place.
    #[error("something other than the CRM answered (HTTP {status})")]
    Intercepted {
        /// The HTTP status.
        status: u16,
    },
    /// The CRM's answer has another form than documented.
    #[error("the CRM's {record} cannot be read ({fault:?})")]
    Garbled {
        /// The model that was asked for.
        record: &'static str,
        /// What is wrong with the JSON. The parser's own words would quote the record.
        fault: Category,
    },
    /// The CRM's answer is longer than any right answer.
    #[error("the CRM's answer is over the limit")]
    Oversized,
    /// A search returned what was not searched for, so that "nobody" could not be trusted either.
    #[error("the CRM ignores the search for {record}")]
    Unfiltered {
        /// The model that was asked for.
        record: &'static str,
    },
    /// The CRM understood the request and declines it.
    #[error("the CRM refuses the request (HTTP {status})")]
    Refused {
        /// The HTTP status.
        status: u16,
    },
    /// The record is gone.
    #[error("the CRM has no such record")]
    Missing,
    /// Somebody took the record out of use.
    #[error("the CRM's {record} is deactivated")]
    Deactivated {
        /// The model of the record.
        record: &'static str,
    },
    /// The handles lead to several records.
    #[error("the handles lead to several records of the CRM")]
    Ambiguous,
    /// The CRM can hold none of the handles.
    #[error("the CRM can hold none of the handles")]
    Unidentified,
    /// The owner of a ticket or task is nobody who works for the company.
    #[error("the owner is nobody whom the CRM knows as an employee")]
    UnknownOwner,
    /// The owner of a ticket or task is a name that several people bear.
    #[error("several employees bear the owner's name")]
    AmbiguousOwner,
    /// The record has no field of a name that the configuration gives.
    #[error("the CRM's record has no field of a configured name")]
    UnknownField,
    /// The CRM has no such kind of ticket, or several where none was configured.
    #[error("the CRM has no single ticket type of the configured name")]
    UnknownTicketType,
}

impl Fault for CrmError {
    fn class(&self) -> Class {
        match self {
            Self::Unreachable(_)
            | Self::Unanswered(_)
            | Self::Busy { .. }
            | Self::Outpaced { .. }
            | Self::Broken { .. }
            | Self::Intercepted { .. } => Class::Transient,
            Self::Unauthorised { .. } | Self::Forbidden { .. } => Class::Authorisation,
            Self::Misconfigured(_) | Self::ModuleMissing { .. } | Self::UnknownTicketType => {
                Class::Configuration
            }
            Self::Garbled { .. }
            | Self::Oversized
            | Self::Unfiltered { .. }
            | Self::Refused { .. } => Class::Theirs,
            // What was decided keeps its owner and its field, whatever the next configuration says.
            Self::Missing
            | Self::Deactivated { .. }
            | Self::Ambiguous
            | Self::Unidentified
            | Self::UnknownOwner
            | Self::AmbiguousOwner
            | Self::UnknownField => Class::Data,
        }
    }

    fn disposition(&self) -> Disposition {
        match self {
            Self::Unreachable(_)
            | Self::Unanswered(_)
            | Self::Outpaced { .. }
            | Self::Broken { .. }
            | Self::Intercepted { .. } => Disposition::Retry { after: None },
            Self::Busy { after, .. } => Disposition::Retry { after: *after },
            Self::Unauthorised { .. }
            | Self::Misconfigured(_)
            | Self::Forbidden { .. }
            | Self::ModuleMissing { .. } => {
                Disposition::Retry { after: Some(UNTIL_SETTINGS_CHANGE) }
            }
            Self::Garbled { .. }
            | Self::Oversized
            | Self::Unfiltered { .. }
            | Self::Refused { .. }
            | Self::Missing
            | Self::Deactivated { .. }
            | Self::Ambiguous
            | Self::Unidentified
            | Self::UnknownOwner
            | Self::AmbiguousOwner
            | Self::UnknownField
            | Self::UnknownTicketType => Disposition::Park,
        }
    }

    fn reason(&self) -> Reason {
        Reason { code: self.code().to_owned(), detail: format!("{self}: {}", self.advice()) }
    }
}

impl CrmError {
    fn code(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "crm_unreachable",
            Self::Unanswered(_) => "crm_unanswered",
            Self::Busy { .. } => "crm_busy",
            Self::Outpaced { .. } => "crm_outpaced",
            Self::Broken { .. } => "crm_broken",
            Self::Unauthorised { .. } => "crm_unauthorised",
            Self::Misconfigured(_) => "crm_misconfigured",
            Self::Forbidden { .. } => "crm_forbidden",
            Self::ModuleMissing { .. } => "crm_module_missing",
            Self::Intercepted { .. } => "crm_intercepted",
            Self::Garbled { .. } => "crm_garbled",
            Self::Oversized => "crm_oversized",
            Self::Unfiltered { .. } => "crm_unfiltered",
            Self::Refused { .. } => "crm_refused",
            Self::Missing => "crm_missing",
            Self::Deactivated { .. } => "crm_deactivated",
            Self::Ambiguous => "crm_ambiguous",
            Self::Unidentified => "crm_unidentified",
            Self::UnknownOwner => "crm_unknown_owner",
            Self::AmbiguousOwner => "crm_ambiguous_owner",
            Self::UnknownField => "crm_unknown_field",
            Self::UnknownTicketType => "crm_unknown_ticket_type",
        }
    }

    fn advice(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "it is tried again; check its address and that it runs",
            Self::Unanswered(_) => "it is tried again, and looks first for what may be done",
            Self::Busy { .. } | Self::Outpaced { .. } => "it is tried again",
            Self::Broken { .. } => "it is tried again; its own log says what failed",
            Self::Unauthorised { .. } => "it is tried again; put a valid key into the secret",
            Self::Misconfigured(_) => "it is tried again; correct the configuration",
            Self::Forbidden { .. } => {
                "it is tried again; give Omnicord's user there the groups that the connector needs"
            }
            Self::ModuleMissing { .. } => "it is tried again; activate the module there",
            Self::Intercepted { .. } => "it is tried again; check the address in the settings",
            Self::Garbled { .. } | Self::Unfiltered { .. } => {
                "its version may be one that the connector does not know"
            }
            Self::Oversized => "look at the record in the CRM",
            Self::Refused { .. } => "check the rights of its user and the values that were sent",
            Self::Missing => "somebody deleted it; match the customer anew",
            Self::Deactivated { .. } => "reactivate it, or correct the rule that names it",
            Self::Ambiguous => "merge them there, then retry",
            Self::Unidentified => "the event has no phone, address or account to find it by",
            Self::UnknownOwner | Self::AmbiguousOwner => {
                "give one employee that name, then retry; correct the rule for later events"
            }
            Self::UnknownField => "correct the field's name in the rule or under `sync`",
            Self::UnknownTicketType => "correct `ticket_type` in the settings",
        }
    }
}
