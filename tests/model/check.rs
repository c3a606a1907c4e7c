//! What must be true of the world that is left, whatever went wrong on the way there.

use crate::world::World;
use domain::{
    Consent, ConsentBy, ConsentId, Customer, CustomerId, EventId, EventKind, InboundEvent,
};
use identity::Group;
use jiff::Timestamp;
use rules::RuleSet;
use state::EffectState;
use std::collections::{BTreeMap, BTreeSet};

/// What happened, as far as it bears on what can be expected.
pub(crate) struct Told<'a> {
    pub(crate) events: &'a [InboundEvent],
    /// Whether profiles are merged.
    pub(crate) merges: bool,
    /// Whether some events come only as timers ring.
    pub(crate) late: bool,
}

/// What does not hold.
#[derive(Default)]
struct Wrong(Vec<String>);

impl Wrong {
    fn unless(&mut self, holds: bool, what: impl Into<String>) {
        if !holds {
            self.0.push(what.into());
        }
    }
}

/// What is wrong with a world, whatever was told: nothing is lost, and nothing said twice.
pub(crate) fn alone(told: &Told<'_>, rules: &RuleSet, world: &World) -> Vec<String> {
    let mut wrong = Wrong::default();
    let lost = told.events.iter().filter(|event| !world.knows(&event.id));
    let mut lost = lost.filter(|event| !world.is_event_parked(&event.id));
    wrong.unless(lost.next().is_none(), "an event is neither known nor parked");
    let unfinished = world.unfinished();
    wrong.unless(unfinished.is_empty(), format!("neither done nor parked: {unfinished:?}"));
    let undone = undone(world);
    wrong.unless(undone.is_empty(), format!("counts as done, and was not: {undone:?}"));
    let sent = world.texts_sent();
    wrong.unless(sent.values().all(|times| *times == 1), "a text was sent twice");
    let said: BTreeSet<_> = sent.into_keys().chain(world.withheld()).collect();
    let decided = world.texts_decided();
    wrong.unless(said.is_subset(&decided), "a text was sent that nobody decided on");
    // A change that the CRM declined, or that waits for people, it cannot show.
    if world.told_every_tag() {
        let other = mistold(told, rules, world);
        wrong.unless(other.is_empty(), format!("the CRM bears other tags than {other:?}"));
    }
    let forgotten = forgotten(rules, world);
    wrong.unless(forgotten.is_empty(), format!("nobody is woken for {forgotten:?}"));
    wrong.0
}

/// What differs from the world that the same events leave that come one after the other, in good
/// weather.
pub(crate) fn against(told: &Told<'_>, clean: &World, world: &World) -> Vec<String> {
    let mut wrong = Wrong::default();
    let (due, told_of) = (consents(clean, world), consents(world, world));
    wrong.unless(due == told_of, format!("another consent stands: {due:?}, {told_of:?}"));
    let (due, decided) = (deeds(told, clean, world), deeds(told, world, world));
    let other: Vec<_> = due.symmetric_difference(&decided).collect();
    wrong.unless(other.is_empty(), format!("decided by one run alone: {other:?}"));
    // An event may have joined profiles before it was torn.
    let whole = !told.merges || told.events.iter().all(|event| world.knows(&event.id));
    if whole {
        let same = customers(clean) == customers(world);
        wrong.unless(same, "events belong to other customers");
    }
    // What comes after a ring may move the timer, which then rings twice.
    if whole && !told.late {
        let (due, rung) = (rings(clean), rings(world));
        for (together, (members, rung)) in rung {
            let Some((_, due)) = due.get(&together) else { continue };
            let open =
                |timer: &str| members.iter().any(|member| world.is_ring_parked(member, timer));
            let missing = due.difference(&rung).filter(|(timer, _)| !open(timer));
            let other: Vec<_> = missing.chain(rung.difference(due)).collect();
            wrong.unless(other.is_empty(), format!("rang in one run alone: {other:?}"));
        }
    }
    // Which of several profiles is the customer's own is a question of order, and where a ring is
    // left for people, what it would have changed is still to come.
    let missing = clean.contents.events.keys().any(|event| !world.knows(event));
    if told.merges || told.late || missing {
        return wrong.0;
    }
    let (due, mut left) = (clean.profiles(), world.profiles());
    // A customer of whom nothing but a torn message told.
    left.retain(|_, profile| profile.last_event.is_some());
    wrong.unless(due == left, format!("a profile differs: {due:#?}, {left:#?}"));
    wrong.unless(clean.history() == world.history(), "the history differs");
    wrong.0
}

/// Effects that are over, and of which the outside knows nothing.
fn undone(world: &World) -> BTreeSet<String> {
    let over = world
        .contents
        .effects
        .values()
        .filter(|effect| effect.state == EffectState::Done && effect.withheld.is_none());
    let done = &world.done;
    let undone =
        over.filter(|it| !done.written.contains(&it.id) && !done.texts.contains_key(&it.id));
    undone.map(|effect| effect.id.to_string()).collect()
}

/// Customers whose tags are not those that the CRM was told of, with both. Profiles that were merged
/// may each have a record there, which only its own people can merge: on one of them is each tag, and
/// on others may be what was true before.
fn mistold(
    told: &Told<'_>,
    rules: &RuleSet,
    world: &World,
) -> Vec<(CustomerId, BTreeSet<String>, BTreeSet<String>)> {
    let synced: BTreeSet<_> =
        rules.config().tags.iter().filter(|tag| tag.sync).map(|tag| tag.name.clone()).collect();
    let one = |root: &Customer| {
        let borne: BTreeSet<_> = tags(world, &root.id).intersection(&synced).cloned().collect();
        let records = Group::member_ids(root).into_iter().chain([root.id.clone()]);
        let mut shown: BTreeSet<_> =
            records.filter_map(|id| world.done.tags.get(&id)).flatten().cloned().collect();
        if told.merges {
            shown.retain(|tag| borne.contains(tag));
        }
        (root.id.clone(), borne, shown)
    };
    let customers = world.contents.customers.values();
    let roots = customers.filter(|customer| customer.membership.merged_into.is_none());
    roots.map(one).filter(|(_, borne, shown)| borne != shown).collect()
}

/// The tags of the customer for whom this profile stands.
fn tags(world: &World, root: &CustomerId) -> BTreeSet<String> {
    let customer = &world.contents.customers[root];
    customer.joint_tags.as_ref().unwrap_or(&customer.profile.tags).keys().cloned().collect()
}

/// What customers want, where it was told by events that came into their history: a worker that
/// dies tells of a consent just before, and the message of its event may then be torn.
fn consents(of: &World, troubled: &World) -> BTreeMap<ConsentId, Consent> {
    let mut consents = of.contents.consents.clone();
    let torn = |consent: &Consent| match &consent.by {
        ConsentBy::Event(event) => !troubled.knows(event),
        ConsentBy::Person(_) => false,
    };
    consents.retain(|id, _| !troubled.contents.consents.get(id).is_some_and(torn));
    consents
}

/// What was decided, as far as it is the same in every order.
fn deeds(told: &Told<'_>, of: &World, troubled: &World) -> BTreeSet<(EventId, String)> {
    let told_of: BTreeMap<_, _> = told.events.iter().map(|event| (&event.id, event)).collect();
    let mut deeds = of.deeds();
    deeds.retain(|(event, rule)| {
        // It may have been parked on its way to the decision.
        if troubled.is_event_parked(event) && !troubled.is_decided(event) {
            return false;
        }
        match told_of.get(event) {
            // Whose number is known when is a question of order, unless the event bears it.
            Some(event) => {
                let reachable = event.handles.iter().any(|handle| handle.dialable().is_some());
                !told.merges || reachable || !rule.starts_with("sms")
            }
            // So are which profile's timer rings, and how often it rang before the last event came.
            None => !told.merges && !told.late && !waits_for_ring(event, of, troubled),
        }
    });
    deeds
}

/// Whether a ring comes of a timer that goes on only once people have seen to another ring of it.
fn waits_for_ring(ring: &EventId, of: &World, troubled: &World) -> bool {
    let record = &of.contents.events[ring];
    let entry = &of.contents.timeline[&(record.customer.clone(), record.entry.clone())];
    troubled.is_ring_parked(&record.customer, &entry.tagged.event.topic)
}

/// The timers that are due and for which no call comes any more, nor waits for people.
fn forgotten(rules: &RuleSet, world: &World) -> Vec<(CustomerId, String)> {
    let customers = world.contents.customers.values();
    let roots = customers.filter(|customer| customer.membership.merged_into.is_none());
    let due = roots.flat_map(|root| {
        let member = |id: &CustomerId| world.contents.customers[id].clone();
        let members: Vec<_> = Group::member_ids(root).iter().map(member).collect();
        let group = Group { root: root.clone(), members };
        let open = |timer: &String| {
            let mut all = group.members.iter().chain([&group.root]);
            all.any(|profile| world.is_ring_parked(&profile.id, timer))
        };
        let due = rules.timers(&rules.combine(&group)).into_keys().filter(|timer| !open(timer));
        due.map(|timer| (root.id.clone(), timer)).collect::<Vec<_>>()
    });
    due.collect()
}

/// The profile that stands for the customer.
fn root(world: &World, profile: &CustomerId) -> CustomerId {
    let customers = &world.contents.customers;
    let mut root = &customers[profile];
    while let Some(into) = &root.membership.merged_into {
        root = &customers[into];
    }
    root.id.clone()
}

/// Which events belong together, by the customer.
fn together(world: &World) -> BTreeMap<CustomerId, BTreeSet<EventId>> {
    let mut together: BTreeMap<CustomerId, BTreeSet<EventId>> = BTreeMap::new();
    let events = world.contents.events.values();
    for event in events.filter(|event| event.kind != EventKind::Timer) {
        together.entry(root(world, &event.customer)).or_default().insert(event.id.clone());
    }
    together
}

/// Which events belong together, and what they made of the customer.
fn customers(world: &World) -> BTreeSet<(BTreeSet<EventId>, BTreeSet<String>)> {
    let all = together(world).into_iter();
    all.map(|(root, events)| (events, tags(world, &root))).collect()
}

/// A customer's profiles, and what rang: which timer, for which time.
type Rings = (BTreeSet<CustomerId>, BTreeSet<(String, Timestamp)>);

/// What rang for the customers, known by their events: which of their profiles it rang for is a
/// question of order.
fn rings(world: &World) -> BTreeMap<BTreeSet<EventId>, Rings> {
    let mut rings: BTreeMap<CustomerId, Rings> = BTreeMap::new();
    for profile in world.contents.customers.keys() {
        rings.entry(root(world, profile)).or_default().0.insert(profile.clone());
    }
    for ((profile, _), entry) in &world.contents.timeline {
        let event = &entry.tagged.event;
        if event.kind == EventKind::Timer {
            let rung = &mut rings.entry(root(world, profile)).or_default().1;
            rung.insert((event.topic.clone(), event.occurred_at));
        }
    }
    let mut of = |root: &CustomerId| rings.remove(root).unwrap_or_default();
    together(world).into_iter().map(|(root, events)| (events, of(&root))).collect()
}
