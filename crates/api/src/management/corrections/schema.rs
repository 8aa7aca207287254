//! Corrections as they are asked for and what became of them.

use crate::body::{BodyField, BodyObject};
use crate::values;
use app::correction_jobs::CorrectionProgress;
use app::corrections::{CorrectionOutcome as Done, NewCorrection};
use domain::fault::ErrorCode;
use domain::scoring::Correction;
use serde::Serialize;
use utoipa::ToSchema;

/// A correction to be made.
#[derive(ToSchema)]
#[schema(as = NewCorrection)]
#[allow(dead_code, reason = "only its schema is used")]
pub(in crate::management) struct CreateCorrectionRequest {
    /// `{"question": "q1", "change": "ignore"}`, or `"change": "replace"` with any of `choices`,
    /// `items`, `rules`, `otherwise`, `cells`, `threshold`, `points`, `negativePoints`,
    /// `dimensions`.
    #[schema(value_type = Object)]
    correction: serde_json::Value,
    /// Why it is made, for whoever looks at the result later: 1 to 10000 characters.
    reason: String,
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
    #[derive(ToSchema)]
    pub enum CorrectionJobState {
        Running = "running",
        Done = "done",
    }
}

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
    /// Whether all results are computed anew: `running` or `done`.
    #[schema(value_type = String, example = "running")]
    state: CorrectionJobState,
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
                CorrectionJobState::Done
            } else {
                CorrectionJobState::Running
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

impl From<Done> for CorrectionResponse {
    fn from(done: Done) -> Self {
        Self {
            correction_id: done.id.to_string(),
            versions: done.versions.iter().map(ToString::to_string).collect(),
            open: done.open,
            unchanged: done.unchanged,
            job: done.job.map(CorrectionProgressResponse::from),
        }
    }
}

pub(super) fn read_correction_request(object: &BodyObject<'_>) -> Option<NewCorrection> {
    let correction = correction(&object.required("correction"));
    let reason = values::note(&object.required("reason"));
    Some(NewCorrection { correction: correction?, reason: reason? })
}

fn correction(field: &BodyField<'_>) -> Option<Correction> {
    let read = Correction::read(field.any_object()?);
    if read.is_err() {
        field.refuse(ErrorCode::InvalidFormat, "must be a correction: a question and a change");
    }
    read.ok()
}
