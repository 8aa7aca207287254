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
    pub address: &'static str,
    pub is_here: bool,
}

/// Areas of daily work and of administration, each with the permission that opens it; a page's route begins with the
/// address.
const WORK: [(Area, &str, &str, Permission); 5] = [
    (Area::Tasks, "Tasks", "/staff/tasks", Permission::ReadTasks),
    (Area::Tests, "Tests", "/staff/tests", Permission::ReadTests),
    (Area::Bank, "Question bank", "/staff/bank", Permission::UseBank),
    (Area::Evaluate, "Evaluate", "/staff/evaluate", Permission::Evaluate),
    (Area::Live, "Live", "/staff/live", Permission::Administer),
];
const ADMINISTRATION: [(Area, &str, &str, Permission); 6] = [
    (Area::Organization, "Organization", "/staff/organization", Permission::Manage),
    (Area::Users, "Users", "/staff/users", Permission::Manage),
    (Area::Keys, "API keys", "/staff/keys", Permission::Manage),
    (Area::Webhooks, "Webhooks", "/staff/webhooks", Permission::Manage),
    (Area::Mail, "Mail", "/staff/mail", Permission::Candidates),
    (Area::Audit, "Audit log", "/staff/audit", Permission::ReadAudit),
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

fn entries(areas: &[(Area, &'static str, &'static str, Permission)], staff: &Staff, here: Area) -> Vec<Entry> {
    let open = areas.iter().filter(|(_, _, address, permission)| BUILT.contains(address) && staff.may(*permission));
    open.map(|(area, name, address, _)| Entry { name, address, is_here: *area == here }).collect()
}
