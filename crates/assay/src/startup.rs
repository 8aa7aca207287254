//! What every command does first: the settings from flags, environment and file, and the log.

use crate::cli_error::{CliError, ExitKind};
use crate::config::{Config, ConfigFault, ConfigLayers, USUAL_FILE};
use crate::global_args::GlobalArgs;
use crate::logging;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Reads the settings and starts the log. `flags` are a command's own, by the name of the setting.
///
/// # Errors
/// Every fault of the settings at once.
pub fn begin(
    global: &GlobalArgs,
    flags: &[(&str, Option<String>)],
    usual_data_dir: &str,
) -> anyhow::Result<Config> {
    let mut layers = ConfigLayers::defaults();
    if let Some((name, text)) = configuration_file(global.config.as_deref())? {
        layers.add_file(&name, &text);
    }
    layers.add_environment(env::vars_os().filter_map(|(name, value)| {
        Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))
    }));
    let log_format = global.log_format.map(|format| format.to_string());
    let everywhere = [
        ("log.format", log_format),
        ("log.level", global.log_level.clone()),
        ("database_url", global.database_url.clone()),
        ("database_read_url", global.database_read_url.clone()),
    ];
    for (setting, value) in everywhere.iter().chain(flags) {
        value.iter().for_each(|value| layers.add_flag(setting, value));
    }
    let mut config = Config::from_layers(&layers).map_err(refusal)?;
    if layers.is_default("data_dir") {
        config.data_dir = PathBuf::from(usual_data_dir);
    }
    if let Some(data_dir) = &global.data_dir {
        // Taken as it is: a path need not be text.
        config.data_dir.clone_from(data_dir);
    }
    logging::start(&config.log)?;
    layers.warnings().iter().for_each(|warning| tracing::warn!("{warning}"));
    Ok(config)
}

/// The name and text of the file that is named, or of the usual one if it exists.
fn configuration_file(named: Option<&Path>) -> Result<Option<(String, String)>, CliError> {
    let path = named.unwrap_or(Path::new(USUAL_FILE));
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some((path.display().to_string(), text))),
        Err(error) if error.kind() == io::ErrorKind::NotFound && named.is_none() => Ok(None),
        Err(error) => {
            let message =
                format!("The configuration file {} cannot be read: {error}.", path.display());
            Err(CliError::new(ExitKind::Usage, message)
                .with_advice("Name a readable TOML file with --config or ASSAY_CONFIG."))
        }
    }
}

fn refusal(faults: Vec<ConfigFault>) -> CliError {
    let lines: Vec<String> = faults.iter().map(|fault| format!("  {fault}")).collect();
    let message = format!("The settings are wrong:\n{}", lines.join("\n"));
    CliError::new(ExitKind::Usage, message)
        .with_advice("docs/configuration.md lists every setting with its default.")
}
