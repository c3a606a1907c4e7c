//! The costs as a section of the page.

use super::measure::{BATCH, Cost, EVENTS};
use crate::case::Case;
use std::fmt::Write;

/// What readers call the case.
pub(super) fn name(case: Case) -> &'static str {
    match case {
        Case::Known => "known handles",
        Case::Linked => "a new handle",
        Case::Created => "a new customer",
        Case::Merged => "two are merged",
    }
}

/// A number with commas.
pub(super) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(",")
}

const METHOD: &str = "\
`identity-match` handles events of four sorts in graphs of growing size, each event about other
customers, chosen at random. Each customer has two handles.

The store is a stand-in: `state::memory::Store`, sorted trees in memory under the same conditions on
versions as the tables. What carries over to DynamoDB is the number of requests, and that each is by
key: DynamoDB finds an item [by its key's
hash](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.Partitions.html),
however many there are. The stand-in's trees do take longer to search the larger they are, so that
their time is counted apart. A read is one `BatchGetItem` or `GetItem`, a write one
`TransactWriteItems`, a message one `SendMessage`. To read a customer who was merged before takes up
to two requests more.

Time is processor time of the thread. *Step* is `identity-match` itself; *whole* has the stand-in's
time in it. All graphs are in memory throughout, 2.3 GB, and take turns: process and machine are the
same for each.
";

/// Everything about scale.
pub(super) fn section(costs: &[Cost], chart: &str) -> String {
    let mut page = format!(
        "## What an event costs in a graph of up to 1,000,000 customers\n\n{METHOD}\n\
         For each number: {} events, the middle one of {} batches.\n\n\
         ![Requests and time per event by the number of customers]({chart})\n\n\
         | Event | Customers | Reads | Writes | Messages | Step, µs | to 1,000 | Whole, µs | to 1,000 |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|--:|\n",
        thousands(EVENTS),
        EVENTS / BATCH,
    );
    for case in Case::ALL {
        let of_case: Vec<_> = costs.iter().filter(|cost| cost.case == case).collect();
        for cost in &of_case {
            let [reads, writes, sends] =
                [cost.requests.reads, cost.requests.writes, cost.requests.sends].map(per_event);
            let (name, size, first) = (name(case), thousands(cost.size), of_case[0]);
            writeln!(
                page,
                "| {name} | {size} | {reads} | {writes} | {sends} | {:.1} | {:.2} | {:.1} | {:.2} |",
                1e6 * cost.step,
                cost.step / first.step,
                1e6 * cost.whole,
                cost.whole / first.whole,
            )
            .expect("a string takes everything");
        }
    }
    page
}

fn per_event(requests: usize) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a table shows a few digits")]
    let ratio = requests as f64 / EVENTS as f64;
    format!("{ratio:.2}")
}
