//! An event's way, laid out as a timeline.

mod scale;

use super::{Happened, Stands, Station, Trace};
use crate::output::View;
use crate::page::{Page, printable};
use anstyle::AnsiColor;
use domain::{CustomerId, FailureState, MatchOutcome, Reason, Step};
use jiff::Timestamp;
use scale::Scale;

/// As wide as an instant with milliseconds.
const TIME: usize = 24;

impl View for Trace {
    fn text(&self, page: &Page) -> String {
        let mut text = page.facts([
            ("event", self.event.to_string()),
            ("source", self.source.clone().unwrap_or_default()),
            ("about", self.about.clone().unwrap_or_default()),
            ("profile", self.profile.as_ref().map(CustomerId::to_string).unwrap_or_default()),
        ]);
        text.push('\n');
        let scale = Scale::of(&self.stations);
        let mut before = None;
        for station in &self.stations {
            text += &station.text(page, before, scale);
            before = station.at.or(before);
        }
        text
    }
}

impl Station {
    fn text(&self, page: &Page, before: Option<Timestamp>, scale: Scale) -> String {
        let time = self.at.map_or("no time is kept".to_owned(), |at| format!("{at:.3}"));
        let passed = match (before, self.at) {
            (Some(before), Some(at)) => passed(at.duration_since(before).as_millis()),
            _ => String::new(),
        };
        let (sign, colour) = match self.happened.is_well() {
            Some(true) => ('●', AnsiColor::Green),
            Some(false) => ('✗', AnsiColor::Red),
            None => ('○', AnsiColor::Yellow),
        };
        let style = colour.on_default();
        let step = self.step.map_or("source", Step::as_str);
        let words = printable(&self.happened.words(page));
        let bar = scale.bar(before, self.at);
        format!("{time:<TIME$} {passed:>9} {bar} {style}{sign}{style:#} {step:<18}  {words}\n")
    }
}

impl Happened {
    /// Whether it went well; none, where that is still open, or where it was not to happen.
    fn is_well(&self) -> Option<bool> {
        match self {
            Self::Occurred
            | Self::Received
            | Self::Repaired { .. }
            | Self::Checked { .. }
            | Self::Matched { .. }
            | Self::Tagged { .. }
            | Self::Replayed { .. }
            | Self::Decided { .. }
            | Self::Effect { stands: Stands::Done, .. } => Some(true),
            Self::Tried { outcome, .. } => Some(outcome == "delivered"),
            Self::Failed { .. }
            | Self::Effect { stands: Stands::Dismissed, .. }
            | Self::Open {
                state:
                    FailureState::Parked { .. }
                    | FailureState::Held { .. }
                    | FailureState::Dismissed { .. },
                ..
            } => Some(false),
            Self::Refused { .. }
            | Self::Effect {
                stands:
                    Stands::Waiting(_) | Stands::Running(_) | Stands::Released | Stands::Withheld(_),
                ..
            }
            | Self::Open {
                state:
                    FailureState::Waiting { .. }
                    | FailureState::Redriven { .. }
                    | FailureState::Behind { .. },
                ..
            } => None,
        }
    }

    pub(super) fn words(&self, page: &Page) -> String {
        match self {
            Self::Occurred => "it happened".into(),
            Self::Received => "received and queued".into(),
            Self::Repaired { from } => {
                format!("did not arrive; found missing by comparison with its {from}, and queued")
            }
            Self::Checked { repaired, flagged } => checked(repaired, flagged),
            Self::Matched { outcome } => format!("matched: {}", matched(*outcome)),
            Self::Tagged { set, taken_off } => tagged(set, taken_off),
            Self::Replayed { replay, effects, set, taken_off } => {
                let effects = if *effects { "with effects" } else { "without effects" };
                format!("replayed {effects} by {replay}{}", signed(set, taken_off, "; tags "))
            }
            Self::Decided { effects, refusals } => {
                format!("decided: effects {effects}, refusals {refusals}")
            }
            Self::Refused { rule, action, reason } => {
                let action = action.as_ref().map(|it| format!(" {it}")).unwrap_or_default();
                format!("refused: {rule}{action}: {}", because(reason))
            }
            Self::Tried { action, destination, outcome, status, took_ms, .. } => {
                let status = status.map(|it| format!(" (HTTP {it})")).unwrap_or_default();
                format!("{action} to {destination}: {outcome}{status} in {took_ms} ms")
            }
            Self::Effect { effect, action, destination, rule, stands } => {
                format!("{action} to {destination} ({rule}): {}, {effect}", stood(*stands, page))
            }
            Self::Failed { reason } => format!("failed: {}", because(reason)),
            Self::Open { failure, state } => match state {
                FailureState::Waiting { retry_at } => {
                    format!("waits: back in the queue {}, {failure}", page.time(*retry_at))
                }
                FailureState::Redriven { .. } => format!("back in the queue, {failure}"),
                FailureState::Behind { .. } => {
                    format!("behind an earlier one of the customer, {failure}")
                }
                FailureState::Dismissed { .. } => format!("dismissed by a person, {failure}"),
                FailureState::Held { .. } => format!("held for the next release, {failure}"),
                FailureState::Parked { .. } => {
                    format!("parked for a person: omnicord failures show {failure}")
                }
            },
        }
    }
}

fn because(reason: &Reason) -> String {
    format!("{}: {}", reason.code, reason.detail)
}

fn matched(outcome: MatchOutcome) -> &'static str {
    match outcome {
        MatchOutcome::Matched => "a known customer",
        MatchOutcome::Linked => "a known customer, who gained a handle",
        MatchOutcome::Created => "a new customer",
        MatchOutcome::Merged => "several customers, whom it made one",
        MatchOutcome::Anonymous => "nobody",
    }
}

fn checked(repaired: &[String], flagged: &[String]) -> String {
    let told = |what: &str, names: &[String]| {
        (!names.is_empty()).then(|| format!("{what} {}", names.join(", ")))
    };
    let told = [told("put right:", repaired), told("flagged by:", flagged)];
    told.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn tagged(set: &[String], taken_off: &[String]) -> String {
    match signed(set, taken_off, "") {
        changes if changes.is_empty() => "in the customer's history; no tag changed".into(),
        changes => format!("in the customer's history; tags {changes}"),
    }
}

/// The changes of tags behind these words; nothing, where there are none.
fn signed(set: &[String], taken_off: &[String], words: &str) -> String {
    let signed = |sign, tags: &[String]| -> Vec<String> {
        tags.iter().map(|tag| format!("{sign}{tag}")).collect()
    };
    match [signed('+', set), signed('-', taken_off)].concat().join(" ") {
        changes if changes.is_empty() => changes,
        changes => format!("{words}{changes}"),
    }
}

fn stood(stands: Stands, page: &Page) -> String {
    match stands {
        Stands::Waiting(None) => "not tried yet".into(),
        Stands::Waiting(Some(until)) => format!("waits until {}", page.time(until)),
        Stands::Running(until) if page.is_past(until) => "its last try ended without a word".into(),
        Stands::Running(_) => "being tried".into(),
        Stands::Released => "to be tried again".into(),
        Stands::Dismissed => "dismissed by a person".into(),
        Stands::Withheld(why) => format!("withheld: {}", why.as_words()),
        Stands::Done => "done".into(),
    }
}

/// The time since the station before.
fn passed(millis: i128) -> String {
    match millis {
        ..1_000 => format!("{millis:+} ms"),
        1_000..120_000 => format!("+{}.{} s", millis / 1_000, millis % 1_000 / 100),
        120_000..7_200_000 => format!("+{} min", millis / 60_000),
        _ => format!("+{} h", millis / 3_600_000),
    }
}
