//! The addresses of the candidate's pages, built in one place.

use domain::id::{InstanceId, OrganizationId, StepId, TaskId};

/// The task's first page; also the path that its session cookie is bound to.
pub fn task(task: &TaskId) -> String {
    format!("/t/{task}")
}

/// The organization's logo; the digest makes an address for each picture.
pub fn logo(organization: &OrganizationId, digest: &str) -> String {
    format!("/o/{organization}/logo?v={digest}")
}

/// Contact, privacy notice and imprint of an organization.
pub fn about(organization: &OrganizationId) -> String {
    format!("/o/{organization}/about")
}

/// Where a candidate gives a code or credentials.
pub fn enter(task: &TaskId) -> String {
    format!("/t/{task}/enter")
}

/// The access form, filled in before the steps are shown.
pub fn form(task: &TaskId) -> String {
    format!("/t/{task}/form")
}

/// Takes the form that ends the log-in session.
pub fn leave(task: &TaskId) -> String {
    format!("/t/{task}/leave")
}

/// The list of the task's steps.
pub fn steps(task: &TaskId) -> String {
    format!("/t/{task}/steps")
}

/// What is told of a step before it is started.
pub fn step(task: &TaskId, step: &StepId) -> String {
    format!("/t/{task}/steps/{step}")
}

/// Takes the form that starts a step or goes on with it.
pub fn start(task: &TaskId, step: &StepId) -> String {
    format!("/t/{task}/steps/{step}/start")
}

/// Where a step's page tries the connection before the start.
pub fn connection(task: &TaskId, step: &StepId) -> String {
    format!("/t/{task}/steps/{step}/connection")
}

/// The questions of a running instance.
pub fn sit(task: &TaskId, instance: &InstanceId) -> String {
    format!("/t/{task}/sit/{instance}")
}

/// The receipt of a completed instance, as a page.
pub fn receipt(task: &TaskId, instance: &InstanceId) -> String {
    format!("/t/{task}/sit/{instance}/receipt")
}

/// The receipt of a completed instance, as a JSON file to keep.
pub fn receipt_file(task: &TaskId, instance: &InstanceId) -> String {
    format!("/t/{task}/sit/{instance}/receipt.json")
}

/// What was recorded at a completed instance.
pub fn recorded(task: &TaskId, instance: &InstanceId) -> String {
    format!("/t/{task}/sit/{instance}/recorded")
}

/// The result of a completed instance.
pub fn result(task: &TaskId, instance: &InstanceId) -> String {
    format!("/t/{task}/sit/{instance}/result")
}

/// Where answers are checked in practice mode; the slot follows.
pub fn check(task: &TaskId, instance: &InstanceId) -> String {
    format!("/t/{task}/sit/{instance}/check")
}

/// Where scripts find the delivery API.
pub fn api(task: &TaskId) -> String {
    format!("/t/{task}/api")
}

/// Where the script finds the delivery API's view of an instance.
pub fn instance_api(task: &TaskId, instance: &InstanceId) -> String {
    format!("/t/{task}/api/instances/{instance}")
}
