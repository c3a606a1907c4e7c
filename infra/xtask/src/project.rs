//! Where everything is.

use std::env::current_exe;
use std::path::{Path, PathBuf};

use crate::error::{Trouble, at};

/// The seven functions. One string is the folder under `functions/`, the crate, the
/// binary, and the end of the deployed function's name.
pub(crate) const STEPS: [&str; 7] = [
    "webhook-receiver",
    "identity-match",
    "tag-update",
    "trigger-dispatcher",
    "outbound-delivery",
    "error-reconciler",
    "source-reconciler",
];

/// The command line.
pub(crate) const CLI: &str = "omnicord";

/// The binaries for people: the command line, whose crate is `cli`, the demo's story, and what
/// breaks the stack to see what comes of it.
pub(crate) const TOOLS: [&str; 3] = [CLI, "demo", "harness"];

/// The files of this checkout. What the tasks make is under `.omnicord`, which may be deleted at
/// any time while the stack is down.
pub(crate) struct Project {
    root: PathBuf,
    xtask: PathBuf,
}

impl Project {
    /// The checkout that this program was built from.
    ///
    /// To be called before any build: that may replace this program's file, and Linux then calls
    /// it `… (deleted)`.
    ///
    /// # Errors
    ///
    /// This program's own file has no name.
    pub(crate) fn here() -> Result<Self, Trouble> {
        let xtask = current_exe().map_err(at(Path::new("cargo xtask")))?;
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        Ok(Self { root: manifest.ancestors().nth(2).unwrap_or(manifest).to_owned(), xtask })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// This program, or what a build has put in its place.
    pub(crate) fn xtask(&self) -> &Path {
        &self.xtask
    }

    pub(crate) fn template(&self) -> PathBuf {
        self.root.join("template.yaml")
    }

    /// The templates of the stacks inside it.
    pub(crate) fn nested_templates(&self) -> [PathBuf; 2] {
        ["alarms.yaml", "dashboard.yaml"].map(|name| self.root.join("infra").join(name))
    }

    /// The binary of a step, where `template.yaml` looks for it.
    pub(crate) fn bootstrap(&self, step: &str) -> PathBuf {
        self.root.join("target/lambda").join(step).join("bootstrap")
    }

    /// A binary for people.
    pub(crate) fn tool(&self, name: &str) -> PathBuf {
        self.kept("bin").join(name)
    }

    /// What a part of the local stack is made from: pins, seeds, secrets.
    pub(crate) fn source(&self, part: &str) -> PathBuf {
        self.root.join("infra/local").join(part)
    }

    /// A folder for what a part of the local stack makes and keeps.
    pub(crate) fn kept(&self, part: &str) -> PathBuf {
        self.root.join(".omnicord").join(part)
    }

    /// A file that says something about the running stack.
    pub(crate) fn running(&self, file: &str) -> PathBuf {
        self.kept("run").join(file)
    }

    /// What a program printed.
    pub(crate) fn log(&self, name: &str) -> PathBuf {
        self.kept("log").join(format!("{name}.log"))
    }
}
