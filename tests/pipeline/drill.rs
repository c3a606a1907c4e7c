//! The on-call drill, as its page tells it: the CRM is down, and all is well again.

use crate::outage::tryton;
use crate::{HOTLINE, PATIENCE, call, fresh, fresh_phone, note, party, stack};
use support::{Stack, until};

const PAGE: &str = include_str!("../../docs/drill.md");
const ALARMS: &str = include_str!("../../infra/alarms.yaml");

/// Callers whom Omnicord knows: as many failures as open the breaker, and one more.
const CALLERS: usize = 6;

/// The commands of a section of the page, each with the lines that it prints.
fn commands(section: &str) -> Vec<(Vec<&'static str>, Vec<&'static str>)> {
    let (_, rest) = PAGE.split_once(&format!("\n## {section}\n")).expect("the page has it");
    let section = rest.split("\n## ").next().unwrap();
    let blocks = section.split("```console\n").skip(1).map(|it| it.split("```").next().unwrap());
    let mut found: Vec<(Vec<_>, Vec<_>)> = Vec::new();
    for line in blocks.flat_map(str::lines) {
        match line.strip_prefix("$ omnicord ") {
            Some(command) => found.push((command.split(' ').collect(), Vec::new())),
            None => found.last_mut().expect("a command first").1.push(line),
        }
    }
    assert!(!found.is_empty(), "no command in the section");
    found
}

/// Whether the words are what the page shows: `…` stands for any part of a line, and on a line of
/// its own for any lines.
fn shows(meant: &[&str], printed: &[String]) -> bool {
    let Some((first, rest)) = meant.split_first() else { return printed.is_empty() };
    if *first == "…" {
        return (0..=printed.len()).any(|skipped| shows(rest, &printed[skipped..]));
    }
    let Some((line, others)) = printed.split_first() else { return false };
    fits(first, line) && shows(rest, others)
}

fn fits(meant: &str, line: &str) -> bool {
    let mut parts = meant.split('…').map(str::trim);
    let Some(mut rest) = line.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let parts: Vec<_> = parts.collect();
    let Some((last, between)) = parts.split_last() else { return rest.is_empty() };
    for part in between {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

/// Runs the commands of a section until they print what the page shows, all in one go.
async fn as_told(stack: &Stack, section: &str) {
    let commands = commands(section);
    until(section, 4 * PATIENCE, async || {
        commands
            .iter()
            .all(|(command, meant)| {
                let output = stack.cli.run(command);
                let printed = String::from_utf8_lossy(&output.stdout);
                let lines = printed
                    .lines()
                    .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
                let lines: Vec<_> = lines.filter(|line| !line.is_empty()).collect();
                output.status.success() && shows(meant, &lines)
            })
            .then_some(())
    })
    .await;
}

#[test]
fn a_page_shows_what_was_printed_and_nothing_else() {
    let printed = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    assert!(shows(&["A … C", "…", "row … end"], &printed("A B C\nrow 1 end\nrow 2 end")));
    assert!(!shows(&["A … C", "…", "row … end"], &printed("A B C\nrow 1 fin")));
    assert!(!shows(&["none"], &printed("fail_1 waiting")));
    assert!(!shows(&["none"], &printed("none\nmore")));
}

#[tokio::test]
async fn the_crm_is_down_and_the_page_tells_what_to_do() {
    let quoted = PAGE.lines().find_map(|line| line.strip_prefix("> ")).expect("the alarm's words");
    assert!(ALARMS.contains(&format!("AlarmDescription: {quoted}")), "{quoted}");
    let stack = stack().await;
    let callers: Vec<_> = (0..CALLERS).map(|_| fresh_phone()).collect();
    let mut parties = Vec::new();
    for phone in &callers {
        stack.deliver(HOTLINE, &call(&fresh("call-"), phone, "before the drill")).await;
    }
    for phone in &callers {
        let party = party(&stack, phone).await;
        note(&stack, party, "before the drill").await;
        parties.push(party);
    }
    tryton("stop");
    for phone in &callers {
        stack.deliver(HOTLINE, &call(&fresh("call-"), phone, "in the drill")).await;
    }
    as_told(&stack, "What waits, and why").await;
    tryton("start");
    as_told(&stack, "The CRM is back").await;
    for party in &parties {
        until("the note in Tryton", 4 * PATIENCE, async || {
            // Once more, as the page says, for what met the breaker before it closed.
            for (command, _) in commands("The CRM is back") {
                assert!(stack.cli.run(&command).status.success());
            }
            let notes = stack.crm.notes(*party).await;
            notes.iter().any(|note| note.contains("in the drill")).then_some(())
        })
        .await;
    }
    as_told(&stack, "All is well").await;
    for party in parties {
        let notes = stack.crm.notes(party).await;
        assert_eq!(notes.iter().filter(|note| note.contains("in the drill")).count(), 1);
    }
}
