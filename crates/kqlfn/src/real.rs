//! How reals are written: the fewest digits that come back as the same number, always with a point.

/// As `tostring` writes it: `1.0`, `1E+20`, `NaN`, `inf`.
#[must_use]
pub fn real_to_text(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let text = format!("{value:?}");
    let Some((mantissa, exponent)) = text.split_once('e') else {
        return text;
    };
    match exponent.strip_prefix('-') {
        Some(digits) => format!("{mantissa}E-{digits:0>2}"),
        None => format!("{mantissa}E+{exponent:0>2}"),
    }
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

/// Reads a real from text, as `toreal` does.
#[must_use]
pub fn parse_real(text: &str) -> Option<f64> {
    let text = text.trim();
    match text.to_ascii_lowercase().as_str() {
        "nan" => Some(f64::NAN),
        "inf" | "+inf" | "infinity" | "+infinity" => Some(f64::INFINITY),
        "-inf" | "-infinity" => Some(f64::NEG_INFINITY),
        _ => text.parse().ok(),
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
            (0.1 + 0.2, "0.30000000000000004"),
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
