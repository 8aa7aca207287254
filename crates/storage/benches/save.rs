//! Saved answers a second with 64 callers at once: commits shared, beside a commit for each; and
//! what a page of ten listed instances costs. Trust the ratios, not the numbers.

#![allow(clippy::print_stdout, reason = "a benchmark tells its numbers")]
#![allow(clippy::disallowed_methods, reason = "a benchmark measures durations")]
#![allow(clippy::unwrap_used, reason = "a benchmark has nobody to report an error to")]

use assay_storage::answer::NewReceipt;
use assay_storage::listing::ListingDetail;
use assay_storage::{
    Storage, StorageError, StorageOptions, Transaction, answer, instance, listing, values,
};
use domain::id::InstanceId;
use domain::time::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

const CALLERS: usize = 64;
const INSTANCES: i64 = 2_000;
const SLOTS: i64 = 30;
const LASTING: Duration = Duration::from_secs(4);

fn main() {
    let shared = saves_per_second(64);
    let single = saves_per_second(1);
    println!("{CALLERS} callers, up to 64 requests a commit: {shared:.0} saves/s");
    println!("{CALLERS} callers, a commit each:              {single:.0} saves/s");
    println!("ratio: {:.1}", shared / single);
    list_pages();
}

fn open(group: usize) -> (tempfile::TempDir, Storage) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let storage = Storage::open(&StorageOptions {
        group,
        ..StorageOptions::new(folder.path().join("assay.db"))
    })
    .unwrap();
    storage.write_blocking(seed).unwrap();
    (folder, storage)
}

fn seed(tx: &mut dyn Transaction) -> Result<(), StorageError> {
    let once = [
        "INSERT INTO organization VALUES ('Og1', 'Example', 0, 0)",
        "INSERT INTO document VALUES (x'0101010101010101010101010101010101010101010101010101010101010101', '{}')",
        "INSERT INTO test VALUES ('Te1', 'Og1', 1, 'u', 'k', 't', '', '[]', x'0101010101010101010101010101010101010101010101010101010101010101', 1, 0, 0, NULL)",
        "INSERT INTO task VALUES ('Tk1', 'Og1', 1, 0, 0, 0, 0, 't', 1, NULL, NULL, 'no-auth', 'default', '', 0, '[]', \
            '{}', '[]', '[]', NULL, '[]', 0)",
        "INSERT INTO step VALUES ('St1', 'Og1', 'Tk1', 1, 'Te1', 't', 1, NULL, NULL, 1, '{}')",
    ];
    for sql in once {
        tx.execute(sql, &[])?;
    }
    (1..=INSTANCES).try_for_each(|n| seed_instance(tx, n))
}

fn seed_instance(tx: &mut dyn Transaction, n: i64) -> Result<(), StorageError> {
    let candidate = "INSERT INTO candidate (id, organization_id, task_id, ordinal, kind, source, credential1_exclusive, \
        active, time_factor, group_name, labels, tags, programs, favorite, logged_in, extra_emails, step_overrides, \
        created_at) VALUES ($1, 'Og1', 'Tk1', $2, 'temp', 's', 0, 1, '1', 'default', '[]', '{}', '[]', 0, 1, '[]', \
        '{}', 0)";
    let (candidate_id, id) = (format!("Ca3wP9dYs6Fj0E{n:06}"), instance_id(n));
    tx.execute(candidate, values![candidate_id, n])?;
    let instance = "INSERT INTO instance (id, organization_id, task_id, step_id, candidate_id, ordinal, revision, \
        change_kind, changed_at, state, ignored, candidate_kind, owner_id, started_at, result_number, waiting, \
        engine_version, result_basic, document_digest, seed, time_factor, folder, group_name, labels, tags, delivery, \
        result_detailed) VALUES ($1, 'Og1', 'Tk1', 'St1', $2, $3, $3, 'started', 0, 'STARTED', 0, 'temp', $2, 0, 0, 0, \
        '1', $4, $5, $5, '1', '', 'default', '[]', '{}', '{}', $6)";
    // Bytes of the lengths that real rows have.
    let (digest, basic, detailed) = ([1_u8; 32], "r".repeat(110), "r".repeat(2_000));
    tx.execute(instance, values![id, candidate_id, n, basic, digest, detailed]).map(|_| ())
}

fn instance_id(n: i64) -> InstanceId {
    format!("Ti2bR7kGm1Wd8Z{n:06}").into()
}

fn saves_per_second(group: usize) -> f64 {
    let (_folder, storage) = open(group);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let saved = Arc::new(AtomicI64::new(0));
    let began = Instant::now();
    runtime.block_on(async {
        let callers = (0..CALLERS)
            .map(|caller| tokio::spawn(call(storage.clone(), saved.clone(), caller, began)));
        for caller in callers.collect::<Vec<_>>() {
            caller.await.unwrap();
        }
    });
    #[allow(clippy::cast_precision_loss, reason = "a rate")]
    let count = saved.load(Ordering::Relaxed) as f64;
    count / began.elapsed().as_secs_f64()
}

/// Each caller has its own instances and answers their slots in turn.
async fn call(storage: Storage, saved: Arc<AtomicI64>, caller: usize, began: Instant) {
    let callers = i64::try_from(CALLERS).unwrap();
    let mut round = i64::try_from(caller).unwrap();
    while began.elapsed() < LASTING {
        let (instance, slot) = (instance_id(round % INSTANCES + 1), round / INSTANCES % SLOTS + 1);
        storage.write(move |tx| save(tx, &instance, slot)).await.unwrap();
        saved.fetch_add(1, Ordering::Relaxed);
        round += callers;
    }
}

fn save(tx: &mut dyn Transaction, instance: &InstanceId, slot: i64) -> Result<(), StorageError> {
    let last = last_receipt(tx, instance)?;
    let seq = answer::find(tx, instance, slot)?.map_or(0, |stored| stored.seq) + 1;
    let (n, response, received_at) = (last + 1, "[\"c1\"]", Timestamp(0));
    let stored =
        NewReceipt { n, slot, seq, response, received_at, digest: [7; 32], total_bytes: 6 * n };
    answer::insert(tx, instance, &stored)
}

fn last_receipt(tx: &mut dyn Transaction, instance: &InstanceId) -> Result<i64, StorageError> {
    let hot = instance::load_for_save(tx, instance)?.ok_or(StorageError::Closed)?;
    Ok(hot.last_receipt.map_or(0, |(n, _)| n))
}

fn list_pages() {
    let (_folder, storage) = open(64);
    for mode in [ListingDetail::Basic, ListingDetail::Detailed] {
        let spent = storage.read_blocking(move |tx| pages(tx, mode)).unwrap();
        println!("ten {mode:?} rows inside a read: {:.1} us", spent.as_secs_f64() * 1e6);
        let began = Instant::now();
        for _ in 0..2_000 {
            storage.read_blocking(move |tx| page(tx, 0, mode)).unwrap();
        }
        println!(
            "ten {mode:?} rows with the way there and back: {:.1} us",
            began.elapsed().as_secs_f64() * 1e6 / 2_000.0
        );
    }
}

fn pages(tx: &mut dyn Transaction, mode: ListingDetail) -> Result<Duration, StorageError> {
    let began = Instant::now();
    for number in 0..10_000 {
        page(tx, number * 10 % INSTANCES, mode)?;
    }
    Ok(began.elapsed() / 10_000)
}

fn page(tx: &mut dyn Transaction, skip: i64, mode: ListingDetail) -> Result<usize, StorageError> {
    let mut bytes = 0;
    listing::task_head(tx, &"Og1".into(), &"Tk1".into())?;
    listing::page_by_ordinals(tx, &"Tk1".into(), skip + 1, skip + 10, mode, &mut |row| {
        bytes += row.id.len() + row.result_basic.map_or(0, str::len);
        bytes += row.details.and_then(|details| details.result_detailed).map_or(0, str::len);
        Ok(())
    })?;
    Ok(bytes)
}
