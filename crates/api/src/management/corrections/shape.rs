//! Corrections as they are asked for and what became of them.

use crate::body::{Field, Object};
use crate::values;
use app::corrections::{Corrected as Done, NewCorrection};
use domain::fault::Code;
use domain::scoring::Correction;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(ToSchema)]
#[schema(as = NewCorrection)]
#[allow(dead_code, reason = "only its schema is used")]
pub(in crate::management) struct Asked {
    /// `{"question": "q1", "change": "ignore"}`, or `"change": "replace"` with any of `choices`, `items`, `rules`,
    /// `otherwise`, `cells`, `threshold`, `points`, `negativePoints`, `dimensions`.
    #[schema(value_type = Object)]
    correction: serde_json::Value,
    reason: String,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AppliedCorrection)]
pub(in crate::management) struct Corrected {
    correction_id: String,
    /// Completed instances that got a new version.
    versions: Vec<String>,
    /// Open instances that keep it for their completion.
    open: usize,
    /// Completed instances in which no figure differs.
    unchanged: usize,
}

impl From<Done> for Corrected {
    fn from(done: Done) -> Self {
        Self {
            correction_id: done.id.to_string(),
            versions: done.versions.iter().map(ToString::to_string).collect(),
            open: done.open,
            unchanged: done.unchanged,
        }
    }
}

pub(super) fn shape(object: &Object<'_>) -> Option<NewCorrection> {
    let correction = correction(&object.required("correction"));
    let reason = values::note(&object.required("reason"));
    Some(NewCorrection { correction: correction?, reason: reason? })
}

fn correction(field: &Field<'_>) -> Option<Correction> {
    let read = Correction::read(field.any_object()?);
    if read.is_err() {
        field.refuse(Code::InvalidFormat, "must be a correction: a question and a change");
    }
    read.ok()
}
