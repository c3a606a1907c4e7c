//! A comparison that somebody asks for.

use super::status::left;
use crate::arguments::SweepCommand;
use crate::output::{Verdict, View};
use crate::page::{Page, title};
use crate::trouble::Trouble;
use jiff::{SignedDuration, Timestamp};
use rules::Reconcile;
use serde::Serialize;
use state::{Asked, Cursor, Report, Sweeps};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Sweeps that were asked for.
#[derive(Debug)]
pub(super) struct Wish {
    at: Timestamp,
    sources: Vec<String>,
    /// Sources that were not asked, because a sweep of theirs is under way.
    busy: Vec<String>,
}

/// What those that are done have found.
#[derive(Serialize)]
pub(super) struct Swept {
    reports: Vec<Report>,
    /// Sources that were not asked, because a sweep of theirs is under way.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    busy: Vec<String>,
}

/// Asks `source-reconciler`, which looks at each call whether somebody wishes a sweep.
pub(super) async fn ask(
    store: &impl Sweeps,
    configured: &BTreeMap<String, Reconcile>,
    command: &SweepCommand,
    now: Timestamp,
) -> Result<Wish, Trouble> {
    let chosen = |name: &&String| command.source.as_ref().is_none_or(|source| source == *name);
    if !configured.keys().any(|name| chosen(&name)) {
        return Err(Trouble::Missing {
            what: "such source under `reconcile` in the configuration".into(),
            remedy: "See which there are: omnicord reconcile status",
        });
    }
    let since = command.since.and_then(|ago| now.checked_sub(SignedDuration::from(ago)).ok());
    let asked = Asked { at: now, since, dry_run: command.dry_run };
    let (mut sources, mut busy) = (Vec::new(), Vec::new());
    for (name, reconcile) in configured.iter().filter(|(name, _)| chosen(name)) {
        let cursor = store.cursor(name).await?;
        let mut cursor = cursor.unwrap_or_else(|| Cursor::new(name, now - reconcile.grace()));
        let is_asked =
            cursor.asked.is_some() || cursor.sweep.as_ref().is_some_and(|s| s.asked.is_some());
        cursor.version += 1;
        cursor.asked = Some(asked.clone());
        if is_asked || !store.swap_cursor(&cursor).await? {
            busy.push(name.clone());
        } else {
            sources.push(name.clone());
        }
    }
    if sources.is_empty() {
        return Err(Trouble::Refused {
            why: format!("a sweep of {} is under way, or asked for", busy.join(", ")),
            remedy: "See how far it is: omnicord reconcile status".into(),
        });
    }
    Ok(Wish { at: now, sources, busy })
}

impl Wish {
    /// What is done, and how many are not.
    pub(super) async fn look(&self, store: &impl Sweeps) -> Result<(Swept, usize), Trouble> {
        let mut reports = Vec::new();
        for source in &self.sources {
            let last = store.cursor(source).await?.and_then(|cursor| cursor.last);
            let ours = |report: &Report| report.asked.as_ref().is_some_and(|it| it.at == self.at);
            reports.extend(last.filter(ours));
        }
        let left = self.sources.len() - reports.len();
        Ok((Swept { reports, busy: self.busy.clone() }, left))
    }
}

impl View for Swept {
    fn text(&self, page: &Page) -> String {
        let mut sheet =
            page.table(["source", "after", "until", "expected", "found", "repaired", "left"]);
        for Report { source, after, until, tally, .. } in &self.reports {
            sheet.row([
                source.clone(),
                format!("{after:.0}"),
                format!("{until:.0}"),
                tally.expected.to_string(),
                tally.found.to_string(),
                tally.repaired.to_string(),
                left(&tally.left),
            ]);
        }
        let mut text = sheet.to_string();
        for source in &self.busy {
            let _ = writeln!(text, "not asked, for a sweep is under way: {source}");
        }
        for Report { source, tally, .. } in &self.reports {
            if !tally.examples.is_empty() {
                text.push('\n');
                text.push_str(&title(&format!("Had not arrived from {source}, the first of them")));
                for event in &tally.examples {
                    text.push_str(event.as_str());
                    text.push('\n');
                }
            }
        }
        text
    }

    fn verdict(&self) -> Verdict {
        let clean =
            self.busy.is_empty() && self.reports.iter().all(|report| report.tally.left() == 0);
        if clean { Verdict::Clean } else { Verdict::Finding }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{NOW, configured, report, store};
    use super::*;
    use state::Left;

    fn wish(source: Option<&str>) -> SweepCommand {
        let since = Some("7d".parse().unwrap());
        SweepCommand { source: source.map(str::to_owned), since, dry_run: true }
    }

    #[tokio::test]
    async fn a_wish_is_waited_for_until_it_is_done() {
        let store = store().await;
        let asked = ask(&store, &configured(), &wish(Some("shop")), NOW).await.unwrap();
        assert_eq!(asked.look(&store).await.unwrap().1, 1);
        let refused = ask(&store, &configured(), &wish(None), NOW).await.unwrap_err();
        assert!(matches!(refused, Trouble::Refused { .. }));

        let mut cursor = store.cursor("shop").await.unwrap().unwrap();
        let taken = cursor.asked.take();
        assert_eq!(taken.as_ref().unwrap().since, Some(NOW - SignedDuration::from_hours(7 * 24)));
        cursor.version += 1;
        cursor.last = Some(Report { asked: taken, ..report(Left::DryRun) });
        assert!(store.swap_cursor(&cursor).await.unwrap());
        let (swept, left) = asked.look(&store).await.unwrap();
        assert_eq!((left, swept.verdict()), (0, Verdict::Finding));
        insta::assert_snapshot!(swept.text(&Page::unbounded("2026-11-23T12:00:00Z")));
    }

    #[tokio::test]
    async fn a_busy_source_keeps_nobody_from_the_others() {
        let (store, mut configured) = (store().await, configured());
        configured.insert("desk".into(), configured["shop"].clone());
        configured.insert("web".into(), configured["shop"].clone());
        ask(&store, &configured, &wish(Some("shop")), NOW).await.unwrap();
        let asked = ask(&store, &configured, &wish(None), NOW).await.unwrap();
        assert_eq!(
            (asked.sources.clone(), &asked.busy[..]),
            (vec!["desk".into(), "web".into()], &["shop".to_owned()][..])
        );
        let (swept, _) = asked.look(&store).await.unwrap();
        assert_eq!(swept.verdict(), Verdict::Finding);
        let text = swept.text(&Page::unbounded("2026-11-23T12:00:00Z"));
        assert!(text.contains("not asked, for a sweep is under way: shop"), "{text}");
    }

    #[tokio::test]
    async fn a_source_that_is_not_compared_is_named() {
        let missing = ask(&store().await, &configured(), &wish(Some("shpo")), NOW).await;
        assert!(matches!(missing.unwrap_err(), Trouble::Missing { .. }));
    }
}
