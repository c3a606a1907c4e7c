//! What would happen if a failed message were tried again.

use super::retry::unknown_outcome;
use crate::trouble::Trouble;
use domain::{Failure, FailureState, Line, Payload, Standing};
use state::dynamo::Store;
use state::{EffectState, Lines};

/// What it depends on, as it is now.
#[derive(Debug, Default)]
struct Around {
    effect: Option<EffectState>,
    line: Line,
}

/// Reads what it depends on, and says it in a few sentences.
pub(super) async fn outlook(store: &Store, failure: &Failure) -> Result<String, Trouble> {
    let mut around = Around::default();
    if let Some(key) = &failure.record.about.effect {
        around.effect = store.effect(key).await?.map(|record| record.state);
    }
    if let Some(line) = failure.line() {
        around.line = store.line(&line).await?;
    }
    Ok(told(failure, &around))
}

fn told(failure: &Failure, around: &Around) -> String {
    let sentences = [when(failure.record.state), whither(failure), what(failure, around)];
    let mut text =
        sentences.into_iter().filter(|sentence| !sentence.is_empty()).collect::<Vec<_>>();
    text.push(later(failure, &around.line));
    text.join("\n")
}

fn when(state: FailureState) -> String {
    match state {
        FailureState::Waiting { .. } => "By itself, at the time that is shown.",
        FailureState::Redriven { .. } => "It is back in its queue.",
        FailureState::Held { .. } => {
            "By itself, once another version of the program or of the configuration is in force."
        }
        FailureState::Behind { .. } => {
            "By itself, once those before it have gone through; sooner, it would stand in line again."
        }
        FailureState::Parked { .. } => "Not by itself: a person has to ask for it.",
        FailureState::Dismissed { .. } => "Never, unless a person asks for it after all.",
    }
    .to_owned()
}

fn whither(failure: &Failure) -> String {
    match &failure.payload {
        Payload::Message { .. } => {
            format!("It goes back to the queue of {}, as it was.", failure.record.step)
        }
        Payload::Webhook { source, .. } => format!(
            "The webhook is read again with the settings of {source} that are then in force; its \
             events go to the queue of identity-match."
        ),
    }
}

fn what(failure: &Failure, around: &Around) -> String {
    let unknown = unknown_outcome(&failure.record).is_some();
    match around.effect {
        Some(EffectState::Done) => "The effect is done, and is not repeated.",
        Some(EffectState::Leased | EffectState::Released) | None if unknown => {
            "Nobody knows whether the effect happened: done again, it may be there twice."
        }
        Some(EffectState::Leased) => {
            "A worker may be at it at this moment; then it is left to that."
        }
        Some(EffectState::Released) | None => "",
    }
    .to_owned()
}

fn later(failure: &Failure, line: &Line) -> String {
    let behind = line.places().len().saturating_sub(1);
    match line.standing(&failure.record.id) {
        Standing::First if behind > 0 => {
            format!("Messages of the same customer that wait for it: {behind}.")
        }
        Standing::First | Standing::Outside => {
            "Nothing of the same customer waits for it: what is older than what is known changes \
             nothing."
                .to_owned()
        }
        Standing::Behind => "Others of the same customer come before it.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failures::sample::failure;
    use domain::{EffectKey, EventId, FailureId};
    use jiff::Timestamp;

    fn text(failure: &Failure, effect: Option<EffectState>, others: &[&str]) -> String {
        let own = Line::default().joined(&failure.record.id, Timestamp::UNIX_EPOCH);
        let line = others.iter().fold(own, |line, other| {
            line.joined(&FailureId::new("outbound-delivery", other), Timestamp::UNIX_EPOCH)
        });
        told(
            failure,
            &Around { effect, line: if others.is_empty() { Line::default() } else { line } },
        )
    }

    #[test]
    fn an_effect_that_is_done_is_not_repeated_and_an_unknown_one_may_be() {
        let mut failure = failure();
        assert!(text(&failure, Some(EffectState::Done), &[]).contains("not repeated"));
        assert!(!text(&failure, Some(EffectState::Released), &[]).contains("twice"));
        failure.record.attempts[1].reason.code = "outcome_unknown".into();
        failure.record.about.effect =
            Some(EffectKey::new(&EventId::new("shop", "1"), "rule", "sms"));
        assert!(text(&failure, Some(EffectState::Leased), &[]).contains("twice"));
    }

    #[test]
    fn whether_others_wait_is_told() {
        let failure = failure();
        assert!(text(&failure, None, &[]).contains("Nothing of the same customer waits"));
        assert!(text(&failure, None, &["2", "3"]).contains("wait for it: 2."));
    }

    #[test]
    fn a_webhook_is_read_again() {
        let mut failure = failure();
        failure.payload = Payload::Webhook {
            source: "shop".into(),
            content_type: None,
            delivery_id: None,
            received_at: Timestamp::UNIX_EPOCH,
            body: String::new(),
        };
        failure.record.state = FailureState::Held { at: Timestamp::UNIX_EPOCH };
        let text = text(&failure, None, &[]);
        assert!(text.contains("settings of shop") && text.contains("another version"), "{text}");
    }
}
