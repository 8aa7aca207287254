//! The tabs over every page of one task: `templates/staff/task_tabs.html`.
//!
//! A page has them with a field `tabs: TaskTabs` in its template's struct and one `include` in its template.

use crate::staff::Staff;
use domain::id::TaskId;
use domain::role::Permission;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Which page of a task one is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
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
enum Place {
    /// Behind the task's address.
    Below(&'static str),
    /// A page over all tasks, narrowed to this one by its query.
    Narrowed(&'static str),
}

use Place::{Below, Narrowed};

/// Tab, name, where it leads, and the permission that opens it.
const TABS: [(Tab, &str, Place, Permission); 8] = [
    (Tab::Overview, "Overview", Below(""), Permission::ReadTasks),
    (Tab::Steps, "Steps", Below("/steps"), Permission::ReadTasks),
    (Tab::Candidates, "Candidates", Below("/candidates"), Permission::Candidates),
    (Tab::Live, "Live", Narrowed("/staff/live"), Permission::Administer),
    (Tab::Evaluate, "Evaluate", Narrowed("/staff/evaluate"), Permission::Evaluate),
    (Tab::Results, "Results", Below("/results"), Permission::ReadResults),
    (Tab::Group, "Group", Below("/group"), Permission::ReadStatistics),
    (Tab::Settings, "Settings", Below("/settings"), Permission::WriteTasks),
];
/// Tabs without a page are not shown.
static BUILT: LazyLock<BTreeSet<&str>> = LazyLock::new(|| crate::staff::table().map(|(route, _)| route.0).collect());

/// The pages of one task that the user may open.
pub struct TaskTabs {
    /// Name, address, and whether it is the present one.
    pub entries: Vec<(&'static str, String, bool)>,
}

impl TaskTabs {
    pub fn new(staff: &Staff, task: &TaskId, here: Tab) -> Self {
        let open = TABS.iter().filter(|(_, _, place, permission)| place.is_built() && staff.may(*permission));
        let entry =
            |(tab, name, place, _): &(Tab, &'static str, Place, Permission)| (*name, place.of(task), *tab == here);
        Self { entries: open.map(entry).collect() }
    }
}

impl Place {
    fn is_built(self) -> bool {
        match self {
            Below(path) => BUILT.contains(format!("/staff/tasks/{{task}}{path}").as_str()),
            Narrowed(path) => BUILT.contains(path),
        }
    }

    fn of(self, task: &TaskId) -> String {
        match self {
            Below(path) => format!("/staff/tasks/{task}{path}"),
            Narrowed(path) => format!("{path}?task={task}"),
        }
    }
}
