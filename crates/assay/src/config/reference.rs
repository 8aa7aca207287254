//! `docs/configuration.md`, written from the file of defaults: its comments are the reference.

use super::layers::variable;
use super::{DEFAULT_FILE, USUAL_FILE};
use std::fmt::Write;

/// One setting as the reference tells it.
struct SettingEntry {
    name: String,
    default: String,
    meaning: String,
}

/// The page, in Markdown.
#[must_use]
pub fn page() -> String {
    let mut page = format!(
        "# Configuration\n\n\
         Written from `crates/assay/default.toml` by a test; change it there.\n\n\
         A value is taken from the first of these that gives it: a flag of the command line, the environment, the\n\
         configuration file, the default. The file is TOML; it is named by `--config FILE` or `ASSAY_CONFIG`, otherwise\n\
         `./{USUAL_FILE}` is read if it exists. A key that is no setting is refused, and the nearest one is named. Faults\n\
         are reported all at once, each with the place it was made.\n\n\
         | setting | environment | default | meaning |\n| --- | --- | --- | --- |\n"
    );
    for SettingEntry { name, default, meaning } in entries() {
        let variable = variable(&name);
        writeln!(page, "| `{name}` | `{variable}` | `{default}` | {meaning} |")
            .expect("writing to a string succeeds");
    }
    page.push_str(
        "\n## The file of defaults\n\nA name such as `log.format` is the key `format` below `[log]`.\n\n```toml\n",
    );
    page.push_str(DEFAULT_FILE);
    page.push_str("```\n");
    page
}

fn entries() -> Vec<SettingEntry> {
    let (mut entries, mut section, mut comment) = (Vec::new(), String::new(), Vec::new());
    for line in DEFAULT_FILE.lines() {
        if let Some(text) = line.strip_prefix('#') {
            comment.push(text.trim());
        } else if let Some(name) = line.strip_prefix('[') {
            section = format!("{}.", name.trim_end_matches(']'));
        } else if let Some((key, default)) = line.split_once(" = ") {
            let name = format!("{section}{key}");
            entries.push(SettingEntry {
                name,
                default: default.to_owned(),
                meaning: comment.join(" "),
            });
        } else {
            comment.clear();
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_page_is_the_one_written_from_the_file_of_defaults() {
        crate::docs::check("configuration.md", &page());
    }

    #[test]
    fn every_setting_has_a_meaning() {
        let entries = entries();
        let file: toml::Table = DEFAULT_FILE.parse().unwrap();
        let settings =
            file.values().map(|value| value.as_table().map_or(1, toml::Table::len)).sum::<usize>();
        assert_eq!(entries.len(), settings);
        assert!(entries.iter().all(|entry| entry.meaning.ends_with('.')));
    }
}
