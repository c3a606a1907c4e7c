//! Python programs at pinned versions, each in a virtual environment of this checkout.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Trouble, at};
use crate::program;
use crate::progress::{Progress, Step};
use crate::project::Project;

/// What pip prints when no index answers.
const OFFLINE: [&str; 3] = ["NewConnectionError", "ConnectTimeoutError", "ProxyError"];

/// A virtual environment; its name is that of the folder under `infra/local` with its pins.
#[derive(Clone, Copy)]
pub(crate) struct Venv(pub(crate) &'static str);

impl Venv {
    /// Makes the environment anew unless it was made from the same pins.
    pub(crate) fn ensure(self, project: &Project, progress: &Progress) -> Result<(), Trouble> {
        let pins = project.source(self.0).join("requirements.txt");
        let wanted = fs::read_to_string(&pins).map_err(at(&pins))?;
        let folder = self.folder(project);
        // Written last, so that an interrupted installation starts over.
        let stamp = folder.join("installed.txt");
        if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
            return Ok(());
        }
        let step = progress.step(format!("installing {} from PyPI", self.0));
        let log = format!("install-{}", self.0);
        let mut make = Command::new("python3");
        make.args(["-m", "venv", "--clear"]).arg(&folder);
        program::run(project, &step, &log, &mut make)?;
        self.install(project, &step, &log, &pins)?;
        fs::write(&stamp, wanted).map_err(at(&stamp))?;
        step.done();
        Ok(())
    }

    fn install(
        self,
        project: &Project,
        step: &Step<'_>,
        log: &str,
        pins: &Path,
    ) -> Result<(), Trouble> {
        let mut pip = self.command(project, "python");
        pip.args(["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]);
        pip.arg("--requirement").arg(pins);
        let Err(trouble) = program::run(project, step, log, &mut pip) else { return Ok(()) };
        if let Trouble::Failed { log, .. } = &trouble
            && offline(log)
        {
            return Err(Trouble::Offline { what: self.0.to_owned(), log: log.clone() });
        }
        Err(trouble)
    }

    /// A program of the environment, ready for its arguments.
    pub(crate) fn command(self, project: &Project, program: &str) -> Command {
        Command::new(self.program(project, program))
    }

    /// Where a program of the environment is.
    pub(crate) fn program(self, project: &Project, program: &str) -> PathBuf {
        self.folder(project).join("bin").join(program)
    }

    fn folder(self, project: &Project) -> PathBuf {
        project.kept("venv").join(self.0)
    }
}

fn offline(log: &Path) -> bool {
    let printed = fs::read_to_string(log).unwrap_or_default();
    OFFLINE.iter().any(|sign| printed.contains(sign))
}
