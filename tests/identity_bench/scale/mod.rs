//! What an event costs in graphs of different sizes.

mod chart;
mod measure;
mod metered;
mod page;

use crate::case::Case;

/// What was measured.
pub(crate) struct Scale {
    /// A section of the page, with the chart under the name that was asked for.
    pub(crate) section: String,
    /// The chart, as SVG.
    pub(crate) chart: String,
    /// What takes more requests in a larger graph.
    pub(crate) growing: Vec<Case>,
}

/// Measures every case in every size. Says what it is at.
pub(crate) async fn measure(chart: &str, say: impl Fn(String)) -> Scale {
    let costs = measure::measure(say).await;
    let constant = |case: &Case| {
        let mut requests = costs.iter().filter(|cost| cost.case == *case).map(|c| c.requests);
        let first = requests.next();
        requests.all(|more| Some(more) == first)
    };
    let growing = Case::ALL.into_iter().filter(|case| !constant(case)).collect();
    let section = page::section(&costs, chart);
    Scale { section, chart: chart::draw(&costs), growing }
}
