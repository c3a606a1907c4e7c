//! One line of what is watched.

use crate::output::View;
use crate::page::{Page, printable};
use anstyle::AnsiColor;
use domain::{CustomerId, Effect, EffectKey, EventId, Reason, Refusal};
use jiff::Timestamp;
use serde::Serialize;
use state::EventRecord;

/// What a rule did about an event.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(super) struct Line {
    pub(super) at: Timestamp,
    event: EventId,
    /// The profile that the event belongs to.
    profile: CustomerId,
    rule: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    effect: Option<EffectKey>,
    #[serde(flatten)]
    what: What,
}

/// What came of it.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub(super) enum What {
    /// It fired, and its effect was not tried yet.
    Decided {
        #[serde(skip_serializing_if = "Option::is_none")]
        not_before: Option<Timestamp>,
    },
    /// Its effect was tried so many times; what the last try came to, where it is over.
    Tried { tries: u32, outcome: Option<String> },
    /// Its effect is done.
    Done { tries: u32, at: Timestamp },
    /// It, or its action, was held back.
    Refused { reason: Reason },
}

impl What {
    /// Whether nothing more comes of it.
    pub(super) fn is_final(&self) -> bool {
        match self {
            Self::Done { .. } | Self::Refused { .. } => true,
            Self::Decided { .. } | Self::Tried { .. } => false,
        }
    }

    fn words(&self, page: &Page) -> String {
        match self {
            Self::Decided { not_before: None } => "fired".into(),
            Self::Decided { not_before: Some(until) } => {
                format!("fired; waits until {}", page.time(*until))
            }
            Self::Tried { tries, outcome: Some(outcome) } => format!("try {tries}: {outcome}"),
            Self::Tried { tries, outcome: None } => format!("try {tries} runs"),
            Self::Done { tries, .. } => format!("done at try {tries}"),
            Self::Refused { reason } => format!("refused: {}: {}", reason.code, reason.detail),
        }
    }
}

impl Line {
    pub(super) fn of_effect(
        at: Timestamp,
        record: &EventRecord,
        effect: &Effect,
        what: What,
    ) -> Self {
        Self {
            at,
            event: record.id.clone(),
            profile: record.customer.clone(),
            rule: effect.rule.name.clone(),
            action: Some(effect.action.name().to_owned()),
            effect: Some(effect.key.clone()),
            what,
        }
    }

    pub(super) fn of_refusal(at: Timestamp, record: &EventRecord, refusal: &Refusal) -> Self {
        Self {
            at,
            event: record.id.clone(),
            profile: record.customer.clone(),
            rule: refusal.rule.name.clone(),
            action: refusal.action.clone(),
            effect: None,
            what: What::Refused { reason: refusal.reason.clone() },
        }
    }
}

impl View for Line {
    fn text(&self, page: &Page) -> String {
        let Self { at, event, profile, rule, action, what, .. } = self;
        let style = match what {
            What::Done { .. } => AnsiColor::Green.on_default(),
            What::Refused { .. } => AnsiColor::Yellow.on_default(),
            What::Decided { .. } | What::Tried { .. } => anstyle::Style::new(),
        };
        let action = action.as_ref().map(|action| format!(" {action}")).unwrap_or_default();
        let words = printable(&what.words(page));
        format!("{at:.0}  {event}  {profile}  {rule}{action}: {style}{words}{style:#}")
    }
}
