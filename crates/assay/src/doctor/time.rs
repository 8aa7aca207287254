//! The clock beside the last moment at which this installation trusted one.

use super::Finding;
use crate::moment;
use domain::clock::{LONGEST_PAUSE_MILLIS, TOLERANCE_MILLIS};
use domain::time::Timestamp;
use storage::DatabaseInspection;

/// Nothing where no server has run yet.
pub fn trusted(look: &mut DatabaseInspection, now: Timestamp) -> Option<Finding> {
    match look.read(|tx| storage::clock::find(tx)) {
        Ok(mark) => mark.map(|mark| judge(mark.trusted_at, now)),
        Err(error) => {
            Some(Finding::warning("time", error.to_string(), "See what is told of the database."))
        }
    }
}

fn judge(trusted_at: Timestamp, now: Timestamp) -> Finding {
    let shown = moment::show(trusted_at);
    if (-TOLERANCE_MILLIS..=LONGEST_PAUSE_MILLIS).contains(&now.0.saturating_sub(trusted_at.0)) {
        return Finding::good("time", format!("last trusted at {shown} UTC"));
    }
    let message = format!(
        "it is {} UTC here, and the clock was last trusted at {shown} UTC",
        moment::show(now)
    );
    let advice = "Compare the clock with another one and set it. Nothing is erased until you run `assay clock confirm`.";
    Finding::warning("time", message, advice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::CheckState;

    /// Finding faults M8: it said "good clock: 2028-01-03".
    #[test]
    fn a_clock_four_hundred_days_ahead_or_hours_behind_is_no_good_clock_m8() {
        let trusted_at = Timestamp::from_seconds(1_800_000_000);
        let state = |seconds: i64| judge(trusted_at, trusted_at.plus_seconds(seconds)).state;
        assert_eq!((state(60), state(13 * 86_400)), (CheckState::Good, CheckState::Good));
        assert_eq!((state(400 * 86_400), state(-7200)), (CheckState::Warning, CheckState::Warning));
        let advice = judge(trusted_at, trusted_at.plus_seconds(-7200)).advice.unwrap();
        assert!(advice.contains("assay clock confirm"));
    }
}
