//! `org`: organizations, the tenants of the server.

use crate::cli::Global;
use crate::config::Config;
use crate::moment;
use crate::operator::Operator;
use crate::output::{Output, Table};
use clap::{Args, Subcommand};
use serde_json::json;
use storage::organization::Organization;

/// Organizations: the tenants of the server
#[derive(Debug, Subcommand)]
pub enum Org {
    Create(Create),
    List(List),
}

/// Make an organization and print its id
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  assay org create \"Example Ltd\"")]
pub struct Create {
    pub name: String,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// List the organizations
#[derive(Debug, Args)]
pub struct List {
    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,
}

impl Org {
    pub fn run(self, global: &Global, config: &Config) -> anyhow::Result<()> {
        match self {
            Self::Create(create) => create.run(&Operator::on_any(global, config)?),
            Self::List(list) => list.run(&Operator::on_existing(global, config, true)?),
        }
    }
}

impl Create {
    fn run(&self, operator: &Operator) -> anyhow::Result<()> {
        let made = operator.wait(operator.app.create_organization(&self.name))?;
        let mut output = Output::stdout();
        if self.json {
            output.json(&printed(&made))?
        } else {
            output.line(&made.id)?
        }
        Ok(output.finish()?)
    }
}

impl List {
    fn run(&self, operator: &Operator) -> anyhow::Result<()> {
        let organizations = operator.wait(operator.app.organizations())?;
        let mut output = Output::stdout();
        if self.json {
            organizations.iter().try_for_each(|organization| output.json(&printed(organization)))?;
        } else {
            let mut table = Table::new(&["id", "name", "created (UTC)"]);
            for organization in organizations {
                table.row([organization.id.to_string(), organization.name, moment::show(organization.created_at)]);
            }
            output.table(&table)?;
        }
        Ok(output.finish()?)
    }
}

fn printed(organization: &Organization) -> serde_json::Value {
    json!({
        "organizationId": organization.id,
        "name": organization.name,
        "createdAt": organization.created_at.seconds(),
    })
}
