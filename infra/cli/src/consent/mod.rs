//! The `consent` commands.

mod show;
#[cfg(test)]
mod tests;

use crate::arguments::{ConsentCommand, SetConsentCommand};
use crate::clock;
use crate::config::in_force;
use crate::customer::handle_key;
use crate::output::{Output, Verdict};
use crate::stack::Stack;
use crate::trouble::Trouble;
use domain::{Consent, ConsentBy, ConsentId, ConsentTold, HandleKey, Medium};
use jiff::Timestamp;
use rules::RuleSet;
use show::{Shown, Word};
use state::{Consents, Settings};

pub(crate) async fn run(
    command: ConsentCommand,
    stack: &str,
    output: Output,
) -> Result<Verdict, Trouble> {
    let store = Stack::find(stack).await?.store();
    let rules = in_force(&store).await?;
    match command {
        ConsentCommand::Show { handle } => {
            let key = handle_key(&store, &handle).await?;
            output.show(&show(&store, &rules, &key).await?)
        }
        ConsentCommand::Set(command) => {
            output.show(&set(&store, &rules, command, clock::now()).await?)
        }
    }
}

/// What counts for each channel that reaches the handle.
async fn show(store: &impl Consents, rules: &RuleSet, key: &HandleKey) -> Result<Shown, Trouble> {
    let mut words = Vec::new();
    for channel in Medium::ALL.into_iter().filter(|medium| medium.reaches(key)) {
        let consent = store.consent(&ConsentId::new(channel, key)).await?;
        let withheld = rules.withheld(channel, consent.as_ref());
        words.push(Word {
            channel,
            basis: rules.config().consent.basis(channel),
            consent,
            withheld,
        });
    }
    Ok(Shown { words })
}

async fn set(
    store: &(impl Consents + Settings),
    rules: &RuleSet,
    command: SetConsentCommand,
    now: Timestamp,
) -> Result<Shown, Trouble> {
    let key = handle_key(store, &command.handle).await?;
    let reaching = Medium::ALL.into_iter().filter(|medium| medium.reaches(&key));
    let meant: Vec<_> =
        reaching.filter(|medium| command.channel.is_none_or(|it| it == *medium)).collect();
    if meant.is_empty() {
        return Err(Trouble::Refused {
            why: "no message of this channel reaches such a handle".into(),
            remedy: "See which do: omnicord consent show HANDLE".into(),
        });
    }
    for medium in meant {
        let by = ConsentBy::Person(command.by.by.clone());
        let consent = Consent { at: now, by, withdrawn: command.withdrawn };
        let told = ConsentTold { of: ConsentId::new(medium, &key), consent };
        if !store.tell_consent(&told).await? {
            return Err(Trouble::Refused {
                why: format!("something newer than now stands for {}", medium.as_str()),
                remedy: "A source's clock may be ahead: omnicord consent show HANDLE".into(),
            });
        }
    }
    show(store, rules, &key).await
}
