//! An instance as a row of cells, for the formats that are tables.

use super::Gone;
use crate::caller::Caller;
use crate::results::{Listed, Mode};
use domain::id::TaskId;
use serde::Deserialize;
use serde_json::value::RawValue;

/// What every row of an export has in common.
pub(super) struct Place {
    pub caller: Caller,
    pub task: TaskId,
    pub mode: Mode,
}

/// One cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cell<'row> {
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
pub(super) const DETAILED: [&str; 8] =
    ["noOfQuestions", "organizationId", "candidate.id", "candidate.kind", "folder", "group", "labels", "tags"];

/// Lists that are JSON texts in one table, or tables of their own.
pub(super) const LISTS: [&str; 3] = ["sections", "dimensions", "effects"];

/// The parts of a result, as literals.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Figures<'row> {
    completed_at: i64,
    #[serde(borrow)]
    pub scoreboard: Scoreboard<'row>,
    #[serde(borrow, default)]
    pub sections: Option<&'row RawValue>,
    #[serde(borrow, default)]
    pub dimensions: Option<&'row RawValue>,
    #[serde(borrow, default)]
    pub effects: Option<&'row RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Scoreboard<'row> {
    #[serde(borrow)]
    pub points_achieved: &'row RawValue,
    #[serde(borrow)]
    pub max_achievable_points: &'row RawValue,
    #[serde(borrow)]
    pub achievement_ratio: &'row RawValue,
    #[serde(borrow, default)]
    pub no_of_questions: Option<&'row RawValue>,
}

impl<'row> Scoreboard<'row> {
    /// Points, maximum, ratio.
    pub fn cells(&self) -> [Cell<'row>; 3] {
        [self.points_achieved, self.max_achievable_points, self.achievement_ratio]
            .map(|number| Cell::Number(number.get()))
    }

    pub fn count(&self) -> Cell<'row> {
        self.no_of_questions.map_or(Cell::Empty, |number| Cell::Number(number.get()))
    }
}

/// The result of a row; none while it is open.
pub(super) fn figures<'row>(row: &Listed<'row>) -> Result<Option<Figures<'row>>, Gone> {
    let result = row.details.as_ref().map_or(row.result_basic, |details| details.result_detailed);
    let shown = result.filter(|_| !row.state.is_open());
    shown.map(|text| serde_json::from_str(text).map_err(|error| Gone(error.to_string()))).transpose()
}

/// The cells under [`PLAIN`] and, with its details, [`DETAILED`].
pub(super) fn cells<'row>(of: &'row Place, row: &Listed<'row>, figures: Option<&Figures<'row>>) -> Vec<Cell<'row>> {
    let mut cells = vec![
        Cell::Text(row.id),
        Cell::Text(of.task.as_str()),
        Cell::Text(row.step_id),
        Cell::Text(row.candidate_id),
        Cell::Text(row.state.as_str()),
        Cell::Flag(row.ignored),
        figures.map_or(Cell::Empty, |figures| Cell::Integer(figures.completed_at)),
    ];
    cells.extend(figures.map_or([Cell::Empty; 3], |figures| figures.scoreboard.cells()));
    if let Some(details) = &row.details {
        cells.extend([
            figures.map_or(Cell::Empty, |figures| figures.scoreboard.count()),
            Cell::Text(of.caller.organization.as_str()),
            Cell::Text(details.owner_id),
            Cell::Text(details.candidate_kind.as_str()),
            Cell::Text(details.folder),
            Cell::Text(details.group_name),
            Cell::Text(details.labels),
            Cell::Text(details.tags),
        ]);
    }
    cells
}
