//! A source that is compared, for tests.

use domain::EventId;
use jiff::{SignedDuration, Timestamp};
use rules::Reconcile;
use state::memory::Store;
use state::{Cursor, Left, Report, Sweeps, Tally};
use std::collections::BTreeMap;

pub(super) const NOW: Timestamp = Timestamp::constant(1_795_435_200, 0);

pub(super) fn configured() -> BTreeMap<String, Reconcile> {
    let history = serde_json::json!({
        "url": "https://shop.example.com/orders", "secret": "s", "since": "from", "until": "to",
        "items": "/data",
    });
    let reconcile = serde_json::json!({ "from": { "history": history } });
    [("shop".to_owned(), serde_json::from_value(reconcile).unwrap())].into()
}

/// Of three events, one that was missing and one that is left.
pub(super) fn report(why: Left) -> Report {
    let mut tally = Tally { expected: 2, found: 1, repaired: 1, ..Tally::default() };
    tally.leave(why);
    tally.example(&EventId::from_stored("evt_1"));
    let (after, until) = (NOW - SignedDuration::from_hours(2), NOW - SignedDuration::from_hours(1));
    Report { source: "shop".into(), after, until, done_at: NOW, tally, asked: None }
}

/// A store with two sweeps that left nothing.
pub(super) async fn store() -> Store {
    let store = Store::default();
    for hours in [3, 2] {
        let tally = Tally { expected: 4, found: 3, repaired: 1, ..Tally::default() };
        let until = NOW - SignedDuration::from_hours(hours);
        let report = Report { until, tally, ..report(Left::Failed) };
        store.put_report(&report).await.unwrap();
    }
    let mut cursor = Cursor::new("shop", NOW - SignedDuration::from_mins(20));
    cursor.version = 1;
    assert!(store.swap_cursor(&cursor).await.unwrap());
    store
}
