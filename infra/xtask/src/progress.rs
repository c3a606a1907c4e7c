//! What a task shows while it works: a spinner for each step, or plain lines where no human looks.

use std::error::Error;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// Shows the steps of a task, some of them at the same time.
pub(crate) struct Progress {
    bars: MultiProgress,
    terminal: bool,
}

/// A step under way. Dropped before [`Step::done`], it shows as failed.
pub(crate) struct Step<'p> {
    progress: &'p Progress,
    bar: ProgressBar,
    title: String,
    started: Instant,
    done: bool,
}

impl Progress {
    pub(crate) fn new() -> Self {
        Self { bars: MultiProgress::new(), terminal: std::io::stderr().is_terminal() }
    }

    /// Begins a step; the title is in the present tense: "starting Tryton".
    pub(crate) fn step(&self, title: impl Into<String>) -> Step<'_> {
        let title = title.into();
        let bar = self.bars.add(ProgressBar::new_spinner());
        if let Ok(style) = ProgressStyle::with_template("{spinner:.cyan} {prefix} {wide_msg:.dim}")
        {
            bar.set_style(style);
        }
        bar.set_prefix(title.clone());
        bar.enable_steady_tick(Duration::from_millis(100));
        Step { progress: self, bar, title, started: Instant::now(), done: false }
    }

    /// Says something that stays on the screen.
    pub(crate) fn say(&self, line: impl AsRef<str>) {
        if self.terminal {
            // The terminal is gone if this fails, and the reader with it.
            let _ = self.bars.println(line);
        } else {
            eprintln!("{}", line.as_ref());
        }
    }

    /// Says why a task ended early, down to the first cause.
    pub(crate) fn explain(&self, trouble: &dyn Error) {
        self.say(format!("\nerror: {trouble}"));
        let mut cause = trouble.source();
        while let Some(error) = cause {
            self.say(format!("  because: {error}"));
            cause = error.source();
        }
    }
}

impl Step<'_> {
    /// Shows what the step is at, in passing.
    pub(crate) fn note(&self, line: &str) {
        self.bar.set_message(line.trim().to_owned());
    }

    /// Ends the step well.
    pub(crate) fn done(mut self) {
        self.done = true;
    }
}

impl Drop for Step<'_> {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
        let mark = if self.done { "✓" } else { "✗" };
        let seconds = self.started.elapsed().as_secs_f32();
        self.progress.say(format!("{mark} {} ({seconds:.1} s)", self.title));
    }
}
