//! How far each source was compared, at a glance.

use super::origin;
use crate::output::{Verdict, View};
use crate::page::Page;
use crate::trouble::Trouble;
use jiff::{SignedDuration, Timestamp};
use rules::Reconcile;
use serde::Serialize;
use state::{Left, Report, Sweeps};
use std::collections::BTreeMap;

/// The time over which sweeps are added up.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Every source that is compared.
#[derive(Serialize)]
pub(super) struct Status {
    sources: Vec<Row>,
}

/// One source. The numbers are of the sweeps of the last day; what two of them saw, they count twice.
#[derive(Serialize)]
struct Row {
    source: String,
    asks: &'static str,
    /// Everything up to this time was compared; none before the first call.
    compared_until: Option<Timestamp>,
    under_way: bool,
    sweeps: usize,
    expected: u64,
    found: u64,
    repaired: u64,
    left: BTreeMap<Left, u64>,
}

/// Reads the cursors, and the reports of the last day. Those that only counted are left out.
pub(super) async fn look(
    store: &impl Sweeps,
    configured: &BTreeMap<String, Reconcile>,
    now: Timestamp,
) -> Result<Status, Trouble> {
    let mut sources = Vec::new();
    for (name, reconcile) in configured {
        let cursor = store.cursor(name).await?;
        // A report bears the end of its sweep, which lies before the time at which it was made.
        let since = now - DAY - reconcile.grace();
        let reports = store.reports(name, since).await?;
        let counted = |report: &&Report| !report.asked.as_ref().is_some_and(|asked| asked.dry_run);
        let mut row = Row {
            source: name.clone(),
            asks: origin(reconcile),
            compared_until: cursor.as_ref().map(|cursor| cursor.compared_until),
            under_way: cursor.is_some_and(|cursor| cursor.sweep.is_some()),
            sweeps: 0,
            expected: 0,
            found: 0,
            repaired: 0,
            left: BTreeMap::new(),
        };
        for Report { tally, .. } in reports.iter().filter(counted) {
            row.sweeps += 1;
            row.expected += tally.expected;
            row.found += tally.found;
            row.repaired += tally.repaired;
            for (why, count) in &tally.left {
                *row.left.entry(*why).or_default() += count;
            }
        }
        sources.push(row);
    }
    Ok(Status { sources })
}

impl View for Status {
    fn text(&self, page: &Page) -> String {
        let mut sheet = page.table([
            "source",
            "asks",
            "compared until",
            "sweeps",
            "expected",
            "found",
            "repaired",
            "left",
        ]);
        for row in &self.sources {
            let mut until =
                row.compared_until.map_or("not yet".to_owned(), |until| page.time(until));
            if row.under_way {
                until.push_str(", a sweep under way");
            }
            sheet.row([
                row.source.clone(),
                row.asks.to_owned(),
                until,
                row.sweeps.to_string(),
                row.expected.to_string(),
                row.found.to_string(),
                row.repaired.to_string(),
                left(&row.left),
            ]);
        }
        sheet.or("the configuration names no source under `reconcile`")
    }

    fn verdict(&self) -> Verdict {
        if self.sources.iter().all(|row| row.left.is_empty()) {
            Verdict::Clean
        } else {
            Verdict::Finding
        }
    }
}

/// How many are left, and why.
pub(super) fn left(left: &BTreeMap<Left, u64>) -> String {
    let parts: Vec<_> = left.iter().map(|(why, n)| format!("{n} {}", why.as_str())).collect();
    if parts.is_empty() { "0".to_owned() } else { parts.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{NOW, configured, report, store};
    use super::*;

    #[tokio::test]
    async fn the_last_day_is_added_up() {
        let store = store().await;
        let page = Page::unbounded("2026-11-23T12:00:00Z");
        let status = look(&store, &configured(), NOW).await.unwrap();
        assert_eq!(status.verdict(), Verdict::Clean);
        insta::assert_snapshot!(status.text(&page));
        let mut dry = report(Left::DryRun);
        dry.asked = Some(state::Asked { at: NOW, since: None, dry_run: true });
        store.put_report(&dry).await.unwrap();
        let status = look(&store, &configured(), NOW).await.unwrap();
        assert_eq!(status.verdict(), Verdict::Clean, "it only counted");
        store.put_report(&report(Left::Unreadable)).await.unwrap();
        let status = look(&store, &configured(), NOW).await.unwrap();
        assert_eq!(status.verdict(), Verdict::Finding);
        insta::assert_snapshot!(status.text(&page));
    }
}
