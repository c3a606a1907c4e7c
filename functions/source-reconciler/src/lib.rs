//! Asks for what each source should have told, and puts in what did not arrive.

mod compare;
mod crm_origin;
mod history;
mod origins;
mod plan;

pub use origins::{Origins, Senders, Unread};

use channels::Context;
use compare::Comparison;
use domain::{Class, Fault};
use jiff::{SignedDuration, Timestamp};
use rules::{Reconcile, RuleSet};
use runtime::{Clock, Measure, Metric, Outbox, RuleBook, Scheduled, StepFailure, count, measure};
use state::{Cursor, Settings, Sweep, Sweeps, Tally};
use tracing::{error, info, warn};

/// The function.
#[derive(Debug)]
pub struct SourceReconciler<S, G, O, R, C> {
    /// How far each source was compared, and what arrived.
    pub store: S,
    /// Whom to ask.
    pub origins: G,
    /// Where what did not arrive is put in.
    pub inbound: O,
    /// The configuration in force.
    pub rules: RuleBook<R, C>,
    /// The time.
    pub clock: C,
}

/// What one page takes at most: two requests to the other side of 8 s each, and ours beside them.
const LEAST_TIME: SignedDuration = SignedDuration::from_secs(30);

/// Whether a source has more to be looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Progress {
    More,
    Done,
}

impl<S: Sweeps, G: Origins, O: Outbox, R: Settings, C: Clock> Scheduled
    for SourceReconciler<S, G, O, R, C>
{
    /// Takes a page of each source in turn, until none has more or the time runs out: a source with
    /// much to tell, or one that does not answer, holds up no other.
    async fn tick(&self, deadline: Timestamp) {
        let rules = match self.rules.current().await {
            Ok(rules) => rules,
            Err(fault) => {
                let reason = fault.reason();
                error!(code = reason.code, detail = reason.detail, "nothing compared");
                return;
            }
        };
        let mut open: Vec<_> = rules.config().reconcile.iter().collect();
        for (name, reconcile) in &open {
            self.tell_lag(name, reconcile).await;
        }
        while !open.is_empty() {
            let mut more = Vec::new();
            for (name, reconcile) in open {
                if deadline.duration_since(self.clock.now()) < LEAST_TIME {
                    info!(source = name, "the time ran out: the next call goes on");
                    return;
                }
                match self.step(&rules, name, reconcile).await {
                    Ok(Progress::More) => more.push((name, reconcile)),
                    Ok(Progress::Done) => {}
                    Err(StepFailure { reason, .. }) => {
                        let (code, detail) = (reason.code, reason.detail);
                        error!(source = name, code, detail, "not compared: the next call goes on");
                    }
                }
            }
            open = more;
        }
    }
}

impl<S: Sweeps, G: Origins, O: Outbox, R: Settings, C: Clock> SourceReconciler<S, G, O, R, C> {
    /// Measures how much a source's comparison is overdue.
    async fn tell_lag(&self, name: &str, reconcile: &Reconcile) {
        if let Ok(Some(cursor)) = self.store.cursor(name).await {
            let lag = plan::overdue(&cursor, reconcile, self.clock.now());
            measure(Measure::PollerLag { source: name, seconds: lag.as_secs().unsigned_abs() });
        }
    }

    /// Compares one page. What is missing is sent before the cursor says so: after a crash the page is
    /// compared again, and what was sent is recognised by its id. Of two at once, only the one that
    /// replaces the cursor counts.
    async fn step(
        &self,
        rules: &RuleSet,
        name: &str,
        reconcile: &Reconcile,
    ) -> Result<Progress, StepFailure> {
        let now = self.clock.now();
        let Some(mut cursor) = self.store.cursor(name).await? else {
            let mut first = Cursor::new(name, plan::end(reconcile, now));
            first.version = 1;
            self.store.swap_cursor(&first).await?;
            return Ok(Progress::Done);
        };
        let Some(mut sweep) = plan::sweep(&mut cursor, reconcile, rules.version(), now) else {
            return Ok(Progress::Done);
        };
        let before = sweep.tally.clone();
        let page = match self.origins.page(rules, &reconcile.from, &sweep).await {
            Ok(page) => page,
            Err(Unread::Failed(failure)) => return Err(failure),
            Err(Unread::Lapsed(failure)) => {
                self.begin_anew(cursor, sweep).await?;
                return Err(failure);
            }
        };
        self.compare(rules, name, reconcile, page.items, &mut sweep).await?;
        let counted = (!is_dry(&sweep)).then(|| Growth::of(&before, &sweep.tally));
        let progress = if let Some(next) = page.next {
            if let Err(endless) = sweep.turn(next) {
                if self.begin_anew(cursor, sweep).await?
                    && let Some(growth) = counted
                {
                    growth.count(name);
                }
                let endless = StepFailure::retry("pages_endless", endless.to_string());
                return Err(endless.of(Class::Theirs));
            }
            cursor.sweep = Some(sweep);
            Progress::More
        } else {
            let report = plan::finish(&mut cursor, sweep, now);
            // Before the cursor: a report is written again rather than never.
            self.store.put_report(&report).await?;
            Progress::Done
        };
        cursor.version += 1;
        if !self.store.swap_cursor(&cursor).await? {
            info!(source = name, "somebody else was faster: theirs counts");
            return Ok(Progress::Done);
        }
        if let Some(growth) = counted {
            growth.count(name);
        }
        if progress == Progress::Done {
            tell(&cursor);
        }
        Ok(progress)
    }

    /// Notes that the sweep cannot be read on from where it is; returns whether that counts, since
    /// somebody else may have been faster. What was compared is compared again, which changes nothing.
    /// The failure that is told beside it ends the source's turn, so that a list that never gets beyond
    /// some page is asked from its beginning once in a call, until its comparison is overdue.
    async fn begin_anew(&self, mut cursor: Cursor, sweep: Sweep) -> Result<bool, StepFailure> {
        warn!(source = cursor.source, pages = sweep.pages, "the sweep begins anew");
        cursor.sweep = Some(sweep.anew());
        cursor.version += 1;
        Ok(self.store.swap_cursor(&cursor).await?)
    }

    async fn compare(
        &self,
        rules: &RuleSet,
        name: &str,
        reconcile: &Reconcile,
        items: Vec<serde_json::Value>,
        sweep: &mut Sweep,
    ) -> Result<(), StepFailure> {
        let config = rules.config();
        let Some(source) = config.sources.get(name) else { return Ok(()) };
        let region = source.region.as_deref().unwrap_or(&config.company.region);
        let context = Context { source: name, region, received_at: self.clock.now() };
        let dry_run = is_dry(sweep);
        let mut comparison = Comparison {
            store: &self.store,
            inbound: &self.inbound,
            context,
            dry_run,
            tally: &mut sweep.tally,
        };
        let events = comparison.read(source, reconcile, items);
        comparison.settle(events).await
    }
}

fn is_dry(sweep: &Sweep) -> bool {
    sweep.asked.as_ref().is_some_and(|asked| asked.dry_run)
}

/// What a page added to the tally.
struct Growth {
    missing: u64,
    repaired: u64,
}

impl Growth {
    fn of(before: &Tally, after: &Tally) -> Self {
        Self {
            missing: after.missing() - before.missing(),
            repaired: after.repaired - before.repaired,
        }
    }

    fn count(&self, source: &str) {
        count(Metric::Drift(source), self.missing);
        count(Metric::Repaired(source), self.repaired);
    }
}

/// Logs what a sweep found.
fn tell(cursor: &Cursor) {
    let Some(report) = &cursor.last else { return };
    let Tally { expected, found, repaired, .. } = report.tally;
    let (source, left) = (&report.source, report.tally.left());
    info!(source, expected, found, repaired, left, until = %report.until, "compared");
}
