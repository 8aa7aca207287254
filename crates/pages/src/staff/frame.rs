//! What stands around every page of staff: the areas the user may enter, who is signed in, and where one is.

use super::session::Staff;
use crate::assets;
use domain::role::Permission;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// An area of the pages, as the navigation lists it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Area {
    Home,
    Tasks,
    Tests,
    Bank,
    Evaluate,
    Live,
    Organization,
    Users,
    Keys,
    Webhooks,
    Mail,
    Audit,
    Account,
}

/// An entry of the navigation.
pub struct Entry {
    pub name: &'static str,
    pub about: &'static str,
    pub address: &'static str,
    pub is_here: bool,
}

/// An area with its name, what one does there, its address, and the permission that opens it; a page's route begins with
/// the address.
type Known = (Area, &'static str, &'static str, &'static str, Permission);

/// Areas of daily work and of administration.
const WORK: [Known; 5] = [
    (Area::Tasks, "Tasks", "Who takes which test, when, and how they get in", "/staff/tasks", Permission::ReadTasks),
    (Area::Tests, "Tests", "What is asked and how it is scored", "/staff/tests", Permission::ReadTests),
    (Area::Bank, "Question bank", "Questions that several tests share", "/staff/bank", Permission::UseBank),
    (Area::Evaluate, "Evaluate", "Answers that wait for a person", "/staff/evaluate", Permission::Evaluate),
    (Area::Live, "Live", "Who is in a test now", "/staff/live", Permission::Administer),
];
const ADMINISTRATION: [Known; 6] = [
    (
        Area::Organization,
        "Organization",
        "Its name, and how long things are kept",
        "/staff/organization",
        Permission::Manage,
    ),
    (Area::Users, "Users", "Who signs in, and what each may do", "/staff/users", Permission::Manage),
    (Area::Keys, "API keys", "For programs that read and write here", "/staff/keys", Permission::Manage),
    (Area::Webhooks, "Webhooks", "Programs that are told of results", "/staff/webhooks", Permission::Manage),
    (Area::Mail, "Mail", "Invitations, and what became of them", "/staff/mail", Permission::Candidates),
    (Area::Audit, "Audit log", "Who changed what, and when", "/staff/audit", Permission::ReadAudit),
];
/// Addresses that have a page; areas without one are not shown.
static BUILT: LazyLock<BTreeSet<&str>> = LazyLock::new(|| super::table().map(|(route, _)| route.0).collect());

pub struct Frame {
    pub title: String,
    pub organization: String,
    /// Name of the user; none on pages before signing in.
    pub who: Option<String>,
    pub work: Vec<Entry>,
    pub administration: Vec<Entry>,
    pub is_account: bool,
    /// What was just done, after a form was sent.
    pub said: Option<String>,
    /// Where one comes from: name and address, outermost first.
    pub crumbs: Vec<(String, String)>,
    /// Scripts of the page, under `staff/`.
    pub scripts: Vec<&'static str>,
}

impl Frame {
    /// A page before signing in.
    pub fn outside(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            organization: String::new(),
            who: None,
            work: Vec::new(),
            administration: Vec::new(),
            is_account: false,
            said: None,
            crumbs: Vec::new(),
            scripts: Vec::new(),
        }
    }

    /// A page of somebody who is signed in.
    pub fn new(staff: &Staff, area: Area, title: impl Into<String>) -> Self {
        let user = &staff.0.user;
        Self {
            organization: staff.0.organization_name.clone(),
            who: Some(user.fullname.clone().unwrap_or_else(|| user.username.clone())),
            work: entries(&WORK, staff, area),
            administration: entries(&ADMINISTRATION, staff, area),
            is_account: area == Area::Account,
            ..Self::outside(title)
        }
    }

    #[must_use]
    pub fn said(mut self, sentence: Option<impl Into<String>>) -> Self {
        self.said = sentence.map(Into::into);
        self
    }

    #[must_use]
    pub fn under(mut self, name: impl Into<String>, address: impl Into<String>) -> Self {
        self.crumbs.push((name.into(), address.into()));
        self
    }

    #[must_use]
    pub fn with_script(mut self, path: &'static str) -> Self {
        self.scripts.push(path);
        self
    }

    pub fn asset(&self, path: &str) -> String {
        assets::address(path)
    }
}

fn entries(areas: &[Known], staff: &Staff, here: Area) -> Vec<Entry> {
    let open = areas.iter().filter(|(_, _, _, address, permission)| BUILT.contains(address) && staff.may(*permission));
    open.map(|(area, name, about, address, _)| Entry { name, about, address, is_here: *area == here }).collect()
}
