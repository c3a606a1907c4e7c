//! One target's fuzzer, run until it has had its processor time.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Fuzz, files};
use crate::error::{Trouble, at};
use crate::program;
use crate::progress::{Progress, Step};

/// One run of the fuzzer, in seconds of the clock on the wall: what it found is safe after it.
const RUN: u32 = 60;
/// The longest input, in bytes; of a webhook's 256 KiB, the first few decide.
const LONGEST: u32 = 4096;
/// The most memory, in MiB: a function has 256, of which the sanitizer takes its share.
const MEMORY: u32 = 1024;
/// The largest single allocation, in MiB.
const ALLOCATION: u32 = 64;
/// The longest that one input may take, in seconds, on a busy machine and with the sanitizer.
const PATIENCE: u32 = 25;

/// The most of a target's corpus that is kept in the repository, in bytes.
const MOST_KEPT: u64 = 40_000;

/// The fuzzer of one target with its inputs.
pub(super) struct Campaign<'f> {
    fuzz: &'f Fuzz<'f>,
    target: &'f str,
}

/// What a campaign took and reached.
#[derive(Clone, Copy, Default)]
pub(super) struct Effort {
    /// Inputs tried.
    pub(super) executions: u64,
    /// Processor time.
    pub(super) cpu: Duration,
    /// Edges of the program that any input reached.
    pub(super) edges: u64,
    /// Combinations of edges and how often they were taken.
    pub(super) features: u64,
    /// Inputs that ever broke the property.
    pub(super) found: usize,
}

impl<'f> Campaign<'f> {
    pub(super) fn new(fuzz: &'f Fuzz<'f>, target: &'f str) -> Self {
        Self { fuzz, target }
    }

    /// Runs the fuzzer, and keeps what it reached.
    pub(super) fn run(&self, progress: &Progress, minutes: u32) -> Result<Effort, Trouble> {
        let step = progress.step(format!("fuzzing {}", self.target));
        let (grown, found) = (self.grown(), self.found());
        fs::create_dir_all(&grown).map_err(at(&grown))?;
        let (before, wanted) = (children(), Duration::from_mins(minutes.into()));
        let mut effort = Effort::default();
        while effort.cpu < wanted {
            let ran = self.once(&step);
            // A crash leaves its input in the folder; the log says what it broke.
            let log = fs::read_to_string(self.fuzz.project.log(&self.log())).unwrap_or_default();
            effort.executions += last(&log, "stat::number_of_executed_units:").unwrap_or_default();
            effort.edges = last(&log, " cov: ").unwrap_or(effort.edges);
            effort.features = last(&log, " ft: ").unwrap_or(effort.features);
            effort.cpu = children().saturating_sub(before);
            ran?;
        }
        self.minimise(&step)?;
        effort.found = files(&found)?.len();
        step.done();
        Ok(effort)
    }

    fn once(&self, step: &Step<'_>) -> Result<(), Trouble> {
        let found = self.found();
        fs::create_dir_all(&found).map_err(at(&found))?;
        let mut fuzzer = self.fuzz.fuzzer(self.target);
        fuzzer.args([
            format!("-max_total_time={RUN}"),
            format!("-max_len={LONGEST}"),
            format!("-rss_limit_mb={MEMORY}"),
            format!("-malloc_limit_mb={ALLOCATION}"),
            format!("-timeout={PATIENCE}"),
            "-print_final_stats=1".to_owned(),
            format!("-artifact_prefix={}/", found.display()),
        ]);
        let words = self.fuzz.root.join("dictionaries").join(self.target);
        if words.exists() {
            fuzzer.arg(format!("-dict={}", words.display()));
        }
        fuzzer.arg(self.grown()).arg(self.kept());
        let ran = program::run(self.fuzz.project, step, &self.log(), &mut fuzzer);
        // Where nothing was found, nothing is left behind.
        drop(fs::remove_dir(&found));
        ran.map(drop)
    }

    /// Replaces the corpus by the fewest inputs that reach all edges, the smallest of them first.
    fn minimise(&self, step: &Step<'_>) -> Result<(), Trouble> {
        let (kept, fresh) = (self.kept(), self.grown().with_extension("fewest"));
        drop(fs::remove_dir_all(&fresh));
        fs::create_dir_all(&fresh).map_err(at(&fresh))?;
        let mut fuzzer = self.fuzz.fuzzer(self.target);
        let memory = format!("-rss_limit_mb={MEMORY}");
        fuzzer.args(["-set_cover_merge=1", "-use_counters=0", &memory]);
        fuzzer.arg(&fresh).arg(&kept).arg(self.grown());
        program::run(self.fuzz.project, step, &format!("{}-merge", self.log()), &mut fuzzer)?;
        fs::create_dir_all(&kept).map_err(at(&kept))?;
        for old in files(&kept)? {
            fs::remove_file(&old).map_err(at(&old))?;
        }
        let mut left = MOST_KEPT;
        for (size, input) in by_size(&fresh)? {
            let name = input.file_name().unwrap_or_default();
            left = left.saturating_sub(size);
            if left > 0 {
                fs::copy(&input, kept.join(name)).map_err(at(&input))?;
            }
        }
        Ok(())
    }

    /// What is in the repository.
    fn kept(&self) -> PathBuf {
        self.fuzz.root.join("corpus").join(self.target)
    }

    /// What ever broke the property.
    fn found(&self) -> PathBuf {
        self.fuzz.root.join("found").join(self.target)
    }

    /// What this checkout's runs have reached.
    fn grown(&self) -> PathBuf {
        self.fuzz.project.kept("fuzz").join(self.target)
    }

    fn log(&self) -> String {
        format!("fuzz-{}", self.target)
    }
}

/// The files of a folder, the smallest first.
fn by_size(folder: &Path) -> Result<Vec<(u64, PathBuf)>, Trouble> {
    let size = |path: PathBuf| {
        let found = fs::metadata(&path).map_err(at(&path))?;
        Ok((found.len(), path))
    };
    let mut sized: Vec<_> = files(folder)?.into_iter().map(size).collect::<Result<_, _>>()?;
    sized.sort();
    Ok(sized)
}

/// The number after the last of these words.
fn last(log: &str, words: &str) -> Option<u64> {
    log.rsplit_once(words)?.1.split_whitespace().next()?.parse().ok()
}

/// Processor time of the programs that this one has started and that have ended: fields 16 and 17
/// of `/proc/self/stat`, in hundredths of a second (proc(5)).
fn children() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The second field is the program's name, in parentheses.
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
    let ticks: u64 = fields.skip(13).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_number_counts() {
        let log = "#2 INITED cov: 7 ft: 9 corp: 1/1b\n#8 DONE   cov: 12 ft: 40 corp: 3/9b\n";
        assert_eq!((last(log, " cov: "), last(log, " ft: ")), (Some(12), Some(40)));
        assert_eq!(last(log, "stat::"), None);
    }
}
