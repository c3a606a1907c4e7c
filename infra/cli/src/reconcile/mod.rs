//! The `reconcile` commands.

#[cfg(test)]
mod sample;
mod status;
mod sweep;

use crate::arguments::ReconcileCommand;
use crate::clock;
use crate::config::in_force;
use crate::output::{Output, Verdict};
use crate::progress;
use crate::stack::Stack;
use crate::trouble::Trouble;
use jiff::SignedDuration;
use rules::Reconcile;
use rules::config::Origin;
use std::time::Duration;

/// How often is looked whether a sweep is done.
const PAUSE: Duration = Duration::from_secs(2);
/// How long is waited for it.
const PATIENCE: SignedDuration = SignedDuration::from_mins(15);

pub(crate) async fn run(
    command: ReconcileCommand,
    stack: &str,
    output: Output,
) -> Result<Verdict, Trouble> {
    let store = Stack::find(stack).await?.store();
    let rules = in_force(&store).await?;
    let configured = &rules.config().reconcile;
    match command {
        ReconcileCommand::Status => {
            output.show(&status::look(&store, configured, clock::now()).await?)
        }
        ReconcileCommand::Run(command) => {
            let now = clock::now();
            let asked = sweep::ask(&store, configured, &command, now).await?;
            let waiting = progress::status();
            loop {
                let (swept, left) = asked.look(&store).await?;
                if left == 0 {
                    drop(waiting);
                    return output.show(&swept);
                }
                if clock::now().duration_since(now) > PATIENCE {
                    return Err(Trouble::Refused {
                        why: format!("{left} of the sweeps are not done yet; they go on"),
                        remedy: "See how far they are: omnicord reconcile status".into(),
                    });
                }
                waiting
                    .set_message(format!("{left} to be compared; the function starts each minute"));
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Who is asked.
fn origin(reconcile: &Reconcile) -> &'static str {
    match reconcile.from {
        Origin::Crm(_) => "crm",
        Origin::History(_) => "history",
    }
}
