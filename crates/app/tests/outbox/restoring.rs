//! After a backup was put back (findings: integration B1, faults M1): readers with cursors of what
//! is lost are told so for ever, nobody misses or doubles a change, and no message goes out under
//! an id that another body had.

use crate::webhook_fixture::{add_webhook, messages_to};
use app::Failure;
use app::change_feed::{ChangeFeed, ChangeFeedQuery};
use app::results::{InstanceListQuery, InstanceSerializer, ListingDetail, TaskHead};
use app::serialize::serialize_instance;
use domain::fault::ErrorCode;
use domain::id::InstanceId;
use proptest::prelude::*;
use std::collections::BTreeMap;
use testkit::ScratchDatabase;
use testkit::{TestApp, candidate_session, client_context};

const PRINT: InstanceSerializer = |caller, task, listed, out| {
    serialize_instance(&caller.organization, task, listed, out);
    out.push('\n');
};

/// A test_app with a webhook and some handed-in tests, the first ones of a task.
async fn app_with_webhook(people: usize) -> (TestApp, Vec<InstanceId>) {
    let test_app = TestApp::new().await;
    add_webhook(&test_app, "Wh1", "https://example.net/all").await;
    let mut instances = Vec::new();
    for n in 0..people {
        instances.push(hand_in(&test_app, n).await);
    }
    (test_app, instances)
}

async fn hand_in(test_app: &TestApp, n: usize) -> InstanceId {
    let code = format!("{n:0>10}");
    test_app.add_candidate(test_app.candidate(&format!("Cx{n}"), Some(&code))).await;
    let visitor = candidate_session(
        &test_app.app.delivery().enter_by_code(&client_context(1), &code).await.unwrap(),
    );
    let instance = test_app.start(&visitor, "start").await.unwrap();
    test_app.go(&visitor, &instance, 1).await.unwrap();
    test_app.complete(&visitor, &instance, "end").await.unwrap();
    instance
}

/// Ignores an instance, or takes that back: one change either way.
async fn turn(test_app: &TestApp, instance: &InstanceId) {
    test_app.clock.pass_millis(1000);
    let (caller, task) = (test_app.operator(), test_app.task.clone());
    match test_app.row(instance).await.ignored {
        false => test_app.app.instances().ignore(&caller, &task, instance, None).await.unwrap(),
        true => {
            test_app.app.instances().reacknowledge(&caller, &task, instance, None).await.unwrap()
        }
    };
}

async fn ask(test_app: &TestApp, since: Option<&str>, limit: i64) -> Result<ChangeFeed, Failure> {
    let query =
        ChangeFeedQuery { mode: ListingDetail::Basic, limit, since: since.map(str::to_owned) };
    test_app
        .app
        .results()
        .change_feed(&test_app.operator(), &test_app.task, query, PRINT, |_| false)
        .await
}

async fn cursor(test_app: &TestApp) -> String {
    ask(test_app, None, 1000).await.unwrap().run.unwrap().cursor
}

fn is_unknown(answer: Result<ChangeFeed, Failure>) -> bool {
    match answer {
        Err(Failure::Faults(faults)) => {
            faults.iter().any(|fault| fault.code == ErrorCode::UnknownCursor)
        }
        _ => false,
    }
}

/// The list, one printed row for each instance.
async fn listed(test_app: &TestApp) -> BTreeMap<String, String> {
    let query =
        InstanceListQuery { mode: ListingDetail::Basic, limit: 1000, page: 1, filter: None };
    let nothing = None::<fn(&TaskHead) -> bool>;
    let listing = test_app
        .app
        .results()
        .list_instances(&test_app.operator(), &test_app.task, query, PRINT, nothing)
        .await
        .unwrap();
    let rows = listing.page.unwrap().rows;
    rows.lines()
        .map(|row| row.trim_start_matches(','))
        .map(|row| (id_of(row), row.to_owned()))
        .collect()
}

fn id_of(row: &str) -> String {
    let row: serde_json::Value = serde_json::from_str(row).unwrap();
    row["testInstanceId"].as_str().unwrap().to_owned()
}

/// A reader that keeps its cursor and a copy, and begins again from nothing when its cursor is
/// unknown.
#[derive(Default)]
struct CursorReader {
    cursor: Option<String>,
    copy: BTreeMap<String, String>,
    begun_again: usize,
}

impl CursorReader {
    /// Reads one run. True when there is more.
    async fn read(&mut self, test_app: &TestApp, limit: i64) -> bool {
        let run = match ask(test_app, self.cursor.as_deref(), limit).await {
            Ok(feed) => feed.run.unwrap(),
            Err(failure) => {
                assert!(is_unknown(Err(failure)));
                *self = Self { begun_again: self.begun_again + 1, ..Self::default() };
                return true;
            }
        };
        for change in run.changes {
            self.copy.insert(
                change.instance,
                change.printed.trim_start_matches(',').trim_end().to_owned(),
            );
        }
        self.cursor = Some(run.cursor);
        run.has_more
    }

    async fn read_to_end(&mut self, test_app: &TestApp) {
        while self.read(test_app, 3).await {}
    }
}

/// Every id a receiver ever saw, with its body: the same id never comes with another one.
#[derive(Default)]
struct MessageReceiver(BTreeMap<String, String>);

impl MessageReceiver {
    async fn receive(&mut self, test_app: &TestApp) {
        for message in messages_to(test_app, "Wh1").await {
            let body = message.body.unwrap();
            let existing = self.0.entry(message.event_id.clone()).or_insert_with(|| body.clone());
            assert_eq!(*existing, body, "the id {} came with two bodies", message.event_id);
        }
    }
}

/// The steps of integration B1.
#[tokio::test]
async fn a_reader_with_a_cursor_of_what_a_restore_lost_is_told_so_for_ever_b1() {
    let (test_app, instances) = app_with_webhook(5).await;
    let (test_app, backup) = test_app.backed_up().await;
    let (cursor_before, mut receiver) = (cursor(&test_app).await, MessageReceiver::default());
    let mut lost = Vec::new();
    for instance in &instances[..3] {
        turn(&test_app, instance).await;
        lost.push(cursor(&test_app).await);
    }
    receiver.receive(&test_app).await;
    let test_app = test_app.restored(&backup).await;
    assert!(is_unknown(ask(&test_app, Some(&lost[0]), 10).await), "right after the restore");
    for instance in [3, 4, 3, 4] {
        turn(&test_app, &instances[instance]).await;
    }
    receiver.receive(&test_app).await;
    for cursor in &lost {
        assert!(is_unknown(ask(&test_app, Some(cursor), 10).await), "once the copy has got as far");
    }
    let found = ask(&test_app, Some(&cursor_before), 10).await.unwrap().run.unwrap();
    assert_eq!(found.changes.len(), 2, "a cursor from before the backup misses none");
    assert!(!found.changes.iter().any(|change| lost.contains(&change.cursor)));
    let all = ask(&test_app, None, 10).await.unwrap().run.unwrap().changes;
    assert_eq!(all.len(), 5);
    assert!(
        is_unknown(ask(&test_app.reopened().await, Some(&lost[2]), 10).await),
        "after a restart"
    );
}

/// Faults M1: the reader goes on far beyond where the lost history ended.
#[tokio::test]
async fn a_reader_that_comes_back_long_after_a_restore_misses_nothing_m1() {
    let (test_app, instances) = app_with_webhook(4).await;
    let (test_app, backup) = test_app.backed_up().await;
    let mut reader = CursorReader::default();
    turn(&test_app, &instances[0]).await;
    hand_in(&test_app, 90).await;
    reader.read_to_end(&test_app).await;
    assert_eq!(reader.copy.len(), 5);
    let test_app = test_app.restored(&backup).await;
    for instance in instances.iter().cycle().take(9) {
        turn(&test_app, instance).await;
    }
    reader.read_to_end(&test_app).await;
    assert_eq!((reader.copy, reader.begun_again), (listed(&test_app).await, 1));
}

/// What was ahead of the reader is lost: the instance it was to meet there is behind it again.
#[tokio::test]
async fn a_reader_in_the_middle_of_a_run_when_the_rest_was_lost_misses_nothing() {
    let (test_app, instances) = app_with_webhook(3).await;
    let (test_app, backup) = test_app.backed_up().await;
    let (mut midway, mut earlier) = (CursorReader::default(), CursorReader::default());
    earlier.read(&test_app, 1).await;
    turn(&test_app, &instances[0]).await;
    midway.read(&test_app, 1).await;
    let test_app = test_app.restored(&backup).await;
    for reader in [&mut midway, &mut earlier] {
        reader.read_to_end(&test_app).await;
        assert_eq!(reader.copy, listed(&test_app).await);
    }
    assert_eq!((midway.begun_again, earlier.begun_again), (1, 0));
}

#[tokio::test]
async fn a_database_that_was_never_restored_keeps_its_cursors_through_restarts() {
    let (test_app, instances) = app_with_webhook(2).await;
    let first = cursor(&test_app).await;
    turn(&test_app, &instances[0]).await;
    let test_app = test_app.reopened().await;
    let run = ask(&test_app, Some(&first), 10).await.unwrap().run.unwrap();
    assert_eq!(run.changes.len(), 1);
    assert_eq!(test_app.number("SELECT count(*) FROM history_epoch").await, 1);
    assert!(
        first.matches('_').count() == 1,
        "the form of cursors that were given out before: {first}"
    );
}

#[tokio::test]
async fn two_copies_of_one_backup_take_none_of_each_others_cursors() {
    let (test_app, instances) = app_with_webhook(2).await;
    let (test_app, backup) = test_app.backed_up().await;
    let shared = cursor(&test_app).await;
    let test_app = test_app.restored(&backup).await;
    turn(&test_app, &instances[0]).await;
    let staging = cursor(&test_app).await;
    let test_app = test_app.restored(&backup).await;
    turn(&test_app, &instances[1]).await;
    assert!(is_unknown(ask(&test_app, Some(&staging), 10).await));
    assert_eq!(ask(&test_app, Some(&shared), 10).await.unwrap().run.unwrap().changes.len(), 1);
}

/// What is done on PostgreSQL after a failover that its server does not tell of.
#[tokio::test]
async fn an_epoch_that_the_operator_begins_is_in_force_at_once_on_a_server_that_runs() {
    let (test_app, instances) = app_with_webhook(2).await;
    let before = cursor(&test_app).await;
    test_app
        .write(|tx| storage::history::begin(tx, "marked", None, domain::time::Timestamp(9)))
        .await;
    turn(&test_app, &instances[0]).await;
    let after = cursor(&test_app).await;
    assert_eq!(messages_to(&test_app, "Wh1").await.last().unwrap().event_id, after);
    assert!(after.starts_with("c_2_"), "{after}");
    assert_eq!(ask(&test_app, Some(&before), 10).await.unwrap().run.unwrap().changes.len(), 1);
}

#[derive(Clone, Copy, Debug)]
enum RestoreAction {
    Change(usize),
    HandIn,
    Read(usize, i64),
    Backup,
    Restore(usize),
}

fn act() -> impl Strategy<Value = RestoreAction> {
    prop_oneof![
        6 => (0..3_usize).prop_map(RestoreAction::Change),
        1 => Just(RestoreAction::HandIn),
        4 => (0..3_usize, 1..4_i64).prop_map(|(reader, limit)| RestoreAction::Read(reader, limit)),
        1 => Just(RestoreAction::Backup),
        1 => any::<usize>().prop_map(RestoreAction::Restore),
    ]
}

async fn live(acts: &[RestoreAction]) {
    let (mut test_app, mut instances) = app_with_webhook(3).await;
    let mut readers: [CursorReader; 3] = Default::default();
    let (mut receiver, mut backups, mut people) =
        (MessageReceiver::default(), Vec::<ScratchDatabase>::new(), 3);
    for act in acts {
        match *act {
            RestoreAction::Change(one) => turn(&test_app, &instances[one]).await,
            RestoreAction::HandIn => {
                people += 1;
                instances.push(hand_in(&test_app, people).await);
            }
            RestoreAction::Read(reader, limit) => {
                readers[reader].read(&test_app, limit).await;
            }
            RestoreAction::Backup => {
                let (same, backup) = test_app.backed_up().await;
                backups.push(backup);
                test_app = same;
            }
            RestoreAction::Restore(which) if !backups.is_empty() => {
                test_app = test_app.restored(&backups[which % backups.len()]).await
            }
            RestoreAction::Restore(_) => {}
        }
        receiver.receive(&test_app).await;
    }
    let list = listed(&test_app).await;
    for reader in &mut readers {
        reader.read_to_end(&test_app).await;
        assert_eq!(reader.copy, list);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, max_shrink_iters: 24, ..ProptestConfig::default() })]

    #[test]
    fn a_reader_that_obeys_ends_with_the_list_whatever_is_backed_up_and_restored(acts in prop::collection::vec(act(), 4..28)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(live(&acts));
    }
}
