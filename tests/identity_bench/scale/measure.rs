//! The costs, measured.

use super::metered::{Meter, Metered, processor_time};
use crate::case::Case;
use crate::graph::{Graph, Requests};
use std::time::Duration;

/// How many customers the graphs begin with.
pub(super) const SIZES: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];
/// Events of each case, in each graph.
pub(super) const EVENTS: usize = 1_000;
/// Events that are timed together; the middle one of all such batches counts.
pub(super) const BATCH: usize = 50;

/// What one case costs in a graph of one size.
pub(super) struct Cost {
    /// How many customers there were.
    pub(super) size: usize,
    pub(super) case: Case,
    /// For all [`EVENTS`].
    pub(super) requests: Requests,
    /// Processor time of the step for one event, in seconds.
    pub(super) step: f64,
    /// The same with the time of the store.
    pub(super) whole: f64,
}

/// Measures every case in every size. Says what it is at.
pub(super) async fn measure(say: impl Fn(String)) -> Vec<Cost> {
    let meter = Meter::default();
    let mut graphs = Vec::new();
    for size in SIZES {
        say(format!("filling a graph with {size} customers"));
        graphs.push(filled(size, &meter).await);
    }
    // All graphs stay: allocating memory takes longer in a process that holds much of it. They take
    // turns, so that whatever else the machine does falls on all of them.
    let mut costs = Vec::new();
    for case in Case::ALL {
        say(format!("measuring: {case:?}"));
        let mut runs: Vec<_> = graphs.iter().map(|_| Run::default()).collect();
        for _ in 0..EVENTS / BATCH {
            for (graph, run) in graphs.iter_mut().zip(&mut runs) {
                run.go_on(graph, &meter, case).await;
            }
        }
        let cost = |(graph, run): (&Graph<Metered>, Run)| run.cost(graph.size(), case);
        costs.extend(graphs.iter().zip(runs).map(cost));
    }
    costs
}

async fn filled(size: usize, meter: &Meter) -> Graph<Metered> {
    Graph::of(size, |store| Metered { store: store.clone(), meter: meter.clone() }).await
}

/// The batches of one case in one graph.
#[derive(Default)]
struct Run {
    requests: Requests,
    steps: Vec<Duration>,
    wholes: Vec<Duration>,
}

impl Run {
    /// Measures another batch.
    async fn go_on(&mut self, graph: &mut Graph<Metered>, meter: &Meter, case: Case) {
        let events = if let Some(events) = graph.events(case, BATCH) {
            events
        } else {
            *graph = filled(graph.size(), meter).await;
            graph.events(case, BATCH).expect("a graph has customers for one batch")
        };
        let before = graph.requests();
        meter.take();
        let start = processor_time();
        graph.handle(events).await;
        let whole = processor_time().saturating_sub(start);
        self.steps.push(whole.saturating_sub(meter.take()));
        self.wholes.push(whole);
        self.requests = sum(self.requests, graph.requests().since(before));
        let decided = graph.outcomes();
        assert!(decided.iter().all(|outcome| *outcome == case.outcome()), "{case:?}: {decided:?}");
    }

    fn cost(self, size: usize, case: Case) -> Cost {
        let (step, whole) = (per_event(self.steps), per_event(self.wholes));
        Cost { size, case, requests: self.requests, step, whole }
    }
}

fn sum(one: Requests, other: Requests) -> Requests {
    Requests {
        reads: one.reads + other.reads,
        writes: one.writes + other.writes,
        sends: one.sends + other.sends,
    }
}

/// Of batches the middle one, by event.
fn per_event(mut batches: Vec<Duration>) -> f64 {
    batches.sort();
    #[expect(clippy::cast_precision_loss, reason = "a batch is small")]
    let events = BATCH as f64;
    batches[batches.len() / 2].as_secs_f64() / events
}
