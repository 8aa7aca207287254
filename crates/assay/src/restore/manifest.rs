//! The list that lies beside a backup (`docs/operations.md`): what belongs to it, with digests.

use crate::cli_error::{CliError, ExitKind};
use anyhow::Context;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

/// Longer lines are no list of ours.
const LONGEST_LINE: u64 = 64 << 10;

#[derive(Deserialize)]
struct RestoreManifestHead {
    format: u32,
    database: ListedDatabase,
}

#[derive(Deserialize)]
struct ListedDatabase {
    bytes: u64,
    sha256: String,
}

/// A file as the list has it.
#[derive(Clone, Debug, Deserialize)]
pub struct ListedFile {
    id: String,
    pub bytes: u64,
    #[serde(default)]
    pub sha256: Option<String>,
}

/// What a backup says it holds, to be compared with what is there.
pub struct RestoreManifest {
    database: ListedDatabase,
    pub files: BTreeMap<String, ListedFile>,
}

impl RestoreManifest {
    /// The list beside a backup, if there is one.
    ///
    /// # Errors
    /// When it does not read, or is of a newer form.
    pub fn beside(backup: &Path) -> anyhow::Result<Option<Self>> {
        let path = beside(backup, "manifest.jsonl");
        match File::open(&path) {
            Ok(file) => Self::read(&mut BufReader::new(file)).map(Some).map_err(|why| {
                let message =
                    format!("{} does not read; nothing was changed: {why:#}.", path.display());
                CliError::new(ExitKind::Refused, message)
                    .with_advice("Move it away to restore the database without it.")
                    .into()
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }

    fn read(lines: &mut impl std::io::BufRead) -> anyhow::Result<Self> {
        let mut line = String::new();
        let mut next = |line: &mut String| -> anyhow::Result<bool> {
            line.clear();
            lines.take(LONGEST_LINE).read_line(line)?;
            Ok(!line.trim().is_empty())
        };
        next(&mut line)?;
        let head: RestoreManifestHead = serde_json::from_str(&line).context("its first line")?;
        anyhow::ensure!(head.format == 1, "it has form {}, this program knows 1", head.format);
        let mut files = BTreeMap::new();
        while next(&mut line)? {
            let file: ListedFile = serde_json::from_str(&line).context("a line of it")?;
            files.insert(file.id.clone(), file);
        }
        Ok(Self { database: head.database, files })
    }

    /// Whether the database is the one of the list.
    ///
    /// # Errors
    /// When it is not, or cannot be read.
    pub fn check(&self, backup: &Path) -> anyhow::Result<()> {
        let (bytes, digest) =
            digest(backup).with_context(|| format!("cannot read {}", backup.display()))?;
        if bytes == self.database.bytes && digest == self.database.sha256 {
            return Ok(());
        }
        let message = format!(
            "{} is not the file that its list names; nothing was changed.",
            backup.display()
        );
        let advice = "It was altered or is not whole. Try an older backup, or move the list away to restore it anyway.";
        Err(CliError::new(ExitKind::Refused, message).with_advice(advice).into())
    }
}

/// What lies beside a backup under its name.
pub fn beside(backup: &Path, ending: &str) -> PathBuf {
    let mut name = backup.with_extension("").into_os_string();
    if backup.extension().is_none_or(|entry| entry != "sqlite") {
        name = backup.as_os_str().to_owned();
    }
    name.push(".");
    name.push(ending);
    name.into()
}

/// Length and SHA-256 of a file.
pub fn digest(path: &Path) -> std::io::Result<(u64, String)> {
    let (mut file, mut hasher, mut bytes, mut piece) =
        (File::open(path)?, Sha256::new(), 0, vec![0; 64 << 10]);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok((bytes, hex::encode(hasher.finalize()))),
            read => {
                hasher.update(&piece[..read]);
                bytes += read as u64;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> anyhow::Result<RestoreManifest> {
        RestoreManifest::read(&mut text.as_bytes())
    }

    #[test]
    fn what_is_no_list_or_a_newer_one_is_refused() {
        let head = |format: u32| {
            format!(r#"{{"format":{format},"database":{{"file":"a","bytes":1,"sha256":"00"}}}}"#)
        };
        assert!(read("").is_err() && read("[]").is_err() && read("\n\n").is_err());
        assert!(read(&head(2)).is_err());
        assert!(read(&format!("{}\n{{\"id\":7}}\n", head(1))).is_err());
        assert!(read(&"x".repeat(200_000)).is_err());
        let whole =
            read(&format!("{}\n{{\"id\":\"Me1\",\"bytes\":3,\"missing\":true}}\n", head(1)))
                .unwrap();
        assert_eq!(whole.files["Me1"].bytes, 3);
    }

    #[test]
    fn the_list_has_the_name_of_the_backup() {
        assert_eq!(beside(Path::new("/b/a.1.sqlite"), "media"), Path::new("/b/a.1.media"));
        assert_eq!(beside(Path::new("/b/copy"), "media"), Path::new("/b/copy.media"));
    }
}
