//! A running function, and what Linux says about it.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::runtime_api::RuntimeApi;
use crate::error::{Trouble, at};
use crate::ministack;

/// A function that waits for events; killed when dropped.
pub(super) struct Function {
    process: Child,
    api: RuntimeApi,
    started_in: Duration,
}

/// What a process has used so far.
pub(super) struct Usage {
    /// Processor time of all threads.
    pub(super) cpu: Duration,
    /// Bytes in memory.
    pub(super) resident: u64,
}

impl Function {
    /// Starts the binary, and waits until it asks for its first event.
    pub(super) fn start(
        bootstrap: &Path,
        environment: &HashMap<String, String>,
    ) -> Result<Self, Trouble> {
        let api = RuntimeApi::start().map_err(Trouble::Loopback)?;
        let mut command = Command::new(bootstrap);
        ministack::point(command.env_clear())
            .env("AWS_LAMBDA_RUNTIME_API", api.address())
            .env("AWS_LAMBDA_FUNCTION_NAME", "bench")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "bench")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", "bench")
            .envs(environment)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let started = Instant::now();
        let process = command
            .spawn()
            .map_err(|source| Trouble::Program { program: name(bootstrap), source })?;
        let polled = api.first_poll();
        let mut function = Self { process, api, started_in: Duration::ZERO };
        let polled = polled.ok_or_else(|| Trouble::Silent { program: name(bootstrap) })?;
        function.started_in = polled.saturating_duration_since(started);
        Ok(function)
    }

    /// From the start of the process to its first question for an event.
    pub(super) fn started_in(&self) -> Duration {
        self.started_in
    }

    /// Hands it an event; it must answer, whatever the answer is.
    pub(super) fn invoke(&self, event: &str) -> Result<String, Trouble> {
        let silent = || Trouble::Silent { program: "A function that was handed an event".into() };
        self.api.invoke(event).ok_or_else(silent)
    }

    /// What it has used so far.
    pub(super) fn usage(&self) -> Result<Usage, Trouble> {
        let process = PathBuf::from(format!("/proc/{}", self.process.id()));
        let tasks = process.join("task");
        let mut cpu = Duration::ZERO;
        for task in fs::read_dir(&tasks).map_err(at(&tasks))?.flatten() {
            // Nanoseconds on a processor; a thread that has just ended has none.
            let times = fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
            let nanoseconds = times.split(' ').next().and_then(|field| field.parse().ok());
            cpu += Duration::from_nanos(nanoseconds.unwrap_or_default());
        }
        let status = process.join("status");
        let text = fs::read_to_string(&status).map_err(at(&status))?;
        let kibibytes = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kibibytes = kibibytes.and_then(|line| line.trim().split(' ').next()?.parse().ok());
        Ok(Usage { cpu, resident: 1024 * kibibytes.unwrap_or(0) })
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        // It fails only if the process has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn name(bootstrap: &Path) -> String {
    bootstrap.display().to_string()
}
