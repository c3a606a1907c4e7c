//! An erasure, laid out.

use crate::output::{Verdict, View};
use crate::page::{Page, title};
use domain::CustomerId;
use serde::Serialize;
use state::{Erased, Erasure};

/// What would go, or the receipt for what went.
#[derive(Debug, Serialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// Nothing was written.
    Proposed {
        /// The person's profiles.
        customers: Vec<CustomerId>,
        /// What would go.
        erased: Erased,
    },
    /// It is gone.
    Erased(Erasure),
}

/// What a person has to know who promises an erasure to another.
const BEYOND_REACH: &str = "\
messages that are in the queues now: those of an event that was not yet stored fail, and can be
  seen in omnicord failures list; erase the customer's id again once the queues are empty
what was sent, on occasion of others' events, while they were one customer with the person: the
  others' event records keep it
webhooks that a source sends again: the event counts no more, but its handles become known anew
the CRM, and whatever was sent out
consent: whether a handle may be written to is kept under a hash of it, which names nobody, so
  that who has objected is not written to once the handle is met again
backups: point-in-time recovery keeps the last 35 days
logs: they hold ids alone, no handles and no words
";

impl View for Outcome {
    fn text(&self, page: &Page) -> String {
        let (heading, customers, erased) = match self {
            Self::Proposed { customers, erased } => {
                ("What would be erased".to_owned(), customers, erased)
            }
            Self::Erased(receipt) => (
                format!("Erased {:.0} by {}, receipt {}", receipt.at, receipt.by, receipt.id),
                &receipt.customers,
                &receipt.erased,
            ),
        };
        let ids: Vec<_> = customers.iter().map(CustomerId::as_str).collect();
        let mut text = title(&heading) + &page.facts([("customers", ids.join("\n"))]);
        text += "\n";
        text += &table(page, erased);
        text += &title("\nWhat this does not reach");
        text += BEYOND_REACH;
        if let Self::Proposed { .. } = self {
            text += "\nnothing was written; add --yes\n";
        }
        text
    }

    fn verdict(&self) -> Verdict {
        match self {
            Self::Proposed { .. } => Verdict::Finding,
            Self::Erased(_) => Verdict::Clean,
        }
    }
}

fn table(page: &Page, erased: &Erased) -> String {
    let mut sheet = page.table(["table", "count", "what"]);
    for (table, count, what) in [
        ("identities", erased.identities, "handles"),
        ("customers", erased.customers, "profiles"),
        ("timeline", erased.timeline, "events"),
        ("timeline", erased.redacted, "events of others, less what they told of this person"),
        ("ledger", erased.events, "events, of which only that they were applied is left"),
        ("ledger", erased.effects, "effects, of which only that they are done is left"),
        ("failures", erased.failures, "failures with their messages"),
        ("journal", erased.journal, "merges, questions, extractions"),
        ("hints", erased.hints, "profiles' hints for agents"),
        ("replicas", erased.replicas, "what the CRM records were to hold"),
    ] {
        sheet.row([table.to_owned(), count.to_string(), what.to_owned()]);
    }
    sheet.to_string()
}
