//! The roll of a task: who is in it, and how far everybody has come.

use super::{TaskTab, TaskTabs, candidate_list_path};
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{AreaRoutes, SignedInStaff, StaffArea, StaffLayout};
use crate::state::PagesState;
use app::candidates::roster::{CandidateStatus, RollFilter, RosterEntry, RosterQuery, RosterStart};
use app::tasks::TaskView;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use domain::id::TaskId;
use domain::person_search::PersonSearch;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

const SIZE: usize = 50;

const STANDS: [(&str, &str); 7] = [
    ("", "All"),
    ("absent", "Not signed in"),
    ("entered", "Signed in"),
    ("not-started", "Not started"),
    ("started", "Started"),
    ("open", "In progress"),
    ("finished", "Finished"),
];

/// The list of a task's candidates.
pub fn routes() -> AreaRoutes {
    vec![("/staff/tasks/{task}/candidates", get(show))]
}

#[derive(Template)]
#[template(path = "staff/candidates/list.html")]
struct CandidateListPage {
    frame: StaffLayout,
    tabs: TaskTabs,
    id: String,
    query: CandidateListQuery,
    stands: &'static [(&'static str, &'static str)],
    stages: Vec<(String, String)>,
    groups: bool,
    rows: Vec<CandidateListRow>,
    newer: Option<String>,
    older: Option<String>,
}

impl CandidateListPage {
    /// A search has no faults.
    fn none(&self) -> Option<&str> {
        None
    }
}

struct CandidateListRow {
    id: String,
    name: String,
    email: String,
    external_id: String,
    group: String,
    labels: Vec<String>,
    stage: String,
    rating: String,
    is_off: bool,
    stand: (&'static str, &'static str),
    attempts: String,
    is_invited: bool,
}

/// Filters and place of the list of candidates, as text; absent ones are empty.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct CandidateListQuery {
    q: String,
    stand: String,
    stage: String,
    group: String,
    label: String,
    uninvited: String,
    newer: String,
    older: String,
    said: String,
    n: String,
    /// Rows of a table that somebody else registered meanwhile.
    late: String,
}

impl CandidateListQuery {
    fn query(&self) -> RosterQuery {
        let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let stand = match self.stand.as_str() {
            "absent" => Some(CandidateStatus::Absent),
            "entered" => Some(CandidateStatus::Entered),
            "not-started" => Some(CandidateStatus::NotStarted),
            "started" => Some(CandidateStatus::Started),
            "open" => Some(CandidateStatus::Open),
            "finished" => Some(CandidateStatus::Finished),
            _ => None,
        };
        let from = match (self.newer.parse(), self.older.parse()) {
            (Ok(newer), _) => RosterStart::Above(newer),
            (_, Ok(older)) => RosterStart::Below(older),
            _ => RosterStart::Below(i64::MAX),
        };
        RosterQuery {
            filter: RollFilter {
                status: stand,
                stage: some(&self.stage),
                group: some(&self.group),
                active: None,
                is_uninvited: !self.uninvited.is_empty(),
            },
            text: PersonSearch::new(&self.q),
            label: some(&self.label),
            from,
            limit: SIZE,
        }
    }

    fn is_filtered(&self) -> bool {
        [&self.q, &self.stand, &self.stage, &self.group, &self.label, &self.uninvited]
            .iter()
            .any(|text| !text.is_empty())
    }

    fn address(&self, task: &TaskId, turn: &str, ordinal: i64) -> String {
        let fields = [
            ("q", &self.q),
            ("stand", &self.stand),
            ("stage", &self.stage),
            ("group", &self.group),
            ("label", &self.label),
            ("uninvited", &self.uninvited),
        ];
        let set = fields.iter().filter(|(_, value)| !value.is_empty());
        let set: Vec<_> = set
            .map(|(name, value)| {
                format!("{name}={}&", utf8_percent_encode(value, NON_ALPHANUMERIC))
            })
            .collect();
        format!("{}?{}{turn}={ordinal}", candidate_list_path(task), set.concat())
    }

    fn sentence(&self) -> Option<String> {
        let number = self.n.parse::<u64>().unwrap_or(1);
        let many =
            if number == 1 { "1 candidate".to_owned() } else { format!("{number} candidates") };
        match self.said.as_str() {
            "added" => Some(match self.late.parse::<u64>() {
                Ok(late) if late > 0 => format!(
                    "{many} added. {late} were skipped: somebody else has registered them in the meantime."
                ),
                _ => format!("{many} added."),
            }),
            "invited" => Some(format!("{many} invited. The mail is on its way.")),
            "stored" => Some(format!(
                "Nothing was sent: no mail server is set up. The invitations of {many} can be read under Mail."
            )),
            "changed" => Some(format!("{many} changed.")),
            "deleted" => Some("Candidate deleted.".to_owned()),
            "nobody" => Some("Nobody was chosen.".to_owned()),
            _ => None,
        }
    }
}

/// `GET /staff/tasks/{task}/candidates`.
pub async fn show(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(task): Path<TaskId>,
    Query(query): Query<CandidateListQuery>,
) -> Result<Response, PageError> {
    let view = state.app.tasks().task(staff.caller(), &task).await?;
    let roll = state.app.candidates().roster(staff.caller(), &task, query.query()).await?;
    let frame = StaffLayout::new(&staff, StaffArea::Tasks, view.title.clone())
        .with_crumb("Tasks", "/staff/tasks");
    let page = CandidateListPage {
        frame: frame.with_notice(query.sentence()).with_script("staff/people.js"),
        tabs: TaskTabs::new(&staff, &task, TaskTab::Candidates),
        id: task.to_string(),
        stands: &STANDS,
        stages: stages(&view, "All"),
        groups: roll.entries.iter().any(|entry| entry.candidate.group != "default"),
        newer: roll.newer.map(|ordinal| query.address(&task, "newer", ordinal)),
        older: roll.older.map(|ordinal| query.address(&task, "older", ordinal)),
        rows: roll.entries.into_iter().map(row).collect(),
        query,
    };
    reply::page(StatusCode::OK, &page)
}

/// The task's stages for a select, behind an entry for none.
pub fn stages(view: &TaskView, none: &str) -> Vec<(String, String)> {
    let named = view.stages.iter().map(|stage| (stage.name.clone(), stage.name.clone()));
    std::iter::once((String::new(), none.to_owned())).chain(named).collect()
}

fn row(entry: RosterEntry) -> CandidateListRow {
    let RosterEntry { candidate, external_id, progress } = entry;
    let open = progress.started - progress.finished;
    let stand = match (candidate.logged_in, open > 0, progress.finished > 0) {
        (_, true, _) => ("In progress", "badge running"),
        (_, false, true) => ("Finished", "badge done"),
        (true, false, false) => ("Signed in", "badge warn"),
        (false, false, false) => ("Not signed in", "badge"),
    };
    CandidateListRow {
        id: candidate.id.to_string(),
        name: candidate.fullname.or(candidate.email.clone()).unwrap_or(candidate.invitation_code),
        email: candidate.email.unwrap_or_default(),
        external_id: external_id.unwrap_or_default(),
        group: Some(candidate.group).filter(|group| group != "default").unwrap_or_default(),
        labels: candidate.labels,
        stage: candidate.stage.unwrap_or_default(),
        rating: candidate.rating.map(|rating| rating.to_string()).unwrap_or_default(),
        is_off: !candidate.active,
        stand,
        attempts: if progress.started == 0 {
            String::new()
        } else {
            format!("{} of {} complete", progress.finished, progress.started)
        },
        is_invited: progress.is_invited,
    }
}
