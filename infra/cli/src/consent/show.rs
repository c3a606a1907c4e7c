//! What counts for a handle, laid out.

use crate::output::View;
use crate::page::Page;
use domain::{Consent, ConsentBy, Medium, Withheld};
use rules::Basis;
use serde::Serialize;

/// What counts for a handle, by channel.
#[derive(Debug, Serialize)]
pub(super) struct Shown {
    pub(super) words: Vec<Word>,
}

/// What counts for one channel.
#[derive(Debug, Serialize)]
pub(super) struct Word {
    pub(super) channel: Medium,
    /// What holds where nothing was told.
    pub(super) basis: Basis,
    /// What was told last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) consent: Option<Consent>,
    /// Why messages are withheld, where they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) withheld: Option<Withheld>,
}

impl View for Shown {
    fn text(&self, page: &Page) -> String {
        let mut sheet = page.table(["channel", "messages", "consent", "since", "told by"]);
        for Word { channel, basis, consent, withheld } in &self.words {
            let word = match (consent, basis) {
                (Some(consent), _) if consent.withdrawn => "withdrawn",
                (Some(_), _) => "given",
                (None, Basis::OptIn) => "not given",
                (None, Basis::OptOut) => "assumed",
            };
            let by = consent.as_ref().map(|consent| match &consent.by {
                ConsentBy::Event(event) => event.to_string(),
                ConsentBy::Person(name) => name.clone(),
            });
            sheet.row([
                channel.as_str().to_owned(),
                withheld.map_or("sent", |_| "withheld").to_owned(),
                word.to_owned(),
                consent.as_ref().map(|consent| page.time(consent.at)).unwrap_or_default(),
                by.unwrap_or_default(),
            ]);
        }
        sheet.or("no message reaches such a handle")
    }
}
