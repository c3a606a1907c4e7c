//! How well and at what cost `identity-match` tells customers apart: `cargo xtask bench identity`.
//!
//! Arguments: the folder with the Febrl sets, and the folder that gets `identity-quality.md` and
//! `identity-scale.svg`.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what is not as expected ends the measurement"
)]

mod case;
mod dice;
mod graph;
mod quality;
mod scale;
mod strangers;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

/// Of the first order.
const SEED: u64 = 20_030_612;
const PAGE: &str = "identity-quality.md";
const CHART: &str = "identity-scale.svg";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    // Cargo adds `--bench`.
    let arguments = std::env::args_os().skip(1).filter(|argument| argument != "--bench");
    let folders: Vec<_> = arguments.map(PathBuf::from).collect();
    let [sets, docs] = folders.as_slice() else {
        eprintln!("usage: identity FEBRL-FOLDER DOCS-FOLDER");
        return ExitCode::FAILURE;
    };
    let say = |line: String| eprintln!("{line}");
    let quality = quality::measure(sets, SEED, say).await;
    let scale = scale::measure(CHART, say).await;
    let page = format!(
        "# Identity: quality and cost, measured\n\nWritten by `cargo xtask bench identity`.\n\n{}\n{}",
        quality.section, scale.section
    );
    println!("{page}");
    fs::create_dir_all(docs).expect("the folder can be made");
    fs::write(docs.join(PAGE), page).expect("the folder can be written to");
    fs::write(docs.join(CHART), scale.chart).expect("the folder can be written to");
    verdict(quality.precision, &scale.growing)
}

fn verdict(precision: f64, growing: &[case::Case]) -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    if precision < quality::BAR {
        eprintln!("automatic decisions have a precision of {precision:.5}, below {}", quality::BAR);
        code = ExitCode::FAILURE;
    }
    for case in growing {
        eprintln!("{case:?}: an event takes more requests in a larger graph");
        code = ExitCode::FAILURE;
    }
    code
}
