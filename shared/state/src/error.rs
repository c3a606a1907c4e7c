//! Why the state could not be read or written.

use domain::{Class, Disposition, Fault, Reason};

/// Variants are named by what the caller must do.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Throttled, timed out, unreachable or failing inside: try again.
    #[error("the state store did not answer ({code})")]
    Unavailable {
        /// The service's error code, or the transport's.
        code: String,
        /// What the client saw.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Not permitted, or the table is missing: the deployment has to be mended first.
    #[error("the state store refused the deployment ({code}): check the role, table names, region")]
    Misconfigured {
        /// The service's error code.
        code: String,
        /// What the client saw.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The request itself is at fault: the same one will fail again.
    #[error("the state store rejected the request ({code})")]
    Rejected {
        /// The service's error code.
        code: String,
        /// What the client saw.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The store holds something that this version cannot read.
    #[error("an item of table {table} cannot be read by this version")]
    Unreadable {
        /// Which table.
        table: &'static str,
        /// What the decoder saw.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The function was deployed without a table that it needs.
    #[error("the environment names no table: set {variable}")]
    NotConfigured {
        /// The environment variable.
        variable: &'static str,
    },
}

impl Fault for StoreError {
    fn class(&self) -> Class {
        match self {
            Self::Unavailable { .. } => Class::Transient,
            Self::Misconfigured { .. } | Self::NotConfigured { .. } => Class::Configuration,
            Self::Rejected { .. } | Self::Unreadable { .. } => Class::Ours,
        }
    }

    fn disposition(&self) -> Disposition {
        match self {
            Self::Unavailable { .. } | Self::Misconfigured { .. } | Self::NotConfigured { .. } => {
                Disposition::Retry { after: None }
            }
            Self::Rejected { .. } | Self::Unreadable { .. } => Disposition::Park,
        }
    }

    fn reason(&self) -> Reason {
        let code = match self {
            Self::Unavailable { .. } => "store_unavailable",
            Self::Misconfigured { .. } | Self::NotConfigured { .. } => "store_misconfigured",
            Self::Rejected { .. } => "store_rejected",
            Self::Unreadable { .. } => "store_unreadable",
        };
        Reason { code: code.to_owned(), detail: self.to_string() }
    }
}
