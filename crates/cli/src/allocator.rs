//! How the C library's allocator keeps what is freed.
//!
//! A query takes and gives back megabytes for every batch. By default glibc hands such pieces back to the system each time
//! and gets them again page by page, which is a third of the time of a short query (docs/adr/0010-kql.md).

/// Pieces up to this size are kept for the next who asks.
const KEPT_BYTES: libc::c_int = 32 << 20;
/// So much may lie free at the end of the heap before it is given back.
const FREE_BYTES: libc::c_int = 128 << 20;

/// Tells the allocator; what it does not take leaves it as it is.
#[expect(unsafe_code, reason = "the C library's settings have no safe door")]
pub(crate) fn keep_what_is_freed() {
    // SAFETY: `mallopt` takes two numbers and no pointer, and is called before there is a second thread.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, KEPT_BYTES);
        libc::mallopt(libc::M_TRIM_THRESHOLD, FREE_BYTES);
    }
}
