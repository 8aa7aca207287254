//! `user`: people with a log-in, the first manager among them.

use crate::moment;
use crate::operator::Operator;
use crate::output::{Output, Table};
use crate::trouble::{Kind, Trouble};
use app::users::{NewUser, Role, UserView};
use clap::{Args, Subcommand};
use serde_json::json;
use std::io::Read as _;

/// Users: people with a log-in
#[derive(Debug, Subcommand)]
pub enum User {
    Create(Create),
    List(List),
    Password(Password),
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
pub struct Create {
    /// The name to sign in with; unique in the organization
    pub username: String,
    /// MANAGER, EDITOR, OPERATOR, QUESTIONBANKSUPERVISOR, QUESTIONBANKSUBMITTER or USER; may be given several times
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
pub struct List {
    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,
}

/// Give a user a new password, print it this once, and end the user's sessions
#[derive(Debug, Args)]
pub struct Password {
    pub username: String,
    /// Read the password from standard input instead of making one
    #[arg(long)]
    pub password_stdin: bool,
}

impl User {
    pub fn run(self, operator: &Operator) -> anyhow::Result<()> {
        match self {
            Self::Create(create) => create.run(operator),
            Self::List(list) => list.run(operator),
            Self::Password(password) => password.run(operator),
        }
    }
}

impl Create {
    fn run(self, operator: &Operator) -> anyhow::Result<()> {
        let caller = operator.caller()?;
        let chosen = given_password(self.password_stdin)?;
        let (fullname, email) = (self.fullname, self.email);
        let new = NewUser { username: self.username, roles: self.roles, fullname, email, ..NewUser::default() };
        let user = operator.wait(operator.app.create_user(&caller, new))?;
        let password = operator.wait(operator.app.set_password(&caller, &user.id, chosen))?;
        let mut output = Output::stdout();
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

impl List {
    fn run(&self, operator: &Operator) -> anyhow::Result<()> {
        let (_, users) = operator.wait(operator.app.list_users(&operator.caller()?, u32::MAX, 0))?;
        let mut output = Output::stdout();
        if self.json {
            users.iter().try_for_each(|user| output.json(&printed(user)))?;
        } else {
            let mut table = Table::new(&["id", "name", "full name", "roles", "created (UTC)", "state"]);
            users.iter().for_each(|user| table.row(cells(user)));
            output.table(&table)?;
        }
        Ok(output.finish()?)
    }
}

impl Password {
    fn run(self, operator: &Operator) -> anyhow::Result<()> {
        let caller = operator.caller()?;
        let (_, users) = operator.wait(operator.app.list_users(&caller, u32::MAX, 0))?;
        let found = users.into_iter().find(|user| user.username == self.username);
        let missing = || Trouble::new(Kind::NotFound, format!("There is no user {}.", self.username));
        let user = found.ok_or_else(|| missing().advise("`assay user list` shows them."))?;
        let chosen = given_password(self.password_stdin)?;
        let password = operator.wait(operator.app.set_password(&caller, &user.id, chosen))?;
        let mut output = Output::stdout();
        output.line(password)?;
        Ok(output.finish()?)
    }
}

/// The first line of standard input, if it is wanted.
fn given_password(is_wanted: bool) -> anyhow::Result<Option<String>> {
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
    let known: Vec<&str> = Role::ALL.iter().filter(|role| **role != Role::Joker).map(|role| role.as_str()).collect();
    Role::parse(text).filter(|role| *role != Role::Joker).ok_or_else(|| format!("one of {}", known.join(", ")))
}
