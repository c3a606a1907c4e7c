//! What must come of events under [`RULES`](crate::telling::RULES), reckoned once more from the
//! events alone.

use crate::telling::{Telling, What, price};
use std::collections::{BTreeMap, BTreeSet};

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// An event of one customer, as the pipeline came to handle it.
#[derive(Clone, Debug)]
pub struct Handled {
    /// The event.
    pub telling: Telling,
    /// When it was decided what to do about it, in seconds since 1970.
    pub decided_at: i64,
}

/// One thing that is done.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Deed {
    /// The rule that asked for it.
    pub rule: String,
    /// The event's number.
    pub number: usize,
    /// In which words.
    pub says: String,
    /// The time before which it must not be done, in seconds since 1970, if any.
    pub not_before: Option<i64>,
}

/// Whether messages wait for the morning.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Night {
    /// As [`RULES`](crate::telling::RULES) say.
    Quiet,
    /// Without their `quiet`.
    Open,
}

/// What a tag must be: since when, until when.
pub type Tags = BTreeMap<&'static str, (i64, Option<i64>)>;

/// What must have come of one customer's events, in the order in which they were applied.
#[must_use]
pub fn expected(history: &[Handled], night: Night) -> (Tags, BTreeSet<Deed>) {
    let (mut seen, mut tags) = (Vec::new(), Tags::new());
    let mut fired: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    let mut deeds = BTreeSet::new();
    for Handled { telling, decided_at } in history {
        seen.push(telling);
        let before = std::mem::replace(&mut tags, self::tags(&seen));
        let mut act = |rule: &str, says: String, not_before| {
            let (rule, number) = (rule.to_owned(), telling.number);
            deeds.insert(Deed { rule, number, says, not_before });
        };
        let changed = changed(&before, &tags);
        if !changed.is_empty() {
            act("tags", changed, None);
        }
        let as_of = As { of: telling.at, seen: &seen };
        match &telling.what {
            What::Order("shipped", cents) => {
                act("shipped", format!("total {}", price(*cents)), None);
                let spent = as_of.spent();
                if spent >= 10_000 {
                    act("big-order", format!("spent {}", amount(spent)), None);
                }
            }
            What::Order("delivered", _) if decided_at - telling.at <= 15 * DAY => {
                act("parcel", "delivered".into(), None);
            }
            What::Message(words) => {
                act(if telling.is_bad() { "complaint" } else { "contact" }, (*words).into(), None);
                let out = match night {
                    Night::Quiet => after_the_night(*decided_at),
                    Night::Open => *decided_at,
                };
                let times = fired.entry("thanks").or_default();
                let lately = |span| times.iter().filter(|at| **at > decided_at - span).count();
                if lately(6 * HOUR) == 0 && lately(2 * DAY) < 2 {
                    times.push(out);
                    let waits = (out != *decided_at).then_some(out);
                    act("thanks", format!("Thank you for {}", telling.number), waits);
                }
            }
            What::Call(seconds, words) => {
                let long = telling.is_bad() && *seconds >= 60;
                act(if long { "complaint" } else { "contact" }, (*words).into(), None);
                let times = fired.entry("call-back").or_default();
                if !times.iter().any(|at| *at > decided_at - DAY) {
                    times.push(*decided_at);
                    act("call-back", format!("after {seconds} s"), None);
                }
            }
            What::Statement => act("statement", as_of.statement(&tags), None),
            What::Order(..) => {}
        }
    }
    (tags, deeds)
}

impl Telling {
    fn words(&self) -> &'static str {
        match self.what {
            What::Message(words) | What::Call(_, words) => words,
            What::Order(..) | What::Statement => "",
        }
    }

    fn is_bad(&self) -> bool {
        self.words().contains("broken")
    }

    fn issue(&self) -> Option<&'static str> {
        let about_a_parcel = || self.words().contains("parcel").then_some("delivery");
        self.is_bad().then_some("quality").or_else(about_a_parcel)
    }

    fn is_order(&self, meant: &str) -> bool {
        matches!(self.what, What::Order(topic, _) if topic == meant)
    }
}

/// What was seen of a customer, looked at as of a time.
struct As<'a> {
    of: i64,
    seen: &'a [&'a Telling],
}

impl As<'_> {
    /// What happened within the window that ends then, oldest first.
    fn within(&self, days: i64) -> impl Iterator<Item = &Telling> {
        let start = self.of - days * DAY;
        let mut found: Vec<_> = self.seen.to_vec();
        found.retain(|telling| start < telling.at && telling.at <= self.of);
        found.sort_by_key(|telling| telling.at);
        found.into_iter()
    }

    fn complaints(&self) -> usize {
        self.within(7).filter(|telling| telling.is_bad()).count()
    }

    fn spent(&self) -> i64 {
        let cents = self.within(10).filter_map(|telling| match telling.what {
            What::Order("shipped", cents) => Some(cents),
            What::Order(..) | What::Message(_) | What::Call(..) | What::Statement => None,
        });
        cents.sum()
    }

    fn talked(&self) -> u32 {
        let seconds = self.within(5).filter_map(|telling| match telling.what {
            What::Call(seconds, _) => Some(seconds),
            What::Message(_) | What::Order(..) | What::Statement => None,
        });
        seconds.sum()
    }

    fn statement(&self, tags: &Tags) -> String {
        let contacts = self.within(3).filter(|telling| !telling.words().is_empty()).count();
        let issues: Vec<_> = self.within(10).filter_map(Telling::issue).collect();
        let mut different: Vec<_> = Vec::new();
        for issue in &issues {
            if !different.contains(issue) {
                different.push(*issue);
            }
        }
        let number = |telling: Option<&Telling>| {
            telling.map_or("-".to_owned(), |telling| telling.number.to_string())
        };
        let last = self.within(10).filter(|telling| telling.is_order("shipped")).last();
        let orders =
            self.seen.iter().filter(|telling| matches!(telling.what, What::Order(..))).copied();
        let or_none = |names: Vec<&str>| {
            if names.is_empty() { "-".to_owned() } else { names.join(" ") }
        };
        format!(
            "complaints {}, contacts {contacts}, spent {}, talked {}, first {}, last {}, \
             issues {}, latest {}, tags {}",
            self.complaints(),
            amount(self.spent()),
            self.talked(),
            issues.first().unwrap_or(&"-"),
            number(last),
            or_none(different),
            number(orders.max_by_key(|telling| telling.at)),
            or_none(tags.keys().copied().collect()),
        )
    }
}

/// The tags that these events leave, in whatever order they came.
fn tags(seen: &[&Telling]) -> Tags {
    let newest = seen.iter().map(|telling| telling.at).max().unwrap_or_default();
    let latest = |meant: &dyn Fn(&Telling) -> bool| {
        seen.iter().filter(|telling| meant(telling)).map(|telling| telling.at).max()
    };
    // A condition about the customer is looked at whenever something happened that it measures,
    // and at the end of what is known.
    let latest_as_of = |measured: &dyn Fn(&Telling) -> bool, holds: &dyn Fn(&As) -> bool| {
        latest(&|telling| {
            (measured(telling) || telling.at == newest) && holds(&As { of: telling.at, seen })
        })
    };
    let delivered = latest(&|telling| telling.is_order("delivered"));
    let not_lifted = |since: &i64| delivered.is_none_or(|delivered| *since > delivered);
    let is_call = |telling: &Telling| matches!(telling.what, What::Call(..));
    let high_care = latest_as_of(&Telling::is_bad, &|as_of| as_of.complaints() >= 3);
    let upset = latest(&|telling| telling.words().contains("unacceptable"));
    let big_spender =
        latest_as_of(&|telling| telling.is_order("shipped"), &|as_of| as_of.spent() >= 10_000);
    let talker = latest_as_of(&is_call, &|as_of| as_of.talked() >= 900 && not_lifted(&as_of.of));
    let rules = [
        ("high_care", high_care, Some(4)),
        ("upset", upset.filter(not_lifted), Some(5)),
        ("big_spender", big_spender, None),
        ("talker", talker, Some(2)),
    ];
    let borne = rules.into_iter().filter_map(|(name, since, days)| {
        let since = since?;
        let until = days.map(|days: i64| since + days * DAY);
        until.is_none_or(|until| until > newest).then_some((name, (since, until)))
    });
    borne.collect()
}

/// The synced tags that came, with a plus, and those that went, with a minus.
fn changed(before: &Tags, after: &Tags) -> String {
    let synced = ["high_care", "upset"];
    let sign = |tag: &&str| match (before.contains_key(*tag), after.contains_key(*tag)) {
        (false, true) => format!("+{tag}"),
        (true, false) => format!("-{tag}"),
        (true, true) | (false, false) => String::new(),
    };
    let mut signs: Vec<_> = synced.iter().map(sign).filter(|sign| !sign.is_empty()).collect();
    signs.sort();
    signs.join(" ")
}

/// A message decided on between 21:00 and 08:00 goes out at 08:00.
fn after_the_night(decided_at: i64) -> i64 {
    let (midnight, time) = (decided_at.div_euclid(DAY) * DAY, decided_at.rem_euclid(DAY));
    match time / HOUR {
        0..8 => midnight + 8 * HOUR,
        21.. => midnight + DAY + 8 * HOUR,
        _ => decided_at,
    }
}

/// Hundredths without needless zeros.
fn amount(cents: i64) -> String {
    price(cents).trim_end_matches('0').trim_end_matches('.').to_owned()
}
