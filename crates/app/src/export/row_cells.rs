//! An instance as a row of cells, for the formats that are tables.

use super::ReaderGone;
use crate::caller::Caller;
use crate::results::{ListedInstance, ListingDetail};
use domain::id::TaskId;
use serde::Deserialize;
use serde_json::value::RawValue;

/// What every row of an export has in common.
pub(super) struct RowContext {
    pub caller: Caller,
    pub task: TaskId,
    pub mode: ListingDetail,
}

/// One cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum ExportCell<'row> {
    Empty,
    Text(&'row str),
    Flag(bool),
    /// A plain decimal.
    Number(&'row str),
    Integer(i64),
}

/// The columns of every table.
pub(super) const PLAIN: [&str; 10] = [
    "testInstanceId",
    "taskId",
    "stepId",
    "ticketId",
    "status",
    "ignored",
    "completedAt",
    "pointsAchieved",
    "maxAchievablePoints",
    "achievementRatio",
];

/// What mode `detailed` adds; labels and tags are JSON texts.
pub(super) const DETAILED: [&str; 8] = [
    "noOfQuestions",
    "organizationId",
    "candidate.id",
    "candidate.kind",
    "folder",
    "group",
    "labels",
    "tags",
];

/// Lists that are JSON texts in one table, or tables of their own.
pub(super) const LISTS: [&str; 3] = ["sections", "dimensions", "effects"];

/// The parts of a result, as literals.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExportedResult<'row> {
    completed_at: i64,
    #[serde(borrow)]
    pub scoreboard: ExportedScoreboard<'row>,
    #[serde(borrow, default)]
    pub sections: Option<&'row RawValue>,
    #[serde(borrow, default)]
    pub dimensions: Option<&'row RawValue>,
    #[serde(borrow, default)]
    pub effects: Option<&'row RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExportedScoreboard<'row> {
    #[serde(borrow)]
    pub points_achieved: &'row RawValue,
    #[serde(borrow)]
    pub max_achievable_points: &'row RawValue,
    #[serde(borrow)]
    pub achievement_ratio: &'row RawValue,
    #[serde(borrow, default)]
    pub no_of_questions: Option<&'row RawValue>,
}

impl<'row> ExportedScoreboard<'row> {
    /// Points, maximum, ratio.
    pub fn cells(&self) -> [ExportCell<'row>; 3] {
        [self.points_achieved, self.max_achievable_points, self.achievement_ratio]
            .map(|number| ExportCell::Number(number.get()))
    }

    pub fn count(&self) -> ExportCell<'row> {
        self.no_of_questions.map_or(ExportCell::Empty, |number| ExportCell::Number(number.get()))
    }
}

/// The result of a row; none while it is open.
pub(super) fn exported_result<'row>(
    row: &ListedInstance<'row>,
) -> Result<Option<ExportedResult<'row>>, ReaderGone> {
    let result = row.details.as_ref().map_or(row.result_basic, |details| details.result_detailed);
    let shown = result.filter(|_| !row.state.is_open());
    shown
        .map(|text| serde_json::from_str(text).map_err(|error| ReaderGone(error.to_string())))
        .transpose()
}

/// The cells under [`PLAIN`] and, with its details, [`DETAILED`].
pub(super) fn cells<'row>(
    of: &'row RowContext,
    row: &ListedInstance<'row>,
    figures: Option<&ExportedResult<'row>>,
) -> Vec<ExportCell<'row>> {
    let mut cells = vec![
        ExportCell::Text(row.id),
        ExportCell::Text(of.task.as_str()),
        ExportCell::Text(row.step_id),
        ExportCell::Text(row.candidate_id),
        ExportCell::Text(row.state.as_str()),
        ExportCell::Flag(row.ignored),
        figures.map_or(ExportCell::Empty, |figures| ExportCell::Integer(figures.completed_at)),
    ];
    cells.extend(figures.map_or([ExportCell::Empty; 3], |figures| figures.scoreboard.cells()));
    if let Some(details) = &row.details {
        cells.extend([
            figures.map_or(ExportCell::Empty, |figures| figures.scoreboard.count()),
            ExportCell::Text(of.caller.organization.as_str()),
            ExportCell::Text(details.owner_id),
            ExportCell::Text(details.candidate_kind.as_str()),
            ExportCell::Text(details.folder),
            ExportCell::Text(details.group_name),
            ExportCell::Text(details.labels),
            ExportCell::Text(details.tags),
        ]);
    }
    cells
}
