//! What can go wrong in a task, by what the reader has to do about it.

use std::io;
use std::path::{Path, PathBuf};

/// A task ended early. The message says what to do next.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// Install something.
    #[error("{program} is missing or does not work.\n  {remedy}")]
    Missing { program: &'static str, remedy: &'static str },

    /// Free a port.
    #[error(
        "{owner} needs port {port} of 127.0.0.1, which another program holds.\n  \
         `lsof -i :{port}` (or `ss -ltnp`) names it: stop it, then try again."
    )]
    PortTaken { owner: &'static str, port: u16 },

    /// Connect to a network, or name a mirror.
    #[error(
        "{what} could not be fetched: the package index cannot be reached.\n  \
         It is needed once. Check the network; behind a proxy set HTTPS_PROXY, for a mirror \
         PIP_INDEX_URL.\n  All that was printed: {log}"
    )]
    Offline { what: String, log: PathBuf },

    /// Read what the program printed.
    #[error("{what} failed.\n{tail}\n  All that was printed: {log}")]
    Failed { what: String, tail: String, log: PathBuf },

    /// Read what stands above.
    #[error("{what} failed, as printed above.")]
    FailedAbove { what: String },

    /// Read what the service printed before it gave up.
    #[error("{what} did not answer.\n{tail}\n  All that was printed: {log}")]
    NoAnswer { what: &'static str, tail: String, log: PathBuf },

    /// Start the stack.
    #[error("The local stack is not up.\n  Start it: cargo xtask up")]
    Down,

    /// Ask for something that exists.
    #[error("There is no {kind} {name}.\n  There are: {known}")]
    Unknown { kind: &'static str, name: String, known: String },

    /// Start a program by hand to see why it does not start.
    #[error("{program} could not be started")]
    Program { program: String, source: io::Error },

    /// Start a function by hand to see what it says.
    #[error("{program} did not answer within half a minute.")]
    Silent { program: String },

    /// Find out what the seeds above show; keep them in tests/model/seeds.rs once that is mended.
    #[error("the model shows something wrong: {seeds} seeds, as printed above.")]
    Violated { seeds: u64 },

    /// Look for what grows with the number of events.
    #[error("the backlog costs more at its end than at its beginning.\n  {what}")]
    Rises { what: String },

    /// Look into the function's log: nothing that it was handed should fail.
    #[error("{name} did not take every event of the backlog.")]
    Kept { name: &'static str },

    /// Look at the machine's network: not even a port of its own could be had.
    #[error("the loopback interface could not be used")]
    Loopback(#[source] io::Error),

    /// Look at a file: its rights, the space on its disk.
    #[error("{} could not be used", path.display())]
    File { path: PathBuf, source: io::Error },

    /// Look at a file: it is not what this program wrote.
    #[error("{what} is not the JSON that was expected")]
    Json { what: String, source: serde_json::Error },
}

/// Names the file in an error of reading or writing it.
pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> Trouble {
    let path = path.to_owned();
    |source| Trouble::File { path, source }
}
