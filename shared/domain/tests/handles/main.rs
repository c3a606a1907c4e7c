//! Normalisation of every kind of handle: total, idempotent, one spelling for one customer.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

mod emails;
mod keys;
mod mailboxes;
mod phones;
mod services;

use proptest::prelude::*;
use std::ops::RangeInclusive;

/// Any text at all, control characters included.
fn anything() -> impl Strategy<Value = String> {
    proptest::collection::vec(any::<char>(), 0..24).prop_map(String::from_iter)
}

/// As many decimal digits.
fn digits(count: RangeInclusive<usize>) -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::char::range('0', '9'), count).prop_map(String::from_iter)
}

/// Characters out of which `alphabet` consists, so that the inner branches are reached.
fn drawn_from(alphabet: &'static str) -> impl Strategy<Value = String> {
    let characters: Vec<char> = alphabet.chars().collect();
    proptest::collection::vec(proptest::sample::select(characters), 0..24)
        .prop_map(String::from_iter)
}
