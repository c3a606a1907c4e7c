//! A FIFO queue that drops no repetition.

use jiff::Timestamp;
use runtime::Parcel;
use std::collections::{HashMap, VecDeque};
use support::Dice;

/// The messages of one group, oldest first.
#[derive(Debug)]
struct Group {
    parcels: VecDeque<Parcel>,
    /// From when on the first of them may be taken.
    visible_at: Timestamp,
}

/// Groups that each keep their order.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    groups: HashMap<String, Group>,
    /// Those with messages, in no order.
    filled: Vec<String>,
}

impl Queue {
    /// Puts a message at the end of its group.
    pub(crate) fn push(&mut self, parcel: Parcel) {
        self.group(&parcel).parcels.push_back(parcel);
    }

    /// Puts a message that was taken back to where it was: nobody sees its group before then.
    pub(crate) fn put_back(&mut self, parcel: Parcel, visible_at: Timestamp) {
        let group = self.group(&parcel);
        group.parcels.push_front(parcel);
        group.visible_at = visible_at;
    }

    /// Takes the first message of any group that is visible.
    pub(crate) fn take(&mut self, now: Timestamp, dice: &mut Dice) -> Option<Parcel> {
        let count = self.filled.len();
        let start = if count == 0 { 0 } else { dice.below(count) };
        let visible = |place: &usize| self.groups[&self.filled[*place]].visible_at <= now;
        let place = (start..count).chain(0..start).find(visible)?;
        let group = self.groups.get_mut(&self.filled[place])?;
        let parcel = group.parcels.pop_front();
        if group.parcels.is_empty() {
            self.groups.remove(&self.filled.swap_remove(place));
        }
        parcel
    }

    /// When the next message becomes visible, if there is one.
    pub(crate) fn next_at(&self) -> Option<Timestamp> {
        self.groups.values().map(|group| group.visible_at).min()
    }

    fn group(&mut self, parcel: &Parcel) -> &mut Group {
        self.groups.entry(parcel.group.clone()).or_insert_with(|| {
            self.filled.push(parcel.group.clone());
            Group { parcels: VecDeque::new(), visible_at: Timestamp::MIN }
        })
    }
}
