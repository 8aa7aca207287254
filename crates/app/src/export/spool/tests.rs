//! Nothing is lost between the two ends, nobody who writes waits for a slow taker, and nothing is
//! left in files.

use super::super::spool_quota::SpoolQuota;
use super::*;
use domain::id::OrganizationId;
use futures_util::StreamExt as _;
use proptest::prelude::*;

fn quota(bytes: u64) -> OrganizationSpoolQuota {
    SpoolQuota::new(bytes).for_organization(&OrganizationId::from("a"))
}

fn piece(number: u8, length: usize) -> Vec<u8> {
    vec![number; length]
}

/// Finding faults B2 and M3: whoever read rows waited for whoever took them, with a state of the
/// database in hand.
#[tokio::test]
async fn a_writer_never_waits_for_a_taker_who_takes_nothing_b2() {
    let (mut pipe, pieces) = spool_pipe(quota(64 << 20));
    let written = tokio::task::spawn_blocking(move || {
        for number in 0..200_u8 {
            pipe.write_all(&piece(number, PIECE)).unwrap();
            pipe.pass_on().unwrap();
        }
        pipe.end().unwrap()
    });
    let delivery = written.await.unwrap();
    let received: Vec<_> = pieces.map(Result::unwrap).collect().await;
    assert_eq!(received.len(), 200);
    assert!(received.iter().zip(0..).all(|(bytes, number)| bytes[..] == piece(number, PIECE)));
    assert_eq!(delivery.wait().await, Ok(()));
}

#[tokio::test]
async fn a_pipe_without_an_end_fails() {
    let (mut pipe, pieces) = spool_pipe(quota(64 << 20));
    pipe.write_all(&piece(1, PIECE)).unwrap();
    pipe.pass_on().unwrap();
    drop(pipe);
    let received: Vec<_> = pieces.collect().await;
    assert_eq!(received.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false]);
}

#[tokio::test]
async fn nobody_waits_for_a_client_that_went_away_and_its_room_is_free_again() {
    let quota = quota(64 << 20);
    let (mut pipe, pieces) = spool_pipe(quota.clone());
    for number in 0..20 {
        pipe.write_all(&piece(number, PIECE)).unwrap();
        pipe.pass_on().unwrap();
    }
    assert!(!quota.reserve(32 << 20), "some of it lies in files");
    drop(pieces);
    assert_eq!(pipe.require_reader(), Err(ReaderGone("the client went away".into())));
    pipe.write_all(&piece(0, PIECE)).unwrap();
    assert!(pipe.pass_on().is_err());
    assert!(quota.reserve(32 << 20), "all room was given back");
}

#[tokio::test]
async fn a_writer_without_room_goes_on_when_something_was_taken() {
    let (mut pipe, pieces) = spool_pipe(quota(2 * 2 * PIECE as u64));
    let writing = tokio::task::spawn_blocking(move || {
        for number in 0..50 {
            pipe.write_all(&piece(number, PIECE)).unwrap();
            pipe.pass_on().unwrap();
        }
        pipe.end().unwrap()
    });
    let received: Vec<_> = pieces.map(Result::unwrap).collect().await;
    assert_eq!(received.iter().map(Bytes::len).sum::<usize>(), 50 * PIECE);
    assert_eq!(writing.await.unwrap().wait().await, Ok(()));
}

#[tokio::test]
async fn who_takes_nothing_for_too_long_is_given_up() {
    let patience =
        SpoolTimeouts { stall: Duration::from_millis(1), whole: Duration::from_secs(600) };
    let (mut pipe, pieces) = spool_pipe_with(quota(64 << 20), patience);
    for number in 0..9 {
        pipe.write_all(&piece(number, PIECE)).unwrap();
        pipe.pass_on().unwrap();
    }
    let delivery = pipe.end().unwrap();
    assert_eq!(
        delivery.wait().await,
        Err(ReaderGone("the client took nothing for a while".into()))
    );
    let rest: Vec<_> = pieces.collect().await;
    assert!(rest.last().unwrap().is_err() && rest.len() < 9);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Whatever is written in whatever portions comes out, in memory or by files, and no room stays
    /// taken.
    #[test]
    fn what_goes_in_comes_out(portions in prop::collection::vec((any::<u8>(), 1..3 * PIECE), 0..30)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let quota = quota(1 << 20);
        let expected: Vec<u8> = portions.iter().flat_map(|(byte, length)| piece(*byte, *length)).collect();
        let received = runtime.block_on(async {
            let (mut pipe, pieces) = spool_pipe(quota.clone());
            tokio::task::spawn_blocking(move || {
                for (byte, length) in portions {
                    pipe.write_all(&piece(byte, length)).unwrap();
                    pipe.pass_on().unwrap();
                }
                pipe.end().map(|_| ()).unwrap();
            });
            let received: Vec<_> = pieces.map(Result::unwrap).collect().await;
            received.concat()
        });
        prop_assert!(received == expected);
        prop_assert!(quota.reserve(1 << 19), "room is left taken");
    }
}
