//! `key`: secrets by which programs act for an organization.

use crate::cli_context::CliContext;
use crate::cli_error::CliError;
use crate::moment;
use crate::output::{OutputWriter, TextTable};
use anyhow::Context;
use app::keys::NewKey;
use clap::{Args, Subcommand};
use domain::id::KeyId;
use domain::instance::Scope;
use domain::time::Timestamp;
use serde_json::{Value, json};
use storage::key::KeyRow;

/// API keys: secrets by which programs act for an organization
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    Create(CreateKeyArgs),
    List(ListKeysArgs),
    Revoke(RevokeKeyArgs),
}

/// Make a key and print its secret, this once
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  assay key create --name crm
  assay key create --name tools --scope manage
  assay key create --name dashboard --scope results:read --task Tk… --expires 2027-12-31

Without --scope the key has the eight scopes of the integration API: tasks:read, tasks:write,
candidates:read, candidates:write, results:read, answers:read, evidences:read, users:read. A write
scope includes the read scope of the same name. The scope manage includes everything, keys and
users among it, and has to be named.")]
pub struct CreateKeyArgs {
    /// What the key is for
    #[arg(long)]
    pub name: String,
    /// What the key may do, such as results:read; may be given several times
    #[arg(long = "scope", value_name = "SCOPE", value_parser = scope)]
    pub scopes: Vec<Scope>,
    /// Limit the key to a task; may be given several times
    #[arg(long = "task", value_name = "ID")]
    pub tasks: Vec<String>,
    /// Limit the key to a folder; may be given several times
    #[arg(long = "folder", value_name = "NAME")]
    pub folders: Vec<String>,
    /// When the key ends: 2027-12-31 (its beginning, UTC) or 2027-12-31T18:00:00Z
    #[arg(long, value_name = "WHEN", value_parser = moment::parse)]
    pub expires: Option<Timestamp>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// List the keys, never their secrets
#[derive(Debug, Args)]
pub struct ListKeysArgs {
    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,
}

/// Make a key useless at once
#[derive(Debug, Args)]
pub struct RevokeKeyArgs {
    /// The id of the key, as listed; not its secret
    pub key: String,
}

impl KeyCommand {
    pub fn run(self, operator: &CliContext) -> anyhow::Result<()> {
        match self {
            Self::Create(create) => create.run(operator),
            Self::List(list) => list.run(operator),
            Self::Revoke(revoke) => revoke.run(operator),
        }
    }
}

impl CreateKeyArgs {
    fn run(self, operator: &CliContext) -> anyhow::Result<()> {
        let some = |list: Vec<String>| (!list.is_empty()).then_some(list);
        let new = NewKey {
            name: self.name,
            scopes: if self.scopes.is_empty() { Scope::INTEGRATION.to_vec() } else { self.scopes },
            tasks: some(self.tasks).map(|tasks| tasks.into_iter().map(Into::into).collect()),
            folders: some(self.folders),
            expires_at: self.expires,
        };
        let created =
            operator.run_use_case(operator.app.keys().create_key(&operator.caller()?, new))?;
        let mut output = OutputWriter::stdout();
        if self.json {
            let mut printed = printed(&created.key)?;
            printed["organizationId"] = json!(created.key.organization_id);
            printed["secret"] = json!(created.secret);
            output.json(&printed)?;
        } else {
            output.line(created.secret)?;
        }
        Ok(output.finish()?)
    }
}

impl ListKeysArgs {
    fn run(&self, operator: &CliContext) -> anyhow::Result<()> {
        let keys = operator.run_use_case(operator.app.keys().list_keys(&operator.caller()?))?;
        let mut output = OutputWriter::stdout();
        if self.json {
            for key in &keys {
                output.json(&printed(key)?)?;
            }
        } else {
            let mut table = TextTable::new(&[
                "id",
                "name",
                "scopes",
                "created (UTC)",
                "last used",
                "ends",
                "state",
            ]);
            for key in &keys {
                table.row(cells(key, operator.app.now())?);
            }
            output.table(&table)?;
        }
        Ok(output.finish()?)
    }
}

impl RevokeKeyArgs {
    fn run(self, operator: &CliContext) -> anyhow::Result<()> {
        let key = KeyId::from(self.key);
        let caller = operator.caller()?;
        operator.run_use_case(operator.app.keys().revoke_key(&caller, &key)).map_err(|error| {
            CliError::name_what_is_missing(error, &format!("key {key}"), "assay key list")
        })
    }
}

fn cells(key: &KeyRow, now: Timestamp) -> anyhow::Result<[String; 7]> {
    let scopes: Vec<Scope> =
        serde_json::from_str(&key.scopes).context("the scopes of a key do not read")?;
    let scopes: Vec<&str> = scopes.into_iter().map(Scope::as_str).collect();
    let shown = |moment: Option<Timestamp>| moment.map(moment::show).unwrap_or_default();
    let state = if key.revoked_at.is_some() {
        "revoked"
    } else if key.expires_at.is_some_and(|end| end <= now) {
        "expired"
    } else {
        "good"
    };
    Ok([
        key.id.to_string(),
        key.name.clone(),
        scopes.join(" "),
        moment::show(key.created_at),
        shown(key.last_used_at),
        shown(key.expires_at),
        state.to_owned(),
    ])
}

fn printed(key: &KeyRow) -> anyhow::Result<Value> {
    let stored = |text: &str| {
        serde_json::from_str::<Value>(text).context("the scopes or limits of a key do not read")
    };
    let seconds = |moment: Option<Timestamp>| moment.map(Timestamp::seconds);
    Ok(json!({
        "keyId": key.id,
        "name": key.name,
        "scopes": stored(&key.scopes)?,
        "tasks": key.task_ids.as_deref().map(stored).transpose()?,
        "folders": key.folders.as_deref().map(stored).transpose()?,
        "createdAt": key.created_at.seconds(),
        "expiresAt": seconds(key.expires_at),
        "revokedAt": seconds(key.revoked_at),
        "lastUsedAt": seconds(key.last_used_at),
    }))
}

fn scope(text: &str) -> Result<Scope, String> {
    let all: Vec<&str> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
    Scope::parse(text).ok_or_else(|| format!("one of {}", all.join(", ")))
}
