//! `org`: organizations, the tenants of the server.

use crate::cli_context::CliContext;
use crate::config::Config;
use crate::global_args::GlobalArgs;
use crate::moment;
use crate::output::{OutputWriter, TextTable};
use clap::{Args, Subcommand};
use serde_json::json;
use storage::organization::OrganizationRow;

/// Organizations: the tenants of the server
#[derive(Debug, Subcommand)]
pub enum OrgCommand {
    Create(CreateOrgArgs),
    List(ListOrgsArgs),
}

/// Make an organization and print its id
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  assay org create \"Example Ltd\"")]
pub struct CreateOrgArgs {
    pub name: String,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// List the organizations
#[derive(Debug, Args)]
pub struct ListOrgsArgs {
    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,
}

impl OrgCommand {
    pub fn run(self, global: &GlobalArgs, config: &Config) -> anyhow::Result<()> {
        match self {
            Self::Create(create) => create.run(&CliContext::open_or_create(global, config)?),
            Self::List(list) => list.run(&CliContext::open_existing(global, config, true)?),
        }
    }
}

impl CreateOrgArgs {
    fn run(&self, operator: &CliContext) -> anyhow::Result<()> {
        let made =
            operator.run_use_case(operator.app.organizations().create_organization(&self.name))?;
        let mut output = OutputWriter::stdout();
        if self.json {
            output.json(&printed(&made))?
        } else {
            output.line(&made.id)?
        }
        Ok(output.finish()?)
    }
}

impl ListOrgsArgs {
    fn run(&self, operator: &CliContext) -> anyhow::Result<()> {
        let organizations =
            operator.run_use_case(operator.app.organizations().list_organizations())?;
        let mut output = OutputWriter::stdout();
        if self.json {
            organizations
                .iter()
                .try_for_each(|organization| output.json(&printed(organization)))?;
        } else {
            let mut table = TextTable::new(&["id", "name", "created (UTC)"]);
            for organization in organizations {
                table.row([
                    organization.id.to_string(),
                    organization.name,
                    moment::show(organization.created_at),
                ]);
            }
            output.table(&table)?;
        }
        Ok(output.finish()?)
    }
}

fn printed(organization: &OrganizationRow) -> serde_json::Value {
    json!({
        "organizationId": organization.id,
        "name": organization.name,
        "createdAt": organization.created_at.seconds(),
    })
}
