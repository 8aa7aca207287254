//! Inviting by mail: those chosen on the roll, or everybody who was not invited yet.

use super::{Tab, Table, TaskTabs, choices, roll_address};
use crate::desk::Desk;
use crate::reply;
use crate::staff::{Area, Frame, Given, Staff, Told};
use crate::trouble::Trouble;
use app::candidates::Invitation;
use app::mail::Invite;
use app::tasks::TaskView;
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::response::Response;
use axum::routing::get;
use domain::id::{CandidateId, TaskId};
use domain::role::Permission;

pub fn table() -> Table {
    vec![("/staff/tasks/{task}/candidates/invite", get(show).post(invite))]
}

#[derive(Template)]
#[template(path = "staff/candidates/invite.html")]
struct Page<'form> {
    frame: Frame,
    tabs: TaskTabs,
    id: String,
    given: &'form Given,
    told: &'form Told,
    templates: Vec<(String, String)>,
    chosen: Vec<&'form str>,
    may_write_templates: bool,
}

/// `GET /staff/tasks/{task}/candidates/invite`.
pub async fn show(State(desk): State<Desk>, staff: Staff, Path(task): Path<TaskId>) -> Result<Response, Trouble> {
    staff.caller().permit(Permission::Candidates)?;
    let view = desk.app.task(staff.caller(), &task).await?;
    page(&staff, &view, &Given::default(), &Told::default())
}

/// `POST /staff/tasks/{task}/candidates/invite`: from the roll, with those chosen there, or to do it.
pub async fn invite(
    State(desk): State<Desk>,
    staff: Staff,
    Path(task): Path<TaskId>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    staff.caller().permit(Permission::Candidates)?;
    let view = desk.app.task(staff.caller(), &task).await?;
    let given = Given(pairs);
    let chosen: Vec<CandidateId> = given.all("candidate").map(CandidateId::from).collect();
    if given.has("choosing") {
        if chosen.is_empty() {
            return Ok(reply::go(&format!("{}?said=nobody", roll_address(&task))));
        }
        return page(&staff, &view, &given, &Told::default());
    }
    let mut told = Told::default();
    let at = given.instant("at", &mut told, "/sendAt");
    if !told.is_empty() {
        return page(&staff, &view, &given, &told);
    }
    let invitation = Invitation { template: given.text("template").to_owned(), at };
    let invited = if chosen.is_empty() {
        desk.app.invite_uninvited(staff.caller(), &task, invitation).await
    } else {
        let number = chosen.len();
        let asked = Invite { candidates: chosen, invitation };
        desk.app.invite_candidates(staff.caller(), &task, asked).await.map(|_| number)
    };
    match invited {
        Ok(number) => Ok(reply::go(&format!("{}?said=invited&n={number}", roll_address(&task)))),
        Err(failure) => page(&staff, &view, &given, &Told::of(failure)?),
    }
}

fn page(staff: &Staff, view: &TaskView, given: &Given, told: &Told) -> Result<Response, Trouble> {
    let page = Page {
        frame: Frame::new(staff, Area::Tasks, "Invite by mail")
            .under("Tasks", "/staff/tasks")
            .under(view.title.clone(), roll_address(&view.id))
            .with_script("staff/people.js"),
        tabs: TaskTabs::new(staff, &view.id, Tab::Candidates),
        id: view.id.to_string(),
        templates: view.email_templates.iter().map(|known| (known.name.clone(), known.name.clone())).collect(),
        chosen: given.all("candidate").collect(),
        may_write_templates: staff.may(Permission::WriteTasks),
        given,
        told,
    };
    reply::page(choices::status(told), &page)
}
