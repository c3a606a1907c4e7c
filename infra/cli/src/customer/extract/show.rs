//! An extraction, laid out.

use crate::output::{Verdict, View};
use crate::page::Page;
use domain::{HandleKey, HandleKind};
use serde::Serialize;
use state::Extraction;

/// What moves, or moved.
#[derive(Debug, Serialize)]
pub(crate) struct Outcome {
    /// Whether it was written.
    pub(super) written: bool,
    /// From where to where.
    pub(super) extraction: Extraction,
    /// How many events go, or the new profile has.
    pub(super) events: usize,
}

impl View for Outcome {
    fn text(&self, page: &Page) -> String {
        let Extraction { id, from, to, handles, .. } = &self.extraction;
        let kinds = handles.iter().map(|key| kind(key).to_owned()).collect::<Vec<_>>();
        let facts = page.facts([
            ("extraction", id.to_string()),
            ("from", from.to_string()),
            ("to", format!("{to}, a customer of its own")),
            ("handles", kinds.join(", ")),
            ("events", self.events.to_string()),
        ]);
        let then = if self.written {
            "both profiles are what their own events make of them\n\
             no event joins the two again; omnicord customer merge does\n\
             events that were on their way may have gone to the old profile: run this again once \
             the queues are empty\n"
        } else {
            "both profiles are to be computed anew from their own events\n\
             nothing was written; add --yes\n"
        };
        format!("{facts}\n{then}")
    }

    fn verdict(&self) -> Verdict {
        if self.written { Verdict::Clean } else { Verdict::Finding }
    }
}

fn kind(key: &HandleKey) -> &'static str {
    key.kind().map_or("handle", HandleKind::as_str)
}
