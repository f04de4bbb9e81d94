//! What this process has used so far, as far as the system tells it.

use std::time::Duration;

/// Time and memory; none where it is not told.
#[derive(Debug, Default)]
pub(super) struct Used {
    pub(super) user: Option<Duration>,
    pub(super) kernel: Option<Duration>,
    pub(super) peak_bytes: Option<u64>,
}

impl Used {
    /// Linux tells it in files; other systems are not asked.
    pub(super) fn by_this_process() -> Self {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        Self::of(&read("/proc/self/stat"), &read("/proc/self/status"))
    }

    fn of(stat: &str, status: &str) -> Self {
        // The name of the program stands in brackets and may hold anything; behind it are the state and numbers.
        let behind_name = stat.rsplit_once(')').map_or("", |(_, behind)| behind);
        let numbers: Vec<&str> = behind_name.split_whitespace().collect();
        // Hundredths of a second, whatever the kernel counts in.
        let time = |at: usize| Some(Duration::from_millis(numbers.get(at)?.parse::<u64>().ok()? * 10));
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = peak.and_then(|peak| peak.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
        Self {
            user: time(11),
            kernel: time(12),
            peak_bytes: kib.map(|kib| kib << 10),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_linux_tells() {
        let stat = "7 (a b) c) R 1 7 7 0 -1 4194560 100 0 0 0 123 45 0 0 20 0 1 0 5 6 7";
        let used = Used::of(stat, "Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t 1 kB\n");
        assert_eq!(used.user, Some(Duration::from_millis(1_230)));
        assert_eq!(used.kernel, Some(Duration::from_millis(450)));
        assert_eq!(used.peak_bytes, Some(2 << 20));
        let used = Used::of("", "");
        assert!(used.user.is_none() && used.peak_bytes.is_none());
    }
}
