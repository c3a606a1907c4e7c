//! How many failures a tick sends back to one place.

use delivery::{Circuit, Control, Rate};
use jiff::{SignedDuration, Timestamp};

/// More do not fit into a tick.
const MOST: u32 = 1_000;

const MINUTE: i128 = SignedDuration::from_mins(1).as_nanos();

/// What the rate grants in this minute: as many as the times at its even pace, counted from 1970,
/// that fall into it. So a rate below one a minute needs no memory.
pub(crate) fn in_this_minute(rate: Rate, now: Timestamp) -> u32 {
    let interval = rate.interval().as_nanos();
    let begin = now.as_nanosecond().div_euclid(MINUTE) * MINUTE;
    let before = |time: i128| (time + interval - 1).div_euclid(interval);
    u32::try_from(before(begin + MINUTE) - before(begin)).unwrap_or(MOST).min(MOST)
}

/// What is left of a grant by the state that the destination is in: nothing while its circuit is
/// open, and one that tries whether it is back.
pub(crate) fn behind_circuit(granted: u32, control: Option<&Control>, now: Timestamp) -> u32 {
    let circuit = control.map_or(Circuit::Closed, |control| control.circuit);
    match circuit {
        Circuit::Closed => granted,
        Circuit::Open { .. } | Circuit::Probing { .. } => {
            if circuit.shut_until(now).is_some() {
                0
            } else {
                granted.min(1)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_a_day(count: u32, per: SignedDuration) -> Vec<u32> {
        let minute = |minute: i64| Timestamp::from_second(1_790_000_040 + minute * 60).unwrap();
        (0..1440).map(|at| in_this_minute(Rate { count, per, at_once: None }, minute(at))).collect()
    }

    #[test]
    fn a_day_of_minutes_grants_what_the_rate_does() {
        assert!(in_a_day(100, SignedDuration::from_mins(1)).iter().all(|granted| *granted == 100));
        assert!(in_a_day(2, SignedDuration::from_secs(1)).iter().all(|granted| *granted == 120));
        let hourly = in_a_day(90, SignedDuration::from_hours(1));
        assert_eq!(hourly.iter().sum::<u32>(), 90 * 24);
        assert!(hourly.iter().all(|granted| (1..=2).contains(granted)));
        let daily = in_a_day(3, SignedDuration::from_hours(24));
        assert_eq!((daily.iter().sum::<u32>(), daily.iter().max()), (3, Some(&1)));
        assert!(in_a_day(100, SignedDuration::from_secs(1)).iter().all(|most| *most == MOST));
    }

    #[test]
    fn an_open_circuit_lets_nothing_through_and_then_one() {
        let now = Timestamp::UNIX_EPOCH;
        let later = now + SignedDuration::from_secs(30);
        let mut control = Control::default();
        assert_eq!(behind_circuit(100, Some(&control), now), 100);
        assert_eq!(behind_circuit(100, None, now), 100);
        for circuit in [
            Circuit::Open { until: later, failed_probes: 0 },
            Circuit::Probing { until: later, failed_probes: 1 },
        ] {
            control.circuit = circuit;
            assert_eq!(behind_circuit(100, Some(&control), now), 0);
            assert_eq!(behind_circuit(100, Some(&control), later), 1);
            assert_eq!(behind_circuit(0, Some(&control), later), 0);
        }
    }
}
