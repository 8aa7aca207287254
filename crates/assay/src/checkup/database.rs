//! The database: whether it can be opened, whose schema it has, whether it is whole, and what is in it.

use super::Finding;
use storage::event::{Chain, Verdict};
use storage::{Durability, Inspection, SchemaState, StorageError};

/// A damaged file is the only case in which a backup helps; even then the damaged one is kept, as it may hold more.
const DAMAGED: &str = "Stop the server and copy the whole data directory aside. Then restore the latest backup \
    (docs/operations.md says how) and keep the damaged file: it may hold what came after the backup.";

/// What it means that a database could not be opened or read.
pub fn failed(error: &StorageError, is_on_server: bool) -> Finding {
    let advice = match error {
        StorageError::NewerSchema { .. } => {
            "Nothing is wrong with the data: a newer assay has written it. Install that version or a later one."
        }
        StorageError::EditedMigration { .. } => {
            "Nothing is known to be wrong with the data: another build of assay has written it. Use that one."
        }
        StorageError::Foreign => {
            "Name the right database. This one belongs to another program, and nothing was changed."
        }
        StorageError::Damaged(_) => DAMAGED,
        StorageError::ForeignLog(_) => {
            "The copy is sound as long as nobody opens it with that log. Move assay.sqlite-wal and assay.sqlite-shm to where \
             the old file is and remove neither: together they hold what came last."
        }
        StorageError::Address(_) => "Correct the address in --database-url or ASSAY_DATABASE_URL.",
        _ if is_on_server => {
            "See that the server runs, takes connections from here, and that address, user and password are right."
        }
        _ => {
            "Nothing is known to be wrong with the data. See that the file system can be written to and is not full, and \
             that this is the user who runs the server."
        }
    };
    Finding::bad("database", error.to_string(), advice)
}

/// What is to be said of a schema that is not this program's.
pub fn schema(state: SchemaState) -> Option<Finding> {
    match state {
        SchemaState::Current => None,
        SchemaState::Missing => {
            let advice = "Name the right one, or begin with `assay org create NAME`.";
            Some(Finding::bad("database", "there is nothing in it", advice))
        }
        SchemaState::Older { found, known } => {
            let message = format!("it has schema {found}, and this program needs {known}");
            let advice = "Nothing is wrong with the data. Make a backup with the version that wrote it; then start `assay \
                          serve` of this version, which brings it there. There is no way back but that backup.";
            Some(Finding::warning("database", message, advice))
        }
    }
}

pub fn integrity(damage: Result<Vec<String>, StorageError>, is_on_server: bool) -> Finding {
    match damage {
        Ok(_) if is_on_server => Finding::good("database", "it answers and has this program's schema"),
        Ok(lines) if lines.is_empty() => Finding::good("database", "whole"),
        Ok(lines) => Finding::bad("database", lines.join("; "), DAMAGED),
        Err(error) => failed(&error, is_on_server),
    }
}

/// What a PostgreSQL is set to; nothing for a file. Whoever wants another of its settings told adds a row here.
pub fn postgres(look: &mut Inspection, is_on_server: bool) -> Vec<Finding> {
    if !is_on_server {
        return Vec::new();
    }
    let version = look.read(|tx| {
        let sql = "SELECT setting FROM pg_settings WHERE name = 'server_version'";
        tx.find(sql, &[], |row| row.get::<String>(0))
    });
    match version {
        Ok(version) => {
            let mut findings = vec![Finding::good("postgresql", format!("version {}", version.unwrap_or_default()))];
            findings.extend(look.read(storage::durability).map_or_else(|error| vec![failed(&error, true)], durability));
            findings
        }
        Err(error) => vec![failed(&error, true)],
    }
}

/// What a power cut would do to acknowledged answers.
fn durability(known: Durability) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (is_on, name) in [(known.fsync, "fsync"), (known.full_page_writes, "full_page_writes")] {
        if !is_on {
            let message = format!("{name} is off: a power cut may lose or ruin what was acknowledged");
            findings.push(Finding::bad(
                "durability",
                message,
                format!("Set {name} = on in postgresql.conf and reload."),
            ));
        }
    }
    let setting = known.synchronous_commit;
    findings.push(match setting.as_str() {
        "on" | "remote_apply" => Finding::good("durability", format!("synchronous_commit is {setting}")),
        _ => Finding::good(
            "durability",
            format!("synchronous_commit is {setting}; the server raises it to on for itself"),
        ),
    });
    findings
}

/// The organizations, and whether what was recorded about each is unaltered.
pub fn contents(look: &mut Inspection) -> Vec<Finding> {
    let verdicts = look.read(|tx| {
        let organizations = storage::organization::list(tx)?;
        let verify = |organization: storage::organization::Organization| {
            Ok((organization.name, storage::event::verify(tx, &Chain::Organization(organization.id))?))
        };
        organizations.into_iter().map(verify).collect::<Result<Vec<_>, StorageError>>()
    });
    match verdicts {
        Ok(verdicts) if verdicts.is_empty() => {
            vec![Finding::warning("organizations", "there is none", "Make one: assay org create NAME")]
        }
        Ok(verdicts) => verdicts.into_iter().map(|(name, verdict)| chain(&name, verdict)).collect(),
        Err(error) => vec![Finding::bad("organizations", error.to_string(), "See what is told of the database.")],
    }
}

/// Only what concerns the organization as a whole is looked at here; each test instance has a chain of its own.
fn chain(organization: &str, verdict: Verdict) -> Finding {
    match verdict {
        Verdict::Whole { events } => {
            let message = format!("{events} about the organization {organization} itself, unaltered");
            Finding::good("events", message)
        }
        Verdict::Broken { n } => Finding::bad(
            "events",
            format!("the chain of {organization} breaks at event {n}: it was altered outside this program"),
            "Compare with a backup to learn what was altered.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkup::State;

    /// Finding faults M9: `doctor` said that all was good.
    #[test]
    fn a_server_that_does_not_wait_for_its_disk_is_bad_m9() {
        let told = |fsync, full_page_writes, setting: &str| {
            let findings = durability(Durability { fsync, full_page_writes, synchronous_commit: setting.into() });
            findings.into_iter().map(|finding| finding.state).collect::<Vec<_>>()
        };
        assert_eq!(told(true, true, "on"), [State::Good]);
        assert_eq!(told(false, false, "off"), [State::Bad, State::Bad, State::Good]);
    }

    /// Finding faults M6, a row each: what could not be opened is not to be overwritten by a backup.
    #[test]
    fn only_a_damaged_file_is_to_be_restored_and_never_before_it_was_copied_m6() {
        let table = [
            (StorageError::NewerSchema { found: 99, known: 10 }, "Install that version"),
            (StorageError::EditedMigration { number: 3 }, "another build"),
            (StorageError::Foreign, "another program"),
            (StorageError::ForeignLog("/data/assay.sqlite".into()), "to where the old file is"),
            (StorageError::Unavailable("unable to open database file".into()), "the user who runs the server"),
            (StorageError::Unavailable("attempt to write a readonly database".into()), "can be written to"),
            (StorageError::Unavailable("disk I/O error".into()), "not full"),
            (StorageError::Address("no host".into()), "--database-url"),
        ];
        for (error, text) in table {
            let finding = failed(&error, false);
            let advice = finding.advice.unwrap();
            assert_eq!(finding.state, State::Bad);
            assert!(advice.contains(text) && !advice.to_lowercase().contains("restore"), "{error}: {advice}");
        }
        let unreachable = failed(&StorageError::Unavailable("no connection".into()), true).advice.unwrap();
        assert!(unreachable.contains("takes connections") && !unreachable.contains("estore"), "{unreachable}");
        for damaged in [failed(&StorageError::Damaged("x".into()), false), integrity(Ok(vec!["x".into()]), false)] {
            let advice = damaged.advice.unwrap();
            let (aside, restore) = (advice.find("copy the whole").unwrap(), advice.find("restore").unwrap());
            assert!(aside < restore && advice.contains("keep the damaged file"), "{advice}");
        }
        let older = schema(SchemaState::Older { found: 9, known: 10 }).unwrap();
        assert_eq!(older.state, State::Warning);
        assert!(older.advice.unwrap().contains("Nothing is wrong with the data"));
    }
}
