//! The configuration in force, picked up while the function runs.

use crate::{Clock, SystemClock};
use domain::{Class, Disposition, Fault, Reason};
use jiff::{SignedDuration, Timestamp};
use rules::RuleSet;
use state::{Settings, StoreError};
use std::cell::RefCell;
use std::rc::Rc;
use tracing::{error, info, warn};

/// How long a version is used before the store is asked whether there is a newer one.
const REFRESH: SignedDuration = SignedDuration::from_secs(30);

/// Why there are no rules to follow.
#[derive(Debug, thiserror::Error)]
pub enum NoRules {
    /// Nobody has applied a configuration: `omnicord config apply omnicord.yaml`.
    #[error("no configuration is in force: run `omnicord config apply omnicord.yaml`")]
    NotApplied,
    /// This version of the program cannot follow the stored configuration.
    #[error("configuration version {version} does not fit this program: roll one of them back")]
    Unfit {
        /// The stored version.
        version: u64,
    },
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for NoRules {
    fn class(&self) -> Class {
        match self {
            Self::NotApplied | Self::Unfit { .. } => Class::Configuration,
            Self::Store(error) => error.class(),
        }
    }

    fn disposition(&self) -> Disposition {
        match self {
            Self::NotApplied | Self::Unfit { .. } => Disposition::Retry { after: None },
            Self::Store(error) => error.disposition(),
        }
    }

    fn reason(&self) -> Reason {
        let code = match self {
            Self::NotApplied => "config_missing",
            Self::Unfit { .. } => "config_unfit",
            Self::Store(error) => return error.reason(),
        };
        Reason { code: code.into(), detail: self.to_string() }
    }
}

#[derive(Debug)]
struct Held {
    rules: Rc<RuleSet>,
    checked_at: Timestamp,
}

/// The rules in force, at most half a minute behind the store. Its clones hold the same ones.
#[derive(Clone, Debug)]
pub struct RuleBook<S, C = SystemClock> {
    store: S,
    clock: C,
    held: Rc<RefCell<Option<Held>>>,
}

impl<S: Settings, C: Clock> RuleBook<S, C> {
    /// Reads from this store.
    pub fn new(store: S, clock: C) -> Self {
        Self { store, clock, held: Rc::default() }
    }

    /// The rules in force. Those that were, while the store or a new version is at fault.
    pub async fn current(&self) -> Result<Rc<RuleSet>, NoRules> {
        let now = self.clock.now();
        let held =
            self.held.borrow().as_ref().map(|held| (Rc::clone(&held.rules), held.checked_at));
        if let Some((rules, checked_at)) = &held
            && now.duration_since(*checked_at) < REFRESH
        {
            return Ok(Rc::clone(rules));
        }
        let before = held.map(|(rules, _)| rules);
        let rules = match (self.refresh(before.as_deref()).await, before) {
            (Ok(Some(newer)), _) => {
                info!(config_version = newer.version(), "configuration picked up");
                Rc::new(newer)
            }
            (Ok(None), Some(same)) => same,
            (Ok(None), None) => return Err(NoRules::NotApplied),
            (Err(source), Some(same)) => {
                warn!(config_version = same.version(), %source, "configuration not refreshed");
                same
            }
            (Err(source), None) => return Err(source),
        };
        *self.held.borrow_mut() = Some(Held { rules: Rc::clone(&rules), checked_at: now });
        Ok(rules)
    }

    /// The version of the rules that were asked for last: those that a message met.
    #[must_use]
    pub fn followed(&self) -> Option<u64> {
        self.held.borrow().as_ref().map(|held| held.rules.version())
    }

    /// A version that differs from the held one, if the store has one in force.
    async fn refresh(&self, held: Option<&RuleSet>) -> Result<Option<RuleSet>, NoRules> {
        let Some(version) = self.store.current_version().await? else { return Ok(None) };
        if held.is_some_and(|held| held.version() == version) {
            return Ok(None);
        }
        let Some(config) = self.store.config(version).await? else {
            return Err(NoRules::Unfit { version });
        };
        RuleSet::load(&config.text, version).map(Some).map_err(|problems| {
            for problem in &problems {
                error!(config_version = version, %problem, "configuration does not fit");
            }
            NoRules::Unfit { version }
        })
    }
}
