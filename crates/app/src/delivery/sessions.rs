//! When log-in sessions of candidates end by themselves.
//!
//! Nobody is thrown out in a long exam or when coming back another day for the next step; a browser
//! in a library does not stay logged in for ever. Uses are noted in memory and written down in the
//! background, so that saving costs nothing.

use crate::failure::Failure;
use crate::services::DeliveryService;
use crate::throttle::evict_oldest;
use domain::time::Timestamp;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use storage::{Sha256Digest, Transaction};

const DAY_MILLIS: i64 = 24 * 3_600_000;
/// A session that nobody uses ends after this.
const IDLE_MILLIS: i64 = 7 * DAY_MILLIS;
/// However much it is used; the cookie lasts as long.
const LONGEST_MILLIS: i64 = 30 * DAY_MILLIS;
/// After the task has closed, for what is still being handed in and for looking at the receipt; and
/// after entering a task that had closed already.
const AFTER_CLOSING_MILLIS: i64 = DAY_MILLIS;
/// A use is written down when the last one that was is this long ago.
const NOTED_EVERY_MILLIS: i64 = 600_000;
/// Sessions that are written in one transaction: answers are saved between two of them.
const BATCH: usize = 500;
/// Uses that are remembered until they are written; further ones are noted at their next request.
const MOST_UNWRITTEN: usize = 100_000;

/// When a session ends that began and was used last at these moments, in a task that closes then.
fn session_end(began: Timestamp, used: Timestamp, closes: Option<Timestamp>) -> Timestamp {
    let end = began.plus_millis(LONGEST_MILLIS).min(used.plus_millis(IDLE_MILLIS));
    let closed = closes.map(|closes| closes.max(began).plus_millis(AFTER_CLOSING_MILLIS));
    closed.map_or(end, |closed| closed.min(end))
}

/// The end of a session that begins now.
pub(super) fn initial_expiry(now: Timestamp, closes: Option<Timestamp>) -> Timestamp {
    session_end(now, now, closes)
}

/// Which sessions were used, and when that was noted.
#[derive(Default)]
pub(crate) struct SessionUses(Mutex<SessionUseLog>);

#[derive(Default)]
struct SessionUseLog {
    at: HashMap<Sha256Digest, Timestamp>,
    /// Those that are not written down yet.
    unwritten: Vec<Sha256Digest>,
}

impl SessionUses {
    /// Whoever shows it: whether there is such a session is asked when it is written down.
    pub(crate) fn note(&self, token_hash: Sha256Digest, now: Timestamp) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_fresh = |at: &Timestamp| *at <= now && at.plus_millis(NOTED_EVERY_MILLIS) > now;
        if noted.at.get(&token_hash).is_some_and(is_fresh)
            || noted.unwritten.len() >= MOST_UNWRITTEN
        {
            return;
        }
        evict_oldest(&mut noted.at, |_| true, |at| *at);
        noted.at.insert(token_hash, now);
        noted.unwritten.push(token_hash);
    }

    fn take(&self) -> Vec<Sha256Digest> {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut noted.unwritten)
    }
}

impl DeliveryService {
    /// Writes down which sessions were used, and ends those whose time is over. Called in the
    /// background; gives how many have ended.
    ///
    /// # Errors
    /// When the database cannot be read or written; what was not written is noted again at its next
    /// use.
    pub async fn maintain_sessions(&self) -> Result<u64, Failure> {
        let now = self.now();
        for batch in self.session_uses().take().chunks(BATCH) {
            let batch = batch.to_vec();
            let ends = self
                .storage()
                .read(move |tx: &mut dyn Transaction| new_ends(tx, &batch, now))
                .await?;
            if !ends.is_empty() {
                let write = move |tx: &mut dyn Transaction| -> Result<(), Failure> {
                    ends.iter().try_for_each(|(token_hash, end)| {
                        storage::session::postpone(tx, token_hash, *end)
                    })?;
                    Ok(())
                };
                self.storage().write(write).await?;
            }
        }
        let mut ended = 0;
        loop {
            let end = move |tx: &mut dyn Transaction| -> Result<u64, Failure> {
                Ok(storage::session::end_due(tx, now, BATCH as i64)?)
            };
            let some = self.storage().write(end).await?;
            ended += some;
            if some < BATCH as u64 {
                return Ok(ended);
            }
        }
    }
}

/// The new ends of those sessions that there are.
fn new_ends(
    tx: &mut dyn Transaction,
    used: &[Sha256Digest],
    now: Timestamp,
) -> Result<Vec<(Sha256Digest, Timestamp)>, Failure> {
    let mut ends = Vec::new();
    for token_hash in used {
        let Some(session) = storage::session::find(tx, token_hash)? else { continue };
        let task = storage::task::find(tx, &session.organization_id, &session.task_id)?;
        let closes = task.and_then(|task| task.active_before);
        ends.push((*token_hash, session_end(session.created_at, now, closes)));
    }
    Ok(ends)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGAN: Timestamp = Timestamp(1_767_225_600_000);

    #[test]
    fn a_session_ends_a_week_after_its_last_use_a_month_after_its_first_and_a_day_after_its_task_closed()
     {
        let day = |days: i64| BEGAN.plus_millis(days * DAY_MILLIS);
        assert_eq!(session_end(BEGAN, BEGAN, None), day(7));
        assert_eq!(session_end(BEGAN, day(20), None), day(27));
        assert_eq!(session_end(BEGAN, day(28), None), day(30));
        assert_eq!(session_end(BEGAN, day(2), Some(day(3))), day(4));
        assert_eq!(session_end(BEGAN, day(2), Some(day(300))), day(9));
        // Somebody enters after the closing, to see the receipt.
        assert_eq!(session_end(BEGAN, BEGAN, Some(day(-5))), day(1));
    }
}
