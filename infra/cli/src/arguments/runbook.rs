//! The commands of the runbook are commands of this program.

use super::Arguments;
use clap::Parser;

const RUNBOOK: &str = include_str!("../../../../docs/runbook.md");

/// Lines of code blocks that call the program.
fn commands() -> Vec<&'static str> {
    let blocks = RUNBOOK.split("```sh\n").skip(1).filter_map(|block| block.split("```").next());
    blocks.flat_map(str::lines).filter(|line| line.starts_with("omnicord ")).collect()
}

#[test]
fn every_command_of_the_runbook_is_understood() {
    let commands = commands();
    assert!(commands.len() > 40, "{}", commands.len());
    for command in commands {
        if let Err(error) = Arguments::try_parse_from(command.split_whitespace()) {
            panic!("{command}\n{error}");
        }
    }
}

#[test]
fn every_command_stands_in_a_block_of_its_own() {
    let inline: Vec<_> = RUNBOOK.split('`').filter(|text| text.starts_with("omnicord ")).collect();
    assert!(inline.is_empty(), "{inline:?}");
}
