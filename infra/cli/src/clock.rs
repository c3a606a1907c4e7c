//! The one place that asks for the time.

use jiff::Timestamp;

#[expect(clippy::disallowed_methods, reason = "everything else takes the time as a parameter")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}
