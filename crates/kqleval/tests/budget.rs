//! What a query may hold in memory: it fails where it needs more, tells the place, and never holds much more than that.
//! Queries that need less are answered, however large what they make on their way would be at once.

#![allow(unsafe_code, reason = "an allocator that counts has no safe door")]

mod generated;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use generated::{Generated, outcome};
use kqleval::FailureKind;

/// How many bytes this thread has allocated and not freed, and the most that it had.
struct Counting;

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
    static MOST: Cell<isize> = const { Cell::new(0) };
}

fn count(bytes: isize) {
    let held = HELD.get() + bytes;
    HELD.set(held);
    MOST.set(MOST.get().max(held));
}

// SAFETY: all is done by the system's allocator; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size().cast_signed());
        // SAFETY: the caller's promises are those that are asked for here.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-layout.size().cast_signed());
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size.cast_signed() - layout.size().cast_signed());
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

const BUDGET: usize = 8 << 20;
const ROWS: usize = 25_000;

/// Runs a query and says how much it held at most, beside its table.
fn peak(tables: &Generated, query: &str) -> (Result<usize, kqleval::Failure>, usize) {
    let before = HELD.get();
    MOST.set(before);
    let given = outcome(tables, query);
    (given, MOST.get().saturating_sub(before).unsigned_abs())
}

#[test]
fn what_needs_more_fails_at_its_place() {
    let tables = Generated::new(ROWS, BUDGET);
    let mut wrong = Vec::new();
    for (query, place) in [
        ("T | mv-expand d | mv-expand e = range(1, 50)", "mv-expand e"),
        (
            "T | extend b = bag_pack('k', s) | mv-expand e = range(1, 50), b",
            "mv-expand e",
        ),
        ("T | mv-apply e = range(1, 100) on (where true)", "mv-apply"),
        (
            "T | mv-apply e = range(1, 3) on (extend z = strcat(s, s, s, s, s, s, s))",
            "mv-apply",
        ),
        ("T | join kind=inner T on g", "join"),
        (
            "T | extend k = 1 | join kind=leftouter (T | extend k = 1) on k",
            "join",
        ),
        (
            "T | extend k = s | join kind=fullouter (T | extend k = 'none') on k",
            "join",
        ),
        ("range y from 1 to 100000000 step 1", "range"),
        ("range y from 0.0 to 1e8 step 1.0", "range"),
        ("range y from decimal(1) to 1e6 step 1", "range"),
        (
            "T | make-series count() on x from 0 to 1000000 step 1 by g",
            "make-series",
        ),
        (
            "T | extend z = strcat(s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s)",
            "strcat",
        ),
        (
            "T | extend z = pack_array(d, d, d, d, d, d, d, d, d, d, d, d)",
            "pack_array",
        ),
        ("T | extend z = repeat(x, 100)", "repeat"),
        ("T | extend z = range(1, 1000)", "extend"),
        ("T | extend z = pack_all() | extend y = pack_all()", "pack_all"),
        (
            "print a = repeat('0123456789', 300000) | extend b = array_concat(a, a, a, a, a, a)",
            "array_concat",
        ),
        (
            "T | partition hint.strategy=native by g (extend z = repeat(x, 50))",
            "extend",
        ),
        ("T | union T, T, T, T, T, T, T", "union"),
        ("T | mv-expand d | evaluate narrow()", "evaluate"),
        (
            "let L = range i from 1 to 2000 step 1 | project net = '0.0.0.0/0'; \
             T | extend ip = '10.0.0.1' | evaluate ipv4_lookup(L, ip, net)",
            "evaluate",
        ),
        ("T | evaluate pivot(x, count(), s)", "evaluate"),
        (
            "T | extend b = bag_pack(s, 1) | evaluate bag_unpack(b)",
            "evaluate",
        ),
        (
            "T | evaluate sequence_detect(t, 1d, 1d, a = true, b = true)",
            "evaluate",
        ),
        ("T | evaluate rolling_percentile(x, 50, t, 1s, 1000)", "evaluate"),
        (
            "T | evaluate new_activity_metrics(x, t, datetime(2026-01-01), datetime(2026-01-02), 1s)",
            "evaluate",
        ),
        (
            "T | mv-expand d | extend k = strcat(s, d) | summarize count() by k, x",
            "summarize",
        ),
        (
            "T | summarize make_list(s), make_list(s), make_list(s), make_list(s), make_list(s), make_list(s), make_list(s), \
             make_list(s), make_list(s), make_list(s) by bin(x, 2)",
            "summarize",
        ),
        (
            "T | project s | mv-expand e = range(1, 3) | summarize dcount(strcat(s, e))",
            "summarize",
        ),
        (
            "externaldata(a: string, b: string, c: string, n: long)['large.csv']",
            "'large.csv'",
        ),
    ] {
        let (given, most) = peak(&tables, query);
        let told = match given {
            Ok(rows) => format!("{rows} rows"),
            Err(failure) => {
                let at = failure.span.map(|span| span.text(query)).unwrap_or_default();
                let is_right = failure.kind == FailureKind::Memory && at.starts_with(place);
                if is_right && most < 3 * BUDGET {
                    continue;
                }
                format!("{failure} at `{at}`")
            }
        };
        wrong.push(format!("{query}: {told}, {} MB", most >> 20));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_needs_less_is_answered() {
    let tables = Generated::new(ROWS, BUDGET);
    let mut wrong = Vec::new();
    for (query, rows) in [
        (
            "T | where x % 2 == 0 | extend y = x + 1 | sort by y desc",
            ROWS / 2,
        ),
        ("T | extend y = x + 1, z = x * 2, w = x / 3 | take 10", 10),
        (
            "T | summarize count(), sum(x), dcount(x), max(s), percentiles(x, 5, 95) by g",
            100,
        ),
        ("T | join kind=inner (T | project x, s2 = s) on x", ROWS),
        ("T | mv-expand d | count", 1),
        (
            "T | where x < 5000 | mv-apply e = d on (summarize sum(tolong(e)))",
            5000,
        ),
        ("T | parse s with * '-' n: long | summarize max(n)", 1),
        ("T | sample 100", 100),
        // What is made on the way is many times the budget.
        ("T | summarize max(strlen(strcat_array(repeat(s, 50), ',')))", 1),
        ("T | where array_length(repeat(s, 100)) == 100", ROWS),
        (
            "T | extend n = array_length(range(x, x + 60)) | summarize sum(n)",
            1,
        ),
    ] {
        let (given, most) = peak(&tables, query);
        if given != Ok(rows) || most >= 3 * BUDGET {
            wrong.push(format!("{query}: {given:?}, {} MB", most >> 20));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
