//! How the log's names become the table's: interface addresses, groups, rules, times.

use model::RuleKind;

/// Writes an interface address the way Traffic Analytics does, `00-0D-3A-98-82-CE`. Anything that is
/// not twelve hexadecimal digits (with or without separators) is kept as it is.
pub(crate) fn mac_address(logged: &[u8], out: &mut Vec<u8>) {
    out.clear();
    append_mac_address(logged, out);
}

/// Appends an interface address as [`mac_address`] writes it.
pub(crate) fn append_mac_address(logged: &[u8], out: &mut Vec<u8>) {
    let digits = logged.iter().filter(|byte| !matches!(byte, b'-' | b':' | b'.'));
    if digits.clone().count() != 12 || !digits.clone().all(u8::is_ascii_hexdigit) {
        out.extend_from_slice(logged);
        return;
    }
    for (index, digit) in digits.enumerate() {
        if index > 0 && index % 2 == 0 {
            out.push(b'-');
        }
        out.push(digit.to_ascii_uppercase());
    }
}

const NIL_GUID: &[u8] = b"00000000-0000-0000-0000-000000000000";

/// Writes a group the way Traffic Analytics does: lower case, `unspecified` where no group decided.
pub(crate) fn acl_group(logged: &[u8], out: &mut Vec<u8>) {
    out.clear();
    if logged == NIL_GUID {
        out.extend_from_slice(b"unspecified");
    } else {
        out.extend(logged.iter().map(u8::to_ascii_lowercase));
    }
}

/// Splits a rule as logged into its kind and its name; a bare `UserRule` names none. Only the first
/// underscore ends the prefix: names may hold more.
pub(crate) fn rule(logged: &[u8], vnet: bool) -> (RuleKind, Option<&[u8]>) {
    let (head, tail) = match logged.iter().position(|byte| *byte == b'_') {
        Some(index) => (logged.get(..index).unwrap_or(logged), logged.get(index + 1..)),
        None => (logged, None),
    };
    let is = |text: &[u8], name: &str| text.eq_ignore_ascii_case(name.as_bytes());
    if is(head, "UserRule") {
        (RuleKind::User, tail)
    } else if is(head, "DefaultRule") {
        (RuleKind::Default, tail)
    } else if is(logged, "PlatformRule") {
        (RuleKind::Platform, Some(logged))
    } else if is(logged, "unspecified") {
        (RuleKind::Unspecified, Some(logged))
    } else if logged.is_empty() {
        (RuleKind::Unknown, None)
    } else if vnet {
        (RuleKind::Admin, Some(logged))
    } else {
        (RuleKind::Unknown, Some(logged))
    }
}

/// Reads an ISO 8601 time with an offset into epoch microseconds; a seventh digit is cut off. A day that
/// its month does not have is none.
pub(crate) fn time(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?;
    let (year, text) = number(text, 4)?;
    let (month, text) = number(text.strip_prefix('-')?, 2)?;
    let (day, text) = number(text.strip_prefix('-')?, 2)?;
    let (hour, text) = number(text.strip_prefix(['T', 't', ' '])?, 2)?;
    let (minute, text) = number(text.strip_prefix(':')?, 2)?;
    let (second, text) = number(text.strip_prefix(':')?, 2)?;
    if !(1..=days_in_month(year, month)?).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let (fraction, text) = match text.strip_prefix('.') {
        Some(rest) => {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let (digits, rest) = rest.split_at_checked(digits)?;
            let micros = digits.bytes().chain(std::iter::repeat(b'0')).take(6);
            (
                micros.fold(0, |value, digit| value * 10 + i64::from(digit - b'0')),
                rest,
            )
        }
        None => (0, text),
    };
    let offset = match text.as_bytes().first() {
        Some(b'Z' | b'z') if text.len() == 1 => 0,
        Some(sign @ (b'+' | b'-')) => {
            let (hours, rest) = number(text.get(1..)?, 2)?;
            let (minutes, rest) = number(rest.strip_prefix(':').unwrap_or(rest), 2)?;
            if !rest.is_empty() {
                return None;
            }
            (hours * 3600 + minutes * 60) * if *sign == b'-' { -1 } else { 1 }
        }
        _ => return None,
    };
    let seconds = days_from_civil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset;
    Some(seconds * 1_000_000 + fraction)
}

fn number(text: &str, digits: usize) -> Option<(i64, &str)> {
    let (head, rest) = text.split_at_checked(digits)?;
    if !head.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some((head.parse().ok()?, rest))
}

/// Days of a month of the Gregorian calendar, if there is such a month.
fn days_in_month(year: i64, month: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => Some(if leap { 29 } else { 28 }),
        4 | 6 | 9 | 11 => Some(30),
        1..=12 => Some(31),
        _ => None,
    }
}

/// Days since 1970-01-01 of a date of the Gregorian calendar (Howard Hinnant's algorithm).
pub(crate) fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interface_addresses() {
        let mut out = Vec::new();
        for (logged, expected) in [
            ("0022487bC205", "00-22-48-7B-C2-05"),
            ("00-22-48-7B-C2-05", "00-22-48-7B-C2-05"),
            ("00:22:48:7b:c2:05", "00-22-48-7B-C2-05"),
            ("0022487bC20", "0022487bC20"),
            ("hello, world", "hello, world"),
        ] {
            mac_address(logged.as_bytes(), &mut out);
            assert_eq!(out, expected.as_bytes());
        }
    }

    #[test]
    fn rules() {
        let check = |logged: &str, vnet, kind, name: Option<&str>| {
            assert_eq!(
                rule(logged.as_bytes(), vnet),
                (kind, name.map(str::as_bytes)),
                "{logged}"
            );
        };
        check(
            "DefaultRule_DenyAllInBound",
            true,
            RuleKind::Default,
            Some("DenyAllInBound"),
        );
        check(
            "UserRule_MDC-JITRule_2017955537_88AB",
            true,
            RuleKind::User,
            Some("MDC-JITRule_2017955537_88AB"),
        );
        check("UserRule", true, RuleKind::User, None);
        check(
            "BlockHighRiskTCPPortsFromInternet",
            true,
            RuleKind::Admin,
            Some("BlockHighRiskTCPPortsFromInternet"),
        );
        check("my_admin_rule", true, RuleKind::Admin, Some("my_admin_rule"));
        check("old-rule", false, RuleKind::Unknown, Some("old-rule"));
        check("PlatformRule", true, RuleKind::Platform, Some("PlatformRule"));
        check("unspecified", true, RuleKind::Unspecified, Some("unspecified"));
        check("", true, RuleKind::Unknown, None);
    }

    #[test]
    fn times() {
        let check = |text: &str, expected: Option<i64>| assert_eq!(time(text.as_bytes()), expected, "{text}");
        check("1970-01-01T00:00:00Z", Some(0));
        check("2024-03-14T10:59:41.5119837Z", Some(1_710_413_981_511_983));
        check("2024-03-14T10:59:41.5Z", Some(1_710_413_981_500_000));
        check("2024-02-29T00:00:00+00:00", Some(1_709_164_800_000_000));
        check("2024-02-29T01:30:00.000000+01:30", Some(1_709_164_800_000_000));
        check("1969-12-31T23:59:59Z", Some(-1_000_000));
        check("2024-03-14T10:59:41", None);
        check("2024-13-14T10:59:41Z", None);
        check("14/03/2024", None);
        for text in [
            "2024-02-30T00:00:00Z",
            "2023-02-29T00:00:00Z",
            "2100-02-29T00:00:00Z",
            "2024-04-31T00:00:00Z",
            "2024-01-32T00:00:00Z",
            "2024-01-00T00:00:00Z",
            "2024-00-01T00:00:00Z",
        ] {
            check(text, None);
        }
        check("2000-02-29T00:00:00Z", Some(951_782_400_000_000));
        check("2024-12-31T00:00:00Z", Some(1_735_603_200_000_000));
        check("", None);
    }
}
