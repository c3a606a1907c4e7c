//! Where everything is.

use std::path::{Path, PathBuf};

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
}

impl Project {
    /// The checkout that this program was built from.
    pub(crate) fn here() -> Self {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        Self { root: manifest.ancestors().nth(2).unwrap_or(manifest).to_owned() }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
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
