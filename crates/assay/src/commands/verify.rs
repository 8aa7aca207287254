//! `verify`: everything that is published computed anew from what is kept, and every chain
//! followed.

use crate::cli_context::{data_dir, media_store};
use crate::cli_error::{CliError, ExitKind};
use crate::config::Config;
use crate::global_args::GlobalArgs;
use crate::output::{OutputWriter, ProgressReporter};
use anyhow::Context;
use app::verification::{
    Difference, HistoryVerifier, VerificationPosition, VerificationStep, VerificationTally,
};
use clap::Args;
use domain::id::OrganizationId;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};

/// Compute everything that is published anew from what is kept, and compare
///
/// Looks at the latest result version of every test instance and at its published copies, at the
/// digests of its inputs, at every chain of events and receipts, and at candidates' files. It
/// changes nothing, also runs beside a running server or on a copy, and ends with status 1 when
/// something differs.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  assay verify
  assay verify --position-file verify.position
  assay verify --data-dir /restored --json")]
pub struct VerifyArgs {
    /// Go on where an earlier run ended, as it told
    #[arg(long, value_name = "POSITION", value_parser = position)]
    pub from: Option<VerificationPosition>,
    /// Keep the position in this file and go on from it; removed at the end
    #[arg(long, value_name = "FILE", conflicts_with = "from")]
    pub position_file: Option<PathBuf>,
    /// Leave candidates' files out
    #[arg(long)]
    pub no_files: bool,
    /// Print one JSON object a difference
    #[arg(long)]
    pub json: bool,
}

fn position(text: &str) -> Result<VerificationPosition, String> {
    VerificationPosition::parse(text).ok_or_else(|| {
        "a position that a verification told, such as instances/Og1/1/200".to_owned()
    })
}

/// Slices between two writings of the position.
const SLICES: usize = 50;

/// Where a run is, as its file keeps it.
#[derive(Default, Serialize, Deserialize)]
struct StoredPosition {
    position: String,
    differences: u64,
    instances: u64,
}

impl VerifyArgs {
    pub fn run(&self, global: &GlobalArgs, config: &Config) -> anyhow::Result<()> {
        let storage = data_dir(config).open_inspection()?;
        let only = global.org.as_deref().map(OrganizationId::from);
        let files = (!self.no_files).then(|| media_store(config));
        let verifier = HistoryVerifier::new(storage, files, only);
        let stored = self.position_file.as_deref().map(stored_position).transpose()?.flatten();
        let begin = match &stored {
            Some(stored) => VerificationPosition::parse(&stored.position)
                .context("the position file does not read; remove it")?,
            None => self.from.clone().unwrap_or(VerificationPosition::BEGINNING),
        };
        let mut work = VerifyRun {
            output: OutputWriter::stdout(),
            is_json: self.json,
            tally: VerificationTally::default(),
            differences: stored.as_ref().map_or(0, |stored| stored.differences),
            before: stored.map_or(0, |stored| stored.instances),
        };
        work.verify(&verifier, begin, self.position_file.as_deref())?;
        work.end()
    }
}

struct VerifyRun {
    output: OutputWriter<std::io::BufWriter<std::io::StdoutLock<'static>>>,
    is_json: bool,
    tally: VerificationTally,
    differences: u64,
    /// Instances that an earlier run looked at.
    before: u64,
}

impl VerifyRun {
    fn verify(
        &mut self,
        verifier: &HistoryVerifier,
        begin: VerificationPosition,
        file: Option<&Path>,
    ) -> anyhow::Result<()> {
        let total = verifier.total().map_err(CliError::from)?;
        let (mut bar, mut next, mut slices) =
            (ProgressReporter::start("test instances", total), Some(begin), 0);
        while let Some(position) = next {
            slices += 1;
            if slices % SLICES == 0 {
                file.map(|file| self.keep(file, &position)).transpose()?;
            }
            let step = verifier.step(&position).map_err(CliError::from);
            let VerificationStep { tally, differences, next: following } =
                step.with_context(|| format!("it ended at {position}"))?;
            self.tally.add(tally);
            differences.iter().try_for_each(|difference| self.tell(difference))?;
            bar.reach(self.before + self.tally.instances);
            next = following;
        }
        bar.finish();
        if let Some(file) = file.filter(|file| file.exists()) {
            fs::remove_file(file).with_context(|| format!("cannot remove {}", file.display()))?;
        }
        Ok(())
    }

    /// Written beside and renamed, so that it is whole whenever the run is ended.
    fn keep(&self, file: &Path, position: &VerificationPosition) -> anyhow::Result<()> {
        let instances = self.before + self.tally.instances;
        let stored = StoredPosition {
            position: position.to_string(),
            differences: self.differences,
            instances,
        };
        let mut beside = file.as_os_str().to_owned();
        beside.push(".new");
        fs::write(&beside, serde_json::to_vec(&stored)?)
            .and_then(|()| fs::rename(&beside, file))
            .with_context(|| format!("cannot write {}", file.display()))
    }

    fn tell(&mut self, difference: &Difference) -> anyhow::Result<()> {
        self.differences += 1;
        let Difference { aspect, organization, task, id, detail } = difference;
        if self.is_json {
            let line = serde_json::json!({
                "aspect": aspect.as_str(), "organizationId": organization, "taskId": task, "id": id, "detail": detail,
            });
            self.output.line(line)?;
        } else {
            let task = task.as_ref().map_or_else(String::new, |task| format!(" of {task}"));
            self.output.line(format_args!("{aspect} {id}{task}: {detail}"))?;
        }
        Ok(())
    }

    fn end(mut self) -> anyhow::Result<()> {
        let VerificationTally { events, receipts, files, compared_only, .. } = self.tally;
        let instances = self.before + self.tally.instances;
        if !self.is_json {
            self.output.line(format_args!(
                "{instances} test instances, {events} events, {receipts} receipts, {files} files; {compared_only} results of \
                erased persons or older engines compared, not computed; {} differences",
                self.differences
            ))?;
        }
        self.output.finish()?;
        if self.differences == 0 {
            return Ok(());
        }
        let message = format!("{} differences were found.", self.differences);
        let advice = "Keep the database as it is. `assay rescore` mends published copies; docs/operations.md says what else.";
        Err(CliError::new(ExitKind::Failed, message).with_advice(advice).into())
    }
}

/// None without a file.
fn stored_position(file: &Path) -> anyhow::Result<Option<StoredPosition>> {
    match fs::read(file) {
        Ok(text) => {
            let read = serde_json::from_slice(&text);
            read.map(Some).with_context(|| {
                format!("{} does not read; remove it to begin anew", file.display())
            })
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", file.display())),
    }
}
