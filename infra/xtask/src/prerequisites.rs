//! What the machine must have before anything is set up.

use std::process::Command;

use crate::error::Trouble;
use crate::program::succeeds;

/// The oldest Python that the pinned packages support.
const PYTHON: &str = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))";

/// Fails with advice if a program that everything needs is missing.
pub(crate) fn check() -> Result<(), Trouble> {
    if !succeeds(Command::new("python3").args(["-c", PYTHON])) {
        return Err(Trouble::Missing {
            program: "Python 3.10 or later, with its module venv,",
            remedy: "Debian, Ubuntu: apt-get install python3 python3-venv. macOS: brew install python3.",
        });
    }
    if !succeeds(Command::new("cc").arg("--version")) {
        return Err(Trouble::Missing {
            program: "A C compiler, called cc,",
            remedy: "Debian, Ubuntu: apt-get install build-essential. macOS: xcode-select --install.",
        });
    }
    Ok(())
}
