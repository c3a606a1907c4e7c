//! Programs that go on after the task that started them.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::error::{Trouble, at};
use crate::ports;
use crate::program;
use crate::project::Project;

/// How long a service may take to answer, on a busy machine.
const START: Duration = Duration::from_mins(1);
/// How long a service may take to end before it is killed.
const STOP: Duration = Duration::from_secs(5);

/// A service of the local stack.
pub(crate) struct Daemon {
    /// As it is called in messages.
    pub(crate) title: &'static str,
    /// As its files are called.
    pub(crate) name: &'static str,
    /// Where it listens on the loopback interface.
    pub(crate) port: u16,
}

impl Daemon {
    /// Starts the service in a process group of its own, and waits until it answers.
    pub(crate) fn start(&self, project: &Project, command: &mut Command) -> Result<(), Trouble> {
        let log = project.log(self.name);
        let output = program::create(&log)?;
        let errors = output.try_clone().map_err(at(&log))?;
        let mut child = command
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            .spawn()
            .map_err(|source| Trouble::Program { program: self.title.to_owned(), source })?;
        let file = self.file(project);
        program::create(&file)?;
        fs::write(&file, child.id().to_string()).map_err(at(&file))?;
        // Waiting on the child as well tells at once that it ended.
        let ended = std::cell::RefCell::new(&mut child);
        let gone = || ended.borrow_mut().try_wait().is_ok_and(|status| status.is_some());
        if ports::answers_within(self.port, START, gone) {
            return Ok(());
        }
        self.stop(project)?;
        Err(Trouble::NoAnswer { what: self.title, tail: program::tail(&log), log })
    }

    /// Whether the service runs, started by a task of this checkout.
    pub(crate) fn runs(&self, project: &Project) -> bool {
        self.process(project).is_some()
    }

    /// Ends the service and all that it started; nothing happens if it does not run.
    pub(crate) fn stop(&self, project: &Project) -> Result<(), Trouble> {
        if let Some(process) = self.process(project) {
            signal("-TERM", &process);
            let asked = Instant::now();
            while self.runs(project) && asked.elapsed() < STOP {
                std::thread::sleep(Duration::from_millis(50));
            }
            signal("-KILL", &process);
        }
        let file = self.file(project);
        if file.exists() { fs::remove_file(&file).map_err(at(&file)) } else { Ok(()) }
    }

    /// The id in the file, if that process is still the service: after a restart of the machine
    /// the same id may be anyone's.
    fn process(&self, project: &Project) -> Option<String> {
        let process = fs::read_to_string(self.file(project)).ok()?;
        let listed = Command::new("ps").args(["-o", "command=", "-p", &process]).output().ok()?;
        let venv = project.kept("venv").join(self.name);
        String::from_utf8_lossy(&listed.stdout)
            .contains(&*venv.to_string_lossy())
            .then_some(process)
    }

    fn file(&self, project: &Project) -> PathBuf {
        project.running(&format!("{}.pid", self.name))
    }
}

/// Signals a whole process group: the emulator's children are the functions.
fn signal(signal: &str, process: &str) {
    program::succeeds(Command::new("kill").args([signal, "--", &format!("-{process}")]));
}
