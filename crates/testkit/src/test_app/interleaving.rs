//! Acts that are looked at step by step: somebody writes in between, or the server dies.

use super::TestApp;
use std::collections::BTreeSet;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

impl TestApp {
    /// Runs an act while somebody else writes: between two steps of the act the other one is
    /// served. Gives what the act came to, and the numbers that the other one saw.
    pub async fn beside_writes<T>(
        &self,
        counted: &'static str,
        act: impl Future<Output = T>,
    ) -> (T, BTreeSet<i64>) {
        let (mut act, mut seen) = (std::pin::pin!(act), BTreeSet::new());
        loop {
            if let Poll::Ready(done) = looked_at(act.as_mut()) {
                return (done, seen);
            }
            seen.insert(self.number(counted).await);
        }
    }

    /// Runs an act until at least so many are counted, and then no further, as when the server
    /// dies.
    pub async fn until_killed<T>(
        &self,
        counted: &'static str,
        least: i64,
        act: impl Future<Output = T>,
    ) {
        let mut act = std::pin::pin!(act);
        while self.number(counted).await < least {
            assert!(looked_at(act.as_mut()).is_pending(), "it was done before it could be killed");
        }
    }
}

/// An act as far as it has got. Nothing wakes whoever looks: it is to be looked at again.
fn looked_at<T>(act: Pin<&mut impl Future<Output = T>>) -> Poll<T> {
    act.poll(&mut Context::from_waker(Waker::noop()))
}
