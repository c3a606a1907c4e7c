//! The command line, run as an engineer would.

use crate::stack::variable;
use serde_json::Value;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

/// `omnicord`, pointed at the local stack.
#[derive(Debug)]
pub struct Cli {
    program: PathBuf,
    stack: String,
    region: String,
    endpoint: String,
}

impl Cli {
    pub(crate) fn new(stack: &str, region: &str, endpoint: &str) -> Self {
        Self {
            program: variable("OMNICORD_TEST_CLI").into(),
            stack: stack.to_owned(),
            region: region.to_owned(),
            endpoint: endpoint.to_owned(),
        }
    }

    /// Runs a command.
    ///
    /// # Panics
    /// Where the program cannot be started.
    #[must_use]
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the command line is built")
    }

    /// Starts a command and does not wait for it.
    ///
    /// # Panics
    /// Where the program cannot be started.
    #[must_use]
    pub fn start(&self, arguments: &[&str]) -> Child {
        let quiet = || Stdio::null();
        let mut command = self.command(arguments);
        command.stdout(quiet()).stderr(quiet()).spawn().expect("the command line is built")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(["--stack", &self.stack]).args(arguments).env("AWS_REGION", &self.region);
        command.env("AWS_ENDPOINT_URL", &self.endpoint);
        command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
        command
    }

    /// Runs a command with `--json`; returns what it printed, and whether it found nothing amiss.
    ///
    /// # Panics
    /// Where it prints no JSON, with what it says instead.
    #[must_use]
    pub fn json(&self, arguments: &[&str]) -> (Value, bool) {
        let output = self.run(&[&["--json"], arguments].concat());
        let value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
            let words = String::from_utf8_lossy(&output.stderr);
            panic!("omnicord {}: {error}: {words}", arguments.join(" "))
        });
        (value, output.status.success())
    }
}
