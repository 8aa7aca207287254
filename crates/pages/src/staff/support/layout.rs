//! What stands around every page of staff: the areas the user may enter, who is signed in, and
//! where one is.

use super::session::SignedInStaff;
use crate::assets;
use domain::role::Permission;

/// An area of the pages, as the navigation lists it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaffArea {
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
pub struct NavLink {
    pub name: &'static str,
    pub about: &'static str,
    pub address: &'static str,
    pub is_here: bool,
}

/// An area with its name, what one does there, its address, and the permission that opens it; a
/// page's route begins with the address.
type NavEntry = (StaffArea, &'static str, &'static str, &'static str, Permission);

/// Areas of daily work and of administration.
const WORK: [NavEntry; 5] = [
    (
        StaffArea::Tasks,
        "Tasks",
        "Who takes which test, when, and how they sign in",
        "/staff/tasks",
        Permission::ReadTasks,
    ),
    (
        StaffArea::Tests,
        "Tests",
        "Questions and how they are scored",
        "/staff/tests",
        Permission::ReadTests,
    ),
    (
        StaffArea::Bank,
        "Question bank",
        "Questions that several tests share",
        "/staff/bank",
        Permission::UseBank,
    ),
    (StaffArea::Evaluate, "Grade", "Answers to grade", "/staff/evaluate", Permission::Evaluate),
    (StaffArea::Live, "Live", "Live tests", "/staff/live", Permission::Administer),
];
const ADMINISTRATION: [NavEntry; 6] = [
    (
        StaffArea::Organization,
        "Organization",
        "Name, branding and retention",
        "/staff/organization",
        Permission::Manage,
    ),
    (
        StaffArea::Users,
        "Users",
        "Staff accounts and their roles",
        "/staff/users",
        Permission::Manage,
    ),
    (
        StaffArea::Keys,
        "API keys",
        "For other systems that read and write data",
        "/staff/keys",
        Permission::Manage,
    ),
    (
        StaffArea::Webhooks,
        "Webhooks",
        "Notify other systems of results",
        "/staff/webhooks",
        Permission::Manage,
    ),
    (
        StaffArea::Mail,
        "Mail",
        "Invitations and their delivery",
        "/staff/mail",
        Permission::Candidates,
    ),
    (
        StaffArea::Audit,
        "Audit log",
        "Who changed what and when",
        "/staff/audit",
        Permission::ReadAudit,
    ),
];

/// The addresses of all areas.
#[cfg(test)]
pub fn area_addresses() -> impl Iterator<Item = &'static str> {
    WORK.into_iter().chain(ADMINISTRATION).map(|(_, _, _, address, _)| address)
}

/// What stands around every page of staff; templates read it as `frame`.
pub struct StaffLayout {
    pub title: String,
    pub organization: String,
    /// Name of the user; none on pages before signing in.
    pub who: Option<String>,
    pub work: Vec<NavLink>,
    pub administration: Vec<NavLink>,
    pub is_account: bool,
    /// What was just done, after a form was sent.
    pub said: Option<String>,
    /// Where one comes from: name and address, outermost first.
    pub crumbs: Vec<(String, String)>,
    /// Scripts of the page, under `staff/`.
    pub scripts: Vec<&'static str>,
}

impl StaffLayout {
    /// A page before signing in.
    pub fn signed_out(title: impl Into<String>) -> Self {
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
    pub fn new(staff: &SignedInStaff, area: StaffArea, title: impl Into<String>) -> Self {
        let user = &staff.0.user;
        Self {
            organization: staff.0.organization_name.clone(),
            who: Some(user.fullname.clone().unwrap_or_else(|| user.username.clone())),
            work: entries(&WORK, staff, area),
            administration: entries(&ADMINISTRATION, staff, area),
            is_account: area == StaffArea::Account,
            ..Self::signed_out(title)
        }
    }

    /// Shows a sentence about what was just done.
    #[must_use]
    pub fn with_notice(mut self, sentence: Option<impl Into<String>>) -> Self {
        self.said = sentence.map(Into::into);
        self
    }

    /// Adds a step to the path that leads back from the page.
    #[must_use]
    pub fn with_crumb(mut self, name: impl Into<String>, address: impl Into<String>) -> Self {
        self.crumbs.push((name.into(), address.into()));
        self
    }

    /// Loads a script by its path among the assets.
    #[must_use]
    pub fn with_script(mut self, path: &'static str) -> Self {
        self.scripts.push(path);
        self
    }

    /// The address of an asset, with the edition that caches go by.
    pub fn asset(&self, path: &str) -> String {
        assets::address(path)
    }
}

fn entries(areas: &[NavEntry], staff: &SignedInStaff, here: StaffArea) -> Vec<NavLink> {
    let open = areas.iter().filter(|(_, _, _, _, permission)| staff.may(*permission));
    open.map(|(area, name, about, address, _)| NavLink {
        name,
        about,
        address,
        is_here: *area == here,
    })
    .collect()
}
