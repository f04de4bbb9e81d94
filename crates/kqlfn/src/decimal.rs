//! Decimals: a whole number and how many of its digits stand behind the point. Columns hold them as text.

use std::cmp::Ordering;
use std::fmt;

/// How many digits a decimal has at most.
const DIGITS_MAX: u32 = 34;
/// 10^34, the first number with too many digits.
const LIMIT: i128 = 10_i128.pow(DIGITS_MAX);

/// A decimal number.
#[derive(Clone, Copy, Debug)]
pub struct Decimal {
    digits: i128,
    behind_point: u32,
}

impl Decimal {
    /// A decimal from its digits; none if there are too many.
    fn new(digits: i128, behind_point: u32) -> Option<Self> {
        (digits.abs() < LIMIT && behind_point <= DIGITS_MAX).then_some(Self { digits, behind_point })
    }

    /// A whole number.
    #[must_use]
    pub fn from_long(number: i64) -> Self {
        Self {
            digits: i128::from(number),
            behind_point: 0,
        }
    }

    /// The decimal that a real is written as; none for what is no number.
    #[must_use]
    pub fn from_real(number: f64) -> Option<Self> {
        Self::parse(&format!("{number:?}")).map(Self::without_zeros)
    }

    /// Reads a decimal: `1.50`, `-2`, `1e3`. Digits behind the point that are too many are rounded away.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (negative, unsigned) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
        };
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let (mut digits, mut behind_point) = (0_i128, exponent.checked_neg()?);
        let mut rounds_up = None;
        for (at, byte) in whole.bytes().chain(fraction.bytes()).enumerate() {
            let digit = byte.is_ascii_digit().then(|| i128::from(byte - b'0'))?;
            let is_behind = at >= whole.len();
            let next = digits * 10 + digit;
            if rounds_up.is_none() && next < LIMIT && behind_point < 34 {
                digits = next;
                behind_point = behind_point.checked_add(i32::from(is_behind))?;
            } else {
                rounds_up.get_or_insert(digit >= 5);
                behind_point = behind_point.checked_sub(i32::from(!is_behind))?;
            }
        }
        digits += i128::from(rounds_up == Some(true));
        if behind_point > 34 {
            return Self::new(0, 0);
        }
        if behind_point < 0 {
            let zeros = behind_point.unsigned_abs();
            digits = if digits == 0 {
                0
            } else {
                digits.checked_mul(10_i128.checked_pow(zeros)?)?
            };
            behind_point = 0;
        }
        let digits = if negative { -digits } else { digits };
        Self::new(digits, u32::try_from(behind_point).ok()?)
    }

    /// The same number without zeros behind the point that say nothing.
    #[must_use]
    pub fn without_zeros(mut self) -> Self {
        while self.behind_point > 0 && self.digits % 10 == 0 {
            self.digits /= 10;
            self.behind_point -= 1;
        }
        self
    }

    /// Its digits with so many behind the point; none if they become too many.
    fn digits_with(self, behind_point: u32) -> Option<i128> {
        let more = behind_point.checked_sub(self.behind_point)?;
        self.digits.checked_mul(10_i128.checked_pow(more)?)
    }

    /// The sum; none if it has too many digits.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        let behind_point = self.behind_point.max(other.behind_point);
        let sum = self
            .digits_with(behind_point)?
            .checked_add(other.digits_with(behind_point)?)?;
        Self::new(sum, behind_point).map(Self::without_zeros)
    }

    /// The difference; none if it has too many digits.
    #[must_use]
    pub fn minus(self, other: Self) -> Option<Self> {
        self.plus(Self {
            digits: other.digits.checked_neg()?,
            ..other
        })
    }

    /// The product; none if it has too many digits.
    #[must_use]
    pub fn times(self, other: Self) -> Option<Self> {
        let product = self.digits.checked_mul(other.digits)?;
        Self::new(product, self.behind_point + other.behind_point).map(Self::without_zeros)
    }

    /// The quotient, to as many digits as fit; none if the divisor is 0.
    #[must_use]
    pub fn over(self, other: Self) -> Option<Self> {
        if other.is_zero() {
            return None;
        }
        let mut digits = self.digits;
        let mut behind_point = i64::from(self.behind_point) - i64::from(other.behind_point);
        while behind_point < 0 {
            digits = digits.checked_mul(10)?;
            behind_point += 1;
        }
        // One digit more at a time, as long as there is room.
        let mut quotient = digits / other.digits;
        let mut rest = digits % other.digits;
        while rest != 0 && behind_point < i64::from(DIGITS_MAX) && quotient.abs() < LIMIT / 10 {
            let Some(next) = rest.checked_mul(10) else { break };
            quotient = quotient * 10 + next / other.digits;
            rest = next % other.digits;
            behind_point += 1;
        }
        Self::new(quotient, u32::try_from(behind_point).ok()?).map(Self::without_zeros)
    }

    /// Its size.
    #[must_use]
    pub const fn abs(self) -> Self {
        Self {
            digits: self.digits.abs(),
            behind_point: self.behind_point,
        }
    }

    /// True for zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.digits == 0
    }

    /// The whole number towards zero, if it is a long.
    #[must_use]
    pub fn to_long(self) -> Option<i64> {
        let unit = 10_i128.checked_pow(self.behind_point)?;
        i64::try_from(self.digits / unit).ok()
    }

    /// The largest multiple of a unit, counted from a point, that is not larger; none if the unit is not positive.
    #[must_use]
    pub fn floor_to(self, unit: Self, from: Self) -> Option<Self> {
        let behind_point = self.behind_point.max(unit.behind_point).max(from.behind_point);
        let (value, from) = (self.digits_with(behind_point)?, from.digits_with(behind_point)?);
        let unit = unit.digits_with(behind_point)?;
        if unit <= 0 {
            return None;
        }
        let above = value.checked_sub(from)?.rem_euclid(unit);
        Self::new(value.checked_sub(above)?, behind_point).map(Self::without_zeros)
    }

    /// The smallest whole number that is not smaller.
    #[must_use]
    pub fn ceiling(self) -> Option<Self> {
        let unit = 10_i128.checked_pow(self.behind_point)?;
        let below = (-self.digits).rem_euclid(unit);
        Self::new(self.digits.checked_add(below)?, self.behind_point).map(Self::without_zeros)
    }

    /// Rounded to so many digits behind the point, or before it if negative, halves away from zero.
    #[must_use]
    pub fn round(self, precision: i64) -> Option<Self> {
        let away = i64::from(self.behind_point).saturating_sub(precision);
        if away <= 0 {
            return Some(self);
        }
        let Some(unit) = u32::try_from(away)
            .ok()
            .and_then(|away| 10_i128.checked_pow(away))
        else {
            return Self::new(0, 0);
        };
        let half = if self.digits < 0 { -unit / 2 } else { unit / 2 };
        let rounded = self.digits.checked_add(half)? / unit * unit;
        Self::new(rounded, self.behind_point).map(Self::without_zeros)
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let power = |number: &Self| 10_i128.pow(number.behind_point.min(DIGITS_MAX));
        let (left, right) = (power(self), power(other));
        let whole = (self.digits.div_euclid(left)).cmp(&other.digits.div_euclid(right));
        // Fractions are below one and have at most as many digits, so they can be brought to the same length.
        let fraction = |number: &Self, power: i128| number.digits.rem_euclid(power) * (LIMIT / power);
        whole.then_with(|| fraction(self, left).cmp(&fraction(other, right)))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.digits < 0 { "-" } else { "" };
        let unit = 10_u128.pow(self.behind_point.min(DIGITS_MAX));
        let size = self.digits.unsigned_abs();
        write!(f, "{sign}{}", size / unit)?;
        if self.behind_point > 0 {
            let width = self.behind_point as usize;
            write!(f, ".{:0width$}", size % unit)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(decimal: Option<Decimal>) -> Option<String> {
        decimal.map(|decimal| decimal.to_string())
    }

    #[test]
    fn decimals_are_read_and_written() {
        for (text, expected) in [
            ("1.50", Some("1.50")),
            ("-0.05", Some("-0.05")),
            (" 12 ", Some("12")),
            ("1e3", Some("1000")),
            ("1.5E-3", Some("0.0015")),
            (".5", Some("0.5")),
            ("3.14159265358979323846", Some("3.14159265358979323846")),
            (
                "0.33333333333333333333333333333333333333",
                Some("0.3333333333333333333333333333333333"),
            ),
            ("12345678901234567890123456789012345", None),
            ("1e40", None),
            ("", None),
            (".", None),
            ("x", None),
            ("1.2.3", None),
            ("1e99999999999", None),
        ] {
            assert_eq!(shown(Decimal::parse(text)).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn decimals_are_rounded_and_compared() {
        let read = |text: &str| Decimal::parse(text).unwrap_or(Decimal::from_long(0));
        let zero = Decimal::from_long(0);
        assert_eq!(
            shown(read("-5.5").floor_to(read("2"), zero)).as_deref(),
            Some("-6")
        );
        assert_eq!(shown(read("5.5").floor_to(zero, zero)), None);
        assert_eq!(shown(read("-1.5").ceiling()).as_deref(), Some("-1"));
        assert_eq!(shown(read("3.25").round(1)).as_deref(), Some("3.3"));
        assert_eq!(shown(read("-50.55").round(-2)).as_deref(), Some("-100"));
        assert_eq!(shown(read("1.5").round(-1_000)).as_deref(), Some("0"));
        assert_eq!(read("1.50"), read("1.5"));
        assert!(read("-1.5") < read("-1.4"));
        assert_eq!(shown(Decimal::from_real(0.1)).as_deref(), Some("0.1"));
        assert_eq!(shown(Decimal::from_real(f64::NAN)), None);
    }
}
