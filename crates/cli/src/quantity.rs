//! Numbers as people read them: `1,234`, `16.9 kB`, `3 packets`. Exact where it is short, never in
//! the user's locale, and never for machine-readable output.

/// With a comma every three digits.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];

/// Bytes in at most four digits, in powers of 1000 as networks count them.
pub(crate) fn bytes(number: u64) -> String {
    if number < 1000 {
        return format!("{number} B");
    }
    // In tenths of the unit, rounded down: a figure never shows more than there was.
    let mut unit = 1000_u64;
    let mut name = UNITS.first().copied().unwrap_or_default();
    for larger in UNITS.iter().skip(1) {
        if number / unit < 1000 {
            break;
        }
        unit *= 1000;
        name = larger;
    }
    let tenths = number / (unit / 10);
    if tenths >= 1000 {
        format!("{} {name}", grouped(tenths / 10))
    } else {
        format!("{}.{} {name}", tenths / 10, tenths % 10)
    }
}

/// A count with its noun: `1 packet`, `1,021 packets`.
pub(crate) fn counted(number: u64, one: &str) -> String {
    let plural = match one {
        "entry" => "entries",
        "reply" => "replies",
        "late reply" => "late replies",
        "address" => "addresses",
        _ => {
            let s = if number == 1 { "" } else { "s" };
            return format!("{} {one}{s}", grouped(number));
        }
    };
    format!("{} {}", grouped(number), if number == 1 { one } else { plural })
}

/// A length of time in its two largest units.
pub(crate) fn span(micros: i64) -> String {
    let seconds = micros / 1_000_000;
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds % 86_400 / 3_600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (12_345, "12,345"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(grouped(number), text);
        }
        assert_eq!(grouped(u64::MAX), "18,446,744,073,709,551,615");
    }

    #[test]
    fn sizes() {
        for (number, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (16_978, "16.9 kB"),
            (99_999, "99.9 kB"),
            (100_000, "100 kB"),
            (999_999, "999 kB"),
            (1_000_000, "1.0 MB"),
            (4_610_880, "4.6 MB"),
            (40_000_000_000, "40.0 GB"),
            (u64::MAX, "18,446 PB"),
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
        for (seconds, text) in [
            (0, "0 s"),
            (59, "59 s"),
            (61, "1 min 1 s"),
            (3_660, "1 h 1 min"),
            (90_000, "1 d 1 h"),
        ] {
            assert_eq!(span(seconds * 1_000_000), text);
        }
    }
}
