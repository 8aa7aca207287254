//! Inviting by mail: those chosen on the roll, or everybody who was not invited yet.

use super::{TaskTab, TaskTabs, candidate_list_path, choices};
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{
    AreaRoutes, FormErrors, FormValues, SignedInStaff, StaffArea, StaffLayout,
};
use crate::state::PagesState;
use app::candidates::Invitation;
use app::candidates::roster::InvitationCounts;
use app::mail::InviteRequest;
use app::tasks::TaskView;
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::response::Response;
use axum::routing::get;
use domain::id::{CandidateId, TaskId};
use domain::role::{Permission, Right};

/// The form that sends invitations to those who were marked.
pub fn routes() -> AreaRoutes {
    vec![("/staff/tasks/{task}/candidates/invite", get(show).post(invite))]
}

#[derive(Template)]
#[template(path = "staff/candidates/invite.html")]
struct InviteCandidatesPage<'form> {
    frame: StaffLayout,
    tabs: TaskTabs,
    id: String,
    values: &'form FormValues,
    errors: &'form FormErrors,
    templates: Vec<(String, String)>,
    chosen: Vec<&'form str>,
    /// What inviting everybody not invited yet would do.
    counts: InvitationCounts,
    has_mail_server: bool,
    may_write_templates: bool,
}

/// `GET /staff/tasks/{task}/candidates/invite`.
pub async fn show(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(task): Path<TaskId>,
) -> Result<Response, PageError> {
    staff.caller().require(Right::WriteCandidates)?;
    let view = state.app.tasks().task(staff.caller(), &task).await?;
    page(&state, &staff, &view, &FormValues::default(), &FormErrors::default()).await
}

/// `POST /staff/tasks/{task}/candidates/invite`: from the roll, with those chosen there, or to do
/// it.
pub async fn invite(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(task): Path<TaskId>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    staff.caller().require(Right::WriteCandidates)?;
    let view = state.app.tasks().task(staff.caller(), &task).await?;
    let values = FormValues(pairs);
    let chosen: Vec<CandidateId> = values.all("candidate").map(CandidateId::from).collect();
    if values.has("choosing") {
        if chosen.is_empty() {
            return Ok(reply::redirect(&format!("{}?said=nobody", candidate_list_path(&task))));
        }
        return page(&state, &staff, &view, &values, &FormErrors::default()).await;
    }
    let mut errors = FormErrors::default();
    let at = values.instant("at", &mut errors, "/sendAt");
    if !errors.is_empty() {
        return page(&state, &staff, &view, &values, &errors).await;
    }
    let invitation = Invitation { template: values.text("template").to_owned(), at };
    let invited = if chosen.is_empty() {
        state.app.mail().invite_uninvited(staff.caller(), &task, invitation).await
    } else {
        let number = chosen.len();
        let request = InviteRequest { candidates: chosen, invitation };
        state.app.mail().invite_candidates(staff.caller(), &task, request).await.map(|_| number)
    };
    match invited {
        Ok(number) => {
            let said = if state.app.settings().has_mail_server { "invited" } else { "stored" };
            Ok(reply::redirect(&format!("{}?said={said}&n={number}", candidate_list_path(&task))))
        }
        Err(failure) => page(&state, &staff, &view, &values, &FormErrors::of(failure)?).await,
    }
}

async fn page(
    state: &PagesState,
    staff: &SignedInStaff,
    view: &TaskView,
    values: &FormValues,
    errors: &FormErrors,
) -> Result<Response, PageError> {
    let is_for_everybody = !values.has("candidate");
    let counts = if is_for_everybody {
        state.app.candidates().invitation_counts(staff.caller(), &view.id).await?
    } else {
        InvitationCounts::default()
    };
    let page = InviteCandidatesPage {
        frame: StaffLayout::new(staff, StaffArea::Tasks, "Invite by mail")
            .with_crumb("Tasks", "/staff/tasks")
            .with_crumb(view.title.clone(), candidate_list_path(&view.id))
            .with_script("staff/people.js"),
        tabs: TaskTabs::new(staff, &view.id, TaskTab::Candidates),
        id: view.id.to_string(),
        templates: view
            .email_templates
            .iter()
            .map(|entry| (entry.name.clone(), entry.name.clone()))
            .collect(),
        chosen: values.all("candidate").collect(),
        counts,
        has_mail_server: state.app.settings().has_mail_server,
        may_write_templates: staff.may(Permission::WriteTasks),
        values,
        errors,
    };
    reply::page(choices::status(errors), &page)
}
