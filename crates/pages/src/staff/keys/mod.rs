//! API keys: secrets by which programs act for the organization.

mod detail;
mod list;
mod new;

use crate::staff::support::AreaRoutes;
use axum::routing::{get, post};
use domain::instance::Scope;

const ADDRESS: &str = "/staff/keys";

/// Pages and forms about API keys.
pub fn routes() -> AreaRoutes {
    vec![
        (ADDRESS, get(list::show)),
        ("/staff/keys/new", get(new::show)),
        ("/staff/keys/do/create", post(new::create)),
        ("/staff/keys/{key}", get(detail::show)),
        ("/staff/keys/{key}/do/rotate", post(detail::rotate)),
        ("/staff/keys/{key}/do/revoke", post(detail::revoke)),
    ]
}

/// What a scope lets a program do, in words.
const fn scope_description(scope: Scope) -> &'static str {
    match scope {
        Scope::TasksRead => "read tasks and steps",
        Scope::TasksWrite => "read, create and change tasks and steps",
        Scope::CandidatesRead => "read candidates",
        Scope::CandidatesWrite => "read, create, change, delete and invite candidates",
        Scope::TestsRead => "read tests and the question bank",
        Scope::TestsWrite => "read and write tests and the question bank",
        Scope::ResultsRead => "read results, changes and exports",
        Scope::ResultsWrite => "grade, correct, extend, end and reopen",
        Scope::AnswersRead => "read answers",
        Scope::EvidencesRead => "read recordings",
        Scope::UsersRead => "read users",
        Scope::PersonsErase => "erase people",
        Scope::AuditRead => "read the audit log",
        Scope::Manage => "full access, including keys and users",
    }
}
