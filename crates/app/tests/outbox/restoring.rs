//! After a backup was put back (findings: integration B1, faults M1): readers with cursors of what is lost are told so for
//! ever, nobody misses or doubles a change, and no message goes out under an id that another body had.

use crate::hall::{Hall, knock, visitor};
use crate::office::operator;
use crate::post::{messages, subscribe};
use app::Failure;
use app::feed::{Feed, FeedQuery};
use app::printed::print_instance;
use app::results::{Head, ListQuery, Mode, Print};
use domain::fault::Code;
use domain::id::InstanceId;
use proptest::prelude::*;
use std::collections::BTreeMap;
use storage::testing::Scratch;

const PRINT: Print = |caller, task, listed, out| {
    print_instance(&caller.organization, task, listed, out);
    out.push('\n');
};

/// A hall with a webhook and some handed-in tests, the first ones of a task.
async fn hall_of(people: usize) -> (Hall, Vec<InstanceId>) {
    let hall = Hall::new().await;
    subscribe(&hall, "Wh1", "https://example.net/all").await;
    let mut instances = Vec::new();
    for n in 0..people {
        instances.push(hand_in(&hall, n).await);
    }
    (hall, instances)
}

async fn hand_in(hall: &Hall, n: usize) -> InstanceId {
    let code = format!("{n:0>10}");
    hall.add_candidate(hall.candidate(&format!("Cx{n}"), Some(&code))).await;
    let visitor = visitor(&hall.app.enter_by_code(&knock(1), &code).await.unwrap());
    let instance = hall.start(&visitor, "start").await.unwrap();
    hall.go(&visitor, &instance, 1).await.unwrap();
    hall.complete(&visitor, &instance, "end").await.unwrap();
    instance
}

/// Ignores an instance, or takes that back: one change either way.
async fn turn(hall: &Hall, instance: &InstanceId) {
    hall.clock.pass_millis(1000);
    let (caller, task) = (operator(hall), hall.task.clone());
    match hall.row(instance).await.ignored {
        false => hall.app.ignore(&caller, &task, instance, None).await.unwrap(),
        true => hall.app.reacknowledge(&caller, &task, instance, None).await.unwrap(),
    };
}

async fn ask(hall: &Hall, since: Option<&str>, limit: i64) -> Result<Feed, Failure> {
    let query = FeedQuery { mode: Mode::Basic, limit, since: since.map(str::to_owned) };
    hall.app.changes(&operator(hall), &hall.task, query, PRINT, |_| false).await
}

async fn cursor(hall: &Hall) -> String {
    ask(hall, None, 1000).await.unwrap().run.unwrap().cursor
}

fn is_unknown(answer: Result<Feed, Failure>) -> bool {
    match answer {
        Err(Failure::Faults(faults)) => faults.iter().any(|fault| fault.code == Code::UnknownCursor),
        _ => false,
    }
}

/// The list, one printed row for each instance.
async fn listed(hall: &Hall) -> BTreeMap<String, String> {
    let query = ListQuery { mode: Mode::Basic, limit: 1000, page: 1, filter: None };
    let nothing = None::<fn(&Head) -> bool>;
    let listing = hall.app.list_instances(&operator(hall), &hall.task, query, PRINT, nothing).await.unwrap();
    let rows = listing.page.unwrap().rows;
    rows.lines().map(|row| row.trim_start_matches(',')).map(|row| (id_of(row), row.to_owned())).collect()
}

fn id_of(row: &str) -> String {
    let row: serde_json::Value = serde_json::from_str(row).unwrap();
    row["testInstanceId"].as_str().unwrap().to_owned()
}

/// A reader that keeps its cursor and a copy, and begins again from nothing when its cursor is unknown.
#[derive(Default)]
struct Reader {
    cursor: Option<String>,
    copy: BTreeMap<String, String>,
    begun_again: usize,
}

impl Reader {
    /// Reads one run. True when there is more.
    async fn read(&mut self, hall: &Hall, limit: i64) -> bool {
        let run = match ask(hall, self.cursor.as_deref(), limit).await {
            Ok(feed) => feed.run.unwrap(),
            Err(failure) => {
                assert!(is_unknown(Err(failure)));
                *self = Self { begun_again: self.begun_again + 1, ..Self::default() };
                return true;
            }
        };
        for change in run.changes {
            self.copy.insert(change.instance, change.printed.trim_start_matches(',').trim_end().to_owned());
        }
        self.cursor = Some(run.cursor);
        run.has_more
    }

    async fn read_to_end(&mut self, hall: &Hall) {
        while self.read(hall, 3).await {}
    }
}

/// Every id a receiver ever saw, with its body: the same id never comes with another one.
#[derive(Default)]
struct Receiver(BTreeMap<String, String>);

impl Receiver {
    async fn receive(&mut self, hall: &Hall) {
        for message in messages(hall, "Wh1").await {
            let body = message.body.unwrap();
            let known = self.0.entry(message.event_id.clone()).or_insert_with(|| body.clone());
            assert_eq!(*known, body, "the id {} came with two bodies", message.event_id);
        }
    }
}

/// The steps of integration B1.
#[tokio::test]
async fn a_reader_with_a_cursor_of_what_a_restore_lost_is_told_so_for_ever_b1() {
    let (hall, instances) = hall_of(5).await;
    let (hall, backup) = hall.backed_up().await;
    let (kept, mut receiver) = (cursor(&hall).await, Receiver::default());
    let mut lost = Vec::new();
    for instance in &instances[..3] {
        turn(&hall, instance).await;
        lost.push(cursor(&hall).await);
    }
    receiver.receive(&hall).await;
    let hall = hall.restored(&backup).await;
    assert!(is_unknown(ask(&hall, Some(&lost[0]), 10).await), "right after the restore");
    for instance in [3, 4, 3, 4] {
        turn(&hall, &instances[instance]).await;
    }
    receiver.receive(&hall).await;
    for cursor in &lost {
        assert!(is_unknown(ask(&hall, Some(cursor), 10).await), "once the copy has got as far");
    }
    let found = ask(&hall, Some(&kept), 10).await.unwrap().run.unwrap();
    assert_eq!(found.changes.len(), 2, "a cursor from before the backup misses none");
    assert!(!found.changes.iter().any(|change| lost.contains(&change.cursor)));
    let all = ask(&hall, None, 10).await.unwrap().run.unwrap().changes;
    assert_eq!(all.len(), 5);
    assert!(is_unknown(ask(&hall.reopened().await, Some(&lost[2]), 10).await), "after a restart");
}

/// Faults M1: the reader goes on far beyond where the lost history ended.
#[tokio::test]
async fn a_reader_that_comes_back_long_after_a_restore_misses_nothing_m1() {
    let (hall, instances) = hall_of(4).await;
    let (hall, backup) = hall.backed_up().await;
    let mut reader = Reader::default();
    turn(&hall, &instances[0]).await;
    hand_in(&hall, 90).await;
    reader.read_to_end(&hall).await;
    assert_eq!(reader.copy.len(), 5);
    let hall = hall.restored(&backup).await;
    for instance in instances.iter().cycle().take(9) {
        turn(&hall, instance).await;
    }
    reader.read_to_end(&hall).await;
    assert_eq!((reader.copy, reader.begun_again), (listed(&hall).await, 1));
}

/// What was ahead of the reader is lost: the instance it was to meet there is behind it again.
#[tokio::test]
async fn a_reader_in_the_middle_of_a_run_when_the_rest_was_lost_misses_nothing() {
    let (hall, instances) = hall_of(3).await;
    let (hall, backup) = hall.backed_up().await;
    let (mut midway, mut earlier) = (Reader::default(), Reader::default());
    earlier.read(&hall, 1).await;
    turn(&hall, &instances[0]).await;
    midway.read(&hall, 1).await;
    let hall = hall.restored(&backup).await;
    for reader in [&mut midway, &mut earlier] {
        reader.read_to_end(&hall).await;
        assert_eq!(reader.copy, listed(&hall).await);
    }
    assert_eq!((midway.begun_again, earlier.begun_again), (1, 0));
}

#[tokio::test]
async fn a_database_that_was_never_restored_keeps_its_cursors_through_restarts() {
    let (hall, instances) = hall_of(2).await;
    let first = cursor(&hall).await;
    turn(&hall, &instances[0]).await;
    let hall = hall.reopened().await;
    let run = ask(&hall, Some(&first), 10).await.unwrap().run.unwrap();
    assert_eq!(run.changes.len(), 1);
    assert_eq!(hall.number("SELECT count(*) FROM history_epoch").await, 1);
    assert!(first.matches('_').count() == 1, "the form of cursors that were given out before: {first}");
}

#[tokio::test]
async fn two_copies_of_one_backup_take_none_of_each_others_cursors() {
    let (hall, instances) = hall_of(2).await;
    let (hall, backup) = hall.backed_up().await;
    let shared = cursor(&hall).await;
    let hall = hall.restored(&backup).await;
    turn(&hall, &instances[0]).await;
    let staging = cursor(&hall).await;
    let hall = hall.restored(&backup).await;
    turn(&hall, &instances[1]).await;
    assert!(is_unknown(ask(&hall, Some(&staging), 10).await));
    assert_eq!(ask(&hall, Some(&shared), 10).await.unwrap().run.unwrap().changes.len(), 1);
}

/// What is done on PostgreSQL after a failover that its server does not tell of.
#[tokio::test]
async fn an_epoch_that_the_operator_begins_is_in_force_at_once_on_a_server_that_runs() {
    let (hall, instances) = hall_of(2).await;
    let before = cursor(&hall).await;
    hall.write(|tx| storage::history::begin(tx, "marked", None, domain::time::Timestamp(9))).await;
    turn(&hall, &instances[0]).await;
    let after = cursor(&hall).await;
    assert_eq!(messages(&hall, "Wh1").await.last().unwrap().event_id, after);
    assert!(after.starts_with("c_2_"), "{after}");
    assert_eq!(ask(&hall, Some(&before), 10).await.unwrap().run.unwrap().changes.len(), 1);
}

#[derive(Clone, Copy, Debug)]
enum Act {
    Change(usize),
    HandIn,
    Read(usize, i64),
    Backup,
    Restore(usize),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (0..3_usize).prop_map(Act::Change),
        1 => Just(Act::HandIn),
        4 => (0..3_usize, 1..4_i64).prop_map(|(reader, limit)| Act::Read(reader, limit)),
        1 => Just(Act::Backup),
        1 => any::<usize>().prop_map(Act::Restore),
    ]
}

async fn live(acts: &[Act]) {
    let (mut hall, mut instances) = hall_of(3).await;
    let mut readers: [Reader; 3] = Default::default();
    let (mut receiver, mut backups, mut people) = (Receiver::default(), Vec::<Scratch>::new(), 3);
    for act in acts {
        match *act {
            Act::Change(one) => turn(&hall, &instances[one]).await,
            Act::HandIn => {
                people += 1;
                instances.push(hand_in(&hall, people).await);
            }
            Act::Read(reader, limit) => drop(readers[reader].read(&hall, limit).await),
            Act::Backup => {
                let (same, backup) = hall.backed_up().await;
                backups.push(backup);
                hall = same;
            }
            Act::Restore(which) if !backups.is_empty() => hall = hall.restored(&backups[which % backups.len()]).await,
            Act::Restore(_) => {}
        }
        receiver.receive(&hall).await;
    }
    let list = listed(&hall).await;
    for reader in &mut readers {
        reader.read_to_end(&hall).await;
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
