//! A FIFO queue, as SQS keeps one.

use jiff::{SignedDuration, Timestamp};
use runtime::Parcel;
use std::collections::{HashMap, VecDeque};
use support::Dice;

/// How long SQS remembers what it was sent.
const MEMORY: SignedDuration = SignedDuration::from_mins(5);

/// A message in a queue.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    /// The queue's own name for it.
    pub(crate) id: String,
    pub(crate) parcel: Parcel,
    /// How often it was handed out.
    pub(crate) receives: u32,
    pub(crate) sent_at: Timestamp,
}

/// The messages of one group, oldest first.
#[derive(Debug)]
struct Group {
    messages: VecDeque<Message>,
    /// From when on the first of them may be taken.
    visible_at: Timestamp,
}

/// Groups that each keep their order.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    groups: HashMap<String, Group>,
    /// Those with messages, in no order.
    filled: Vec<String>,
    taken: usize,
    /// What was sent lately, by group and deduplication id; nothing, where repetitions pass.
    seen: Option<HashMap<(String, String), Timestamp>>,
}

impl Queue {
    /// A queue that drops what it was sent minutes ago, or one that drops nothing.
    pub(crate) fn new(drops_repetitions: bool) -> Self {
        Self { seen: drops_repetitions.then(HashMap::new), ..Self::default() }
    }

    /// Puts a message at the end of its group.
    pub(crate) fn push(&mut self, parcel: Parcel, now: Timestamp) {
        if let Some(seen) = &mut self.seen {
            let key = (parcel.group.clone(), parcel.deduplication.clone());
            if seen.get(&key).is_some_and(|at| now.duration_since(*at) < MEMORY) {
                return;
            }
            seen.insert(key, now);
        }
        self.taken += 1;
        let id = self.taken.to_string();
        self.put_behind(Message { id, parcel, receives: 0, sent_at: now });
    }

    /// Puts a message that was taken behind all others of its group.
    pub(crate) fn put_behind(&mut self, message: Message) {
        self.group(&message.parcel.group).messages.push_back(message);
    }

    /// Puts a message that was taken back to where it was: nobody sees its group before then.
    pub(crate) fn put_back(&mut self, message: Message, visible_at: Timestamp) {
        let group = self.group(&message.parcel.group);
        group.messages.push_front(message);
        group.visible_at = visible_at;
    }

    /// Takes the first message of any group that is visible.
    pub(crate) fn take(&mut self, now: Timestamp, dice: &mut Dice) -> Option<Message> {
        let count = self.filled.len();
        let start = if count == 0 { 0 } else { dice.below(count) };
        let visible = |place: &usize| self.groups[&self.filled[*place]].visible_at <= now;
        let place = (start..count).chain(0..start).find(visible)?;
        let group = self.groups.get_mut(&self.filled[place])?;
        let mut message = group.messages.pop_front()?;
        if group.messages.is_empty() {
            self.groups.remove(&self.filled.swap_remove(place));
        }
        message.receives += 1;
        Some(message)
    }

    /// When the next message becomes visible, if there is one.
    pub(crate) fn next_at(&self) -> Option<Timestamp> {
        self.groups.values().map(|group| group.visible_at).min()
    }

    fn group(&mut self, name: &str) -> &mut Group {
        self.groups.entry(name.to_owned()).or_insert_with(|| {
            self.filled.push(name.to_owned());
            Group { messages: VecDeque::new(), visible_at: Timestamp::MIN }
        })
    }
}
