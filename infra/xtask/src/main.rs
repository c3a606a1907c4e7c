//! The commands of daily work on Omnicord: `cargo xtask help` lists them.

mod audit;
mod bench;
mod binaries;
mod cargo_tools;
mod ci;
mod daemon;
mod demo;
mod deploy;
mod error;
mod fuzz;
mod harness;
mod logs;
mod ministack;
mod model;
#[cfg(test)]
mod observability;
mod oracles;
mod ports;
mod prerequisites;
mod program;
mod progress;
mod project;
#[cfg(test)]
mod reason_codes;
mod stack;
mod statements;
mod test;
mod tools;
mod tryton;

use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

use crate::error::Trouble;
use crate::progress::Progress;
use crate::project::Project;

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about, disable_version_flag = true)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

/// What can be asked for.
#[derive(Subcommand)]
enum Task {
    /// Start the local stack: AWS emulator, CRM, and template.yaml deployed with fresh binaries
    Up {
        /// Build the binaries as they go to AWS: slower to build, small and fast to run
        #[arg(long)]
        release: bool,
    },
    /// Stop the local stack; its state is gone
    Down,
    /// Show what the deployed functions logged
    Logs {
        /// One step, such as tag-update; all of them if left out
        step: Option<String>,
        /// Keep showing new lines until interrupted
        #[arg(long, short)]
        follow: bool,
    },
    /// Run all tests, the pipeline suite among them, on the local stack
    Test {
        /// Passed to cargo nextest run: names of tests, or its options
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        filter: Vec<String>,
    },
    /// Tell the story of a customer on the local stack
    Demo {
        /// Stop the stack at the end
        #[arg(long)]
        once: bool,
    },
    /// Stop the CRM for a while, and start it again as it was
    Crm {
        /// What to do
        action: CrmAction,
    },
    /// Break the local stack from seeds, and see that nothing is lost; a running stack starts afresh
    Harness {
        /// Passed to the harness; --help tells
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Take each IAM statement out of template.yaml in turn, to see which test misses it
    IamAudit {
        /// Only these, each as Role/Sid, such as TagUpdateRole/ReadSettings
        statements: Vec<String>,
    },
    /// Measure what each function costs: size, start, memory, processor time, requests
    Bench {
        /// Something else to measure
        subject: Option<Subject>,
        /// The length of the backlog
        #[arg(long, default_value_t = 100_000)]
        events: usize,
    },
    /// Try the steps over memory with many seeds of trouble: crashes, freezes, lost answers
    Model {
        /// How many
        #[arg(long, default_value_t = 10_000)]
        seeds: u64,
        /// The first
        #[arg(long, default_value_t = 0)]
        from: u64,
        /// This one alone
        #[arg(long, conflicts_with_all = ["seeds", "from"])]
        seed: Option<u64>,
    },
    /// Look for inputs that break a parser's property; they are kept in tests/fuzz
    Fuzz {
        /// One parser, such as wechat; each of them in turn if left out
        target: Option<String>,
        /// Processor time for each, in minutes
        #[arg(long, default_value_t = 10)]
        minutes: u32,
        /// Only build the targets
        #[arg(long, conflicts_with_all = ["target", "minutes"])]
        build: bool,
    },
    /// Run everything that a change must pass
    Ci,
}

/// What can be done to the CRM of a running stack.
#[derive(Clone, Copy, ValueEnum)]
enum CrmAction {
    /// As in an outage
    Stop,
    /// Its records are kept
    Start,
}

/// What can be measured beside the functions.
#[derive(Clone, Copy, ValueEnum)]
enum Subject {
    /// How well customers are told apart, and what that costs in a large graph: writes docs
    Identity,
    /// What deciding on an event costs, with 1 to 1,000 rules
    Rules,
    /// What each event of a long backlog costs, from the first to the last
    Backlog,
}

fn main() -> ExitCode {
    let progress = Progress::new();
    let task = Arguments::parse().task;
    match Project::here().and_then(|project| perform(&task, &project, &progress)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            progress.explain(&trouble);
            ExitCode::FAILURE
        }
    }
}

fn perform(task: &Task, project: &Project, progress: &Progress) -> Result<(), Trouble> {
    match task {
        Task::Up { release } => stack::up(project, progress, (*release).into()).map(|_| ()),
        Task::Down => stack::down(project, progress),
        Task::Logs { step, follow } => logs::show(project, step.as_deref(), *follow),
        Task::Test { filter } => test::run(project, progress, filter),
        Task::Demo { once } => demo::run(project, progress, *once),
        Task::Crm { action: CrmAction::Stop } => tryton::DAEMON.stop(project),
        Task::Crm { action: CrmAction::Start } => tryton::resume(project),
        Task::Harness { arguments } => {
            harness::run(project, progress, binaries::Profile::Dev, arguments)
        }
        Task::IamAudit { statements } => audit::run(project, progress, statements),
        Task::Bench { subject: None, .. } => bench::run(project, progress),
        Task::Bench { subject: Some(Subject::Identity), .. } => {
            bench::identity::run(project, progress)
        }
        Task::Bench { subject: Some(Subject::Rules), .. } => bench::rules::run(project),
        Task::Bench { subject: Some(Subject::Backlog), events } => {
            bench::backlog::run(project, progress, *events)
        }
        Task::Model { seed: Some(from), .. } => {
            model::run(project, progress, model::Seeds { from: *from, count: 1 })
        }
        Task::Model { seeds, from, seed: None } => {
            model::run(project, progress, model::Seeds { from: *from, count: *seeds })
        }
        Task::Fuzz { build: true, .. } => fuzz::build(project, progress),
        Task::Fuzz { target, minutes, build: false } => {
            fuzz::run(project, progress, target.as_deref(), *minutes)
        }
        Task::Ci => ci::run(project, progress),
    }
}
