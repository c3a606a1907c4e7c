//! Messages between the steps: what can be read is the same after the next queue.

use crate::quiet::survives_a_queue;
use domain::{Customer, DeadLetter, Failure, InboundEvent, Matched, Outbound, Tagged};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;

pub(crate) fn holds(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    read::<InboundEvent>(text);
    read::<Matched>(text);
    read::<Tagged>(text);
    read::<Outbound>(text);
    read::<DeadLetter>(text);
    read::<Customer>(text);
    read::<Failure>(text);
}

fn read<T: Serialize + DeserializeOwned + PartialEq + Debug>(text: &str) {
    if let Ok(message) = serde_json::from_str::<T>(text) {
        survives_a_queue(&message);
    }
}
