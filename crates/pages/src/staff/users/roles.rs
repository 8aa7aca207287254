//! The part of a form in which roles are chosen, and what each of them permits, in words.

use crate::staff::support::{FormErrors, FormValues};
use app::users::JokerPermissions;
use app::users::{Role, UserView};
use domain::id::TaskId;
use domain::role::Permission;

/// What the form shows.
pub struct RoleFields {
    pub roles: Vec<RoleOption>,
    /// What a joker may be given.
    pub permissions: Vec<RoleOption>,
    pub tasks: String,
    pub folders: String,
}

/// Something to tick, with a word about it.
pub struct RoleOption {
    pub value: &'static str,
    pub name: &'static str,
    pub about: String,
    pub is_chosen: bool,
}

impl RoleFields {
    /// Whether anything was chosen for a joker.
    pub fn has_choices(&self) -> bool {
        self.permissions.iter().any(|choice| choice.is_chosen)
    }

    /// The fields as they were sent, to be shown again.
    pub fn of(values: &FormValues) -> Self {
        Self {
            roles: Role::ALL.iter().map(|role| role_choice(*role, values)).collect(),
            permissions: chosen_permissions()
                .map(|permission| permission_choice(permission, values))
                .collect(),
            tasks: values.text("tasks").to_owned(),
            folders: values.text("folders").to_owned(),
        }
    }
}

/// What a user has, as the form would send it.
pub fn fill(values: &mut FormValues, user: &UserView) {
    for role in &user.roles {
        values.set("role", role.as_str());
    }
    let Some(chosen) = &user.chosen else { return };
    for permission in &chosen.permissions {
        values.set("permission", permission.as_str());
    }
    let tasks: Vec<_> = chosen.tasks.iter().flatten().map(ToString::to_string).collect();
    values.set("tasks", tasks.join("\n"));
    values.set("folders", chosen.folders.clone().unwrap_or_default().join("\n"));
}

/// The roles that were ticked.
pub fn roles(values: &FormValues) -> Vec<Role> {
    values.all("role").filter_map(Role::parse).collect()
}

/// What a joker was given; without the role nothing.
pub fn read_chosen(values: &FormValues) -> Option<JokerPermissions> {
    roles(values).contains(&Role::Joker).then(|| JokerPermissions {
        permissions: values.all("permission").filter_map(Permission::parse).collect(),
        tasks: some(values.lines("tasks"))
            .map(|tasks| tasks.into_iter().map(TaskId::from).collect()),
        folders: some(values.lines("folders")),
    })
}

fn some(list: Vec<String>) -> Option<Vec<String>> {
    Some(list).filter(|list| !list.is_empty())
}

/// Faults about single entries of a list, gathered at the field that holds the list.
pub fn group_list_errors(errors: FormErrors, values: &FormValues) -> FormErrors {
    let mut all = FormErrors::default();
    for (place, sentence) in errors.all() {
        match place.strip_prefix("/chosen/tasks/").and_then(|index| index.parse::<usize>().ok()) {
            Some(index) => {
                let entry = values.lines("tasks").into_iter().nth(index).unwrap_or_default();
                all.add("/chosen/tasks", format!("{entry}: {sentence}"));
            }
            None => all.add(place.clone(), sentence.clone()),
        }
    }
    all
}

fn chosen_permissions() -> impl Iterator<Item = Permission> {
    Permission::ALL.iter().copied().filter(|permission| permission.may_be_chosen())
}

fn role_choice(role: Role, values: &FormValues) -> RoleOption {
    let is_chosen = values.is("role", role.as_str());
    RoleOption {
        value: role.as_str(),
        name: role_name(role),
        about: role_description(role),
        is_chosen,
    }
}

fn permission_choice(permission: Permission, values: &FormValues) -> RoleOption {
    let is_chosen = values.is("permission", permission.as_str());
    RoleOption {
        value: permission.as_str(),
        name: permission_name(permission),
        about: String::new(),
        is_chosen,
    }
}

/// A role as staff read it.
pub const fn role_name(role: Role) -> &'static str {
    match role {
        Role::Manager => "Manager",
        Role::Editor => "Editor",
        Role::Operator => "Operator",
        Role::User => "User",
        Role::Joker => "Custom role",
        Role::QuestionBankSupervisor => "Question bank supervisor",
        Role::QuestionBankSubmitter => "Question bank submitter",
    }
}

/// What a role permits, read from the table that decides it.
fn role_description(role: Role) -> String {
    match role {
        Role::Manager => "Full access, including settings and users.".to_owned(),
        Role::User => "Takes tests; sees nothing of other people.".to_owned(),
        Role::Joker => {
            "Has the permissions you choose below, everywhere or in some tasks only.".to_owned()
        }
        Role::QuestionBankSubmitter => {
            "Submits questions to the bank and sees only their own.".to_owned()
        }
        other => {
            let names: Vec<_> =
                other.permits().iter().map(|permission| permission_name(*permission)).collect();
            let joined = names.join("; ");
            let mut letters = joined.chars();
            let first =
                letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
            format!("{first}{}.", letters.as_str())
        }
    }
}

const fn permission_name(permission: Permission) -> &'static str {
    match permission {
        Permission::Manage => "settings, users and API keys",
        Permission::ReadTests => "read tests",
        Permission::WriteTests => "write tests",
        Permission::UseBank => "use the question bank",
        Permission::WriteBank => "write and approve bank questions",
        Permission::ReadTasks => "read tasks",
        Permission::WriteTasks => "create and change tasks",
        Permission::Candidates => "candidates: read, add, change, invite",
        Permission::ReadResults => "read results and answers",
        Permission::ReadStatistics => "item statistics without names",
        Permission::Administer => "run tests: extend time, end, reopen",
        Permission::Evaluate => "grade answers",
        Permission::Correct => "correct questions and recalculate scores",
        Permission::Evidences => "view recordings and set flags",
        Permission::Erase => "erase people",
        Permission::ReadAudit => "read the audit log",
    }
}
