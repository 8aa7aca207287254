//! Tries counted one by one, and any order of beginnings and ends.

use super::*;
use proptest::prelude::*;
use std::net::IpAddr;

const LIMITS: Limits = Limits { per_network: 10, per_door: 100 };
const NOW: Timestamp = Timestamp(1_767_225_600_000);

fn network(number: u16) -> ClientNetwork {
    let [high, low] = number.to_be_bytes();
    ClientNetwork::of(Some(IpAddr::from([10, 0, high, low])))
}

fn fail(ledger: &mut TryLedger, from: ClientNetwork, door: Option<&Door>, now: Timestamp) -> Judged {
    let judged = ledger.begin(LIMITS, from, door, now);
    if judged == Judged::Now {
        ledger.failed(LIMITS, from, door, now);
    }
    judged
}

fn seconds(judged: Judged) -> Option<u32> {
    match judged {
        Judged::Never { seconds, .. } => Some(seconds),
        Judged::Now | Judged::Later => None,
    }
}

#[test]
fn the_eleventh_try_of_an_address_waits_until_the_first_failure_is_ten_minutes_old() {
    let mut ledger = TryLedger::default();
    for try_no in 0..10 {
        assert_eq!(fail(&mut ledger, network(1), None, NOW.plus_seconds(try_no)), Judged::Now);
    }
    let later = NOW.plus_seconds(9);
    assert_eq!(seconds(ledger.begin(LIMITS, network(1), None, later)), Some(591));
    assert_eq!(ledger.begin(LIMITS, network(2), None, later), Judged::Now);
    assert_eq!(seconds(ledger.begin(LIMITS, network(1), None, NOW.plus_seconds(599))), Some(1));
    assert_eq!(ledger.begin(LIMITS, network(1), None, NOW.plus_seconds(600)), Judged::Now);
}

#[test]
fn tries_under_way_are_counted_and_the_next_waits_instead_of_being_refused() {
    let mut ledger = TryLedger::default();
    for _ in 0..10 {
        assert_eq!(ledger.begin(LIMITS, network(1), None, NOW), Judged::Now);
    }
    assert_eq!(ledger.begin(LIMITS, network(1), None, NOW), Judged::Later);
    ledger.given_back(network(1), None);
    assert_eq!(ledger.begin(LIMITS, network(1), None, NOW), Judged::Now);
    (0..10).for_each(|_| ledger.failed(LIMITS, network(1), None, NOW));
    assert_eq!(seconds(ledger.begin(LIMITS, network(1), None, NOW)), Some(600));
}

#[test]
fn one_try_at_a_time_for_each_address_and_door() {
    let (mut ledger, door) = (TryLedger::default(), Door::Task("Tk1".into()));
    assert_eq!(ledger.begin(LIMITS, network(1), Some(&door), NOW), Judged::Now);
    assert_eq!(ledger.begin(LIMITS, network(1), Some(&door), NOW), Judged::Later);
    assert_eq!(ledger.begin(LIMITS, network(1), Some(&Door::Task("Tk2".into())), NOW), Judged::Now);
    assert_eq!(ledger.begin(LIMITS, network(2), Some(&door), NOW), Judged::Now);
    ledger.given_back(network(1), Some(&door));
    assert_eq!(ledger.begin(LIMITS, network(1), Some(&door), NOW), Judged::Now);
}

#[test]
fn a_task_under_attack_stays_open_to_addresses_that_got_in() {
    let (mut ledger, task) = (TryLedger::default(), Door::Task("Tk1".into()));
    ledger.remember_success(network(250), task.clone(), NOW);
    for index in 0..100 {
        assert_eq!(fail(&mut ledger, network(index), Some(&task), NOW), Judged::Now);
    }
    assert_eq!(seconds(ledger.begin(LIMITS, network(200), Some(&task), NOW)), Some(600));
    assert_eq!(ledger.begin(LIMITS, network(250), Some(&task), NOW), Judged::Now);
    assert_eq!(ledger.begin(LIMITS, network(200), Some(&Door::Task("Tk2".into())), NOW), Judged::Now);
}

/// Finding security A7: one address locked everybody out of a task, whatever the operator's limits.
#[test]
fn one_address_alone_never_shuts_a_door_for_others_a7() {
    for per_network in [10, 100, 100_000] {
        let limits = Limits { per_network, per_door: 100 };
        let (mut ledger, door) = (TryLedger::default(), Door::User([7; 32]));
        for _ in 0..per_network.min(5000) {
            assert_eq!(ledger.begin(limits, network(1), Some(&door), NOW), Judged::Now);
            ledger.failed(limits, network(1), Some(&door), NOW);
        }
        assert_eq!(ledger.begin(limits, network(2), Some(&door), NOW), Judged::Now);
    }
}

#[test]
fn paced_turns_are_a_second_apart_and_their_queue_is_as_long_as_a_request_waits() {
    let mut ledger = TryLedger::default();
    let turns: Vec<_> = (0..60).map(|_| ledger.paced_turn(network(1), 1000, NOW)).collect();
    for (number, turn) in (0..).zip(&turns).take(46) {
        assert_eq!(*turn, Ok(NOW.plus_seconds(number)));
    }
    assert!(turns[46..].iter().all(|turn| *turn == Err(1)), "{turns:?}");
    assert_eq!(ledger.paced_turn(network(2), 1000, NOW), Ok(NOW));
    assert_eq!(ledger.paced_turn(network(1), 1000, NOW.plus_seconds(3)), Ok(NOW.plus_seconds(46)));
    // The clock is set back by an hour.
    assert_eq!(ledger.paced_turn(network(1), 1000, NOW.plus_seconds(-3600)), Ok(NOW.plus_seconds(-3600)));
}

#[test]
fn a_clock_that_was_set_back_a_day_locks_nobody_out_for_a_day() {
    let mut ledger = TryLedger::default();
    (0..10).for_each(|_| assert_eq!(fail(&mut ledger, network(1), None, NOW), Judged::Now));
    assert_eq!(ledger.begin(LIMITS, network(1), None, NOW.plus_seconds(-86_400)), Judged::Now);
}

#[test]
fn memory_stays_bounded_however_many_addresses_knock_and_tries_under_way_are_not_forgotten() {
    let mut ledger = TryLedger::default();
    let busy = network(0);
    for _ in 0..10 {
        assert_eq!(ledger.begin(LIMITS, busy, None, NOW), Judged::Now);
    }
    for number in 1..=120_000_u32 {
        let from = ClientNetwork::of(Some(IpAddr::from((0x0B00_0000 + number).to_be_bytes())));
        let now = NOW.plus_millis(number.into());
        let door = Door::Task(format!("Tk{number}").as_str().into());
        fail(&mut ledger, from, Some(&door), now);
        ledger.remember_success(from, door, now);
    }
    assert!(ledger.entries() <= MOST_ENTRIES, "{}", ledger.entries());
    assert_eq!(ledger.begin(LIMITS, busy, None, NOW), Judged::Later);
}

/// What may happen, in any order.
#[derive(Clone, Debug)]
enum Step {
    Begin { from: u16, door: Option<u8> },
    Fail(usize),
    GiveBack(usize),
    Pass(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0_u16..4, proptest::option::of(0_u8..2)).prop_map(|(from, door)| Step::Begin { from, door }),
        3 => (0_usize..64).prop_map(Step::Fail),
        1 => (0_usize..64).prop_map(Step::GiveBack),
        1 => (1_i64..200_000).prop_map(Step::Pass),
    ]
}

proptest! {
    /// However tries begin and end beside one another: in ten minutes no network has more than ten of them judged wrong,
    /// no (network, door) has two under way, and once all have ended, somebody waiting may always go on or is refused
    /// for at most ten minutes.
    #[test]
    fn no_order_of_tries_passes_the_limit_or_leaves_anybody_waiting_for_ever(steps in prop::collection::vec(step(), 0..400)) {
        let mut ledger = TryLedger::default();
        let (mut now, mut under_way, mut wrong) = (NOW, Vec::new(), Vec::new());
        for step in steps {
            match step {
                Step::Begin { from, door } => {
                    let door = door.map(|door| Door::User([door; 32]));
                    if ledger.begin(LIMITS, network(from), door.as_ref(), now) == Judged::Now {
                        prop_assert!(door.is_none() || !under_way.contains(&(from, door.clone())));
                        under_way.push((from, door));
                    }
                }
                Step::Fail(index) if !under_way.is_empty() => {
                    let (from, door) = under_way.swap_remove(index % under_way.len());
                    ledger.failed(LIMITS, network(from), door.as_ref(), now);
                    wrong.push((from, now));
                }
                Step::GiveBack(index) if !under_way.is_empty() => {
                    let (from, door) = under_way.swap_remove(index % under_way.len());
                    ledger.given_back(network(from), door.as_ref());
                }
                Step::Pass(millis) => now = now.plus_millis(millis),
                Step::Fail(_) | Step::GiveBack(_) => {}
            }
            for from in 0..4 {
                let recent = wrong.iter().filter(|(who, at)| *who == from && at.plus_millis(WINDOW_MILLIS) > now).count();
                let open = under_way.iter().filter(|(who, _)| *who == from).count();
                prop_assert!(recent + open <= LIMITS.per_network, "{recent} wrong, {open} under way");
            }
        }
        for (from, door) in under_way {
            ledger.given_back(network(from), door.as_ref());
        }
        for from in 0..4 {
            match ledger.begin(LIMITS, network(from), Some(&Door::User([0; 32])), now) {
                Judged::Now => ledger.given_back(network(from), Some(&Door::User([0; 32]))),
                Judged::Never { seconds, .. } => prop_assert!(seconds <= 600),
                Judged::Later => prop_assert!(false, "nothing is under way"),
            }
        }
    }
}
