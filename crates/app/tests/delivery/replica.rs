//! Reading results from a replica: never less than the caller could know, and from the primary when
//! it is gone.
//!
//! The replica is a copy that stands still, with a mark on every result to tell it by. A file has
//! none: these tests are for PostgreSQL.

use app::caller::Caller;
use app::change_feed::ChangeFeedQuery;
use app::export::{ExportDelivery, ExportQuery, ExportScope, ReaderGone, RowSink};
use app::instance_search::{InstanceMetaFilter, InstanceSearchFilter, InstanceSearchQuery};
use app::results::{InstanceListQuery, ListedInstance, ListingDetail, TaskHead};
use domain::id::TaskId;
use std::sync::mpsc::{Sender, channel};
use storage::Storage;
use testkit::ScratchDatabase;
use testkit::TestApp;

const MARK: &str = "\"of the copy\"";

fn print(_: &Caller, _: &TaskId, listed: &ListedInstance<'_>, out: &mut String) {
    out.push_str(listed.result_basic.unwrap_or("-"));
}

async fn listed(test_app: &TestApp) -> (i64, String) {
    let query = InstanceListQuery { mode: ListingDetail::Basic, limit: 10, page: 1, filter: None };
    let nothing = None::<fn(&TaskHead) -> bool>;
    let listing = test_app
        .app
        .results()
        .list_instances(&test_app.operator(), &test_app.task, query, print, nothing)
        .await
        .unwrap();
    (listing.head.revision, listing.page.unwrap().rows)
}

async fn fed(test_app: &TestApp) -> Vec<String> {
    let query = ChangeFeedQuery { mode: ListingDetail::Basic, limit: 10, since: None };
    let feed = test_app
        .app
        .results()
        .change_feed(&test_app.operator(), &test_app.task, query, print, |_| false)
        .await
        .unwrap();
    feed.run.unwrap().changes.into_iter().map(|change| change.printed).collect()
}

async fn found(test_app: &TestApp) -> String {
    let meta = InstanceSearchFilter::Meta { meta: InstanceMetaFilter::default(), label: None };
    let query =
        InstanceSearchQuery { mode: ListingDetail::Basic, limit: 10, after: None, filter: meta };
    test_app
        .app
        .results()
        .search_instances(&test_app.operator(), &test_app.task, query, print)
        .await
        .unwrap()
        .rows
}

struct ReplicaRows(Sender<Option<String>>);

impl RowSink for ReplicaRows {
    fn take(&mut self, listed: &ListedInstance<'_>) -> Result<(), ReaderGone> {
        self.0
            .send(Some(listed.result_basic.unwrap_or("-").to_owned()))
            .map_err(|error| ReaderGone(error.to_string()))
    }

    fn pass_on(&mut self) -> Result<(), ReaderGone> {
        Ok(())
    }

    fn end(&mut self, _: u64) -> Result<ExportDelivery, ReaderGone> {
        self.0
            .send(None)
            .map(|()| ExportDelivery::done())
            .map_err(|error| ReaderGone(error.to_string()))
    }
}

async fn exported(test_app: &TestApp) -> Vec<String> {
    let (rows, taken) = channel();
    let query = ExportQuery { mode: ListingDetail::Basic, which: ExportScope::All };
    let taker = Box::new(ReplicaRows(rows));
    test_app
        .app
        .results()
        .export_instances(&test_app.operator(), &test_app.task, query, |_| false, taker)
        .await
        .unwrap();
    let all = move || taken.into_iter().map_while(|row| row).collect();
    tokio::task::spawn_blocking(all).await.unwrap()
}

/// A test_app with one result, and its marked replica.
async fn replicated_app() -> Option<(TestApp, ScratchDatabase)> {
    let test_app = TestApp::new().await;
    let (visitor, instance) = test_app.start_on_first_page().await;
    test_app.complete(&visitor, &instance, "end").await.unwrap();
    let (test_app, copy) = test_app.with_replica().await?;
    let storage = Storage::open(&copy.options()).unwrap();
    storage
        .write(|tx| tx.execute("UPDATE instance SET result_basic = '\"of the copy\"'", &[]))
        .await
        .unwrap();
    Some((test_app, copy))
}

async fn start_another(test_app: &TestApp) {
    test_app.add_candidate(test_app.candidate("Ca2", Some("7Q2M0KX4TC"))).await;
    let visitor = testkit::candidate_session(
        &test_app
            .app
            .delivery()
            .enter_by_code(&testkit::client_context(1), "7Q2M0KX4TC")
            .await
            .unwrap(),
    );
    test_app.start(&visitor, "another").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_searches_feeds_and_exports_are_read_from_a_replica_that_has_got_as_far() {
    let Some((test_app, _copy)) = replicated_app().await else { return };
    assert_eq!(listed(&test_app).await, (2, MARK.to_owned()));
    assert_eq!(fed(&test_app).await, [MARK]);
    assert_eq!(found(&test_app).await, MARK);
    assert_eq!(exported(&test_app).await, [MARK]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_just_written_reads_it_though_the_replica_is_behind() {
    let Some((test_app, _copy)) = replicated_app().await else { return };
    start_another(&test_app).await;
    let (revision, rows) = listed(&test_app).await;
    assert_eq!(revision, 3);
    assert!(!rows.contains(MARK), "{rows}");
    assert_eq!(fed(&test_app).await.len(), 2);
    assert_eq!(found(&test_app).await, rows);
    assert_eq!(exported(&test_app).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_of_another_history_is_not_read() {
    let Some((test_app, copy)) = replicated_app().await else { return };
    let storage = Storage::open(&copy.options()).unwrap();
    storage
        .write(|tx| tx.execute("UPDATE task SET revised_at = revised_at + 1", &[]))
        .await
        .unwrap();
    assert!(!listed(&test_app).await.1.contains(MARK));
}

/// After a failover that lost a tail, the replica of the old primary is ahead of the new one: its
/// number is higher, and what it has more is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_has_more_than_a_new_epoch_knows_is_not_read() {
    let Some((test_app, copy)) = replicated_app().await else { return };
    let storage = Storage::open(&copy.options()).unwrap();
    storage.write(|tx| tx.execute("UPDATE task SET revision = revision + 5", &[])).await.unwrap();
    assert!(listed(&test_app).await.1.contains(MARK), "it may be ahead");
    let begun = |tx: &mut dyn storage::Transaction| {
        storage::history::begin(tx, "another", None, domain::time::Timestamp(1_900_000_000_000))
    };
    test_app.write(begun).await;
    assert_eq!(listed(&test_app).await.0, 2);
    assert!(
        !listed(&test_app).await.1.contains(MARK)
            && !fed(&test_app).await.contains(&MARK.to_owned())
    );
    assert!(
        !found(&test_app).await.contains(MARK)
            && !exported(&test_app).await.contains(&MARK.to_owned())
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_is_gone_costs_nobody_an_answer() {
    let Some((test_app, copy)) = replicated_app().await else { return };
    drop(copy);
    let (revision, rows) = listed(&test_app).await;
    assert!(revision == 2 && !rows.contains(MARK), "{rows}");
    assert_eq!(fed(&test_app).await, std::slice::from_ref(&rows));
    assert_eq!(exported(&test_app).await, [rows]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_the_replica_does_not_know_yet_is_read_from_the_primary() {
    let Some((mut test_app, _copy)) = replicated_app().await else { return };
    let task = storage::task::TaskRow { id: "Tk2".into(), ordinal: 2, ..test_app.task_row() };
    test_app.write(move |tx| storage::task::insert(tx, &task)).await;
    test_app.task = "Tk2".into();
    assert_eq!(listed(&test_app).await, (0, String::new()));
}
