//! The tabs over every page of one task: `templates/staff/task_tabs.html`.
//!
//! A page has them with a field `tabs: TaskTabs` in its template's struct and one `include` in its
//! template.

use crate::staff::SignedInStaff;
use domain::id::TaskId;
use domain::role::Permission;
use std::collections::BTreeSet;
use std::sync::LazyLock;

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
    (TaskTab::Evaluate, "Evaluate", Narrowed("/staff/evaluate"), Permission::Evaluate),
    (TaskTab::Results, "Results", Below("/results"), Permission::ReadResults),
    (TaskTab::Group, "Group", Below("/group"), Permission::ReadStatistics),
    (TaskTab::Settings, "Settings", Below("/settings"), Permission::WriteTasks),
];
/// Tabs without a page are not shown.
static BUILT_TABS: LazyLock<BTreeSet<&str>> =
    LazyLock::new(|| crate::staff::routes().map(|(route, _)| route.0).collect());

/// The pages of one task that the user may open.
pub struct TaskTabs {
    /// Name, address, and whether it is the present one.
    pub entries: Vec<(&'static str, String, bool)>,
}

impl TaskTabs {
    pub fn new(staff: &SignedInStaff, task: &TaskId, here: TaskTab) -> Self {
        let open = TABS
            .iter()
            .filter(|(_, _, place, permission)| place.is_built() && staff.may(*permission));
        let entry = |(tab, name, place, _): &(TaskTab, &'static str, TabTarget, Permission)| {
            (*name, place.of(task), *tab == here)
        };
        Self { entries: open.map(entry).collect() }
    }
}

impl TabTarget {
    fn is_built(self) -> bool {
        match self {
            Below(path) => BUILT_TABS.contains(format!("/staff/tasks/{{task}}{path}").as_str()),
            Narrowed(path) => BUILT_TABS.contains(path),
        }
    }

    fn of(self, task: &TaskId) -> String {
        match self {
            Below(path) => format!("/staff/tasks/{task}{path}"),
            Narrowed(path) => format!("{path}?task={task}"),
        }
    }
}
