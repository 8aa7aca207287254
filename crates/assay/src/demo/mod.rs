//! The demo's data: an organization with tests, people and results, made by the same use cases that
//! serve people, on a clock that begins some days ago. Nothing is written past the use cases.

mod builder;
mod candidate;
mod clock;
mod people;

pub use builder::STAFF;

use crate::cli_context::open_app;
use crate::cli_error::{CliError, ExitKind};
use crate::data_dir::DataDir;
use crate::output::ProgressReporter;
use anyhow::Context;
use app::caller::Caller;
use app::candidates::CandidateFilter;
use app::{App, Failure, Settings};
use domain::id::TaskId;
use std::fs;
use storage::Storage;

/// The file of the demo's key, in the data directory.
pub const KEY_FILE: &str = "demo-key";
/// The file of its manager's password.
pub const PASSWORD_FILE: &str = "demo-password";
/// What is made lies here until it is whole.
const WORKSHOP: &str = "making";

/// Makes the demo's data in a directory unless it is there.
///
/// # Errors
/// [`ExitKind::Refused`] when the directory holds something else; otherwise when it cannot be
/// written.
pub async fn ensure_demo(directory: &DataDir) -> anyhow::Result<()> {
    if directory.has_database() {
        return if directory.file(KEY_FILE).exists() {
            Ok(())
        } else {
            Err(foreign(directory).into())
        };
    }
    let workshop = DataDir::new(&directory.file(WORKSHOP), 2);
    // Left behind by a demo that was stopped while it was made.
    if workshop.path().exists() {
        fs::remove_dir_all(workshop.path())
            .context("clearing what an unfinished demo left behind")?;
    }
    let secrets = make(workshop_database(&workshop)?).await?;
    workshop.write_secret(KEY_FILE, &secrets.key)?;
    workshop.write_secret(PASSWORD_FILE, &secrets.password)?;
    // The database comes last: with it the demo is there.
    for name in [workshop.file(KEY_FILE), workshop.file(PASSWORD_FILE), workshop.database()] {
        let place = directory.file(&name.file_name().unwrap_or_default().to_string_lossy());
        fs::rename(&name, &place).with_context(|| format!("cannot write {}", place.display()))?;
    }
    fs::remove_dir_all(workshop.path()).context("clearing up after making the demo")
}

/// Nobody else knows of the workshop, so its database is opened as a server's: its log is empty
/// when it is closed, and the file can be moved.
fn workshop_database(workshop: &DataDir) -> anyhow::Result<Storage> {
    workshop.make()?;
    workshop.open_to_serve()
}

async fn make(storage: Storage) -> anyhow::Result<builder::DemoSecrets> {
    let clock = clock::DemoClock::some_days_ago();
    let app = clock::open_app(storage, clock.clone()).await?;
    let mut progress = ProgressReporter::start("demo candidates", people::COUNT as u64);
    let secrets = builder::build_demo(&app, &clock, &mut || progress.advance(1))
        .await
        .map_err(CliError::from)?;
    progress.finish();
    Ok(secrets)
}

fn foreign(directory: &DataDir) -> CliError {
    let message = format!("{} holds a database that is not a demo's.", directory.path().display());
    CliError::new(ExitKind::Refused, message).with_advice("Name another directory with --data-dir.")
}

/// Who the demo belongs to and what is in it.
pub struct DemoContents {
    pub organization: domain::id::OrganizationId,
    pub secret: String,
    /// Of the manager; none in a demo made before staff could sign in.
    pub password: Option<String>,
    /// Id and title.
    pub tasks: Vec<(domain::id::TaskId, String)>,
    /// Code of a candidate who has not come yet; none once all have.
    pub newcomer: Option<String>,
}

/// The code of somebody in a task who has never logged in.
async fn newcomer(
    app: &App,
    caller: &Caller,
    task: Option<&TaskId>,
) -> Result<Option<String>, Failure> {
    let Some(task) = task else { return Ok(None) };
    let (_, candidates) =
        app.candidates().list_candidates(caller, task, CandidateFilter::default(), 1000, 0).await?;
    let absent =
        candidates.into_iter().find(|one| one.direct_access_url.is_some() && !one.logged_in);
    Ok(absent.map(|one| one.invitation_code))
}

/// What a demo's directory holds.
///
/// # Errors
/// [`ExitKind::Refused`] when the key was revoked; otherwise when the database cannot be read.
pub async fn contents(directory: &DataDir, storage: Storage) -> anyhow::Result<DemoContents> {
    let secret = directory.read_secret(KEY_FILE)?.ok_or_else(|| foreign(directory))?;
    let app = open_app(storage, Settings::default()).await?;
    let request = app.new_id(app.now());
    let Ok(caller) = app.keys().authenticate(None, &secret, request).await else {
        let message =
            format!("The key in {} lets nobody in any more.", directory.file(KEY_FILE).display());
        let advice = format!("Remove {} to begin anew.", directory.path().display());
        return Err(CliError::new(ExitKind::Refused, message).with_advice(advice).into());
    };
    let (_, tasks) = app.tasks().list_tasks(&caller, 1000, 0).await.map_err(CliError::from)?;
    let newcomer = newcomer(&app, &caller, tasks.first().map(|task| &task.id))
        .await
        .map_err(CliError::from)?;
    let password = directory.read_secret(PASSWORD_FILE)?;
    Ok(DemoContents {
        newcomer,
        password,
        organization: caller.organization,
        secret,
        tasks: tasks.into_iter().map(|task| (task.id, task.title)).collect(),
    })
}
