//! Corrections as they are asked for and what became of them.

use super::correction_schema::CorrectionReader;
use crate::openapi::EnumWord;
use crate::request::request;
use crate::request::value::note;
use app::correction_jobs::CorrectionProgress;
use app::corrections::{CorrectionOutcome, NewCorrection};
use serde::Serialize;
use utoipa::ToSchema;

request! {
    /// A correction to be made.
    pub(in crate::management) struct CreateCorrectionRequest as "NewCorrection" for NewCorrection {
        /// What changes of how one question is scored.
        correction = CorrectionReader,
        /// Why it is made, for whoever looks at the result later.
        reason = note(),
    }
}

/// What a correction has changed.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AppliedCorrection)]
pub(in crate::management) struct CorrectionResponse {
    /// Id of the correction.
    correction_id: String,
    /// Completed instances that got a new version.
    versions: Vec<String>,
    /// Open instances that keep it for their completion.
    open: usize,
    /// Completed instances in which no figure differs.
    unchanged: usize,
    /// For a whole step: how far it has got. While it runs, the lists and numbers above are of the
    /// part that is done; `GET /corrections/{id}` tells the rest.
    #[serde(skip_serializing_if = "Option::is_none")]
    job: Option<CorrectionProgressResponse>,
}

domain::string_enum! {
    /// Whether the results of a step are all computed anew.
    pub enum CorrectionJobState {
        Running = "running",
        Done = "done",
    }
}

type CorrectionJobStateWord = EnumWord<CorrectionJobState>;

/// How far a correction of a step, or its withdrawal, has got. It is in force from its first
/// moment.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CorrectionProgress)]
pub(in crate::management) struct CorrectionProgressResponse {
    /// Id of the correction.
    correction_id: String,
    /// Whether it was withdrawn.
    withdrawn: bool,
    /// Whether all results are computed anew.
    #[schema(inline)]
    state: CorrectionJobStateWord,
    /// Instances of the task passed so far.
    position: i64,
    /// Instances the task had when it began.
    total: i64,
    /// Completed instances that got a new version.
    versions: i64,
    /// Open instances that keep it for their completion.
    open: i64,
    /// Completed instances in which no figure differs.
    unchanged: i64,
    /// Instances that could not be computed; the server's log names them.
    failed: i64,
}

impl From<CorrectionProgress> for CorrectionProgressResponse {
    fn from(progress: CorrectionProgress) -> Self {
        let CorrectionProgress { position, total, versions, open, unchanged, failed, .. } =
            progress;
        Self {
            correction_id: progress.id.to_string(),
            withdrawn: progress.is_withdrawal,
            state: if progress.is_done {
                CorrectionJobState::Done.into()
            } else {
                CorrectionJobState::Running.into()
            },
            position,
            total,
            versions,
            open,
            unchanged,
            failed,
        }
    }
}

impl From<CorrectionOutcome> for CorrectionResponse {
    fn from(done: CorrectionOutcome) -> Self {
        Self {
            correction_id: done.id.to_string(),
            versions: done.versions.iter().map(ToString::to_string).collect(),
            open: done.open,
            unchanged: done.unchanged,
            job: done.job.map(CorrectionProgressResponse::from),
        }
    }
}
