//! Decisions, followed as they are made.

mod line;
mod look;

use crate::arguments::WatchCommand;
use crate::clock;
use crate::customer::find;
use crate::output::{Output, Verdict};
use crate::progress;
use crate::trouble::Trouble;
use domain::CustomerId;
use jiff::SignedDuration;
use look::Watch;
use state::dynamo::Store;
use std::time::Duration;

/// Follows decisions until the process is ended.
pub(super) async fn run(
    store: &Store,
    command: &WatchCommand,
    output: Output,
) -> Result<Verdict, Trouble> {
    let profiles = match &command.customer {
        Some(customer) => {
            let found = find(store, customer).await?;
            let ids = found.group.profiles().map(|profile| profile.id.clone());
            Some(ids.collect::<Vec<CustomerId>>())
        }
        None => None,
    };
    let pause = Duration::try_from(SignedDuration::from(command.every)).unwrap_or_default();
    let mut watch = Watch::new(profiles, command.rule.clone(), clock::now());
    let status = progress::status();
    let (mut looks, mut read_units) = (0_u64, 0.0);
    loop {
        let look = watch.look(store, clock::now()).await?;
        looks += 1;
        read_units += look.read_units;
        for line in &look.lines {
            if !status.suspend(|| output.stream(line))? {
                return Ok(Verdict::Clean);
            }
        }
        let cost = match &command.customer {
            Some(_) => String::new(),
            None => format!(", {read_units:.0} read units of the ledger"),
        };
        status.set_message(format!("{looks} looks{cost}; ctrl-c ends"));
        tokio::time::sleep(pause).await;
    }
}

#[cfg(test)]
mod tests;
