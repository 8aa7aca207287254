//! The database: whether it can be opened, whose schema it has, whether it is whole, and what is in
//! it.

use super::Finding;
use storage::event::{ChainVerdict, EventChain};
use storage::{DatabaseInspection, Durability, SchemaState, ServerFacts, StorageError};

/// A damaged file is the only case in which a backup helps; even then the damaged one is kept, as
/// it may hold more.
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
        SchemaState::Older { found, newest } => {
            let message = format!("it has schema {found}, and this program needs {newest}");
            let advice = "Nothing is wrong with the data. Make a backup with the version that wrote it; then start `assay \
                          serve` of this version, which brings it there. There is no way back but that backup.";
            Some(Finding::warning("database", message, advice))
        }
    }
}

/// Whether the database is whole, as a finding.
pub fn integrity(damage: Result<Vec<String>, StorageError>, is_on_server: bool) -> Finding {
    match damage {
        Ok(_) if is_on_server => {
            Finding::good("database", "it answers and has this program's schema")
        }
        Ok(lines) if lines.is_empty() => Finding::good("database", "whole"),
        Ok(lines) => Finding::bad("database", lines.join("; "), DAMAGED),
        Err(error) => failed(&error, is_on_server),
    }
}

/// What a PostgreSQL is and is set to; nothing for a file. `needed` is how many connections a
/// server of ours takes.
pub fn postgres(look: &mut DatabaseInspection, needed: usize) -> Vec<Finding> {
    match look.read(storage::server_facts) {
        Ok(facts) => {
            let mut findings = server(&facts, i64::try_from(needed).unwrap_or(i64::MAX));
            findings.extend(
                look.read(storage::durability)
                    .map_or_else(|error| vec![failed(&error, true)], durability),
            );
            findings
        }
        Err(error) => vec![failed(&error, true)],
    }
}

/// The oldest version that is tested.
const OLDEST_MAJOR: i64 = 15;

fn server(facts: &ServerFacts, needed: i64) -> Vec<Finding> {
    let name = "postgresql";
    let version = format!("version {}", facts.version);
    let mut findings = vec![match facts.major {
        major if major < OLDEST_MAJOR => Finding::bad(
            name,
            version,
            format!("Version {OLDEST_MAJOR} or later is needed: upgrade it with pg_upgrade."),
        ),
        _ => Finding::good(name, version),
    }];
    if facts.is_standby {
        let advice = "Name the primary in --database-url, or both with a comma: the one that takes writes is used.";
        findings.push(Finding::bad(name, "this is a standby: it takes no writes", advice));
    } else if facts.is_read_only {
        let advice =
            "Set default_transaction_read_only to off again for server, database and role.";
        findings.push(Finding::warning(
            name,
            "sessions are read-only unless they ask for more",
            advice,
        ));
    }
    if facts.wal_level == "minimal" {
        let advice = "Set wal_level = replica in postgresql.conf and restart it; until then only pg_dump makes a backup.";
        findings.push(Finding::warning(
            name,
            "wal_level is minimal: it can have no standby and no base backup",
            advice,
        ));
    }
    if facts.connections < needed {
        let message = format!(
            "it has room for {} connections, and one server of assay takes {needed}",
            facts.connections
        );
        let advice = "Raise max_connections in postgresql.conf and restart it, or lower server.readers and server.writers.";
        findings.push(Finding::bad(name, message, advice));
    }
    if !facts.tells_its_place {
        let advice = "GRANT EXECUTE ON FUNCTION pg_control_system() to the user of assay, or run `assay restore --mark` \
                      after each failover and restore: nothing else tells readers that changes were lost.";
        findings.push(Finding::warning(
            name,
            "it does not tell this user which server it is",
            advice,
        ));
    }
    findings
}

/// What a power cut would do to acknowledged answers.
fn durability(settings: Durability) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (is_on, name) in
        [(settings.fsync, "fsync"), (settings.full_page_writes, "full_page_writes")]
    {
        if !is_on {
            let message =
                format!("{name} is off: a power cut may lose or ruin what was acknowledged");
            findings.push(Finding::bad(
                "durability",
                message,
                format!("Set {name} = on in postgresql.conf and reload."),
            ));
        }
    }
    let setting = settings.synchronous_commit;
    findings.push(match setting.as_str() {
        "on" | "remote_apply" => {
            Finding::good("durability", format!("synchronous_commit is {setting}"))
        }
        _ => Finding::good(
            "durability",
            format!("synchronous_commit is {setting}; the server raises it to on for itself"),
        ),
    });
    findings
}

/// The organizations, and whether what was recorded about each is unaltered.
pub fn contents(look: &mut DatabaseInspection) -> Vec<Finding> {
    let verdicts = look.read(|tx| {
        let organizations = storage::organization::list(tx)?;
        let verify = |organization: storage::organization::OrganizationRow| {
            Ok((
                organization.name,
                storage::event::verify(tx, &EventChain::Organization(organization.id))?,
            ))
        };
        organizations.into_iter().map(verify).collect::<Result<Vec<_>, StorageError>>()
    });
    match verdicts {
        Ok(verdicts) if verdicts.is_empty() => {
            vec![Finding::warning(
                "organizations",
                "there is none",
                "Make one: assay org create NAME",
            )]
        }
        Ok(verdicts) => verdicts.into_iter().map(|(name, verdict)| chain(&name, verdict)).collect(),
        Err(error) => vec![Finding::bad(
            "organizations",
            error.to_string(),
            "See what is told of the database.",
        )],
    }
}

/// Only what concerns the organization as a whole is looked at here; each test instance has a chain
/// of its own.
fn chain(organization: &str, verdict: ChainVerdict) -> Finding {
    match verdict {
        ChainVerdict::Whole { events } => {
            let message =
                format!("{events} about the organization {organization} itself, unaltered");
            Finding::good("events", message)
        }
        ChainVerdict::Broken { n } => Finding::bad(
            "events",
            format!(
                "the chain of {organization} breaks at event {n}: it was altered outside this program"
            ),
            "Compare with a backup to learn what was altered.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::CheckState;

    /// Finding faults M9: `doctor` said that all was good.
    #[test]
    fn a_server_that_does_not_wait_for_its_disk_is_bad_m9() {
        let text = |fsync, full_page_writes, setting: &str| {
            let findings = durability(Durability {
                fsync,
                full_page_writes,
                synchronous_commit: setting.into(),
            });
            findings.into_iter().map(|finding| finding.state).collect::<Vec<_>>()
        };
        assert_eq!(text(true, true, "on"), [CheckState::Good]);
        assert_eq!(text(false, false, "off"), [CheckState::Bad, CheckState::Bad, CheckState::Good]);
    }

    #[test]
    fn a_server_that_cannot_be_worked_with_is_told_with_what_to_do() {
        let sound = ServerFacts {
            version: "15.4".into(),
            major: 15,
            is_standby: false,
            is_read_only: false,
            wal_level: "replica".into(),
            connections: 97,
            tells_its_place: true,
        };
        let text = |facts: ServerFacts| {
            let findings = server(&facts, 21);
            assert!(
                findings
                    .iter()
                    .all(|finding| (finding.state == CheckState::Good) == finding.advice.is_none())
            );
            findings.into_iter().map(|finding| (finding.state, finding.message)).collect::<Vec<_>>()
        };
        let worst = |facts: ServerFacts| {
            text(facts).into_iter().rfind(|(state, _)| *state != CheckState::Good)
        };
        assert_eq!(text(sound.clone()), [(CheckState::Good, "version 15.4".to_owned())]);
        let of = |facts: ServerFacts, state: CheckState, text: &str| {
            let found = worst(facts).unwrap();
            assert!(found.0 == state && found.1.contains(text), "{found:?}");
        };
        of(
            ServerFacts { major: 14, version: "14.9".into(), ..sound.clone() },
            CheckState::Bad,
            "14.9",
        );
        of(
            ServerFacts { is_standby: true, is_read_only: true, ..sound.clone() },
            CheckState::Bad,
            "a standby",
        );
        of(ServerFacts { is_read_only: true, ..sound.clone() }, CheckState::Warning, "read-only");
        of(
            ServerFacts { wal_level: "minimal".into(), ..sound.clone() },
            CheckState::Warning,
            "wal_level",
        );
        of(ServerFacts { connections: 20, ..sound.clone() }, CheckState::Bad, "20 connections");
        of(ServerFacts { tells_its_place: false, ..sound }, CheckState::Warning, "which server");
    }

    /// Finding faults M6, a row each: what could not be opened is not to be overwritten by a
    /// backup.
    #[test]
    fn only_a_damaged_file_is_to_be_restored_and_never_before_it_was_copied_m6() {
        let table = [
            (StorageError::NewerSchema { found: 99, newest: 10 }, "Install that version"),
            (StorageError::EditedMigration { number: 3 }, "another build"),
            (StorageError::Foreign, "another program"),
            (StorageError::ForeignLog("/data/assay.sqlite".into()), "to where the old file is"),
            (
                StorageError::Unavailable("unable to open database file".into()),
                "the user who runs the server",
            ),
            (
                StorageError::Unavailable("attempt to write a readonly database".into()),
                "can be written to",
            ),
            (StorageError::Unavailable("disk I/O error".into()), "not full"),
            (StorageError::Address("no host".into()), "--database-url"),
        ];
        for (error, text) in table {
            let finding = failed(&error, false);
            let advice = finding.advice.unwrap();
            assert_eq!(finding.state, CheckState::Bad);
            assert!(
                advice.contains(text) && !advice.to_lowercase().contains("restore"),
                "{error}: {advice}"
            );
        }
        let unreachable =
            failed(&StorageError::Unavailable("no connection".into()), true).advice.unwrap();
        assert!(
            unreachable.contains("takes connections") && !unreachable.contains("estore"),
            "{unreachable}"
        );
        for damaged in [
            failed(&StorageError::Damaged("x".into()), false),
            integrity(Ok(vec!["x".into()]), false),
        ] {
            let advice = damaged.advice.unwrap();
            let (aside, restore) =
                (advice.find("copy the whole").unwrap(), advice.find("restore").unwrap());
            assert!(aside < restore && advice.contains("keep the damaged file"), "{advice}");
        }
        let older = schema(SchemaState::Older { found: 9, newest: 10 }).unwrap();
        assert_eq!(older.state, CheckState::Warning);
        assert!(older.advice.unwrap().contains("Nothing is wrong with the data"));
    }
}
