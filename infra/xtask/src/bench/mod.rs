//! What each function costs, measured from its real binary.

pub(crate) mod backlog;
mod event;
mod function;
mod http;
pub(crate) mod identity;
mod proxy;
mod report;
pub(crate) mod rules;
mod runtime_api;
mod tally;

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::process::Command;

use serde::Deserialize;

use crate::binaries::Profile;
use crate::error::{Trouble, at};
use crate::ministack::{self, Access};
use crate::progress::{Progress, Step};
use crate::project::{CLI, Project, STEPS};
use crate::{deploy, program, stack};

use function::Function;
use proxy::Proxy;
use report::Row;
use tally::{Sent, Tally};

/// Starts of a binary, of which the middle one counts.
const STARTS: usize = 9;
/// Events before the measurement: they fill caches, and make the customers known. Each is of another
/// customer, who call in turn: enough of them that none has an unlikely history.
const WARM_UP: usize = 20;
/// Events that are measured, each in an invocation of its own.
const EVENTS: usize = 200;
/// A FIFO queue that takes what the measured step sends, so that the next does not act on it.
const SINK: &str = "bench-sink.fifo";

/// What `environment.py` prints.
#[derive(Deserialize)]
struct Deployment {
    environments: BTreeMap<String, HashMap<String, String>>,
    sink: String,
}

/// Measures all functions, first to last; each gets the events that the one before it sent.
pub(crate) fn run(project: &Project, progress: &Progress) -> Result<(), Trouble> {
    stack::up(project, progress, Profile::Release)?;
    let step = progress.step("measuring");
    let deployment = prepare(project, &step, "omnicord.yaml")?;
    let proxy = Proxy::start().map_err(Trouble::Loopback)?;
    let mut rows = Vec::new();
    let mut events: Vec<_> =
        (0..WARM_UP + EVENTS).map(|number| event::webhook(number, number % WARM_UP)).collect();
    for name in STEPS {
        step.note(name);
        let (row, sent) = measure(project, name, &deployment, &proxy, &events)?;
        rows.push(row);
        events = sent.chunks(1).map(|message| event::queue(name, message)).collect();
    }
    step.done();
    report::print(progress, &rows);
    stack::down(project, progress)
}

impl Deployment {
    /// What a function finds around it: the proxy, and a queue that nothing reads.
    fn environment(&self, name: &str, proxy: &Proxy) -> HashMap<String, String> {
        let mut environment = self.environments.get(name).cloned().unwrap_or_default();
        if environment.contains_key("QUEUE_NEXT") {
            environment.insert("QUEUE_NEXT".to_owned(), self.sink.clone());
        }
        environment.insert("AWS_ENDPOINT_URL".to_owned(), proxy.url());
        environment
    }
}

/// A stack with this configuration that does not check signatures: the proxy adds a question to the
/// signed requests.
fn prepare(project: &Project, step: &Step<'_>, configuration: &str) -> Result<Deployment, Trouble> {
    let path = project.template();
    let template = fs::read_to_string(&path).map_err(at(&path))?;
    stack::restart(project, step, &template, Access::Open)?;
    let mut omnicord = Command::new(project.tool(CLI));
    omnicord.args(["config", "apply"]).arg(project.source("bench").join(configuration));
    program::run(project, step, "bench-config", ministack::point(&mut omnicord))?;
    let mut python = ministack::VENV.command(project, "python");
    python.arg(project.source("ministack").join("environment.py")).args([deploy::STACK, SINK]);
    let printed = program::run(project, step, "environment", ministack::point(&mut python))?;
    serde_json::from_str(&printed)
        .map_err(|source| Trouble::Json { what: "What environment.py printed".to_owned(), source })
}

fn measure(
    project: &Project,
    name: &'static str,
    deployment: &Deployment,
    proxy: &Proxy,
    events: &[String],
) -> Result<(Row, Vec<Sent>), Trouble> {
    let bootstrap = project.bootstrap(name);
    let size = fs::metadata(&bootstrap).map_err(at(&bootstrap))?.len();
    let environment = deployment.environment(name, proxy);

    let mut starts = Vec::new();
    for _ in 1..STARTS {
        starts.push(Function::start(&bootstrap, &environment)?.started_in());
    }
    let function = Function::start(&bootstrap, &environment)?;
    starts.push(function.started_in());
    starts.sort();

    proxy.take();
    let (first, rest) = events.split_at(WARM_UP.min(events.len()));
    for event in first {
        function.invoke(event)?;
    }
    let mut sent = proxy.take().sent;
    let before = function.usage()?;
    for event in rest {
        function.invoke(event)?;
    }
    let after = function.usage()?;
    let mut tally: Tally = proxy.take();
    sent.append(&mut tally.sent);
    let row = Row {
        name,
        size,
        start: starts.get(starts.len() / 2).copied().unwrap_or_default(),
        resident: after.resident,
        events: rest.len(),
        cpu: after.cpu.saturating_sub(before.cpu),
        tally,
    };
    Ok((row, sent))
}
