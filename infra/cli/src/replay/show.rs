//! Replays, laid out.

use super::drive::{Ended, driven_until};
use crate::output::{Verdict, View};
use crate::page::{Page, title};
use domain::EffectKey;
use serde::Serialize;
use state::{Plan, Run, RunState};
use std::fmt::Write;

/// All replays.
#[derive(Serialize)]
pub(super) struct Listed {
    replays: Vec<Run>,
}

impl Listed {
    pub(super) fn new(mut replays: Vec<Run>) -> Self {
        replays.reverse();
        Self { replays }
    }
}

impl View for Listed {
    fn text(&self, page: &Page) -> String {
        let mut sheet =
            page.table(["replay", "state", "begun", "by", "from step", "effects", "sent"]);
        for run in &self.replays {
            sheet.row([
                run.id.to_string(),
                state(run, page),
                page.time(run.begun_at),
                run.by.clone(),
                run.plan.step.to_string(),
                effects(&run.plan).to_owned(),
                run.progress.sent.to_string(),
            ]);
        }
        sheet.or("none")
    }
}

/// One replay.
#[derive(Serialize)]
pub(super) struct Shown {
    #[serde(flatten)]
    run: Run,
    /// Effects that were left alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    left_alone: Vec<EffectKey>,
    #[serde(skip)]
    ended: Option<Ended>,
}

impl Shown {
    pub(super) fn new(run: Run, ended: Option<Ended>) -> Self {
        let left_alone = match &ended {
            Some(Ended::Done(left)) => left.clone(),
            Some(Ended::Interrupted | Ended::Cancelled) | None => Vec::new(),
        };
        Self { run, left_alone, ended }
    }

    fn next(&self) -> String {
        let id = &self.run.id;
        match (&self.ended, self.run.state) {
            (Some(Ended::Interrupted), _) => {
                format!("\ninterrupted; to go on: omnicord replay resume {id}\n")
            }
            (Some(Ended::Cancelled), _) => {
                "\ncancelled from another terminal; what was sent is worked off\n".to_owned()
            }
            (Some(Ended::Done(_)), _) => {
                "\nall is sent; once the queues are empty, omnicord audit proves that nothing is \
                 missing\n"
                    .to_owned()
            }
            (None, RunState::Open) => format!(
                "\nto go on, if no terminal runs it: omnicord replay resume {id}\n\
                 to end it: omnicord replay cancel {id}\n"
            ),
            (None, RunState::Done { .. } | RunState::Cancelled { .. }) => String::new(),
        }
    }
}

impl View for Shown {
    fn text(&self, page: &Page) -> String {
        let Run { id, plan, by, begun_at, config_version, progress, moved_at, .. } = &self.run;
        let profiles = plan.profiles.as_ref().map(|ids| {
            let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
            ids.join(" ")
        });
        let in_doubt = match progress.in_doubt {
            0 => String::new(),
            count => format!("{count} effects may have happened: omnicord failures list"),
        };
        let dismissed = match progress.dismissed {
            0 => String::new(),
            count => {
                format!("{count} by a person, left alone: omnicord failures list --state dismissed")
            }
        };
        let facts = page.facts([
            ("replay", id.to_string()),
            ("state", state(&self.run, page)),
            ("received", format!("{:.0} to {:.0}", plan.since, plan.until)),
            ("source", plan.source.clone().unwrap_or_default()),
            ("profiles", profiles.unwrap_or_default()),
            ("from step", plan.step.to_string()),
            ("effects", effects(plan).to_owned()),
            ("rules", format!("configuration {config_version}")),
            ("rate", plan.rate.clone()),
            ("begun", format!("{} by {by}", page.time(*begun_at))),
            ("moved on", page.time(*moved_at)),
            ("looked at", format!("{} events, {} meant", progress.seen, progress.meant)),
            ("sent", format!("{} messages", progress.sent)),
            ("left alone", in_doubt),
            ("dismissed", dismissed),
        ]);
        let mut text = facts;
        if !self.left_alone.is_empty() {
            text += &title("\nNobody knows whether these happened; a person has to look");
            for key in &self.left_alone {
                let _ = writeln!(text, "{key}");
            }
        }
        text + &self.next()
    }

    fn verdict(&self) -> Verdict {
        match &self.ended {
            Some(Ended::Interrupted | Ended::Cancelled) => Verdict::Finding,
            Some(Ended::Done(left)) if !left.is_empty() => Verdict::Finding,
            Some(Ended::Done(_)) | None => Verdict::Clean,
        }
    }
}

fn effects(plan: &Plan) -> &'static str {
    if plan.effects { "go out" } else { "suppressed" }
}

fn state(run: &Run, page: &Page) -> String {
    match run.state {
        RunState::Open => {
            let standing = page.is_past(driven_until(run));
            if standing { "interrupted" } else { "running" }.to_owned()
        }
        RunState::Done { at } => format!("done {}", page.time(at)),
        RunState::Cancelled { at } => format!("cancelled {}", page.time(at)),
    }
}
