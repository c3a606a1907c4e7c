//! Breaks the deployed stack in every way that can be made here, from seeds, and holds what comes
//! of it against what has to.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what is not as expected ends the run"
)]

mod brew;
mod check;
mod crm;
mod document;
mod emulator;
mod endpoint;
mod fault;
mod http;
mod messages;
mod operator;
mod process;
mod proxy;
mod regressions;
mod request;
mod results;
mod second;
mod sender;
mod store;
mod story;
mod table;
mod turns;
mod wave;
mod words;
mod world;

use clap::Parser;
use fault::Fault;
use jiff::Timestamp;
use std::process::ExitCode;

/// Break the deployed stack from seeds, and see that nothing is lost.
#[derive(Parser, Debug)]
#[command(name = "cargo xtask harness", disable_version_flag = true)]
struct Arguments {
    /// How many seeds to run; rounded up to whole waves of eight
    #[arg(long, default_value_t = 24)]
    seeds: u64,
    /// The first of them
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Only the wave of this seed, such as 0x1f
    #[arg(long, value_parser = seed, conflicts_with_all = ["seeds", "from"])]
    seed: Option<u64>,
    /// These faults in place of those that are dealt, such as frozen,crm-503
    #[arg(long, value_delimiter = ',', value_parser = named)]
    faults: Option<Vec<Fault>>,
    /// Every class once, in three waves, and every seed that once found a violation
    #[arg(long, conflicts_with_all = ["seeds", "from", "seed", "faults"])]
    every_class: bool,
    /// Write docs/faults.md from all seeds that ran, and run none
    #[arg(long, exclusive = true)]
    table: bool,
}

/// Waves by which each class comes up once.
const ROUND: u64 = 3;

/// A wave, with the faults that are chosen for it.
type Chosen = (u64, Option<Vec<Fault>>);

impl Arguments {
    fn waves(&self) -> Vec<Chosen> {
        if self.every_class {
            let every = (0..ROUND).map(|number| {
                let dealt = (0..).zip(fault::ALL).filter(|(card, _)| card % ROUND == number);
                (number, Some(dealt.map(|(_, fault)| fault).collect()))
            });
            let again = regressions::ALL.iter().map(|it| {
                let faults = it.faults.iter().filter_map(|name| Fault::named(name));
                (wave::of(it.seed), Some(faults.collect()))
            });
            return every.chain(again).collect();
        }
        let numbers = match self.seed {
            Some(seed) => wave::of(seed)..wave::of(seed) + 1,
            None => wave::of(self.from)..wave::of(self.from + self.seeds + wave::SEEDS - 1),
        };
        numbers.map(|number| (number, self.faults.clone())).collect()
    }
}

fn seed(text: &str) -> Result<u64, std::num::ParseIntError> {
    text.strip_prefix("0x").map_or_else(|| text.parse(), |digits| u64::from_str_radix(digits, 16))
}

fn named(name: &str) -> Result<Fault, String> {
    Fault::named(name).ok_or_else(|| {
        let known: Vec<_> = fault::ALL.iter().map(ToString::to_string).collect();
        format!("there are: {}", known.join(", "))
    })
}

#[tokio::main(flavor = "multi_thread", worker_threads = 4)]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.table {
        table::write(&results::all());
        return ExitCode::SUCCESS;
    }
    let world = world::World::new().await;
    let (began, mut seeds, mut violated) = (now(), 0, 0);
    for (number, faults) in arguments.waves() {
        for outcome in wave::run(&world, number, faults.as_deref()).await {
            println!("{}", outcome.line());
            // What was chosen says nothing about what is dealt.
            if faults.is_none() {
                results::keep(&outcome);
            }
            seeds += 1;
            violated += u32::from(!outcome.violations.is_empty());
        }
    }
    let took = now().duration_since(began).as_secs();
    println!("{seeds} seeds in {took} s, {violated} of them with a violation");
    if violated > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// The machine's time: rules refuse what is long past, signatures what is minutes away.
fn now() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "the deployed stack has the machine's clock")]
    Timestamp::now()
}
