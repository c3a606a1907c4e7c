//! The AWS emulator, which runs the compiled functions themselves.

use std::process::Command;

use crate::daemon::Daemon;
use crate::error::Trouble;
use crate::ports;
use crate::project::Project;
use crate::tools::Venv;

/// The environment with the emulator, and with the AWS SDK for Python.
pub(crate) const VENV: Venv = Venv("ministack");
/// The service.
pub(crate) const DAEMON: Daemon =
    Daemon { title: "MiniStack", name: "ministack", port: ports::MINISTACK };
/// Where the emulated AWS API answers.
pub(crate) const ENDPOINT: &str = "http://127.0.0.1:4566";
/// The region that it plays.
pub(crate) const REGION: &str = "us-east-1";

/// Whom the emulator lets in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// As AWS does: a function may do what the policies of its role say.
    ByPolicy,
    /// Everyone, whatever was signed.
    Open,
}

/// Points a program at the emulator, as its root user.
pub(crate) fn point(command: &mut Command) -> &mut Command {
    command
        .env("AWS_ENDPOINT_URL", ENDPOINT)
        .env("AWS_REGION", REGION)
        .env("AWS_DEFAULT_REGION", REGION)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env_remove("AWS_SESSION_TOKEN")
        .env_remove("AWS_PROFILE")
}

/// Where the functions look for AWS.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// At the emulator itself.
    Direct,
    /// At the harness, which breaks what it hands on.
    Faulty,
}

/// Starts the emulator with empty state.
pub(crate) fn start(project: &Project, access: Access, way: Way) -> Result<(), Trouble> {
    let mut command = VENV.command(project, "python");
    command.args(["-m", "ministack"]);
    point(&mut command)
        .env("BIND_HOST", "127.0.0.1")
        // The host in the URLs of queues.
        .env("MINISTACK_HOST", "127.0.0.1")
        .env("GATEWAY_PORT", ports::MINISTACK.to_string())
        .env("LAMBDA_EXECUTOR", "local")
        .env("AUTH", (access == Access::ByPolicy).to_string())
        // Two services that would listen on every interface.
        .env("IOT_MTLS_ENABLED", "0")
        .env("SFTP_ENABLED", "0");
    if way == Way::Faulty {
        // Of its own it hands this to the functions, and uses it for nothing else.
        command.env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{}", ports::FAULTS));
    }
    DAEMON.start(project, &mut command)
}
