//! The command line of a deployed Omnicord stack: `omnicord help` lists what it does.

mod arguments;
mod audit;
mod clock;
mod config;
mod consent;
mod customer;
mod event;
mod failures;
mod graph;
mod identity;
mod output;
mod page;
mod progress;
mod queues;
mod recipe;
mod reconcile;
mod replay;
mod review;
mod rule;
mod stack;
mod trouble;

use arguments::{Arguments, Command, EventsCommand};
use clap::Parser;
use output::{Output, Verdict};
use std::process::ExitCode;
use trouble::Trouble;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match Box::pin(perform(arguments)).await {
        Ok(Verdict::Clean) => ExitCode::SUCCESS,
        Ok(Verdict::Finding) => ExitCode::from(1),
        Err(trouble) => {
            trouble.print();
            trouble.exit_code()
        }
    }
}

async fn perform(arguments: Arguments) -> Result<Verdict, Trouble> {
    let Arguments { stack, json, command } = arguments;
    let output = Output::new(json);
    match command {
        Command::Config(command) => config::run(command, &stack, output).await,
        Command::Customer(command) => Box::pin(customer::run(command, &stack, output)).await,
        Command::Events(EventsCommand::Show(command)) | Command::Explain(command) => {
            Box::pin(event::run(&command, &stack, output)).await
        }
        Command::Identity(command) => Box::pin(identity::run(command, &stack, output)).await,
        Command::Trace { event: id } => Box::pin(event::trace(&id, &stack, output)).await,
        Command::Rules(command) => Box::pin(rule::run(command, &stack, output)).await,
        Command::Recipe(command) => recipe::run(command, output),
        Command::Review(command) => Box::pin(review::run(command, &stack, output)).await,
        Command::Consent(command) => consent::run(command, &stack, output).await,
        Command::Failures(command) => failures::run(command, &stack, output).await,
        Command::Reconcile(command) => Box::pin(reconcile::run(command, &stack, output)).await,
        Command::Replay(command) => Box::pin(replay::run(command, &stack, output)).await,
        Command::Audit(command) => audit::run(&command, &stack, output).await,
    }
}
