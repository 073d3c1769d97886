//! How much memory a measurement took.

/// The most memory this process ever had resident, in KiB; 0 where the system does not say.
pub(crate) fn peak_memory() -> u64 {
    std::fs::read_to_string("/proc/self/status")
        .unwrap_or_default()
        .lines()
        .find_map(|l| l.strip_prefix("VmHWM:")?.trim().strip_suffix("kB")?.trim().parse().ok())
        .unwrap_or(0)
}
