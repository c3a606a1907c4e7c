//! What happens in the world of one seed: customers, their events, and by which door each comes.

use crate::fault::Fault;
use crate::wave::SEEDS;
use domain::{Assurance, Handle, HandleKind};
use serde_json::{Value, json};
use support::telling::{SPAN, Telling, statements, tell};
use support::{Dice, Signed, fresh_phone};

/// Events of the reckoning for each seed, and of how many customers.
const EVENTS: usize = 24;
const CUSTOMERS: usize = 3;
/// Events of each of the customers whom no rule reckons with.
const PLAIN: i64 = 3;
/// Numbers that the events of one seed may bear: those of a wave differ.
const NUMBERS: usize = 1_000;
/// Seconds by which a wrong clock is wrong.
const SKEW: i64 = 600;

/// An event on its way to its door.
#[derive(Clone, Debug)]
pub(crate) struct Post {
    /// What follows `/hooks/`.
    pub(crate) path: &'static str,
    pub(crate) form: Form,
}

/// How a webhook is made.
#[derive(Clone, Debug)]
pub(crate) enum Form {
    /// Its address is its secret.
    Open(Signed),
    /// It is signed when it is sent, as this order says. A clock that is off shows in `now`.
    Signed(Value),
}

/// A customer of whom nothing is known but what they said.
#[derive(Debug)]
pub(crate) struct Plain {
    pub(crate) handle: Handle,
    /// The end of the note about each event.
    pub(crate) notes: Vec<String>,
}

/// What one seed tells.
#[derive(Debug)]
pub(crate) struct Story {
    pub(crate) seed: u64,
    /// The beginning of all its names.
    pub(crate) run: String,
    pub(crate) told: Vec<Telling>,
    pub(crate) phones: Vec<String>,
    pub(crate) plain: Vec<Plain>,
    pub(crate) posts: Vec<Post>,
}

impl Story {
    /// The story of a seed. `run` is of nobody else's.
    pub(crate) fn of(seed: u64, run: String, classes: &[Fault]) -> Self {
        let mut dice = Dice(seed);
        let skewed = classes.contains(&Fault::ClockSkew);
        let now = crate::now().as_second();
        let off = if skewed { [-SKEW, SKEW][dice.below(2)] } else { -3_600 };
        let start = now - i64::try_from(SPAN).expect("days") + off;
        let mut told = tell(EVENTS, CUSTOMERS, start, &mut dice);
        told.extend(statements(EVENTS, CUSTOMERS, start));
        for telling in &mut told {
            telling.number += first_number(seed);
        }
        let phones: Vec<_> = (0..CUSTOMERS).map(|_| fresh_phone()).collect();
        let mut story = Self { seed, run, told, phones, plain: Vec::new(), posts: Vec::new() };
        for telling in story.told.clone() {
            let post =
                story.told_post(&telling, skewed.then(|| now + [-SKEW, SKEW][dice.below(2)]));
            story.posts.push(post);
        }
        for plain in [story.caller(&fresh_phone(), now), story.writer(), story.follower(now)] {
            let (plain, posts) = plain;
            story.plain.push(plain);
            story.posts.extend(posts);
        }
        let again: Vec<_> = story.posts.iter().filter(|_| dice.percent(30)).cloned().collect();
        story.posts.extend(again);
        dice.shuffle(&mut story.posts);
        story
    }

    /// Whether the event of this number is one of them.
    pub(crate) fn tells(&self, number: usize) -> bool {
        number / NUMBERS == first_number(self.seed) / NUMBERS
    }

    /// How many events there are, each counted once.
    pub(crate) fn events(&self) -> usize {
        self.told.len() + self.plain.iter().map(|plain| plain.notes.len()).sum::<usize>()
    }

    fn told_post(&self, telling: &Telling, clock: Option<i64>) -> Post {
        let key = format!("{}-{}", self.run, telling.number);
        let body = telling.body(&key, &self.phones[telling.customer]);
        if telling.number.is_multiple_of(2) {
            let mut order = json!({ "source": "shop", "id": key, "payload": body });
            if let Some(clock) = clock.filter(|_| telling.number.is_multiple_of(4)) {
                order["now"] = clock.into();
            }
            return Post { path: "shop", form: Form::Signed(order) };
        }
        Post {
            path: "told/local-only-hotline-key",
            form: Form::Open(Signed::posted(body.to_string())),
        }
    }

    fn caller(&self, phone: &str, now: i64) -> (Plain, Vec<Post>) {
        let (mut notes, mut posts) = (Vec::new(), Vec::new());
        for index in 0..PLAIN {
            let (start, words) = (now - 900 - 60 * index, format!("{}-c{index}", self.run));
            notes.push(format!("hotline {start} {words}"));
            let form = Form::Open(Signed::call(&words, phone, &words, start, 50));
            posts.push(Post { path: "hotline/local-only-hotline-key", form });
        }
        let handle = Handle::phone(phone, "US", Assurance::Attested).expect("a number");
        (Plain { handle, notes }, posts)
    }

    fn writer(&self) -> (Plain, Vec<Post>) {
        let openid = format!("o{}", self.run);
        let (mut notes, mut posts) = (Vec::new(), Vec::new());
        for index in 0..PLAIN {
            let words = format!("{}-w{index}", self.run);
            notes.push(words.clone());
            // The vendor's ids are numbers of 63 bits.
            let id = words.bytes().fold(7u64, |sum, it| sum.wrapping_mul(131) + u64::from(it));
            let id = id & (u64::MAX >> 1);
            let elements = json!({ "MsgType": "text", "Content": words, "MsgId": id });
            posts.push(signed("wechat-main", "openid", &openid, &elements));
        }
        let account = HandleKind::WechatOpenid;
        (Plain { handle: handle(account, "wx0123456789abcdef", &openid), notes }, posts)
    }

    fn follower(&self, now: i64) -> (Plain, Vec<Post>) {
        let external = format!("wm{}", self.run);
        let (mut notes, mut posts) = (Vec::new(), Vec::new());
        for index in 0..PLAIN {
            let at = now - 300 - 60 * index;
            notes.push(format!("wecom-main {at} -"));
            let elements = json!({
                "CreateTime": at, "MsgType": "event", "Event": "change_external_contact",
                "ChangeType": "add_external_contact", "UserID": "ZhangSan",
                "ExternalUserID": external, "State": "desk", "WelcomeCode": "WELCOME",
            });
            posts.push(signed("wecom-main", "sender", "sys", &elements));
        }
        let account = HandleKind::WecomExternal;
        (Plain { handle: handle(account, "ww0123456789abcdef", &external), notes }, posts)
    }
}

/// What the numbers of a seed's events are above.
fn first_number(seed: u64) -> usize {
    usize::try_from(1 + seed % SEEDS).expect("a few") * NUMBERS
}

fn signed(source: &'static str, who: &str, sender: &str, elements: &Value) -> Post {
    let order = json!({ "source": source, who: sender, "elements": elements });
    Post { path: source, form: Form::Signed(order) }
}

fn handle(kind: HandleKind, scope: &str, value: &str) -> Handle {
    Handle::account(kind, scope, value, Assurance::Attested).expect("an account")
}
