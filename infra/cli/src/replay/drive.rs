//! A run over the stored events, page by page.

use super::dismissed::Dismissed;
use super::parcels::{Packed, pack};
use super::way::Way;
use crate::clock;
use crate::failures::Backlog;
use crate::trouble::Trouble;
use domain::EffectKey;
use indicatif::ProgressBar;
use jiff::{SignedDuration, Timestamp};
use rules::Rate;
use signal_hook::consts::SIGINT;
use signal_hook::flag;
use state::{Histories, Page, Run, RunState, Runs};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How many entries are looked at before the run's record says so.
const PAGE: usize = 100;
/// How many messages go into the queue at once.
const BATCH: usize = 10;
/// How many messages may wait on the replay's way: live events would have to wait behind more.
const DEEPEST: usize = 200;
/// How often a run says that it is at it, at least: well within [`STANDSTILL`].
const BEAT: Duration = Duration::from_secs(15);
/// How long to wait for the queues to drain before looking again.
const DRAIN: Duration = Duration::from_secs(2);

/// How a run came to a halt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Ended {
    /// All is sent. These effects were left alone, since nobody knows whether they happened.
    Done(Vec<EffectKey>),
    /// Ctrl-C.
    Interrupted,
    /// From another terminal.
    Cancelled,
}

/// What a run needs.
pub(super) struct Drive<'a, S, W> {
    store: &'a S,
    way: &'a W,
    status: &'a ProgressBar,
    pub(super) interrupted: Arc<AtomicBool>,
}

impl<'a, S: Runs + Histories + Backlog, W: Way> Drive<'a, S, W> {
    /// From here on Ctrl-C ends a run at its next batch.
    pub(super) fn new(store: &'a S, way: &'a W, status: &'a ProgressBar) -> io::Result<Self> {
        let interrupted = Arc::new(AtomicBool::new(false));
        // Who presses it twice does not want to wait.
        flag::register_conditional_default(SIGINT, Arc::clone(&interrupted))?;
        flag::register(SIGINT, Arc::clone(&interrupted))?;
        Ok(Self { store, way, status, interrupted })
    }

    /// Sends what is left of the run.
    pub(super) async fn through(&self, mut run: Run) -> Result<(Run, Ended), Trouble> {
        let between = between(&run)?;
        let dismissed = Dismissed::read(self.store, &run.plan).await?;
        let mut in_doubt = Vec::new();
        if !self.beat(&mut run).await? {
            return Ok((run, Ended::Cancelled));
        }
        loop {
            let Some(page) = self.next_page(&run).await? else {
                run.state = RunState::Done { at: clock::now() };
                run.moved_at = clock::now();
                let moved = self.store.move_run(&run).await?;
                return Ok((run, if moved { Ended::Done(in_doubt) } else { Ended::Cancelled }));
            };
            let meant: Vec<_> =
                page.entries.iter().filter(|entry| run.plan.means(&entry.tagged.event)).collect();
            let (step, mark) = (run.plan.step, run.mark());
            let packed = pack(self.store, &meant, step, &mark, &dismissed, clock::now()).await?;
            let Packed { parcels, in_doubt: left, dismissed: set_aside } = packed;
            if !self.make_way(&mut run, parcels.len()).await? {
                return Ok((run, Ended::Cancelled));
            }
            for batch in parcels.chunks(BATCH) {
                if self.interrupted.load(Ordering::Relaxed) {
                    return self.halted(run).await;
                }
                self.way.send(batch.to_vec()).await?;
                let count = u32::try_from(batch.len()).unwrap_or(u32::MAX);
                if !self.rest(&mut run, between.saturating_mul(count)).await? {
                    return Ok((run, Ended::Cancelled));
                }
            }
            let progress = &mut run.progress;
            progress.seen += count(page.entries.len());
            progress.meant += count(meant.len());
            progress.sent += count(parcels.len());
            progress.in_doubt += count(left.len());
            progress.dismissed += count(set_aside);
            in_doubt.extend(left);
            step_on(&mut run, page);
            run.moved_at = clock::now();
            if !self.store.move_run(&run).await? {
                return Ok((run, Ended::Cancelled));
            }
            if self.interrupted.load(Ordering::Relaxed) {
                return self.halted(run).await;
            }
            self.tell(&run, "");
        }
    }

    /// The next entries; none where all were looked at.
    async fn next_page(&self, run: &Run) -> Result<Option<Page>, Trouble> {
        let progress = &run.progress;
        let profile = match &run.plan.profiles {
            None if progress.histories > 0 => return Ok(None),
            None => None,
            Some(profiles) => match profiles.get(progress.histories) {
                None => return Ok(None),
                profile => profile,
            },
        };
        Ok(Some(self.store.page(profile, progress.place.as_ref(), PAGE).await?))
    }

    /// Waits until what was sent before is worked off, so that live events need not wait behind it.
    /// Returns whether the run goes on.
    async fn make_way(&self, run: &mut Run, parcels: usize) -> Result<bool, Trouble> {
        while parcels > 0 && !self.interrupted.load(Ordering::Relaxed) {
            let depth = self.way.depth().await?;
            if depth < DEEPEST {
                break;
            }
            self.tell(run, &format!("; waits for the queues, which hold {depth}"));
            if !self.rest(run, DRAIN).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Lets time pass, and says meanwhile that it is at it. Returns whether the run goes on.
    async fn rest(&self, run: &mut Run, time: Duration) -> Result<bool, Trouble> {
        let mut left = time;
        loop {
            let next = left.min(BEAT);
            self.way.pause(next).await;
            left = left.saturating_sub(next);
            if !self.beat(run).await? {
                return Ok(false);
            }
            if left.is_zero() || self.interrupted.load(Ordering::Relaxed) {
                return Ok(true);
            }
        }
    }

    /// Says that the run is driven, without another place in the histories. Returns whether nobody
    /// has cancelled it.
    async fn beat(&self, run: &mut Run) -> Result<bool, Trouble> {
        run.progress.halted = false;
        run.moved_at = clock::now();
        Ok(self.store.move_run(run).await?)
    }

    /// Says that nobody drives the run any more, so that it can be resumed at once.
    async fn halted(&self, mut run: Run) -> Result<(Run, Ended), Trouble> {
        run.progress.halted = true;
        let open = self.store.move_run(&run).await?;
        Ok((run, if open { Ended::Interrupted } else { Ended::Cancelled }))
    }

    fn tell(&self, run: &Run, aside: &str) {
        let state::Progress { seen, sent, .. } = run.progress;
        self.status.set_message(format!(
            "{}: {seen} events looked at, {sent} messages sent{aside}; ctrl-c interrupts",
            run.id
        ));
        self.status.tick();
    }
}

/// To the end of the page, or to the beginning of the next history.
fn step_on(run: &mut Run, page: Page) {
    run.progress.histories += usize::from(page.end.is_none());
    run.progress.place = page.end;
}

/// The time that one message takes at the run's rate.
fn between(run: &Run) -> Result<Duration, Trouble> {
    let rate: Rate = run.plan.rate.parse().map_err(|_| Trouble::Usage {
        what: format!("the rate of {} is none", run.id),
        remedy: "Begin another: omnicord replay --rate 50/s".into(),
    })?;
    let per = Duration::try_from(rate.per()).unwrap_or_default();
    Ok(per / rate.count().max(1))
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// How long a run may stand still before it counts as interrupted.
const STANDSTILL: SignedDuration = SignedDuration::from_mins(1);

/// Until when an open run counts as driven by some terminal.
pub(super) fn driven_until(run: &Run) -> Timestamp {
    if run.progress.halted {
        return run.moved_at;
    }
    run.moved_at.checked_add(STANDSTILL).unwrap_or(Timestamp::MAX)
}
