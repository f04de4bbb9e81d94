//! How long a text may become: short arguments can say very long results.

/// What a text holds at most in Kusto.
pub(super) const MOST_BYTES: usize = 1 << 20;

/// True if a result is not too long. What was longer before may stay so long.
pub(super) fn may_become(bytes: usize, before: usize) -> bool {
    bytes <= MOST_BYTES.max(before)
}
