//! What keeps a command from doing its work, by what its user has to do about it.

use aws_credential_types::provider::error::CredentialsError;
use state::StoreError;
use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

/// A command ended early. The message says what to do next.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// Name a file that can be read.
    #[error("{} could not be read", path.display())]
    File { path: PathBuf, source: io::Error },

    /// Make room for it, or get the right to write it.
    #[error("{} could not be written", path.display())]
    Unwritten { path: PathBuf, source: io::Error },

    /// Free the place that the output goes to.
    #[error("the output could not be written")]
    Output(#[from] io::Error),

    /// Ask for something that exists.
    #[error("there is no {what}\n  {remedy}")]
    Missing { what: String, remedy: &'static str },

    /// Decide otherwise, or clear what is in the way.
    #[error("{why}\n  {remedy}")]
    Refused { why: String, remedy: String },

    /// Ask again, with what is missing.
    #[error("{what}\n  {remedy}")]
    Usage { what: String, remedy: String },

    /// Wait a moment.
    #[error("events keep changing these customers\n  Nothing was written: try again")]
    Contended,

    /// Write the handle so that it can be understood.
    #[error("{0}\n  Write a phone number as +49…, or any handle as kind:scope:value")]
    Handle(domain::InvalidHandle),

    /// Say which region.
    #[error(
        "no AWS region is set\n  Set AWS_REGION, or choose a profile that names one: AWS_PROFILE"
    )]
    NoRegion,

    /// Sign in.
    #[error(
        "no valid AWS credentials were found\n  \
         Sign in (aws sso login), choose a profile (AWS_PROFILE), or set AWS_ACCESS_KEY_ID and \
         AWS_SECRET_ACCESS_KEY"
    )]
    NoCredentials { source: Option<Box<dyn Error + Send + Sync>> },

    /// Name the right stack, region or account.
    #[error(
        "there is no such stack in this region of this account ({code})\n  \
         Name it with --stack or OMNICORD_STACK; look at AWS_REGION and AWS_PROFILE"
    )]
    NoStack { code: String },

    /// Get the rights.
    #[error(
        "AWS does not permit this ({code})\n  \
         The credentials need read rights on the stack's DynamoDB tables and SQS queues, and \
         write rights on the tables that a command changes: settings for config apply; failures \
         for failures retry; customers, identities, journal, failures for customer and review; sweeps for reconcile run; \
         timeline, ledger and hints as well for customer extract and erase; consents for consent \
         set; journal, and sending to the queues, for replay"
    )]
    NotPermitted { code: String },

    /// Wait, or look at the network.
    #[error(
        "the stack could not be reached ({code})\n  \
         Look at the network, AWS_REGION, and AWS_ENDPOINT_URL if it is set; then try again"
    )]
    Unreachable { code: String, source: Box<dyn Error + Send + Sync> },

    /// Use the version of this program that belongs to the stack.
    #[error("{0}\n  Use the omnicord of the version that was deployed")]
    Foreign(StoreError),
}

impl Trouble {
    /// 1 for a name that the stack does not know or a decision that it refuses, 2 for wrong usage,
    /// 3 for a stack that cannot be reached or is too busy.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Missing { .. } | Self::Refused { .. } => 1,
            Self::File { .. }
            | Self::Unwritten { .. }
            | Self::Output(_)
            | Self::Handle(_)
            | Self::Usage { .. } => 2,
            Self::Contended
            | Self::NoRegion
            | Self::NoCredentials { .. }
            | Self::NoStack { .. }
            | Self::NotPermitted { .. }
            | Self::Unreachable { .. }
            | Self::Foreign(_) => 3,
        })
    }

    /// Prints it with its causes to standard error.
    pub(crate) fn print(&self) {
        let label = anstyle::AnsiColor::Red.on_default().bold();
        anstream::eprintln!("{label}error:{label:#} {self}");
        let mut cause = self.source();
        while let Some(source) = cause {
            anstream::eprintln!("  because: {}", crate::page::printable(&source.to_string()));
            cause = source.source();
        }
    }

    /// What an AWS service's refusal means, by its code; `source` is what the client saw.
    pub(crate) fn of_service(code: String, source: Box<dyn Error + Send + Sync>) -> Self {
        match code.as_str() {
            "ResourceNotFoundException"
            | "QueueDoesNotExist"
            | "AWS.SimpleQueueService.NonExistentQueue" => Self::NoStack { code },
            "AccessDenied" | "AccessDeniedException" => Self::NotPermitted { code },
            "UnrecognizedClientException"
            | "ExpiredToken"
            | "ExpiredTokenException"
            | "InvalidClientTokenId"
            | "InvalidSignatureException" => Self::NoCredentials { source: None },
            _ if lacks_credentials(source.as_ref()) => Self::NoCredentials { source: Some(source) },
            _ => Self::Unreachable { code, source },
        }
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable { code, source }
            | StoreError::Misconfigured { code, source }
            | StoreError::Rejected { code, source } => Self::of_service(code, source),
            StoreError::Unreadable { .. } | StoreError::NotConfigured { .. } => {
                Self::Foreign(error)
            }
        }
    }
}

fn lacks_credentials(error: &(dyn Error + 'static)) -> bool {
    error.is::<CredentialsError>() || error.source().is_some_and(lacks_credentials)
}
