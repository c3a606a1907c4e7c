//! Whatever a sender's list answers, its page can be kept, and an error holds nothing of it.

use crate::quiet::repeats_nothing;
use rules::config::History;
use serde_json::json;
use source_reconciler::read_history;
use std::cell::LazyCell;

/// A page's mark is kept in the cursor's item, of which DynamoDB takes 400 KB.
const LONGEST_MARK: usize = 4_096;

thread_local! {
    static HISTORY: LazyCell<History> = const { LazyCell::new(history) };
}

/// The first line is the mark of the page that was asked for, the rest the answer.
pub(crate) fn holds(bytes: &[u8]) {
    let mut parts = bytes.splitn(2, |byte| *byte == b'\n');
    let (Some(mark), Some(answer)) = (parts.next(), parts.next()) else { return };
    let mark = str::from_utf8(mark).ok();
    match HISTORY.with(|history| read_history(answer, history, mark)) {
        Ok(page) => {
            assert!(page.next.is_none() || page.next.as_deref() != mark, "round in circles");
            let next = page.next.unwrap_or_default();
            assert!(next.len() <= LONGEST_MARK, "a mark of {} bytes", next.len());
        }
        Err(failure) => {
            let reason = failure.reason;
            assert_eq!(reason.code, "history_unreadable");
            repeats_nothing(&reason.detail, answer);
        }
    }
}

fn history() -> History {
    let history = json!({
        "url": "https://calls.example.com/v1", "secret": "s", "since": "from", "until": "to",
        "items": "/calls", "next": { "at": "/next", "parameter": "cursor" },
    });
    serde_json::from_value(history).unwrap()
}
