//! What happens when connections break and transactions meet. On PostgreSQL only; on SQLite there
//! is nothing to break.

use crate::fixture::{StorageFixture, candidate};
use crate::testing::is_postgres;
use crate::{StorageError, Transaction, organization, task};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

/// Ends every other connection to the database, as an administrator or a failover does.
fn end_connections(tx: &mut dyn Transaction) -> Result<i64, StorageError> {
    let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    tx.integer(sql, &[])
}

#[test]
fn writes_go_on_while_connections_are_ended_and_what_was_acknowledged_is_there_once() {
    if !is_postgres() {
        return;
    }
    let fixture = StorageFixture::with_task();
    let (acknowledged, over) = (AtomicI64::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let (fixture, acknowledged, over) = (&fixture, &acknowledged, &over);
            scope.spawn(move || {
                for n in 0.. {
                    let write = fixture.try_write(move |tx| {
                        let ordinal =
                            task::next_candidate_ordinal(tx, &"Tk1".into())?.unwrap_or_default();
                        crate::candidate::insert(
                            tx,
                            &candidate(&format!("Ca{writer}-{n}"), ordinal),
                        )
                    });
                    match write {
                        Ok(()) => acknowledged.fetch_add(1, Ordering::SeqCst),
                        // A commit whose answer was lost: it may or may not be there.
                        Err(StorageError::Unavailable(_)) => 0,
                        Err(other) => panic!("{other}"),
                    };
                    if over.load(Ordering::SeqCst) {
                        break;
                    }
                }
            });
        }
        let mut ended = 0;
        while ended < 40 || acknowledged.load(Ordering::SeqCst) < 200 {
            ended += fixture.try_read(end_connections).unwrap_or_default();
        }
        over.store(true, Ordering::SeqCst);
    });
    let sql = fixture.read(|tx| tx.integer("SELECT count(*) FROM candidate", &[]));
    let last = fixture.read(|tx| tx.integer("SELECT candidate_count FROM task", &[]));
    assert!(sql >= acknowledged.load(Ordering::SeqCst));
    assert_eq!(sql, last, "an ordinal was taken without its row");
}

#[test]
fn a_read_whose_connection_was_ended_is_read_again() {
    if !is_postgres() {
        return;
    }
    let fixture = StorageFixture::new();
    for _ in 0..5 {
        fixture.write(end_connections);
        assert_eq!(fixture.read(|tx| organization::list(tx)).len(), 2);
    }
}

#[test]
fn two_writes_that_lock_each_other_are_both_kept_in_the_end() {
    if !is_postgres() {
        return;
    }
    let fixture = StorageFixture::with_two_candidates();
    let gate = std::sync::Arc::new(std::sync::Barrier::new(2));
    std::thread::scope(|scope| {
        for (one, two) in [("Ca1", "Ca2"), ("Ca2", "Ca1")] {
            let (fixture, gate) = (&fixture, gate.clone());
            scope.spawn(move || {
                let first_time = AtomicBool::new(true);
                fixture.write(move |tx| {
                    let rate =
                        "UPDATE candidate SET rating = coalesce(rating, 0) + 1 WHERE id = $1";
                    tx.execute(rate, crate::values![one])?;
                    if first_time.swap(false, Ordering::SeqCst) {
                        gate.wait();
                    }
                    tx.execute(rate, crate::values![two])
                });
            });
        }
    });
    assert_eq!(fixture.read(|tx| tx.integer("SELECT sum(rating)::bigint FROM candidate", &[])), 4);
}

#[test]
fn a_text_that_no_database_of_this_kind_can_hold_is_refused_and_not_tried_again() {
    if !is_postgres() {
        return;
    }
    let fixture = StorageFixture::new();
    let refused = fixture.try_write(|tx| organization::rename(tx, &"Og1".into(), "a\0b"));
    assert!(matches!(refused, Err(StorageError::Statement(_))), "{refused:?}");
    assert_eq!(fixture.read(|tx| organization::list(tx)).len(), 2);
}

/// Finding faults M9: the tests' own server has `synchronous_commit = off`.
#[test]
fn sessions_wait_for_the_disk_whatever_the_server_is_set_to_m9() {
    if !is_postgres() {
        return;
    }
    let fixture = StorageFixture::new();
    let setting = |tx: &mut dyn Transaction| {
        tx.find("SELECT current_setting('synchronous_commit')", &[], |row| row.get::<String>(0))
    };
    assert_eq!(fixture.write(setting).as_deref(), Some("on"));
    for (own, seen) in [("local", "on"), ("remote_write", "on"), ("remote_apply", "remote_apply")] {
        fixture.write(move |tx| {
            let alter = "ALTER DATABASE %I SET synchronous_commit = ";
            let script =
                tx.find("SELECT format($1, current_database())", crate::values![alter], |row| {
                    row.get::<String>(0)
                })?;
            tx.execute(&format!("{}{own}", script.unwrap_or_default()), &[])
        });
        // Ended connections are made again, and those have the database's new setting.
        fixture.write(end_connections);
        assert_eq!(fixture.read(setting).as_deref(), Some(seen), "configured {own}");
    }
    let reported = fixture.storage.durability().unwrap().unwrap();
    assert_eq!(reported.synchronous_commit, "remote_apply");
}

/// Finding faults, minor, synchronous replication: a cancelled wait is a commit with a warning. The
/// same message is made here by a trigger that runs at the commit.
#[test]
fn a_commit_that_the_database_warns_of_is_not_acknowledged_m9() {
    if !is_postgres() {
        return;
    }
    let fixture = StorageFixture::with_task();
    fixture.write(|tx| {
        tx.execute(
            "CREATE FUNCTION warn() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
            RAISE WARNING 'canceling wait for synchronous replication due to user request'; RETURN NULL; END $$",
            &[],
        )?;
        tx.execute(
            "CREATE CONSTRAINT TRIGGER warning AFTER UPDATE ON task DEFERRABLE INITIALLY DEFERRED \
            FOR EACH ROW EXECUTE FUNCTION warn()",
            &[],
        )
    });
    let update = |tx: &mut dyn Transaction| tx.execute("UPDATE task SET title = 'done'", &[]);
    let unknown = fixture.try_write(update);
    assert!(matches!(unknown, Err(StorageError::Unavailable(_))), "{unknown:?}");
    let grouped =
        futures_util::future::join_all((0..4).map(|_| fixture.storage.write_grouped(update)));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert!(
        runtime
            .block_on(grouped)
            .iter()
            .all(|outcome| matches!(outcome, Err(StorageError::Unavailable(_))))
    );
    let title = |tx: &mut dyn Transaction| {
        tx.find("SELECT title FROM task", &[], |row| row.get::<String>(0))
    };
    assert_eq!(
        fixture.read(title).as_deref(),
        Some("done"),
        "it stands, and nobody was told that it does"
    );
    fixture.write(|tx| tx.execute("DROP TRIGGER warning ON task", &[]));
    assert!(fixture.try_write(update).is_ok());
}
