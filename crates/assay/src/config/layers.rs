//! The layers settings are put together from. Must never judge a value: it knows names and places
//! only.

use super::DEFAULT_FILE;
use api::suggestion::suggest;
use std::collections::BTreeMap;
use std::fmt;
use toml::Value;

/// Variables that begin like settings and are read elsewhere.
const OTHER_VARIABLES: [&str; 2] = ["ASSAY_CONFIG", "ASSAY_ORG"];

/// Settings that there were, and what took their place. They are refused wherever they are made:
/// passed over in silence they would leave a server that does something else than it was told.
const REPLACED: [(&str, &str); 1] = [(
    "server.trust_forwarded_for",
    "is now `server.trusted_proxies`: name the addresses of your reverse proxies, such as 127.0.0.1 or 10.0.0.0/8.",
)];

/// Where a value was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingOrigin {
    Default,
    File(String),
    Variable(String),
    Flag(String),
}

impl fmt::Display for SettingOrigin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => formatter.write_str("default"),
            Self::File(name) | Self::Variable(name) | Self::Flag(name) => formatter.write_str(name),
        }
    }
}

/// One thing that is wrong with the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFault {
    /// The name of the setting whose value is wrong; none when something else is.
    pub setting: Option<String>,
    pub origin: SettingOrigin,
    pub message: String,
}

impl fmt::Display for ConfigFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.origin, self.message)
    }
}

/// Settings by name (`section.key`), the strongest value of each with its place.
#[derive(Clone, Debug)]
pub struct ConfigLayers {
    values: BTreeMap<String, (Value, SettingOrigin)>,
    faults: Vec<ConfigFault>,
    warnings: Vec<String>,
}

impl ConfigLayers {
    /// The file of defaults. Its keys are all the keys there are.
    #[must_use]
    pub fn defaults() -> Self {
        let table = DEFAULT_FILE.parse().expect("the file of defaults is compiled in and tested");
        let values = leaves(table)
            .into_iter()
            .map(|(name, value)| (name, (value, SettingOrigin::Default)))
            .collect();
        Self { values, faults: Vec::new(), warnings: Vec::new() }
    }

    /// The content of a configuration file, TOML; `name` is how faults call it.
    pub fn add_file(&mut self, name: &str, text: &str) {
        let origin = SettingOrigin::File(name.to_owned());
        match text.parse::<toml::Table>() {
            Ok(table) => {
                for (setting, value) in leaves(table) {
                    self.set(&setting, value, &origin);
                }
            }
            Err(error) => {
                let line =
                    error.span().map_or(1, |span| 1 + text[..span.start].matches('\n').count());
                self.faults.push(ConfigFault {
                    setting: None,
                    origin,
                    message: format!("line {line}: {}.", error.message()),
                });
            }
        }
    }

    /// The environment: `ASSAY_LOG_FORMAT` sets `log.format`. A name that is no setting is only
    /// warned about, because container platforms make variables out of the names of services.
    pub fn add_environment(&mut self, variables: impl Iterator<Item = (String, String)>) {
        let names: BTreeMap<String, String> =
            self.values.keys().map(|name| (variable(name), name.clone())).collect();
        let mut ours: Vec<(String, String)> =
            variables.filter(|(name, _)| name.starts_with("ASSAY_")).collect();
        ours.sort();
        for (name, text) in ours {
            match names.get(&name) {
                Some(setting) => self.set_text(setting, &text, SettingOrigin::Variable(name)),
                None if replaced_variable(&name).is_some() => {
                    let message = replaced_variable(&name).unwrap_or_default();
                    let origin = SettingOrigin::Variable(name);
                    self.faults.push(ConfigFault { setting: None, origin, message });
                }
                None if OTHER_VARIABLES.contains(&name.as_str()) => {}
                None => self.warnings.push(unknown_variable(&name, &names)),
            }
        }
    }

    /// A flag of the command line, by the name of its setting.
    pub fn add_flag(&mut self, setting: &str, text: &str) {
        let last = setting.rsplit('.').next().unwrap_or(setting);
        let flag =
            if setting.starts_with("log.") { setting.replace('.', "-") } else { last.to_owned() };
        self.set_text(setting, text, SettingOrigin::Flag(format!("--{}", flag.replace('_', "-"))));
    }

    /// Whether nobody has said anything about a setting.
    #[must_use]
    pub fn is_default(&self, setting: &str) -> bool {
        self.values.get(setting).is_some_and(|(_, origin)| *origin == SettingOrigin::Default)
    }

    /// What is odd about the settings without being wrong; for the log.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    pub(super) fn value(&self, setting: &str) -> Option<&(Value, SettingOrigin)> {
        self.values.get(setting)
    }

    pub(super) fn faults(&self) -> &[ConfigFault] {
        &self.faults
    }

    fn set(&mut self, setting: &str, value: Value, origin: &SettingOrigin) {
        if let Some(place) = self.values.get_mut(setting) {
            *place = (value, origin.clone());
        } else {
            let message = self.unknown_key(setting);
            self.faults.push(ConfigFault { setting: None, origin: origin.clone(), message });
        }
    }

    /// Text from outside a file takes the type that the default has; what cannot keeps being text
    /// and is refused later.
    fn set_text(&mut self, setting: &str, text: &str, origin: SettingOrigin) {
        let as_text = || Value::String(text.to_owned());
        if let Some(place) = self.values.get_mut(setting) {
            let value = match &place.0 {
                Value::Integer(_) => text.parse().map_or_else(|_| as_text(), Value::Integer),
                Value::Boolean(_) => text.parse().map_or_else(|_| as_text(), Value::Boolean),
                _ => as_text(),
            };
            *place = (value, origin);
        }
    }

    fn unknown_key(&self, setting: &str) -> String {
        if let Some(message) = replaced(setting) {
            return message;
        }
        let names: Vec<&str> = self.values.keys().map(String::as_str).collect();
        if names
            .iter()
            .any(|name| name.strip_prefix(setting).is_some_and(|rest| rest.starts_with('.')))
        {
            return format!("`{setting}` is a section; write its settings below [{setting}].");
        }
        match suggest(setting, &names) {
            Some(meant) => format!("there is no setting `{setting}`; did you mean `{meant}`?"),
            None => {
                format!("there is no setting `{setting}`; docs/configuration.md lists them all.")
            }
        }
    }
}

/// The environment variable of a setting.
pub(super) fn variable(setting: &str) -> String {
    format!("ASSAY_{}", setting.replace('.', "_").to_uppercase())
}

/// What is told of a setting that there was.
fn replaced(setting: &str) -> Option<String> {
    let (old, message) = REPLACED.iter().find(|(old, _)| *old == setting)?;
    Some(format!("`{old}` {message}"))
}

fn replaced_variable(name: &str) -> Option<String> {
    REPLACED.iter().find(|(old, _)| variable(old) == name).and_then(|(old, _)| replaced(old))
}

fn unknown_variable(name: &str, names: &BTreeMap<String, String>) -> String {
    let entry: Vec<&str> = names.keys().map(|entry| &entry["ASSAY_".len()..]).collect();
    let meant = suggest(&name["ASSAY_".len()..], &entry);
    let advice =
        meant.map_or_else(|| ".".to_owned(), |meant| format!("; did you mean ASSAY_{meant}?"));
    format!("The variable {name} is no setting and has no effect{advice}")
}

/// The values of a table by their dotted names, in alphabetical order.
fn leaves(table: toml::Table) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for (name, value) in table {
        match value {
            Value::Table(inner) if !inner.is_empty() => {
                found.extend(
                    leaves(inner).into_iter().map(|(key, value)| (format!("{name}.{key}"), value)),
                );
            }
            // An empty section says nothing, so it is nothing.
            Value::Table(_) => {}
            value => found.push((name, value)),
        }
    }
    found
}
