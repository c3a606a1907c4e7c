//! The state in DynamoDB.

mod consents;
mod controls;
mod erasure;
mod extraction;
mod failure_records;
mod failures;
mod firings;
mod hints;
mod identities;
mod inspect;
mod item;
mod journal;
mod lanes;
mod ledger;
mod lines;
mod recent;
mod replays;
mod replicas;
mod request;
mod runs;
mod settings;
mod sweeps;
mod timeline;
mod visit;

pub use failure_records::FailureRecords;
pub use inspect::LedgerRecord;
pub use replicas::WaitingReplica;

use crate::StoreError;
use aws_sdk_dynamodb::Client;
use aws_types::SdkConfig;

/// The tables by the environment variables that name them; a function has only those it uses.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    /// `TABLE_IDENTITIES`: handle → profile and customer.
    pub identities: Option<String>,
    /// `TABLE_CUSTOMERS`.
    pub customers: Option<String>,
    /// `TABLE_TIMELINE`: customer, time of occurrence → entry.
    pub timeline: Option<String>,
    /// `TABLE_LEDGER`: events and effects.
    pub ledger: Option<String>,
    /// `TABLE_FAILURES`.
    pub failures: Option<String>,
    /// `TABLE_JOURNAL`: merges, and questions for people.
    pub journal: Option<String>,
    /// `TABLE_DESTINATIONS`: what all workers know of each.
    pub destinations: Option<String>,
    /// `TABLE_CONSENTS`: who wants to be written to.
    pub consents: Option<String>,
    /// `TABLE_HINTS`: what agents are to know.
    pub hints: Option<String>,
    /// `TABLE_REPLICAS`: what each CRM record is to hold.
    pub replicas: Option<String>,
    /// `TABLE_SWEEPS`: how far sources were compared.
    pub sweeps: Option<String>,
    /// `TABLE_SETTINGS`: configuration versions.
    pub settings: Option<String>,
}

impl Tables {
    /// Asks for the value of each variable.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Self {
        Self {
            identities: variable("TABLE_IDENTITIES"),
            customers: variable("TABLE_CUSTOMERS"),
            timeline: variable("TABLE_TIMELINE"),
            ledger: variable("TABLE_LEDGER"),
            failures: variable("TABLE_FAILURES"),
            journal: variable("TABLE_JOURNAL"),
            destinations: variable("TABLE_DESTINATIONS"),
            consents: variable("TABLE_CONSENTS"),
            hints: variable("TABLE_HINTS"),
            replicas: variable("TABLE_REPLICAS"),
            sweeps: variable("TABLE_SWEEPS"),
            settings: variable("TABLE_SETTINGS"),
        }
    }

    /// All tables of a stack, by the names that `template.yaml` gives them.
    #[must_use]
    pub fn of_stack(stack: &str) -> Self {
        let table = |name: &str| Some(format!("{stack}-{name}"));
        Self {
            identities: table("identities"),
            customers: table("customers"),
            timeline: table("timeline"),
            ledger: table("ledger"),
            failures: table("failures"),
            journal: table("journal"),
            destinations: table("destinations"),
            consents: table("consents"),
            hints: table("hints"),
            replicas: table("replicas"),
            sweeps: table("sweeps"),
            settings: table("settings"),
        }
    }
}

/// The state store of a deployed stack.
#[derive(Clone, Debug)]
pub struct Store {
    client: Client,
    tables: Tables,
}

impl Store {
    /// Uses these tables through this client.
    #[must_use]
    pub fn new(client: Client, tables: Tables) -> Self {
        Self { client, tables }
    }

    /// Uses all tables of a stack, from outside of it.
    #[must_use]
    pub fn of_stack(configuration: &SdkConfig, stack: &str) -> Self {
        Self::new(Client::new(configuration), Tables::of_stack(stack))
    }
}

macro_rules! table {
    ($name:ident, $variable:literal) => {
        table!($name, $name, $variable);
    };
    ($function:ident, $name:ident, $variable:literal) => {
        fn $function(&self) -> Result<&str, StoreError> {
            let missing = StoreError::NotConfigured { variable: $variable };
            self.tables.$name.as_deref().ok_or(missing)
        }
    };
}

impl Store {
    table!(identities, "TABLE_IDENTITIES");
    table!(customers, "TABLE_CUSTOMERS");
    table!(timeline, "TABLE_TIMELINE");
    table!(ledger, "TABLE_LEDGER");
    table!(failures, "TABLE_FAILURES");
    table!(journal, "TABLE_JOURNAL");
    table!(destinations, "TABLE_DESTINATIONS");
    table!(consents, "TABLE_CONSENTS");
    table!(hint_table, hints, "TABLE_HINTS");
    table!(replicas, "TABLE_REPLICAS");
    table!(sweeps, "TABLE_SWEEPS");
    table!(settings, "TABLE_SETTINGS");
}
