//! The tabs over every page of one task: `templates/staff/task_tabs.html`.

use crate::staff::Staff;
use domain::id::TaskId;
use domain::role::Permission;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Which page of a task one is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    Overview,
    Candidates,
    Results,
    Group,
    Settings,
}

/// Tab, name, what follows the task's address, and the permission that opens it.
const TABS: [(Tab, &str, &str, Permission); 5] = [
    (Tab::Overview, "Overview", "", Permission::ReadTasks),
    (Tab::Candidates, "Candidates", "/candidates", Permission::Candidates),
    (Tab::Results, "Results", "/results", Permission::ReadResults),
    (Tab::Group, "Group", "/group", Permission::ReadStatistics),
    (Tab::Settings, "Settings", "/settings", Permission::WriteTasks),
];
/// Tabs without a page are not shown.
static BUILT: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
    crate::staff::table().filter_map(|(route, _)| route.0.strip_prefix("/staff/tasks/{task}")).collect()
});

/// The pages of one task that the user may open.
pub struct TaskTabs {
    pub entries: Vec<(&'static str, String, bool)>,
}

impl TaskTabs {
    pub fn new(staff: &Staff, task: &TaskId, here: Tab) -> Self {
        let open = TABS.iter().filter(|(_, _, behind, permission)| BUILT.contains(behind) && staff.may(*permission));
        let entry = |(tab, name, behind, _): &(Tab, &'static str, &str, Permission)| {
            (*name, format!("/staff/tasks/{task}{behind}"), *tab == here)
        };
        Self { entries: open.map(entry).collect() }
    }
}
