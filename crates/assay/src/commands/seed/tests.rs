//! What seeding leaves behind holds what is demanded of everything that people leave behind.

use super::*;
use crate::system::{SystemClock, SystemRng};
use app::Settings;
use domain::compile::{Seed as CompileSeed, compile};
use domain::document::parse_stored;
use domain::id::{InstanceId, OrganizationId};
use domain::json::JsonNode;
use domain::receipt;
use domain::response::{NoUploads, read};
use domain::time_factor::TimeFactor;
use std::collections::BTreeSet;
use std::sync::Arc;
use storage::event::{ChainVerdict, EventChain};
use storage::{Storage, StorageOptions};

/// More than one batch.
const INSTANCES: u64 = 1100;

struct SeededDatabase {
    _folder: tempfile::TempDir,
    storage: Storage,
    organization: OrganizationId,
    task: TaskId,
}

fn seeded() -> SeededDatabase {
    let folder = tempfile::tempdir().unwrap();
    let storage = Storage::open(&StorageOptions::new(folder.path().join("assay.sqlite"))).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let open =
        App::open(storage.clone(), Arc::new(SystemClock), Arc::new(SystemRng), Settings::default());
    let (app, caller, task) = runtime.block_on(async {
        let app = open.await.unwrap();
        let organization = app.organizations().create_organization("Seeded").await.unwrap().id;
        let caller = Caller::operator(organization, app.new_id(app.now()));
        let task = make_task(&app, &caller).await.unwrap();
        (app, caller, task)
    });
    let mut counts = Vec::new();
    let order = SeedRequest { task: &task, instances: INSTANCES, generator: &simulated_answers };
    app.seeding().seed_blocking(&caller, &order, &mut |done| counts.push(done)).unwrap();
    assert_eq!(counts.last(), Some(&INSTANCES));
    SeededDatabase { _folder: folder, storage, organization: caller.organization, task }
}

#[test]
fn counters_ordinals_and_revisions_have_no_gap_and_chains_are_whole() {
    let SeededDatabase { storage, organization, task, _folder } = seeded();
    let (of_task, of_organization) = (task.clone(), organization.clone());
    let row = storage
        .read_blocking(move |tx| storage::task::find(tx, &of_organization, &of_task))
        .unwrap()
        .unwrap();
    let count = i64::try_from(INSTANCES).unwrap();
    assert_eq!((row.instance_count, row.candidate_count, row.revision), (count, count, 2 * count));
    let ids = instances(&storage, &organization, &task);
    assert_eq!(
        ids.iter().map(|row| row.ordinal).collect::<Vec<_>>(),
        (1..=count).collect::<Vec<_>>()
    );
    let revisions: BTreeSet<i64> = ids.iter().map(|row| row.revision).collect();
    assert_eq!(
        (revisions.len() as u64, revisions.last().copied()),
        (INSTANCES, Some(row.revision))
    );
    let chains = ids.iter().map(|row| EventChain::Instance(row.id.clone()));
    for chain in chains.chain([EventChain::Organization(organization.clone())]) {
        let verdict = storage.read_blocking(move |tx| storage::event::verify(tx, &chain)).unwrap();
        assert!(matches!(verdict, ChainVerdict::Whole { events } if events >= 4), "{verdict:?}");
    }
}

#[test]
fn receipts_recompute_and_no_response_would_have_been_refused() {
    let SeededDatabase { storage, organization, task, _folder } = seeded();
    for row in instances(&storage, &organization, &task).into_iter().take(50) {
        let (id, digest) = (row.id.clone(), row.document_digest);
        let document =
            storage.read_blocking(move |tx| storage::document::find(tx, &digest)).unwrap().unwrap();
        let seed = CompileSeed(row.seed.clone().try_into().unwrap());
        let compiled =
            compile(&Arc::new(parse_stored(&document).unwrap()), &seed, TimeFactor::ONE).unwrap();
        let mut link = receipt::first(&row.id);
        for stored in storage.read_blocking(move |tx| storage::answer::receipts(tx, &id)).unwrap() {
            let response = stored.response.unwrap();
            let slot = u32::try_from(stored.slot).unwrap();
            link = receipt::next(
                &link,
                stored.n.unsigned_abs(),
                slot,
                stored.seq.unsigned_abs(),
                &response,
            );
            assert_eq!(stored.digest, Some(link));
            let question = &compiled.slots[slot as usize - 1].question;
            assert!(
                read(question, &JsonNode::parse(response.as_bytes(), 8).unwrap(), &NoUploads)
                    .is_ok(),
                "{response}"
            );
        }
    }
}

#[test]
fn a_seeded_result_is_the_one_that_computing_it_anew_gives() {
    let SeededDatabase { storage, organization, task, _folder } = seeded();
    let rows = instances(&storage, &organization, &task);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let app =
            App::open(storage, Arc::new(SystemClock), Arc::new(SystemRng), Settings::default())
                .await
                .unwrap();
        let caller = Caller::operator(organization, app.new_id(app.now()));
        for row in rows.iter().step_by(53) {
            let standing = app.instances().rescore(&caller, &task, &row.id, None).await.unwrap();
            // No version is made where nothing differs.
            assert_eq!((standing.version, standing.revision), (1, row.revision));
        }
    });
}

fn instances(
    storage: &Storage,
    organization: &OrganizationId,
    task: &TaskId,
) -> Vec<storage::instance::InstanceRow> {
    let (organization, task) = (organization.clone(), task.clone());
    let listed = move |tx: &mut dyn storage::Transaction| {
        let mut ids: Vec<InstanceId> = Vec::new();
        let mode = storage::listing::ListingDetail::Basic;
        storage::listing::page_by_ordinals(tx, &task, 1, i64::MAX, mode, &mut |listed| {
            ids.push(listed.id.into());
            Ok(())
        })?;
        let find = |id| {
            Ok(storage::instance::find(tx, &organization, &task, &id)?
                .expect("a listed instance exists"))
        };
        ids.into_iter().map(find).collect::<Result<Vec<_>, storage::StorageError>>()
    };
    storage.read_blocking(listed).unwrap()
}
