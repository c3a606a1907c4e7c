//! How well the graph decides about data that this project did not design.

mod choice;
mod febrl;
mod page;
mod score;
mod telling;
mod trial;

use choice::Choice;
use febrl::Set;
use score::Score;
use std::path::Path;

/// How precise automatic decisions have to be.
pub(crate) const BAR: f64 = 0.999;
/// In how many orders the chosen configuration is tried.
const ORDERS: u64 = 10;

/// The scores of one choice.
struct Tried<'s> {
    choice: &'static Choice,
    /// Each set's, by order: the first order is that of the seed itself.
    sets: Vec<(&'s Set, Vec<Score>)>,
}

/// What was measured.
pub(crate) struct Quality {
    /// A section of the page.
    pub(crate) section: String,
    /// The least precision of the chosen configuration, over every set and order.
    pub(crate) precision: f64,
}

/// Tries every choice on every set in the folder. Says what it is at.
pub(crate) async fn measure(folder: &Path, seed: u64, say: impl Fn(String)) -> Quality {
    let sets = febrl::read(folder);
    let mut results = Vec::new();
    for choice in &choice::ALL {
        say(format!("resolving the Febrl sets: {}", choice.name));
        let orders = if choice.chosen() { ORDERS } else { 1 };
        let mut result = Tried { choice, sets: Vec::new() };
        for set in &sets {
            let mut scores = Vec::new();
            for order in 0..orders {
                let trial = trial::run(set, choice, seed + order).await;
                scores.push(score::score(set, choice, &trial));
            }
            result.sets.push((set, scores));
        }
        results.push(result);
    }
    let chosen = results.iter().filter(|result| result.choice.chosen());
    let scores = chosen.flat_map(|result| &result.sets).flat_map(|(_, scores)| scores);
    let precision = scores.map(Score::precision).fold(1.0, f64::min);
    Quality { section: page::section(&results, seed), precision }
}
