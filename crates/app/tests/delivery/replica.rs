//! Reading results from a replica: never less than the caller could know, and from the primary when it is gone.
//!
//! The replica is a copy that stands still, with a mark on every result to tell it by. A file has none: these tests are
//! for PostgreSQL.

use crate::hall::Hall;
use app::caller::Caller;
use app::export::{Delivery, ExportQuery, Gone, Taker, Which};
use app::feed::FeedQuery;
use app::instance_search::{Meta, SearchQuery, Sought};
use app::results::{Head, ListQuery, Listed, Mode};
use domain::id::{RequestId, TaskId};
use std::sync::mpsc::{Sender, channel};
use storage::Storage;
use storage::testing::Scratch;

const MARK: &str = "\"of the copy\"";

fn print(_: &Caller, _: &TaskId, listed: &Listed<'_>, out: &mut String) {
    out.push_str(listed.result_basic.unwrap_or("-"));
}

fn caller(hall: &Hall) -> Caller {
    Caller::operator(hall.organization.clone(), RequestId::from("Rq1"))
}

async fn listed(hall: &Hall) -> (i64, String) {
    let query = ListQuery { mode: Mode::Basic, limit: 10, page: 1, filter: None };
    let nothing = None::<fn(&Head) -> bool>;
    let listing = hall.app.list_instances(&caller(hall), &hall.task, query, print, nothing).await.unwrap();
    (listing.head.revision, listing.page.unwrap().rows)
}

async fn fed(hall: &Hall) -> Vec<String> {
    let query = FeedQuery { mode: Mode::Basic, limit: 10, since: None };
    let feed = hall.app.changes(&caller(hall), &hall.task, query, print, |_| false).await.unwrap();
    feed.run.unwrap().changes.into_iter().map(|change| change.printed).collect()
}

async fn found(hall: &Hall) -> String {
    let meta = Sought::Meta { meta: Meta::default(), label: None };
    let query = SearchQuery { mode: Mode::Basic, limit: 10, after: None, sought: meta };
    hall.app.search_instances(&caller(hall), &hall.task, query, print).await.unwrap().rows
}

struct Rows(Sender<Option<String>>);

impl Taker for Rows {
    fn take(&mut self, listed: &Listed<'_>) -> Result<(), Gone> {
        self.0.send(Some(listed.result_basic.unwrap_or("-").to_owned())).map_err(|error| Gone(error.to_string()))
    }

    fn pass_on(&mut self) -> Result<(), Gone> {
        Ok(())
    }

    fn end(&mut self, _: u64) -> Result<Delivery, Gone> {
        self.0.send(None).map(|()| Delivery::done()).map_err(|error| Gone(error.to_string()))
    }
}

async fn exported(hall: &Hall) -> Vec<String> {
    let (rows, taken) = channel();
    let query = ExportQuery { mode: Mode::Basic, which: Which::All };
    let taker = Box::new(Rows(rows));
    hall.app.export_instances(&caller(hall), &hall.task, query, |_| false, taker).await.unwrap();
    let all = move || taken.into_iter().map_while(|row| row).collect();
    tokio::task::spawn_blocking(all).await.unwrap()
}

/// A hall with one result, and its marked replica.
async fn hall() -> Option<(Hall, Scratch)> {
    let hall = Hall::new().await;
    let (visitor, instance) = hall.seated().await;
    hall.complete(&visitor, &instance, "end").await.unwrap();
    let (hall, copy) = hall.with_replica().await?;
    let storage = Storage::open(&copy.options()).unwrap();
    storage.write(|tx| tx.execute("UPDATE instance SET result_basic = '\"of the copy\"'", &[])).await.unwrap();
    Some((hall, copy))
}

async fn start_another(hall: &Hall) {
    hall.add_candidate(hall.candidate("Ca2", Some("7Q2M0KX4TC"))).await;
    let visitor = crate::hall::visitor(&hall.app.enter_by_code(&crate::hall::knock(1), "7Q2M0KX4TC").await.unwrap());
    hall.start(&visitor, "another").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_searches_feeds_and_exports_are_read_from_a_replica_that_has_got_as_far() {
    let Some((hall, _copy)) = hall().await else { return };
    assert_eq!(listed(&hall).await, (2, MARK.to_owned()));
    assert_eq!(fed(&hall).await, [MARK]);
    assert_eq!(found(&hall).await, MARK);
    assert_eq!(exported(&hall).await, [MARK]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_just_written_reads_it_though_the_replica_is_behind() {
    let Some((hall, _copy)) = hall().await else { return };
    start_another(&hall).await;
    let (revision, rows) = listed(&hall).await;
    assert_eq!(revision, 3);
    assert!(!rows.contains(MARK), "{rows}");
    assert_eq!(fed(&hall).await.len(), 2);
    assert_eq!(found(&hall).await, rows);
    assert_eq!(exported(&hall).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_of_another_history_is_not_read() {
    let Some((hall, copy)) = hall().await else { return };
    let storage = Storage::open(&copy.options()).unwrap();
    storage.write(|tx| tx.execute("UPDATE task SET revised_at = revised_at + 1", &[])).await.unwrap();
    assert!(!listed(&hall).await.1.contains(MARK));
}

/// After a failover that lost a tail, the replica of the old primary is ahead of the new one: its number is higher, and
/// what it has more is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_has_more_than_a_new_epoch_knows_is_not_read() {
    let Some((hall, copy)) = hall().await else { return };
    let storage = Storage::open(&copy.options()).unwrap();
    storage.write(|tx| tx.execute("UPDATE task SET revision = revision + 5", &[])).await.unwrap();
    assert!(listed(&hall).await.1.contains(MARK), "it may be ahead");
    let begun = |tx: &mut dyn storage::Transaction| {
        storage::history::begin(tx, "another", None, domain::time::Timestamp(1_900_000_000_000))
    };
    hall.write(begun).await;
    assert_eq!(listed(&hall).await.0, 2);
    assert!(!listed(&hall).await.1.contains(MARK) && !fed(&hall).await.contains(&MARK.to_owned()));
    assert!(!found(&hall).await.contains(MARK) && !exported(&hall).await.contains(&MARK.to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_is_gone_costs_nobody_an_answer() {
    let Some((hall, copy)) = hall().await else { return };
    drop(copy);
    let (revision, rows) = listed(&hall).await;
    assert!(revision == 2 && !rows.contains(MARK), "{rows}");
    assert_eq!(fed(&hall).await, std::slice::from_ref(&rows));
    assert_eq!(exported(&hall).await, [rows]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_the_replica_does_not_know_yet_is_read_from_the_primary() {
    let Some((mut hall, _copy)) = hall().await else { return };
    let task = storage::task::Task { id: "Tk2".into(), ordinal: 2, ..hall.task_row() };
    hall.write(move |tx| storage::task::insert(tx, &task)).await;
    hall.task = "Tk2".into();
    assert_eq!(listed(&hall).await, (0, String::new()));
}
