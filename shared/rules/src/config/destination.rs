//! What a destination is granted.

use super::{Config, Duration, Later, Rate};
use delivery::{Breaker, Policy};
use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What one destination is granted. What is left out is as `default` says, and what that leaves
/// out is as said here.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Destination {
    /// Effects in a time, such as `10/s`, over all workers; without a bound, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// Effects in a day of UTC, such as `1000/d`; without a bound, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota: Option<Rate>,
    /// Effects under way at once, over all workers, from 1; without a bound, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub concurrency: Option<u32>,
    /// How long one attempt may take, up to `30s`; `20s` for the CRM, whose actions take several
    /// requests, and `8s` for the others, if left out. What is sent to people gets at least `5s`: a
    /// message that is cut off may have left, and waits for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Duration>,
    /// How long after the decision an effect may still be carried out; for ever, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Duration>,
    /// How fast effects that failed go back to it once it is there again, such as `60/m`; half of
    /// `rate`, if left out, or `100/m` without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redrive: Option<Rate>,
    /// What becomes of a customer's later effects while an earlier one waits; as `failures` says,
    /// if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub later: Option<Later>,
    /// When it is left alone because it keeps failing.
    #[serde(default)]
    pub breaker: Patience,
}

/// When a destination that keeps failing is left alone, and how long.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Patience {
    /// Failures in a row that open the breaker; 5, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub failures: Option<u32>,
    /// Failures in a hundred calls, counted from twenty calls within `window` on, that open the
    /// breaker; 50, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub share: Option<u8>,
    /// How long calls are counted together for `share`; `1m`, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Duration>,
    /// How long the breaker stays open before one effect tries again; `30s`, if left out. Each
    /// such try that fails doubles it, up to ten minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<Duration>,
}

const LONGEST_TIMEOUT: SignedDuration = SignedDuration::from_secs(30);
/// Longer than the AWS client keeps trying.
const LEAST_FOR_TEXTS: SignedDuration = SignedDuration::from_secs(5);
const DAY: SignedDuration = SignedDuration::from_hours(24);

impl Destination {
    /// What its values cannot be, by the setting.
    pub(crate) fn faults(&self) -> Vec<(&'static str, &'static str)> {
        let breaker = &self.breaker;
        [
            (
                self.quota.is_some_and(|quota| quota.per() != DAY),
                "quota",
                "a quota is that of a day; write it as 1000/d",
            ),
            (
                self.concurrency == Some(0),
                "concurrency",
                "nothing would ever go out; write 1 or more",
            ),
            (
                self.timeout.is_some_and(|timeout| SignedDuration::from(timeout) > LONGEST_TIMEOUT),
                "timeout",
                "the step itself lasts no longer; write up to 30s",
            ),
            (breaker.failures == Some(0), "breaker.failures", "write 1 or more"),
            (
                breaker.share.is_some_and(|share| !(1..=100).contains(&share)),
                "breaker.share",
                "write a number from 1 to 100",
            ),
        ]
        .into_iter()
        .filter_map(|(wrong, setting, message)| wrong.then_some((setting, message)))
        .collect()
    }
}

impl Config {
    /// What the destination is granted: its own settings, else those of `default`, else the
    /// built-in ones.
    #[must_use]
    pub fn delivery(&self, destination: &str) -> Policy {
        let levels = [self.destinations.get(destination), self.destinations.get("default")];
        let levels = levels.map(|level| level.cloned().unwrap_or_default());
        let [own, general] = &levels;
        let rate = own.rate.or(general.rate);
        let usual_timeout = SignedDuration::from_secs(if destination == "crm" { 20 } else { 8 });
        let least = match destination {
            "sms" | "email" | "push" => LEAST_FOR_TEXTS,
            name if is_messenger(name) => LEAST_FOR_TEXTS,
            _ => SignedDuration::ZERO,
        };
        let time = |setting: fn(&Destination) -> Option<Duration>| {
            setting(own).or(setting(general)).map(SignedDuration::from)
        };
        Policy {
            rate: rate.map(|rate| delivery::Rate {
                count: rate.count(),
                per: rate.per(),
                at_once: None,
            }),
            quota: own.quota.or(general.quota).map(Rate::count),
            concurrency: own.concurrency.or(general.concurrency),
            timeout: time(|level| level.timeout).unwrap_or(usual_timeout).max(least),
            deadline: time(|level| level.deadline),
            breaker: Breaker {
                failures: own.breaker.failures.or(general.breaker.failures).unwrap_or(5),
                share: own.breaker.share.or(general.breaker.share).unwrap_or(50),
                window: time(|level| level.breaker.window).unwrap_or(SignedDuration::from_mins(1)),
                open: time(|level| level.breaker.open).unwrap_or(SignedDuration::from_secs(30)),
            },
        }
    }
}

fn is_messenger(destination: &str) -> bool {
    ["wechat:", "wecom:", "whatsapp:"].iter().any(|service| destination.starts_with(service))
}
