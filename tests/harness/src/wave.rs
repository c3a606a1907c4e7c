//! Several seeds at once: customers of their own each, the same faults for all.

use crate::brew;
use crate::check::{Outside, violations};
use crate::fault::Fault;
use crate::operator::{self, Left, QUEUES};
use crate::results::Outcome;
use crate::second::{Feed, Second};
use crate::sender::Sender;
use crate::story::Story;
use crate::turns;
use crate::world::World;
use domain::FailureId;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use support::{Dice, texts};
use tokio::task::JoinSet;

/// How many seeds are under way at once.
pub(crate) const SEEDS: u64 = 8;

/// The wave that a seed is part of.
pub(crate) fn of(seed: u64) -> u64 {
    seed / SEEDS
}

/// Runs a wave, with these faults or else with those that are dealt to it.
pub(crate) async fn run(world: &World, wave: u64, chosen: Option<&[Fault]>) -> Vec<Outcome> {
    let began = Instant::now();
    let classes = chosen.map_or_else(|| brew::classes(wave), <[_]>::to_vec);
    let names: Vec<_> = classes.iter().map(ToString::to_string).collect();
    eprintln!("wave 0x{wave:x}: {}", names.join(", "));
    let known: BTreeSet<_> =
        operator::unsettled(world).await.into_iter().map(|record| record.id).collect();
    world.endpoint.take();
    let stories: Vec<_> = (wave * SEEDS..(wave + 1) * SEEDS)
        .map(|seed| {
            let run = format!("s{seed:x}n{:x}", crate::now().as_second());
            Story::of(seed, run, &classes)
        })
        .collect();
    let mut dice = Dice(wave ^ 0xfa17);
    let mut posts: Vec<_> = stories.iter().flat_map(|story| story.posts.clone()).collect();
    dice.shuffle(&mut posts);
    let half = posts.len() / 2;
    let sender = Arc::new(Sender::new(&world.stack, posts));
    world.brew.arm(&classes, &mut dice);
    turns::before(world, &classes);
    let second =
        classes.contains(&Fault::Frozen).then(|| Second::start(&world.emulator, feeds(world)));
    let mut delivering = JoinSet::new();
    let source = Arc::clone(&sender);
    delivering.spawn(async move { source.deliver().await });
    let (poisoned, mut common) = turns::poison(world, &classes).await;
    while sender.done.load(Ordering::Relaxed) < half {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    turns::during(world, &sender, &classes);
    common.extend(delivering.join_all().await.into_iter().flatten());
    let sent = began.elapsed().as_secs();
    let left = come_to_rest(world, &known).await;
    let quiet_s = began.elapsed().as_secs() - sent;
    if let Some(second) = second {
        second.dismiss();
    }
    world.brew.count(Fault::ClockSkew, sender.stale.load(Ordering::Relaxed));
    let struck = world.brew.end();
    turns::after(world, &classes);
    match left {
        Ok(left) => {
            let junk = if classes.contains(&Fault::PoisonMessage) { QUEUES.len() } else { 0 };
            let cut_off = struck.get(&Fault::MessageTruncated).copied().unwrap_or_default();
            for (what, found, made) in
                [("bodies", left.bodies, poisoned), ("messages", left.messages, junk + cut_off)]
            {
                if found != made {
                    common.push(format!("{found} {what} are left as unreadable, {made} are"));
                }
            }
        }
        Err(violation) => common.push(violation),
    }
    let outside =
        Outside { told: world.endpoint.take(), texts: texts(&world.stack.endpoint).await };
    let mut outcomes = Vec::new();
    for story in &stories {
        let mut found = violations(world, story, &outside).await;
        found.extend(common.iter().cloned());
        outcomes.push(Outcome {
            seed: story.seed,
            events: story.events(),
            faults: struck.iter().map(|(fault, times)| (fault.to_string(), *times)).collect(),
            sent_s: sent,
            quiet_s,
            took_s: began.elapsed().as_secs(),
            violations: found,
        });
    }
    outcomes
}

/// Sees everything to its end, and then what was cut off, as a person would send it again.
async fn come_to_rest(world: &World, known: &BTreeSet<FailureId>) -> Result<Left, String> {
    let left = operator::calm(world, known).await?;
    world.brew.stop();
    let truncated = world.proxy.take_truncated();
    if truncated.is_empty() {
        return Ok(left);
    }
    for parcel in truncated {
        let number = world.fresh.fetch_add(1, Ordering::Relaxed);
        world.proxy.send(&parcel, &format!("whole-{number}"));
    }
    operator::calm(world, known).await
}

fn feeds(world: &World) -> Vec<Feed> {
    let feed = |(queue, step): (&str, &str)| Feed {
        queue: world.queue(queue),
        name: format!("{}-{queue}.fifo", world.stack.name),
        function: world.function(step),
    };
    QUEUES.into_iter().map(feed).collect()
}
