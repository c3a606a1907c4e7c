//! The way to standard output, in the form that was asked for.

use crate::clock;
use crate::page::Page;
use crate::trouble::Trouble;
use serde::Serialize;
use std::io::{self, ErrorKind, Write};

/// What the exit code says of a command that could do its work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    /// All is well.
    Clean,
    /// Something needs attention.
    Finding,
}

/// What a command found: for programs as its serialised self, for people as text.
pub(crate) trait View: Serialize {
    /// The text, with styles that are taken off where no terminal shows it.
    fn text(&self, page: &Page) -> String;

    /// What the exit code is to say.
    fn verdict(&self) -> Verdict {
        Verdict::Clean
    }
}

/// Standard output.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    json: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    /// Prints what was found.
    pub(crate) fn show(self, view: &impl View) -> Result<Verdict, Trouble> {
        let text = if self.json {
            serde_json::to_string_pretty(view).map_err(io::Error::from)?
        } else {
            view.text(&Page::of_terminal(clock::now()))
        };
        printed(&text)?;
        Ok(view.verdict())
    }

    /// Prints one of many things, each on a line of its own. Returns whether anybody reads on.
    pub(crate) fn stream(self, view: &impl View) -> Result<bool, Trouble> {
        let text = if self.json {
            serde_json::to_string(view).map_err(io::Error::from)?
        } else {
            view.text(&Page::of_terminal(clock::now()))
        };
        printed(&text)
    }
}

/// Returns whether anybody reads on.
fn printed(text: &str) -> Result<bool, Trouble> {
    match writeln!(anstream::stdout(), "{}", text.trim_end()) {
        // Whoever reads has read enough, as `head` does.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        written => Ok(written.map(|()| true)?),
    }
}
