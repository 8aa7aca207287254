//! What the system knows of this process, under the names that Prometheus' own clients give it.
//! Linux only: elsewhere the figures are missing, which must never be a fault.

use super::{set_counter, to_gauge};
use metrics::gauge;
use std::fs;

/// Processor time is counted in hundredths of a second, whatever the kernel's own tick is.
const TICKS_A_SECOND: u64 = 100;

/// Reads the figures into the recorder.
pub fn measure() {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    if let Some(kibibytes) = field(&status, "VmRSS:") {
        gauge!("process_resident_memory_bytes").set(to_gauge(kibibytes * 1024));
    }
    if let Some(threads) = field(&status, "Threads:") {
        gauge!("process_threads").set(to_gauge(threads));
    }
    if let Some(ticks) =
        fs::read_to_string("/proc/self/stat").ok().as_deref().and_then(processor_ticks)
    {
        set_counter("process_cpu_seconds_total", ticks / TICKS_A_SECOND);
    }
    if let Ok(files) = fs::read_dir("/proc/self/fd") {
        gauge!("process_open_fds").set(to_gauge(files.count() as u64));
    }
}

/// The number behind a name in `/proc/self/status`.
fn field(status: &str, name: &str) -> Option<u64> {
    status.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()?.parse().ok()
}

/// User and system time in `/proc/self/stat`: the 12th and 13th field behind the name, which may
/// hold spaces itself.
fn processor_ticks(stat: &str) -> Option<u64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    Some(fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_or_not_as_expected_is_left_out() {
        assert_eq!(field("", "VmRSS:"), None);
        assert_eq!(field("VmRSS:\tmuch kB\n", "VmRSS:"), None);
        assert_eq!(processor_ticks(""), None);
        assert_eq!(processor_ticks("1 (a) S 1 2 3"), None);
    }

    #[test]
    fn figures_are_read_from_where_the_system_writes_them() {
        assert_eq!(
            field("Name:\tassay\nVmRSS:\t   25164 kB\nThreads:\t7\n", "VmRSS:"),
            Some(25_164)
        );
        let stat = "42 (a b) c) S 1 42 42 0 -1 4194560 900 0 1 0 310 95 0 0 20 0 7";
        assert_eq!(processor_ticks(stat), Some(405));
    }
}
