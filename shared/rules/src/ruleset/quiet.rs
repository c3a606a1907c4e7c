//! The end of the hours in which nothing reaches a customer.

use crate::Quiet;
use domain::Customer;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

/// When the quiet hours end that `now` falls into, by the clock of `zone`; none outside of them.
///
/// An end that the clock skips in spring comes after the gap; of one that it shows twice in
/// autumn, the second counts.
pub(super) fn end(quiet: &Quiet, zone: &TimeZone, now: Timestamp) -> Option<Timestamp> {
    let local = zone.to_datetime(now);
    let (from, to, time) = (quiet.from.0, quiet.to.0, local.time());
    let (within, same_day) = if from <= to {
        (from <= time && time < to, true)
    } else {
        (time >= from || time < to, time < to)
    };
    if !within {
        return None;
    }
    let date = if same_day { local.date() } else { local.date().tomorrow().ok()? };
    zone.to_ambiguous_timestamp(date.to_datetime(to)).later().ok()
}

/// The customer's own time zone, from the field of that name.
pub(super) fn zone_of(customer: &Customer, field: Option<&str>) -> Option<TimeZone> {
    let told = customer.profile.fields.get(field?)?;
    let Value::String(name) = &told.value else { return None };
    TimeZone::get(name.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::InQuiet;
    use proptest::prelude::*;

    fn quiet(from: &str, to: &str) -> Quiet {
        Quiet { from: from.parse().unwrap(), to: to.parse().unwrap(), then: InQuiet::default() }
    }

    fn ends(from: &str, to: &str, now: &str) -> Option<String> {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        end(&quiet(from, to), &berlin, now.parse().unwrap()).map(|end| end.to_string())
    }

    #[test]
    fn a_night_reaches_into_the_next_day() {
        let night = |now| ends("21:00", "08:00", now);
        assert_eq!(night("2026-11-22T19:59:59Z"), None);
        assert_eq!(night("2026-11-22T20:00:00Z").as_deref(), Some("2026-11-23T07:00:00Z"));
        assert_eq!(night("2026-11-23T06:59:59Z").as_deref(), Some("2026-11-23T07:00:00Z"));
        assert_eq!(night("2026-11-23T07:00:00Z"), None);
        let noon = |now| ends("12:00", "14:00", now);
        assert_eq!(noon("2026-11-22T11:00:00Z").as_deref(), Some("2026-11-22T13:00:00Z"));
        assert_eq!(noon("2026-11-22T13:00:00Z"), None);
        assert_eq!(ends("00:00", "00:00", "2026-11-22T23:00:00Z"), None);
    }

    #[test]
    fn an_end_that_the_clock_skips_or_repeats_is_the_later_one() {
        let skipped = ends("21:00", "02:30", "2026-03-29T00:30:00Z");
        assert_eq!(skipped.as_deref(), Some("2026-03-29T01:30:00Z"));
        // 02:10 for the second time.
        let repeated = ends("21:00", "02:30", "2026-10-25T01:10:00Z");
        assert_eq!(repeated.as_deref(), Some("2026-10-25T01:30:00Z"));
    }

    proptest! {
        #[test]
        fn who_waits_to_the_end_waits_no_more(
            second in 1_700_000_000i64..1_800_000_000, from in 0i8..24, to in 0i8..24,
            zone in prop::sample::select(vec!["Europe/Berlin", "Asia/Shanghai", "America/New_York", "Asia/Kathmandu"]),
        ) {
            let quiet = quiet(&format!("{from:02}:00"), &format!("{to:02}:00"));
            let zone = TimeZone::get(zone).unwrap();
            let now = Timestamp::from_second(second).unwrap();
            if let Some(after) = end(&quiet, &zone, now) {
                prop_assert!(after > now && after.duration_since(now) <= jiff::SignedDuration::from_hours(25));
                prop_assert_eq!(end(&quiet, &zone, after), None);
            }
        }
    }
}
