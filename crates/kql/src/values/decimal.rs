//! The digits of a decimal, as a literal or a parameter writes it: an exponent is worked in.

/// How far an exponent may move the point: no decimal has more digits.
const SHIFT_MAX: i32 = 34;

/// The digits of a decimal without an exponent: `1.5e2` is `150`; none if the text is no number.
#[must_use]
pub fn decimal_digits(text: &str) -> Option<String> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (sign, unsigned) = match mantissa.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if exponent == 0 {
        return Some(format!("{sign}{unsigned}"));
    }
    if exponent.abs() > SHIFT_MAX {
        return None;
    }
    let places = i32::try_from(whole.len()).ok()?.checked_add(exponent)?;
    let (digits, places) = match usize::try_from(places) {
        Ok(places) => (format!("{digits:0<places$}"), places),
        Err(_) => {
            let missing = usize::try_from(places.unsigned_abs()).ok()?;
            (format!("{}{digits}", "0".repeat(missing)), 0)
        }
    };
    let (whole, fraction) = digits.split_at_checked(places)?;
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    Some(match fraction {
        "" => format!("{sign}{whole}"),
        fraction => format!("{sign}{whole}.{fraction}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponents_are_worked_in() {
        for (text, digits) in [
            ("1.50", Some("1.50")),
            ("+2", Some("2")),
            ("1e5", Some("100000")),
            ("-1.25e1", Some("-12.5")),
            ("1.25e-3", Some("0.00125")),
            ("120e-1", Some("12.0")),
            ("0e3", Some("0")),
            ("1e99", None),
            ("nan", None),
            ("", None),
            ("1.2.3", None),
        ] {
            assert_eq!(decimal_digits(text).as_deref(), digits, "{text}");
        }
    }
}
