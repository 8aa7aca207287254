//! `user`: people with a log-in, the first manager among them.

use crate::cli_context::CliContext;
use crate::cli_error::{CliError, ExitKind};
use crate::moment;
use crate::output::{OutputWriter, TextTable};
use app::caller::Caller;
use app::users::{NewUser, Role, UserUpdate, UserView};
use clap::{Args, Subcommand};
use serde_json::json;
use std::io::Read as _;

const HEADS: [&str; 6] = ["id", "name", "full name", "roles", "created (UTC)", "state"];

/// Users: people with a log-in
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    Create(CreateUserArgs),
    List(ListUsersArgs),
    Update(UpdateUserArgs),
    Password(UserPasswordArgs),
}

/// Make a user and print the password, this once
///
/// The first manager is made here; further users are made by managers in the browser, at /staff.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  assay user create ada --role MANAGER
  assay user create bo --role EDITOR --role OPERATOR --fullname \"Bo Berg\" --email bo@example.com
  pass show assay | assay user create ada --role MANAGER --password-stdin")]
pub struct CreateUserArgs {
    /// The name to sign in with; unique in the organization
    pub username: String,
    /// MANAGER, EDITOR, OPERATOR, QUESTIONBANKSUPERVISOR, QUESTIONBANKSUBMITTER or USER; may be
    /// given several times
    #[arg(long = "role", value_name = "ROLE", value_parser = role, required = true)]
    pub roles: Vec<Role>,
    #[arg(long, value_name = "NAME")]
    pub fullname: Option<String>,
    #[arg(long, value_name = "ADDRESS")]
    pub email: Option<String>,
    /// Read the password from standard input instead of making one
    #[arg(long)]
    pub password_stdin: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// List the users
#[derive(Debug, Args)]
pub struct ListUsersArgs {
    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,
}

/// Change a user: name, address, roles, and whether the user may come in at all
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  assay user update ada --role MANAGER --role OPERATOR
  assay user update bo --deactivate

Roles that are named replace the present ones. One active MANAGER must remain.")]
pub struct UpdateUserArgs {
    pub username: String,
    /// As with create; may be given several times
    #[arg(long = "role", value_name = "ROLE", value_parser = role)]
    pub roles: Vec<Role>,
    /// An empty one removes it
    #[arg(long, value_name = "NAME")]
    pub fullname: Option<String>,
    /// An empty one removes it
    #[arg(long, value_name = "ADDRESS")]
    pub email: Option<String>,
    /// Let the user come in again
    #[arg(long, conflicts_with = "deactivate")]
    pub activate: bool,
    /// End all sessions and let the user do nothing
    #[arg(long)]
    pub deactivate: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Give a user a new password, print it this once, and end the user's sessions
#[derive(Debug, Args)]
pub struct UserPasswordArgs {
    pub username: String,
    /// Read the password from standard input instead of making one
    #[arg(long)]
    pub password_stdin: bool,
}

impl UserCommand {
    pub fn run(self, operator: &CliContext) -> anyhow::Result<()> {
        match self {
            Self::Create(create) => create.run(operator),
            Self::List(list) => list.run(operator),
            Self::Update(update) => update.run(operator),
            Self::Password(password) => password.run(operator),
        }
    }
}

impl CreateUserArgs {
    fn run(self, operator: &CliContext) -> anyhow::Result<()> {
        let caller = operator.caller()?;
        let chosen = password_from_stdin(self.password_stdin)?;
        let (fullname, email) = (self.fullname, self.email);
        let new = NewUser {
            username: self.username,
            roles: self.roles,
            fullname,
            email,
            ..NewUser::default()
        };
        let user = operator.run_use_case(operator.app.users().create_user(&caller, new))?;
        let password =
            operator.run_use_case(operator.app.staff().set_password(&caller, &user.id, chosen))?;
        let mut output = OutputWriter::stdout();
        if self.json {
            let mut printed = printed(&user);
            printed["password"] = json!(password);
            output.json(&printed)?;
        } else {
            output.line(password)?;
        }
        Ok(output.finish()?)
    }
}

impl ListUsersArgs {
    fn run(&self, operator: &CliContext) -> anyhow::Result<()> {
        let (_, users) = operator.run_use_case(operator.app.users().list_users(
            &operator.caller()?,
            u32::MAX,
            0,
        ))?;
        let mut output = OutputWriter::stdout();
        if self.json {
            users.iter().try_for_each(|user| output.json(&printed(user)))?;
        } else {
            let mut table = TextTable::new(&HEADS);
            users.iter().for_each(|user| table.row(cells(user)));
            output.table(&table)?;
        }
        Ok(output.finish()?)
    }
}

impl UserPasswordArgs {
    fn run(self, operator: &CliContext) -> anyhow::Result<()> {
        let caller = operator.caller()?;
        let user = named(operator, &caller, &self.username)?;
        let chosen = password_from_stdin(self.password_stdin)?;
        let password =
            operator.run_use_case(operator.app.staff().set_password(&caller, &user.id, chosen))?;
        let mut output = OutputWriter::stdout();
        output.line(password)?;
        Ok(output.finish()?)
    }
}

impl UpdateUserArgs {
    fn run(self, operator: &CliContext) -> anyhow::Result<()> {
        let caller = operator.caller()?;
        let user = named(operator, &caller, &self.username)?;
        let emptied =
            |text: Option<String>| text.map(|text| Some(text).filter(|text| !text.is_empty()));
        let update = UserUpdate {
            fullname: emptied(self.fullname),
            email: emptied(self.email),
            roles: Some(self.roles).filter(|roles| !roles.is_empty()),
            active: (self.activate || self.deactivate).then_some(self.activate),
            ..UserUpdate::default()
        };
        let user =
            operator.run_use_case(operator.app.users().update_user(&caller, &user.id, update))?;
        let mut output = OutputWriter::stdout();
        if self.json {
            output.json(&printed(&user))?;
        } else {
            let mut table = TextTable::new(&HEADS);
            table.row(cells(&user));
            output.table(&table)?;
        }
        Ok(output.finish()?)
    }
}

fn named(operator: &CliContext, caller: &Caller, username: &str) -> anyhow::Result<UserView> {
    let (_, users) = operator.run_use_case(operator.app.users().list_users(caller, u32::MAX, 0))?;
    let found = users.into_iter().find(|user| user.username == username);
    let missing = || CliError::new(ExitKind::NotFound, format!("There is no user {username}."));
    Ok(found.ok_or_else(|| missing().with_advice("`assay user list` shows them."))?)
}

/// The first line of standard input, if it is wanted.
fn password_from_stdin(is_wanted: bool) -> anyhow::Result<Option<String>> {
    if !is_wanted {
        return Ok(None);
    }
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    Ok(Some(text.lines().next().unwrap_or_default().to_owned()))
}

fn roles(user: &UserView) -> Vec<&'static str> {
    user.roles.iter().map(|role| role.as_str()).collect()
}

fn cells(user: &UserView) -> [String; 6] {
    [
        user.id.to_string(),
        user.username.clone(),
        user.fullname.clone().unwrap_or_default(),
        roles(user).join(" "),
        moment::show(user.created_at),
        if user.active { "active" } else { "inactive" }.to_owned(),
    ]
}

fn printed(user: &UserView) -> serde_json::Value {
    json!({
        "userId": user.id,
        "username": user.username,
        "fullname": user.fullname,
        "email": user.email,
        "roles": roles(user),
        "active": user.active,
        "createdAt": user.created_at.seconds(),
    })
}

/// A joker's permissions are chosen in the browser.
fn role(text: &str) -> Result<Role, String> {
    let names: Vec<&str> =
        Role::ALL.iter().filter(|role| **role != Role::Joker).map(|role| role.as_str()).collect();
    Role::parse(text)
        .filter(|role| *role != Role::Joker)
        .ok_or_else(|| format!("one of {}", names.join(", ")))
}
