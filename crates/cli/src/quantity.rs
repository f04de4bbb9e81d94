//! Numbers as people read them: `1,234`, `16.9 kB`, `3 packets`. To the nearest where it is short, never in
//! the user's locale, and never for machine-readable output.

pub(crate) use model::digits::grouped;

const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];

/// How often `unit` is in `number`, to the nearest whole, halves upwards.
pub(crate) const fn rounded(number: u64, unit: u64) -> u64 {
    let rest = number % unit;
    let up = rest >= unit - rest;
    number / unit + if up { 1 } else { 0 }
}

/// Bytes in at most four digits, in powers of 1000 as networks count them.
pub(crate) fn bytes(number: u64) -> String {
    if number < 1000 {
        return format!("{number} B");
    }
    let mut unit = 1;
    for name in UNITS {
        unit *= 1000;
        let (tenths, whole) = (rounded(number, unit / 10), rounded(number, unit));
        if tenths < 1000 {
            return format!("{}.{} {name}", tenths / 10, tenths % 10);
        }
        if whole < 1000 {
            return format!("{whole} {name}");
        }
    }
    let largest = UNITS.last().copied().unwrap_or_default();
    format!("{} {largest}", grouped(rounded(number, unit)))
}

/// A count with its noun: `1 packet`, `1,021 packets`.
pub(crate) fn counted(number: u64, one: &str) -> String {
    let plural = match one {
        "entry" => "entries",
        "reply" => "replies",
        "late reply" => "late replies",
        "address" => "addresses",
        "public address" => "public addresses",
        "malicious address" => "malicious addresses",
        "resource in part" => "resources in part",
        "set of admin rules" => "sets of admin rules",
        "database of addresses" => "databases of addresses",
        "set of effective rules" => "sets of effective rules",
        "set of effective routes" => "sets of effective routes",
        _ => {
            let s = if number == 1 { "" } else { "s" };
            return format!("{} {one}{s}", grouped(number));
        }
    };
    format!("{} {}", grouped(number), if number == 1 { one } else { plural })
}

/// A length of time in its two largest units.
pub(crate) fn span(micros: i64) -> String {
    const SECOND: u64 = 1_000_000;
    let micros = u64::try_from(micros).unwrap_or(0);
    let (seconds, minutes) = (rounded(micros, SECOND), rounded(micros, 60 * SECOND));
    let hours = rounded(micros, 3_600 * SECOND);
    match (seconds, minutes) {
        (..60, _) => format!("{seconds} s"),
        (..3_600, _) => format!("{} min {} s", seconds / 60, seconds % 60),
        (_, ..1_440) => format!("{} h {} min", minutes / 60, minutes % 60),
        _ => format!("{} d {} h", hours / 24, hours % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (number, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (1_049, "1.0 kB"),
            (1_050, "1.1 kB"),
            (1_580, "1.6 kB"),
            (16_978, "17.0 kB"),
            (99_949, "99.9 kB"),
            (99_950, "100 kB"),
            (100_499, "100 kB"),
            (999_499, "999 kB"),
            (999_500, "1.0 MB"),
            (999_960, "1.0 MB"),
            (1_000_000, "1.0 MB"),
            (4_610_880, "4.6 MB"),
            (4 << 30, "4.3 GB"),
            (40_000_000_000, "40.0 GB"),
            (545_987_723_122, "546 GB"),
            (999_999_999_999_999, "1.0 PB"),
            (u64::MAX, "18,447 PB"),
        ] {
            assert_eq!(bytes(number), text);
        }
    }

    #[test]
    fn nouns() {
        assert_eq!(counted(1, "packet"), "1 packet");
        assert_eq!(counted(0, "packet"), "0 packets");
        assert_eq!(counted(1_021, "packet"), "1,021 packets");
        assert_eq!(counted(2, "entry"), "2 entries");
    }

    #[test]
    fn spans() {
        for (millis, text) in [
            (-1, "0 s"),
            (0, "0 s"),
            (15_940, "16 s"),
            (59_499, "59 s"),
            (59_500, "1 min 0 s"),
            (61_000, "1 min 1 s"),
            (3_599_500, "1 h 0 min"),
            (3_660_000, "1 h 1 min"),
            (86_369_000, "23 h 59 min"),
            (86_370_000, "1 d 0 h"),
            (90_000_000, "1 d 1 h"),
        ] {
            assert_eq!(span(millis * 1_000), text);
        }
    }
}
