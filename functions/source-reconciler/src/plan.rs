//! What is to be compared when.

use jiff::{SignedDuration, Timestamp};
use rules::Reconcile;
use state::{Cursor, Report, Sweep};

/// The furthest that a sweep reaches back: within the time that the ledger remembers events.
const FURTHEST: SignedDuration = SignedDuration::from_hours(24 * 365);

/// The end of what can be judged now: what happened later may still be on its way.
pub(crate) fn end(reconcile: &Reconcile, now: Timestamp) -> Timestamp {
    before(now, reconcile.grace())
}

/// The sweep to go on with, if one is under way, was asked for, or is due. One that began under
/// another configuration begins anew: its pages are another's.
pub(crate) fn sweep(
    cursor: &mut Cursor,
    reconcile: &Reconcile,
    config: u64,
    now: Timestamp,
) -> Option<Sweep> {
    if let Some(sweep) = cursor.sweep.take() {
        return Some(if sweep.config == config { sweep } else { Sweep { config, ..sweep.anew() } });
    }
    let until = end(reconcile, now);
    let due = until.duration_since(cursor.compared_until) >= reconcile.every();
    let asked = cursor.asked.take();
    if asked.is_none() && !due {
        return None;
    }
    let usual = before(cursor.compared_until, reconcile.overlap());
    let after = match &asked {
        Some(asked) if asked.dry_run => asked.since.unwrap_or(usual),
        // Beginning later than usual would leave a gap.
        Some(asked) => asked.since.map_or(usual, |since| since.min(usual)),
        None => usual,
    };
    let after = after.max(before(now, FURTHEST)).min(until);
    Some(Sweep::new(after, until, config, asked))
}

/// Notes that a sweep is done. One that only counted moves nothing.
pub(crate) fn finish(cursor: &mut Cursor, sweep: Sweep, now: Timestamp) -> Report {
    let Sweep { after, until, tally, asked, .. } = sweep;
    if !asked.as_ref().is_some_and(|asked| asked.dry_run) {
        cursor.compared_until = cursor.compared_until.max(until);
    }
    let source = cursor.source.clone();
    let report = Report { source, after, until, done_at: now, tally, asked };
    cursor.last = Some(report.clone());
    report
}

/// How much later a source is compared than the configuration wants it to be.
pub(crate) fn overdue(cursor: &Cursor, reconcile: &Reconcile, now: Timestamp) -> SignedDuration {
    let behind = end(reconcile, now).duration_since(cursor.compared_until);
    (behind - reconcile.every()).max(SignedDuration::ZERO)
}

fn before(at: Timestamp, length: SignedDuration) -> Timestamp {
    at.checked_sub(length).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use state::Asked;

    const NOW: Timestamp = Timestamp::constant(1_790_000_000, 0);

    fn reconcile() -> Reconcile {
        let history = serde_json::json!({
            "url": "https://shop.example.com/orders", "secret": "s", "since": "from",
            "until": "to", "items": "/data",
        });
        serde_json::from_value(serde_json::json!({ "from": { "history": history } })).unwrap()
    }

    fn minutes_ago(minutes: i64) -> Timestamp {
        NOW - SignedDuration::from_mins(minutes)
    }

    fn compared(until: Timestamp) -> Cursor {
        Cursor::new("shop", until)
    }

    fn asked(since: Option<Timestamp>, dry_run: bool) -> Asked {
        Asked { at: NOW, since, dry_run }
    }

    #[test]
    fn a_sweep_is_due_after_its_time_and_reaches_back() {
        let mut cursor = compared(minutes_ago(29));
        assert_eq!(sweep(&mut cursor, &reconcile(), 1, NOW), None);
        let mut cursor = compared(minutes_ago(30));
        let due = sweep(&mut cursor, &reconcile(), 1, NOW).unwrap();
        assert_eq!((due.after, due.until), (minutes_ago(40), minutes_ago(15)));
        let report = finish(&mut cursor, due, NOW);
        assert_eq!((cursor.compared_until, report.until), (minutes_ago(15), minutes_ago(15)));
    }

    #[test]
    fn a_sweep_that_is_asked_for_leaves_no_gap() {
        for (since, after) in [
            (None, minutes_ago(30)),
            (Some(minutes_ago(500)), minutes_ago(500)),
            (Some(minutes_ago(17)), minutes_ago(30)),
        ] {
            let mut cursor = compared(minutes_ago(20));
            cursor.asked = Some(asked(since, false));
            let begun = sweep(&mut cursor, &reconcile(), 1, NOW).unwrap();
            assert_eq!((begun.after, begun.until), (after, minutes_ago(15)));
            assert_eq!(cursor.asked, None);
        }
    }

    #[test]
    fn a_sweep_that_only_counts_moves_nothing() {
        let mut cursor = compared(minutes_ago(20));
        cursor.asked = Some(asked(Some(minutes_ago(17)), true));
        let begun = sweep(&mut cursor, &reconcile(), 1, NOW).unwrap();
        assert_eq!(begun.after, minutes_ago(17));
        finish(&mut cursor, begun, NOW);
        assert_eq!(cursor.compared_until, minutes_ago(20));
    }

    #[test]
    fn another_configuration_begins_the_sweep_anew() {
        let mut cursor = compared(minutes_ago(60));
        let mut begun = sweep(&mut cursor, &reconcile(), 1, NOW).unwrap();
        begun.page = Some("2".into());
        begun.tally.expected = 7;
        for (config, page) in [(1, Some("2".to_owned())), (2, None)] {
            cursor.sweep = Some(begun.clone());
            let on = sweep(&mut cursor, &reconcile(), config, NOW).unwrap();
            assert_eq!((&on.page, on.tally.expected == 7), (&page, page.is_some()));
            assert_eq!((on.after, on.until), (begun.after, begun.until));
        }
    }

    #[test]
    fn nothing_is_asked_for_that_the_ledger_has_forgotten() {
        let mut cursor = compared(Timestamp::UNIX_EPOCH);
        let begun = sweep(&mut cursor, &reconcile(), 1, NOW).unwrap();
        assert_eq!(begun.after, NOW - FURTHEST);
    }

    #[test]
    fn what_is_not_yet_due_is_not_overdue() {
        let lag = |minutes| overdue(&compared(minutes_ago(minutes)), &reconcile(), NOW);
        assert_eq!(lag(30), SignedDuration::ZERO);
        assert_eq!(lag(90), SignedDuration::from_hours(1));
    }
}
