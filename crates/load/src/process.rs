//! What a process costs, read from `/proc`: its memory and its processor time.

use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Ticks a second of the times in `/proc/PID/stat`; the kernel's interface to user programs has
/// kept it at 100.
const TICKS: f64 = 100.0;
const LOOK_EVERY: Duration = Duration::from_millis(500);

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct ProcessCost {
    /// The most that was seen, in MiB.
    pub resident: f64,
    /// User and system, in seconds.
    pub processor: f64,
}

/// Looks at a process until told to stop; nothing when there is no such process.
pub async fn watch(pid: u32, stop: Arc<AtomicBool>) -> Option<ProcessCost> {
    let before = processor(&pid.to_string())?;
    let mut cost = ProcessCost::default();
    loop {
        cost.resident = cost.resident.max(resident(pid)?);
        cost.processor = processor(&pid.to_string())? - before;
        if stop.load(Ordering::Relaxed) {
            return Some(cost);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Seconds of user and system time so far; `self` is the caller.
pub fn processor(pid: &str) -> Option<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name may hold blanks and brackets; what follows its last bracket is plain.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut seconds = || fields.next()?.parse::<f64>().ok().map(|ticks| ticks / TICKS);
    Some(seconds()? + seconds()?)
}

fn resident(pid: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.split_whitespace().next()?.parse::<f64>().ok()? / 1024.0)
}

/// How many files a process may have open; `self` is the caller.
pub fn open_files(pid: &str) -> Option<usize> {
    let limits = std::fs::read_to_string(format!("/proc/{pid}/limits")).ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_is_not_there_has_no_cost() {
        assert!(processor("0").is_none() && resident(0).is_none() && open_files("0").is_none());
    }

    #[test]
    fn this_process_has_memory_time_and_files() {
        assert!(resident(std::process::id()).unwrap() > 0.0);
        assert!(processor("self").is_some() && open_files("self").is_some());
    }
}
