//! The CRM of the demo and the tests: Tryton on SQLite.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::daemon::Daemon;
use crate::error::{Trouble, at};
use crate::ports;
use crate::program;
use crate::progress::{Progress, Step};
use crate::project::Project;
use crate::tools::Venv;

/// The environment with Tryton's server and modules.
pub(crate) const VENV: Venv = Venv("tryton");
/// The service.
pub(crate) const DAEMON: Daemon = Daemon { title: "Tryton", name: "tryton", port: ports::TRYTON };
/// Where the REST API answers.
pub(crate) const URL: &str = "http://127.0.0.1:8092";
/// The database, the first segment of the REST API's paths.
pub(crate) const DATABASE: &str = "tryton";
/// Omnicord's key of the REST API: worthless outside this machine.
pub(crate) const KEY: &str = "local_only_key_for_the_demo_and_tests";
/// The key of the company's staff, who may do everything.
pub(crate) const STAFF_KEY: &str = "local_only_staff_key_for_the_demo_and_tests";

const FILE: &str = "tryton.sqlite";
/// The modules that bring in the rest: parties, sales, invoices, shipments, tasks.
const MODULES: [&str; 4] =
    ["sale_complaint", "sale_opportunity", "account_invoice_stock", "project_plan"];

/// Fills a database once, to be copied at each start: filling takes half a minute.
pub(crate) fn prepare(project: &Project, progress: &Progress) -> Result<(), Trouble> {
    let folder = project.kept("tryton/seeded");
    let (database, stamp) = (folder.join(FILE), folder.join("seeded-by.txt"));
    let recipe = recipe(project)?;
    if fs::read_to_string(&stamp).is_ok_and(|seeded| seeded == recipe) {
        return Ok(());
    }
    let step = progress.step("filling the CRM with its company and customers");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(at(&folder))?;
    }
    // Tryton takes an empty file for a database to set up, and refuses a missing one.
    program::create(&database)?;
    fill(project, &step, &folder)?;
    fs::write(&stamp, recipe).map_err(at(&stamp))?;
    step.done();
    Ok(())
}

/// Starts the CRM with the filled database as it was.
pub(crate) fn start(project: &Project) -> Result<(), Trouble> {
    let folder = project.kept("tryton/current");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(at(&folder))?;
    }
    let current = folder.join(FILE);
    program::create(&current)?;
    fs::copy(project.kept("tryton/seeded").join(FILE), &current).map_err(at(&current))?;
    resume(project)
}

/// Starts the CRM with its database as it was when it was stopped.
pub(crate) fn resume(project: &Project) -> Result<(), Trouble> {
    let folder = project.kept("tryton/current");
    let mut command = VENV.command(project, "trytond");
    // Named, the database is loaded before the first request.
    command.args(["--database", DATABASE]);
    DAEMON.start(project, configure(&mut command, &folder))
}

/// All that the filled database depends on.
fn recipe(project: &Project) -> Result<String, Trouble> {
    let mut recipe = format!("{MODULES:?} {KEY} {STAFF_KEY}\n");
    for file in ["requirements.txt", "seed.py"] {
        let path = project.source("tryton").join(file);
        recipe.push_str(&fs::read_to_string(&path).map_err(at(&path))?);
    }
    Ok(recipe)
}

fn fill(project: &Project, step: &Step<'_>, folder: &Path) -> Result<(), Trouble> {
    let password = folder.join("password");
    fs::write(&password, KEY).map_err(at(&password))?;
    let mut admin = VENV.command(project, "trytond-admin");
    admin.args(["--database", DATABASE, "--all", "--activate-dependencies", "--email"]);
    admin.args(["admin@example.com", "--update"]).args(MODULES);
    admin.env("TRYTONPASSFILE", &password);
    program::run(project, step, "tryton-admin", configure(&mut admin, folder))?;
    let mut seed = VENV.command(project, "python");
    seed.args(["-W", "ignore"]).arg(project.source("tryton").join("seed.py"));
    program::run(project, step, "tryton-seed", configure(&mut seed, folder))?;
    Ok(())
}

/// Tells a program of Tryton's where its database is, and to stay on the loopback interface.
fn configure<'c>(command: &'c mut Command, folder: &Path) -> &'c mut Command {
    command
        .env("TRYTON_DATABASE", DATABASE)
        .env("TRYTON_KEY", KEY)
        .env("TRYTON_STAFF_KEY", STAFF_KEY)
        .env("TRYTOND_DATABASE__URI", "sqlite://")
        .env("TRYTOND_DATABASE__PATH", folder)
        // A locked database answers after 5 s, not after 30 s.
        .env("TRYTOND_DATABASE__RETRY", "0")
        .env("TRYTOND_WEB__LISTEN", format!("127.0.0.1:{}", ports::TRYTON))
}
