//! The local stack: the emulator, the CRM, the pipeline deployed between them.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::thread;

use serde::{Deserialize, Serialize};

use crate::binaries::{self, Profile};
use crate::error::{Trouble, at};
use crate::ministack::{Access, Way};
use crate::progress::{Progress, Step};
use crate::project::{CLI, Project};
use crate::{deploy, ministack, oracles, ports, prerequisites, tryton};

/// How to reach the running stack: the content of `.omnicord/run/stack.json`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Stack {
    /// The name of the deployed stack, with which all its functions and queues begin.
    pub(crate) name: String,
    /// The region that the emulator plays.
    pub(crate) region: String,
    /// Where the emulated AWS API answers.
    pub(crate) endpoint: String,
    /// Base of the webhook URLs: `{api}/hooks/{source}`.
    pub(crate) api: String,
    /// The CRM.
    pub(crate) tryton: Tryton,
    /// The outputs of `template.yaml`, by name.
    pub(crate) outputs: BTreeMap<String, String>,
}

/// How to reach the REST API of the CRM: `{url}/{database}/rest/…`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Tryton {
    pub(crate) url: String,
    pub(crate) database: String,
    /// Omnicord's key.
    pub(crate) key: String,
    /// The key of the company's staff, who may do everything.
    pub(crate) staff_key: String,
}

/// The file that describes the running stack.
pub(crate) fn file(project: &Project) -> PathBuf {
    project.running("stack.json")
}

/// Whether the stack runs.
pub(crate) fn is_up(project: &Project) -> bool {
    ministack::DAEMON.runs(project) && tryton::DAEMON.runs(project) && file(project).exists()
}

/// Brings the stack up to date with the sources, from whatever state it is in.
pub(crate) fn up(
    project: &Project,
    progress: &Progress,
    profile: Profile,
) -> Result<Stack, Trouble> {
    up_by(project, progress, profile, Way::Direct)
}

/// The same; where the emulator has to be started, its functions look for AWS there.
pub(crate) fn up_by(
    project: &Project,
    progress: &Progress,
    profile: Profile,
    way: Way,
) -> Result<Stack, Trouble> {
    prerequisites::check()?;
    for daemon in [ministack::DAEMON, tryton::DAEMON] {
        if !daemon.runs(project) {
            ports::check_free(daemon.title, daemon.port)?;
        }
    }
    if set_up(project, progress, profile)? {
        deploy::remember(project, None)?;
    }
    start(project, progress, way)?;
    let stack = deploy_changes(project, progress)?;
    progress.say(format!("The stack is up: {}/hooks/…", stack.api));
    progress.say(format!("The command line: {}", project.tool(CLI).display()));
    Ok(stack)
}

/// Stops the stack.
pub(crate) fn down(project: &Project, progress: &Progress) -> Result<(), Trouble> {
    let step = progress.step("stopping the stack");
    for daemon in [ministack::DAEMON, tryton::DAEMON] {
        daemon.stop(project)?;
    }
    deploy::remember(project, None)?;
    let file = file(project);
    if file.exists() {
        fs::remove_file(&file).map_err(at(&file))?;
    }
    step.done();
    Ok(())
}

/// Starts the services afresh, so that nothing is left of what was done before, and deploys this
/// template. The stack must have been up once.
pub(crate) fn restart(
    project: &Project,
    step: &Step<'_>,
    template: &str,
    access: Access,
) -> Result<(), Trouble> {
    for daemon in [ministack::DAEMON, tryton::DAEMON] {
        daemon.stop(project)?;
    }
    deploy::remember(project, None)?;
    ministack::start(project, access, Way::Direct)?;
    tryton::start(project)?;
    let path = project.running("restarted.yaml");
    // SAM looks for code and for templates inside the stack beside the template.
    let root = project.root().display();
    let template = template.replace("CodeUri: target", &format!("CodeUri: {root}/target"));
    let template = template.replace("TemplateURL: infra", &format!("TemplateURL: {root}/infra"));
    fs::write(&path, template).map_err(at(&path))?;
    deploy::deploy(project, step, &path)?;
    describe(project, step).map(|_| ())
}

/// Installs and builds what is missing, all at once. Returns whether a binary changed.
fn set_up(project: &Project, progress: &Progress, profile: Profile) -> Result<bool, Trouble> {
    thread::scope(|scope| {
        let tools = scope.spawn(|| {
            ministack::VENV.ensure(project, progress)?;
            deploy::VENV.ensure(project, progress)?;
            oracles::ensure(project, progress)
        });
        let crm = scope.spawn(|| {
            tryton::VENV.ensure(project, progress)?;
            tryton::prepare(project, progress)
        });
        let changed = binaries::build(project, progress, profile);
        for part in [tools, crm] {
            part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        }
        changed
    })
}

/// Starts the services that do not run.
fn start(project: &Project, progress: &Progress, way: Way) -> Result<(), Trouble> {
    if !ministack::DAEMON.runs(project) {
        let step = progress.step("starting MiniStack");
        deploy::remember(project, None)?;
        ministack::start(project, Access::ByPolicy, way)?;
        step.done();
    }
    if !tryton::DAEMON.runs(project) {
        let step = progress.step("starting Tryton");
        tryton::start(project)?;
        step.done();
    }
    Ok(())
}

/// Deploys unless the running stack is already made of these binaries and this template.
fn deploy_changes(project: &Project, progress: &Progress) -> Result<Stack, Trouble> {
    let source = deploy::source(project)?;
    let step = progress.step("deploying template.yaml");
    if deploy::deployed(project).as_ref() != Some(&source) {
        deploy::deploy(project, &step, &project.template())?;
    }
    let stack = describe(project, &step)?;
    deploy::remember(project, Some(&source))?;
    step.done();
    Ok(stack)
}

/// Gives the deployed stack its secrets, and writes down how to reach it.
fn describe(project: &Project, step: &Step<'_>) -> Result<Stack, Trouble> {
    let outputs = deploy::prepare(project, step)?;
    let api = outputs.get("ApiId").map(String::as_str).unwrap_or_default();
    let stack = Stack {
        name: deploy::STACK.to_owned(),
        region: ministack::REGION.to_owned(),
        endpoint: ministack::ENDPOINT.to_owned(),
        // The emulator's own path to an API, which needs no name resolution.
        api: format!("{}/_aws/execute-api/{api}", ministack::ENDPOINT),
        tryton: Tryton {
            url: tryton::URL.to_owned(),
            database: tryton::DATABASE.to_owned(),
            key: tryton::KEY.to_owned(),
            staff_key: tryton::STAFF_KEY.to_owned(),
        },
        outputs,
    };
    let file = file(project);
    let json = serde_json::to_string_pretty(&stack)
        .map_err(|source| Trouble::Json { what: file.display().to_string(), source })?;
    fs::write(&file, json).map_err(at(&file))?;
    Ok(stack)
}
