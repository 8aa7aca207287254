//! The addresses of the candidate's pages, built in one place.

use domain::id::{InstanceId, StepId, TaskId};

pub fn task(task: &TaskId) -> String {
    format!("/t/{task}")
}

pub fn enter(task: &TaskId) -> String {
    format!("/t/{task}/enter")
}

pub fn form(task: &TaskId) -> String {
    format!("/t/{task}/form")
}

pub fn leave(task: &TaskId) -> String {
    format!("/t/{task}/leave")
}

pub fn steps(task: &TaskId) -> String {
    format!("/t/{task}/steps")
}

pub fn step(task: &TaskId, step: &StepId) -> String {
    format!("/t/{task}/steps/{step}")
}

pub fn start(task: &TaskId, step: &StepId) -> String {
    format!("/t/{task}/steps/{step}/start")
}

pub fn sit(task: &TaskId, instance: &InstanceId) -> String {
    format!("/t/{task}/sit/{instance}")
}

pub fn receipt(task: &TaskId, instance: &InstanceId) -> String {
    format!("/t/{task}/sit/{instance}/receipt")
}

pub fn receipt_file(task: &TaskId, instance: &InstanceId) -> String {
    format!("/t/{task}/sit/{instance}/receipt.json")
}

/// Where scripts find the delivery API.
pub fn api(task: &TaskId) -> String {
    format!("/t/{task}/api")
}

/// Where the script finds the delivery API's view of an instance.
pub fn instance_api(task: &TaskId, instance: &InstanceId) -> String {
    format!("/t/{task}/api/instances/{instance}")
}
