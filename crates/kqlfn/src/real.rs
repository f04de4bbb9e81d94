//! How reals are written: the fewest digits that come back as the same number, always with a point. And how they are
//! cut to whole numbers.

/// All texts of so many digits name different reals; only longer ones can have neighbours that name the same.
const DIGITS_UNIQUE: usize = 15;

/// 2^63: the first real that is no long.
const LONG_LIMIT: f64 = 9_223_372_036_854_775_808.0;

/// The whole number of a real, towards zero; none if it is no long.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
pub(crate) fn truncated(number: f64) -> Option<i64> {
    (-LONG_LIMIT..LONG_LIMIT)
        .contains(&number)
        .then_some(number as i64)
}

/// As `tostring` writes it: `1.0`, `1E+20`, `NaN`, `inf`. Of the shortest texts that come back as the same number
/// Kusto takes the largest in size and not the nearest: `0.1 + 0.2` is `0.30000000000000007`.
#[must_use]
pub fn real_to_text(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let mut text = format!("{value:?}");
    if text.bytes().filter(u8::is_ascii_digit).count() > DIGITS_UNIQUE {
        text = largest_of_length(&text, value);
    }
    let Some((mantissa, exponent)) = text.split_once('e') else {
        return text;
    };
    match exponent.strip_prefix('-') {
        Some(digits) => format!("{mantissa}E-{digits:0>2}"),
        None => format!("{mantissa}E+{exponent:0>2}"),
    }
}

/// The largest text of the same length that still comes back as the number.
fn largest_of_length(text: &str, value: f64) -> String {
    let (mantissa, exponent) = text.split_at(text.find('e').unwrap_or(text.len()));
    // Whole numbers carry a zero behind the point that is none of their digits.
    let (digits, zero) = match mantissa.strip_suffix(".0") {
        Some(digits) => (digits, ".0"),
        None => (mantissa, ""),
    };
    let mut largest = digits.to_owned();
    // A digit never carries over: the text would have been shorter.
    while !largest.ends_with('9') {
        let mut next = largest.clone();
        let Some(last) = next.pop().and_then(|digit| digit.to_digit(10)) else {
            break;
        };
        next.push(char::from_digit(last + 1, 10).unwrap_or('9'));
        // What lies half way to the next number does not count, so it is asked for a little more.
        let point = if zero.is_empty() { "" } else { "." };
        if format!("{next}{point}001{exponent}").parse() != Ok(value) {
            break;
        }
        largest = next;
    }
    format!("{largest}{zero}{exponent}")
}

/// As JSON: what JSON has no number for is a text.
#[must_use]
pub fn real_to_json(value: f64) -> String {
    if value.is_nan() {
        "\"NaN\"".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 {
            "\"Infinity\""
        } else {
            "\"-Infinity\""
        }
        .to_owned()
    } else {
        real_to_text(value)
    }
}

/// Reads a real from text, as `toreal` does. The names of what is no number count only in these spellings.
#[must_use]
pub fn parse_real(text: &str) -> Option<f64> {
    let text = text.trim();
    match text.strip_prefix(['+', '-']).unwrap_or(text) {
        "nan" | "NaN" => Some(f64::NAN),
        "inf" | "Inf" | "infinity" | "Infinity" => Some(if text.starts_with('-') {
            f64::NEG_INFINITY
        } else {
            f64::INFINITY
        }),
        unsigned if unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') => text.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reals_are_written_with_a_point() {
        for (value, expected) in [
            (1.0, "1.0"),
            (1.5, "1.5"),
            (0.1 + 0.2, "0.30000000000000007"),
            (0.1, "0.1"),
            (1.0 / 3.0, "0.3333333333333333"),
            (40.764_323_000_000_005, "40.764323000000008"),
            (50.250_000_000_000_01, "50.25000000000001"),
            (9_007_199_254_740_992.0, "9007199254740992.0"),
            (1e11, "100000000000.0"),
            (1e20, "1E+20"),
            (1.5e-7, "1.5E-07"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(real_to_text(value), expected);
        }
    }
}
