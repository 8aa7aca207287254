//! Tries counted one by one, and any order of beginnings and ends.

use super::*;
use proptest::prelude::*;
use std::net::IpAddr;

const LIMITS: ThrottleLimits = ThrottleLimits { per_network: 10, per_door: 100 };
const NOW: Timestamp = Timestamp(1_767_225_600_000);

fn network(number: u16) -> ClientNetwork {
    let [high, low] = number.to_be_bytes();
    ClientNetwork::of(Some(IpAddr::from([10, 0, high, low])))
}

fn fail(
    ledger: &mut AttemptLog,
    from: ClientNetwork,
    door: Option<&ThrottleKey>,
    now: Timestamp,
) -> ThrottleDecision {
    let judged = ledger.begin_attempt(LIMITS, from, door, now);
    if judged == ThrottleDecision::Now {
        ledger.failed(LIMITS, from, door, now);
    }
    judged
}

fn seconds(judged: ThrottleDecision) -> Option<u32> {
    match judged {
        ThrottleDecision::Never { seconds, .. } => Some(seconds),
        ThrottleDecision::Now | ThrottleDecision::Later => None,
    }
}

#[test]
fn the_eleventh_try_of_an_address_waits_until_the_first_failure_is_ten_minutes_old() {
    let mut ledger = AttemptLog::default();
    for try_no in 0..10 {
        assert_eq!(
            fail(&mut ledger, network(1), None, NOW.plus_seconds(try_no)),
            ThrottleDecision::Now
        );
    }
    let later = NOW.plus_seconds(9);
    assert_eq!(seconds(ledger.begin_attempt(LIMITS, network(1), None, later)), Some(591));
    assert_eq!(ledger.begin_attempt(LIMITS, network(2), None, later), ThrottleDecision::Now);
    assert_eq!(
        seconds(ledger.begin_attempt(LIMITS, network(1), None, NOW.plus_seconds(599))),
        Some(1)
    );
    assert_eq!(
        ledger.begin_attempt(LIMITS, network(1), None, NOW.plus_seconds(600)),
        ThrottleDecision::Now
    );
}

#[test]
fn tries_under_way_are_counted_and_the_next_waits_instead_of_being_refused() {
    let mut ledger = AttemptLog::default();
    for _ in 0..10 {
        assert_eq!(ledger.begin_attempt(LIMITS, network(1), None, NOW), ThrottleDecision::Now);
    }
    assert_eq!(ledger.begin_attempt(LIMITS, network(1), None, NOW), ThrottleDecision::Later);
    ledger.release(network(1), None);
    assert_eq!(ledger.begin_attempt(LIMITS, network(1), None, NOW), ThrottleDecision::Now);
    (0..10).for_each(|_| ledger.failed(LIMITS, network(1), None, NOW));
    assert_eq!(seconds(ledger.begin_attempt(LIMITS, network(1), None, NOW)), Some(600));
}

#[test]
fn one_try_at_a_time_for_each_address_and_door() {
    let (mut ledger, door) = (AttemptLog::default(), ThrottleKey::Task("Tk1".into()));
    assert_eq!(ledger.begin_attempt(LIMITS, network(1), Some(&door), NOW), ThrottleDecision::Now);
    assert_eq!(ledger.begin_attempt(LIMITS, network(1), Some(&door), NOW), ThrottleDecision::Later);
    assert_eq!(
        ledger.begin_attempt(LIMITS, network(1), Some(&ThrottleKey::Task("Tk2".into())), NOW),
        ThrottleDecision::Now
    );
    assert_eq!(ledger.begin_attempt(LIMITS, network(2), Some(&door), NOW), ThrottleDecision::Now);
    ledger.release(network(1), Some(&door));
    assert_eq!(ledger.begin_attempt(LIMITS, network(1), Some(&door), NOW), ThrottleDecision::Now);
}

#[test]
fn a_task_under_attack_stays_open_to_addresses_that_got_in() {
    let (mut ledger, task) = (AttemptLog::default(), ThrottleKey::Task("Tk1".into()));
    ledger.remember_success(network(250), task.clone(), NOW);
    for index in 0..100 {
        assert_eq!(fail(&mut ledger, network(index), Some(&task), NOW), ThrottleDecision::Now);
    }
    assert_eq!(seconds(ledger.begin_attempt(LIMITS, network(200), Some(&task), NOW)), Some(600));
    assert_eq!(ledger.begin_attempt(LIMITS, network(250), Some(&task), NOW), ThrottleDecision::Now);
    assert_eq!(
        ledger.begin_attempt(LIMITS, network(200), Some(&ThrottleKey::Task("Tk2".into())), NOW),
        ThrottleDecision::Now
    );
}

/// Finding security A7: one address locked everybody out of a task, whatever the operator's limits.
#[test]
fn one_address_alone_never_shuts_a_door_for_others_a7() {
    for per_network in [10, 100, 100_000] {
        let limits = ThrottleLimits { per_network, per_door: 100 };
        let (mut ledger, door) = (AttemptLog::default(), ThrottleKey::User([7; 32]));
        for _ in 0..per_network.min(5000) {
            assert_eq!(
                ledger.begin_attempt(limits, network(1), Some(&door), NOW),
                ThrottleDecision::Now
            );
            ledger.failed(limits, network(1), Some(&door), NOW);
        }
        assert_eq!(
            ledger.begin_attempt(limits, network(2), Some(&door), NOW),
            ThrottleDecision::Now
        );
    }
}

#[test]
fn paced_turns_are_a_second_apart_and_their_queue_is_as_long_as_a_request_waits() {
    let mut ledger = AttemptLog::default();
    let turns: Vec<_> = (0..60).map(|_| ledger.next_paced_turn(network(1), 1000, NOW)).collect();
    for (number, turn) in (0..).zip(&turns).take(46) {
        assert_eq!(*turn, Ok(NOW.plus_seconds(number)));
    }
    assert!(turns[46..].iter().all(|turn| *turn == Err(1)), "{turns:?}");
    assert_eq!(ledger.next_paced_turn(network(2), 1000, NOW), Ok(NOW));
    assert_eq!(
        ledger.next_paced_turn(network(1), 1000, NOW.plus_seconds(3)),
        Ok(NOW.plus_seconds(46))
    );
    // The clock is set back by an hour.
    assert_eq!(
        ledger.next_paced_turn(network(1), 1000, NOW.plus_seconds(-3600)),
        Ok(NOW.plus_seconds(-3600))
    );
}

#[test]
fn a_clock_that_was_set_back_a_day_locks_nobody_out_for_a_day() {
    let mut ledger = AttemptLog::default();
    (0..10)
        .for_each(|_| assert_eq!(fail(&mut ledger, network(1), None, NOW), ThrottleDecision::Now));
    assert_eq!(
        ledger.begin_attempt(LIMITS, network(1), None, NOW.plus_seconds(-86_400)),
        ThrottleDecision::Now
    );
}

#[test]
fn memory_stays_bounded_however_many_addresses_knock_and_tries_under_way_are_not_forgotten() {
    let mut ledger = AttemptLog::default();
    let busy = network(0);
    for _ in 0..10 {
        assert_eq!(ledger.begin_attempt(LIMITS, busy, None, NOW), ThrottleDecision::Now);
    }
    for number in 1..=120_000_u32 {
        let from = ClientNetwork::of(Some(IpAddr::from((0x0B00_0000 + number).to_be_bytes())));
        let now = NOW.plus_millis(number.into());
        let door = ThrottleKey::Task(format!("Tk{number}").as_str().into());
        fail(&mut ledger, from, Some(&door), now);
        ledger.remember_success(from, door, now);
    }
    assert!(ledger.entries() <= MOST_ENTRIES, "{}", ledger.entries());
    assert_eq!(ledger.begin_attempt(LIMITS, busy, None, NOW), ThrottleDecision::Later);
}

/// What may happen, in any order.
#[derive(Clone, Debug)]
enum LedgerAction {
    Begin { from: u16, door: Option<u8> },
    Fail(usize),
    GiveBack(usize),
    Pass(i64),
}

fn step() -> impl Strategy<Value = LedgerAction> {
    prop_oneof![
        4 => (0_u16..4, proptest::option::of(0_u8..2)).prop_map(|(from, door)| LedgerAction::Begin { from, door }),
        3 => (0_usize..64).prop_map(LedgerAction::Fail),
        1 => (0_usize..64).prop_map(LedgerAction::GiveBack),
        1 => (1_i64..200_000).prop_map(LedgerAction::Pass),
    ]
}

proptest! {
    /// However tries begin and end beside one another: in ten minutes no network has more than ten
    /// of them judged wrong, no (network, door) has two under way, and once all have ended,
    /// somebody waiting may always go on or is refused for at most ten minutes.
    #[test]
    fn no_order_of_tries_passes_the_limit_or_leaves_anybody_waiting_for_ever(steps in prop::collection::vec(step(), 0..400)) {
        let mut ledger = AttemptLog::default();
        let (mut now, mut under_way, mut wrong) = (NOW, Vec::new(), Vec::new());
        for step in steps {
            match step {
                LedgerAction::Begin { from, door } => {
                    let door = door.map(|door| ThrottleKey::User([door; 32]));
                    if ledger.begin_attempt(LIMITS, network(from), door.as_ref(), now) == ThrottleDecision::Now {
                        prop_assert!(door.is_none() || !under_way.contains(&(from, door.clone())));
                        under_way.push((from, door));
                    }
                }
                LedgerAction::Fail(index) if !under_way.is_empty() => {
                    let (from, door) = under_way.swap_remove(index % under_way.len());
                    ledger.failed(LIMITS, network(from), door.as_ref(), now);
                    wrong.push((from, now));
                }
                LedgerAction::GiveBack(index) if !under_way.is_empty() => {
                    let (from, door) = under_way.swap_remove(index % under_way.len());
                    ledger.release(network(from), door.as_ref());
                }
                LedgerAction::Pass(millis) => now = now.plus_millis(millis),
                LedgerAction::Fail(_) | LedgerAction::GiveBack(_) => {}
            }
            for from in 0..4 {
                let recent = wrong.iter().filter(|(who, at)| *who == from && at.plus_millis(WINDOW_MILLIS) > now).count();
                let open = under_way.iter().filter(|(who, _)| *who == from).count();
                prop_assert!(recent + open <= LIMITS.per_network, "{recent} wrong, {open} under way");
            }
        }
        for (from, door) in under_way {
            ledger.release(network(from), door.as_ref());
        }
        for from in 0..4 {
            match ledger.begin_attempt(LIMITS, network(from), Some(&ThrottleKey::User([0; 32])), now) {
                ThrottleDecision::Now => ledger.release(network(from), Some(&ThrottleKey::User([0; 32]))),
                ThrottleDecision::Never { seconds, .. } => prop_assert!(seconds <= 600),
                ThrottleDecision::Later => prop_assert!(false, "nothing is under way"),
            }
        }
    }
}
