//! What `identity-match` asks of the store does not depend on how many customers there are.

#![allow(clippy::expect_used, reason = "what is not as expected ends the test")]

mod case;
mod dice;
mod graph;
mod strangers;

use case::Case;
use graph::{Graph, Requests};

/// Events of each case.
const EVENTS: usize = 20;

async fn requests(customers: usize) -> Vec<Requests> {
    let mut graph = Graph::of(customers, Clone::clone).await;
    let mut all = Vec::new();
    for case in Case::ALL {
        let events = graph.events(case, EVENTS).expect("there are customers enough");
        let before = graph.requests();
        graph.handle(events).await;
        all.push(graph.requests().since(before));
        assert_eq!(graph.outcomes(), vec![case.outcome(); EVENTS], "{case:?}");
    }
    assert_eq!(graph.size(), customers);
    all
}

#[tokio::test]
async fn a_larger_graph_takes_no_more_requests() {
    assert_eq!(requests(100).await, requests(1000).await);
}

#[tokio::test]
async fn a_known_handle_takes_one_read_and_one_message() {
    let known = Requests { reads: EVENTS, writes: 0, sends: EVENTS };
    assert_eq!(requests(100).await.first(), Some(&known));
}
