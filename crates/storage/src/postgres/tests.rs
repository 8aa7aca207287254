//! What happens when connections break and transactions meet. On PostgreSQL only; on SQLite there is nothing to break.

use crate::fixture::{Fixture, candidate};
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
    let fixture = Fixture::with_task();
    let (acknowledged, over) = (AtomicI64::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let (fixture, acknowledged, over) = (&fixture, &acknowledged, &over);
            scope.spawn(move || {
                for n in 0.. {
                    let write = fixture.try_write(move |tx| {
                        let ordinal = task::next_candidate_ordinal(tx, &"Tk1".into())?.unwrap_or_default();
                        crate::candidate::insert(tx, &candidate(&format!("Ca{writer}-{n}"), ordinal))
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
    let kept = fixture.read(|tx| tx.integer("SELECT count(*) FROM candidate", &[]));
    let last = fixture.read(|tx| tx.integer("SELECT candidate_count FROM task", &[]));
    assert!(kept >= acknowledged.load(Ordering::SeqCst));
    assert_eq!(kept, last, "an ordinal was taken without its row");
}

#[test]
fn a_read_whose_connection_was_ended_is_read_again() {
    if !is_postgres() {
        return;
    }
    let fixture = Fixture::new();
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
    let fixture = Fixture::with_two_candidates();
    let gate = std::sync::Arc::new(std::sync::Barrier::new(2));
    std::thread::scope(|scope| {
        for (one, two) in [("Ca1", "Ca2"), ("Ca2", "Ca1")] {
            let (fixture, gate) = (&fixture, gate.clone());
            scope.spawn(move || {
                let first_time = AtomicBool::new(true);
                fixture.write(move |tx| {
                    let rate = "UPDATE candidate SET rating = coalesce(rating, 0) + 1 WHERE id = $1";
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
    let fixture = Fixture::new();
    let refused = fixture.try_write(|tx| organization::rename(tx, &"Og1".into(), "a\0b"));
    assert!(matches!(refused, Err(StorageError::Statement(_))), "{refused:?}");
    assert_eq!(fixture.read(|tx| organization::list(tx)).len(), 2);
}
