//! What can be asked of the command line.
#![expect(clippy::doc_markdown, reason = "comments here are the help that a terminal shows")]

mod consent;
mod identity;
mod recipe;
mod reconcile;
mod replay;
mod review;
mod rule;

pub(crate) use consent::{ConsentCommand, SetConsentCommand};
pub(crate) use identity::{EraseCommand, ExtractCommand, IdentityCommand, PreviewCommand};
pub(crate) use recipe::{AddCommand, RecipeCommand};
pub(crate) use reconcile::{ReconcileCommand, SweepCommand};
pub(crate) use replay::{ReplayCommand, RunCommand, WantedCommand};
pub(crate) use review::{AcceptCommand, ReviewCommand};
pub(crate) use rule::{RulesCommand, TestCommand, WatchCommand};

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use domain::{Class, EventId, FailureId, MergeId, Step};
use jiff::Timestamp;
use std::path::PathBuf;

/// Looks into a deployed Omnicord stack, configures it, repairs what failed.
///
/// Exit codes: 0 all is well; 1 a finding, such as an audit breach, a configuration problem, a name
/// that the stack does not know, or a change that it refuses or that was only shown; 2 wrong usage;
/// 3 the stack could not be reached or is too busy.
///
/// Region, credentials and endpoint come from where the AWS CLI takes them: AWS_PROFILE,
/// AWS_REGION, ~/.aws/config, single sign-on, AWS_ENDPOINT_URL.
#[derive(Parser, Debug)]
#[command(name = "omnicord", version, verbatim_doc_comment)]
pub(crate) struct Arguments {
    /// The stack's name in CloudFormation
    #[arg(long, global = true, env = "OMNICORD_STACK", default_value = "omnicord")]
    pub(crate) stack: String,
    /// Print JSON for programs instead of tables for people
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Check, apply and roll back the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Show what is known of a customer, join customers, take them apart
    #[command(subcommand)]
    Customer(CustomerCommand),
    /// Try a new configuration on today's customers
    #[command(subcommand)]
    Identity(IdentityCommand),
    /// Show what became of an event
    #[command(subcommand)]
    Events(EventsCommand),
    /// Say how an event found its customer, what it changed, what it set off, and what each rule
    /// made of it
    Explain(ExplainCommand),
    /// Show an event's way through all steps, with times
    Trace {
        /// The event's id, evt_…
        #[arg(value_parser = event_id)]
        event: EventId,
    },
    /// Try rules on what happened, or watch them at work
    #[command(subcommand)]
    Rules(RulesCommand),
    /// Add tested blocks of configuration by name
    #[command(subcommand)]
    Recipe(RecipeCommand),
    /// Answer what only a person can decide about customers and their CRM records
    #[command(subcommand)]
    Review(ReviewCommand),
    /// Show and note whether customers want to be written to
    #[command(subcommand)]
    Consent(ConsentCommand),
    /// Show and retry what could not be handled
    #[command(subcommand)]
    Failures(FailuresCommand),
    /// Compare what the sources should have told with what arrived
    #[command(subcommand)]
    Reconcile(ReconcileCommand),
    /// Put stored events through the pipeline once more, by the rules in force
    ///
    /// Profiles, tags and counters become what the rules in force make of the customers' whole
    /// histories. Nothing leaves Omnicord, and the CRM hears nothing, unless --effects is given:
    /// then what nobody decided before is decided by the rules in force and goes out, and what was
    /// done is not done twice. Ctrl-C interrupts; replay resume goes on.
    ///
    /// Look first at what would change: --dry-run.
    Replay(ReplayCommand),
    /// Prove from the state that every accepted event is applied, parked or in flight
    Audit(AuditCommand),
}

#[derive(Subcommand, Debug)]
pub(crate) enum ConfigCommand {
    /// Report every problem of a configuration file, without a stack
    Check {
        /// The file, such as omnicord.yaml
        file: PathBuf,
    },
    /// Check a configuration file, store it as a new version, put it in force
    Apply {
        /// The file, such as omnicord.yaml
        file: PathBuf,
        /// Who applies it
        #[arg(long, env = "USER", default_value = "unknown", hide = true)]
        by: String,
    },
    /// List the stored versions, newest first
    History {
        /// How many at most
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(i32).range(1..))]
        most: i32,
    },
    /// Put an earlier version in force again
    Rollback {
        /// Which one; if left out, the one before that in force
        version: Option<u64>,
    },
    /// Print a stored configuration
    Show {
        /// Which one; if left out, that in force
        version: Option<u64>,
    },
    /// Show what the actions of a rule in force would say, whether or not it would fire
    ///
    /// Exit code 1 where an action would be refused.
    Preview {
        /// The rule's name
        trigger: String,
        /// For this stored event, with its customer as it left them, evt_…; personal data. For a
        /// made-up one, if left out
        #[arg(long, value_parser = event_id)]
        event: Option<EventId>,
    },
    /// Print the JSON Schema of configuration files, for editors
    Schema,
}

#[derive(Subcommand, Debug)]
pub(crate) enum CustomerCommand {
    /// Show one customer's profile, tags, CRM record and latest events
    Show {
        /// An id (cus_…), a phone number, an e-mail address, or kind:scope:value as in
        /// wechat_openid:wx1234:oABCD
        customer: String,
        /// How many events at most
        #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(i32).range(1..))]
        entries: i32,
    },
    /// List some customers, in no particular order
    List {
        /// How many at most
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(i32).range(1..))]
        most: i32,
    },
    /// Show what making one customer of two will do; with --yes, do it
    Merge {
        /// One of them, as in customer show
        one: String,
        /// The other
        other: String,
        #[command(flatten)]
        by: By,
        /// Write it
        #[arg(long)]
        yes: bool,
    },
    /// Show what taking a merge back will do; with --yes, do it
    Unmerge {
        /// The merge's id, mrg_…
        #[arg(value_parser = merge_id)]
        merge: MergeId,
        #[command(flatten)]
        by: By,
        /// Write it
        #[arg(long)]
        yes: bool,
    },
    /// Show what giving some handles a profile of their own will move; with --yes, do it
    ///
    /// The events that came in by these handles go with them, and both profiles become what their
    /// own events make of them by the configuration in force. Run again, it goes on where it was
    /// cut short.
    Extract(ExtractCommand),
    /// Print everything that is stored about a person, as one JSON document; it is personal data
    ///
    /// It reads the whole journal and all failures, in which a person is found by handle alone.
    Export {
        /// The customer, as in customer show
        #[arg(value_name = "CUSTOMER|HANDLE")]
        customer: String,
    },
    /// Show what erasing a person will remove; with --yes, do it
    ///
    /// Of events and effects, so much stays that none happens twice; and a receipt without anything
    /// personal. Run again, it goes on where it was cut short. It reads the whole journal and all
    /// failures, in which a person is found by handle alone.
    Erase(EraseCommand),
}

/// Who decides.
#[derive(Args, Debug)]
pub(crate) struct By {
    /// Who decides; kept with the decision
    #[arg(long, env = "USER", default_value = "unknown", hide_env = true, value_name = "USER")]
    pub(crate) by: String,
}

#[derive(Subcommand, Debug)]
pub(crate) enum EventsCommand {
    /// Say how an event found its customer, what it changed, what it set off, and what each rule
    /// made of it
    Show(ExplainCommand),
}

#[derive(Args, Debug)]
pub(crate) struct ExplainCommand {
    /// The event's id, evt_…
    #[arg(value_parser = event_id)]
    pub(crate) event: EventId,
    /// Show the handles, and what rules read of the customer's words, as well; they are personal
    /// data
    #[arg(long)]
    pub(crate) handles: bool,
}

#[derive(Subcommand, Debug)]
pub(crate) enum FailuresCommand {
    /// List failures; if no state is given, those that are parked, held, waiting or behind another
    List(ListCommand),
    /// Show one failure with all of its attempts, and what would happen on another
    Show {
        /// The failure's id, fail_…
        #[arg(value_parser = failure_id)]
        failure: FailureId,
        /// Show the message as well; it holds personal data
        #[arg(long)]
        payload: bool,
    },
    /// Send parked, held or waiting messages back to their queues
    Retry(RetryCommand),
    /// Decide that a message is not to be handled: nothing tries it again, and what stands behind it
    /// goes on
    Dismiss {
        /// The failure's id, fail_…
        #[arg(value_parser = failure_id)]
        failure: FailureId,
        /// Why; kept with the failure
        #[arg(long, value_name = "TEXT")]
        because: String,
    },
}

/// Which failures.
#[derive(Args, Debug, Default)]
pub(crate) struct ListCommand {
    /// Only those in this state
    #[arg(long)]
    pub(crate) state: Option<StateName>,
    #[command(flatten)]
    pub(crate) chosen: Chosen,
}

/// What the failures have in common.
#[derive(Args, Debug, Default)]
pub(crate) struct Chosen {
    /// Only those of this step
    #[arg(long, value_parser = step())]
    pub(crate) step: Option<Step>,
    /// Only those of this class: at whose door the last attempt's failure lies
    #[arg(long, value_parser = class())]
    pub(crate) class: Option<Class>,
    /// Only what goes to, or asks, this destination, such as crm or webhook:erp
    #[arg(long)]
    pub(crate) destination: Option<String>,
    /// Only events of this source
    #[arg(long, conflicts_with = "destination")]
    pub(crate) source: Option<String>,
}

#[derive(Args, Debug)]
#[command(mut_group("Chosen", |chosen| chosen.requires("all").conflicts_with("failures")))]
pub(crate) struct RetryCommand {
    /// The failures' ids, fail_…
    #[arg(value_parser = failure_id, required_unless_present = "all")]
    pub(crate) failures: Vec<FailureId>,
    /// Everything that is parked, held or waiting; narrowed by what follows
    #[arg(long, conflicts_with = "failures")]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) chosen: Chosen,
}

#[derive(Args, Debug)]
pub(crate) struct AuditCommand {
    /// Seconds that an event may be on its way between two steps
    #[arg(long, default_value_t = 60)]
    pub(crate) grace: u32,
    /// Only events that were received at this time or later: 2026-11-20T10:00:00Z, 2026-11-20, or
    /// how long ago, as 2h. What is in the queues counts in any case
    #[arg(long, value_parser = replay::instant, value_name = "TIME")]
    pub(crate) since: Option<Timestamp>,
    /// Only events that were received before this time
    #[arg(long, value_parser = replay::instant, value_name = "TIME")]
    pub(crate) until: Option<Timestamp>,
    /// Show every hour of each source, not only those with something parked, in flight or
    /// unexplained
    #[arg(long)]
    pub(crate) hours: bool,
}

/// A failure's state, by its name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum StateName {
    /// Waits for a person
    Parked,
    /// Waits for the next version of the program or of the configuration
    Held,
    /// Goes back to its queue by itself
    Waiting,
    /// Stands behind an earlier one of the same customer
    Behind,
    /// Went back to its queue
    Redriven,
    /// Is not to be handled, as a person decided
    Dismissed,
}

/// The steps that can fail a message.
const STEPS: [Step; 5] = [
    Step::WebhookReceiver,
    Step::IdentityMatch,
    Step::TagUpdate,
    Step::TriggerDispatcher,
    Step::OutboundDelivery,
];

fn step() -> impl TypedValueParser<Value = Step> {
    step_of(&STEPS)
}

fn step_of(steps: &'static [Step]) -> impl TypedValueParser<Value = Step> {
    PossibleValuesParser::new(steps.iter().map(|step| step.as_str())).try_map(|name| {
        let found = steps.iter().copied().find(|step| step.as_str() == name);
        found.ok_or("no step of this name")
    })
}

fn class() -> impl TypedValueParser<Value = Class> {
    PossibleValuesParser::new(Class::ALL.map(Class::as_str)).try_map(|name| {
        let found = Class::ALL.into_iter().find(|class| class.as_str() == name);
        found.ok_or("no class of this name")
    })
}

fn event_id(text: &str) -> Result<EventId, &'static str> {
    prefixed(text, "evt_").map(EventId::from_stored).ok_or("an event's id begins with evt_")
}

fn failure_id(text: &str) -> Result<FailureId, &'static str> {
    prefixed(text, "fail_").map(FailureId::from_stored).ok_or("a failure's id begins with fail_")
}

fn merge_id(text: &str) -> Result<MergeId, &'static str> {
    prefixed(text, "mrg_").map(MergeId::from_stored).ok_or("a merge's id begins with mrg_")
}

fn prefixed<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    text.starts_with(prefix).then_some(text)
}

#[cfg(test)]
mod runbook;
#[cfg(test)]
mod tests;
