//! Whatever a sender's list answers, its page can be kept, and an error holds nothing of it.

use crate::quiet::repeats_nothing;
use channels::ListPage;
use channels::field_map::Pointer;

/// A page's mark is kept in the cursor's item, of which DynamoDB takes 400 KB.
const LONGEST_MARK: usize = 4_096;

/// The first line is the mark of the page that was asked for, the rest the answer.
pub(crate) fn holds(bytes: &[u8]) {
    let mut parts = bytes.splitn(2, |byte| *byte == b'\n');
    let (Some(mark), Some(answer)) = (parts.next(), parts.next()) else { return };
    let (mark, next) = (str::from_utf8(mark).ok(), pointer("/next"));
    match ListPage::read(answer, &pointer("/calls"), Some(&next), mark) {
        Ok(page) => {
            assert!(page.next.is_none() || page.next.as_deref() != mark, "round in circles");
            let next = page.next.unwrap_or_default();
            assert!(next.len() <= LONGEST_MARK, "a mark of {} bytes", next.len());
        }
        Err(unlisted) => repeats_nothing(&unlisted.to_string(), answer),
    }
}

fn pointer(text: &str) -> Pointer {
    serde_json::from_value(text.into()).unwrap()
}
