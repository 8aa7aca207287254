//! The tabs over every page of one task: `templates/staff/task_tabs.html`.
//!
//! A page has them with a field `tabs: TaskTabs` in its template's struct and one `include` in its
//! template.

use crate::staff::support::SignedInStaff;
use domain::id::TaskId;
use domain::role::Permission;

/// Which page of a task one is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskTab {
    Overview,
    Steps,
    Candidates,
    Live,
    Evaluate,
    Results,
    Group,
    Settings,
}

/// Where a tab leads.
#[derive(Clone, Copy)]
enum TabTarget {
    /// Behind the task's address.
    Below(&'static str),
    /// A page over all tasks, narrowed to this one by its query.
    Narrowed(&'static str),
}

use TabTarget::{Below, Narrowed};

/// Tab, name, where it leads, and the permission that opens it.
const TABS: [(TaskTab, &str, TabTarget, Permission); 8] = [
    (TaskTab::Overview, "Overview", Below(""), Permission::ReadTasks),
    (TaskTab::Steps, "Steps", Below("/steps"), Permission::ReadTasks),
    (TaskTab::Candidates, "Candidates", Below("/candidates"), Permission::Candidates),
    (TaskTab::Live, "Live", Narrowed("/staff/live"), Permission::Administer),
    (TaskTab::Evaluate, "Grade", Narrowed("/staff/evaluate"), Permission::Evaluate),
    (TaskTab::Results, "Results", Below("/results"), Permission::ReadResults),
    (TaskTab::Group, "Group", Below("/group"), Permission::ReadStatistics),
    (TaskTab::Settings, "Settings", Below("/settings"), Permission::WriteTasks),
];

/// The routes to which the tabs lead.
#[cfg(test)]
pub fn tab_routes() -> impl Iterator<Item = String> {
    TABS.into_iter().map(|(_, _, target, _)| match target {
        Below(path) => format!("/staff/tasks/{{task}}{path}"),
        Narrowed(path) => path.to_owned(),
    })
}

/// The pages of one task that the user may open.
pub struct TaskTabs {
    /// Name, address, and whether it is the present one.
    pub entries: Vec<(&'static str, String, bool)>,
}

impl TaskTabs {
    /// The tabs that this user may open, one of them marked as the present one.
    pub fn new(staff: &SignedInStaff, task: &TaskId, here: TaskTab) -> Self {
        let open = TABS.iter().filter(|(_, _, _, permission)| staff.may(*permission));
        let entry = |(tab, name, place, _): &(TaskTab, &'static str, TabTarget, Permission)| {
            (*name, place.of(task), *tab == here)
        };
        Self { entries: open.map(entry).collect() }
    }
}

impl TabTarget {
    fn of(self, task: &TaskId) -> String {
        match self {
            Below(path) => format!("/staff/tasks/{task}{path}"),
            Narrowed(path) => format!("{path}?task={task}"),
        }
    }
}
