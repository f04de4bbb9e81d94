//! Which times a query may see, in the forms of the Log Analytics API: `P1D`, `start/end`, `start/duration`,
//! `duration/end`; or shorter, `1d`.

use chrono::NaiveDate;

use crate::exit::Failure;
use crate::instant::{self, Micros};

/// The forms, for messages.
const FORMS: &str = "`P1D`, `PT2H`, `1d`, or two of them and times with `/` between: `2026-02-16/2026-02-17`, `2026-02-16T09:00Z/PT1H`";

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;
/// The years 1 to 9999.
const LONGEST: i64 = 3_652_059 * DAY;

/// From a time, or from so long ago, until now; or a span as `read` takes it. What `--since` means.
pub(crate) fn since(typed: &str, now: Micros) -> Result<(Micros, Micros), Failure> {
    let Some(from) = instant::parse(typed, now) else {
        return read("--since", typed, now);
    };
    if from >= now {
        return Err(Failure::usage(format!("`--since {typed}` is not before now"))
            .hint("nothing is recorded yet of what is to come"));
    }
    Ok((from, now))
}

/// From and before, in microseconds; or what is wrong with what was typed, and what to write.
pub(crate) fn read(flag: &str, typed: &str, now: Micros) -> Result<(Micros, Micros), Failure> {
    if let Some(times) = parse(typed, now) {
        return Ok(times);
    }
    let parts = || typed.split('/').map(str::trim);
    if let Some(days) = parts().find_map(as_days) {
        let text = format!("`{flag} {typed}` has months or years, which have no length of their own");
        return Err(Failure::usage(text).hint(format!(
            "write days, such as `{days}`, or both ends: `2026-02-01/2026-03-01`"
        )));
    }
    let failure = Failure::usage(format!("`{flag} {typed}` is no span of time"));
    if parts().any(is_long) {
        return Err(failure.hint("it is longer than there are times: leave out the flag to ask all"));
    }
    if let Some(next) = one_day(typed.trim()) {
        let day = typed.trim();
        return Err(failure.hint(format!("give both ends: `{day}/{next}` is that day")));
    }
    if instant::parse(typed, now).is_some() {
        let at = typed.trim();
        return Err(failure.hint(format!("give both ends: `{at}/PT1H` is the hour from then")));
    }
    if let (Some(first), Some(second), None) = (parts().next(), parts().nth(1), parts().nth(2))
        && duration(first).is_some()
        && duration(second).is_some()
    {
        return Err(failure.hint(format!(
            "both are lengths, and one has to be a time: `2026-02-16/{second}`, or `{first}` until now"
        )));
    }
    let mut ends = parts().map(|part| instant::parse(part, now));
    if let (Some(Some(from)), Some(Some(before)), None) = (ends.next(), ends.next(), ends.next())
        && from >= before
    {
        if from == before {
            return Err(failure.hint("it is empty: the time behind `/` is the first that is left out"));
        }
        return Err(failure.hint("it ends before it begins: the earlier time stands first"));
    }
    Err(failure.hint(format!("it takes {FORMS}")))
}

/// The day after, of a day that is given alone.
fn one_day(typed: &str) -> Option<NaiveDate> {
    typed.parse::<NaiveDate>().ok()?.succ_opt()
}

/// Whether a duration has a form that is known, and reaches behind all times: its digits are the first to be too many.
fn is_long(typed: &str) -> bool {
    let mut short = String::new();
    let mut rest = typed;
    while let Some(at) = rest.find(|letter: char| letter.is_ascii_digit()) {
        let (before, from) = rest.split_at(at);
        let until = from
            .find(|letter: char| !letter.is_ascii_digit())
            .unwrap_or(from.len());
        let (digits, behind) = from.split_at(until);
        short.push_str(before);
        // A fraction is never too long, and may be too fine.
        let is_whole = !before.ends_with('.');
        short.push_str(digits.get(..1).filter(|_| is_whole).unwrap_or(digits));
        rest = behind;
    }
    short.push_str(rest);
    duration(&short).is_some() && duration(typed).is_none_or(|span| span > LONGEST)
}

/// A duration with months or years in days and less: `P1Y2M` as `P425D`.
fn as_days(typed: &str) -> Option<String> {
    let parts = typed.strip_prefix(['P', 'p'])?;
    let (days, time) = parts.split_once(['T', 't']).unwrap_or((parts, ""));
    let units = [('Y', 365 * DAY), ('M', 30 * DAY), ('W', 7 * DAY), ('D', DAY)];
    if !days.contains(['Y', 'y', 'M', 'm']) {
        return None;
    }
    let micros = amounts(days, &units)?;
    let days = micros / DAY;
    Some(if time.is_empty() {
        format!("P{days}D")
    } else {
        format!("P{days}DT{}", time.to_uppercase())
    })
}

/// From and before, in microseconds; `None` if it is none of [`FORMS`] or ends before it begins.
fn parse(typed: &str, now: Micros) -> Option<(Micros, Micros)> {
    let (from, before) = match typed.trim().split_once('/') {
        None => (now.checked_sub(duration(typed.trim())?)?, now),
        Some((from, before)) => match (duration(from), duration(before)) {
            (None, Some(span)) => {
                let from = instant::parse(from, now)?;
                (from, from.checked_add(span)?)
            }
            (Some(span), None) => {
                let before = instant::parse(before, now)?;
                (before.checked_sub(span)?, before)
            }
            (None, None) => (instant::parse(from, now)?, instant::parse(before, now)?),
            (Some(_), Some(_)) => return None,
        },
    };
    (from < before).then_some((from, before))
}

/// `P1DT2H30M`, `PT86400.0S`, `P2W`, `1d`. Months and years have no length of their own.
fn duration(typed: &str) -> Option<Micros> {
    let Some(parts) = typed.strip_prefix(['P', 'p']) else {
        return instant::relative(typed);
    };
    let (days, time) = match parts.split_once(['T', 't']) {
        Some((days, time)) if !time.is_empty() => (days, time),
        Some(_) => return None,
        None => (parts, ""),
    };
    if days.is_empty() && time.is_empty() {
        return None;
    }
    let days = amounts(days, &[('W', 7 * DAY), ('D', DAY)])?;
    let time = amounts(time, &[('H', 3_600 * SECOND), ('M', 60 * SECOND), ('S', SECOND)])?;
    days.checked_add(time)
}

/// Numbers with units behind them, each unit once at most and in this order.
fn amounts(text: &str, units: &[(char, i64)]) -> Option<i64> {
    let (mut total, mut rest) = (0_i64, text);
    for (unit, micros) in units {
        let Some((amount, behind)) = rest.split_once([*unit, unit.to_ascii_lowercase()]) else {
            continue;
        };
        total = total.checked_add(scaled(amount, *micros)?)?;
        rest = behind;
    }
    rest.is_empty().then_some(total)
}

/// A decimal number of units.
fn scaled(amount: &str, micros: i64) -> Option<i64> {
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, ""));
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !are_digits(whole) || !are_digits(fraction) || fraction.len() > 9 {
        return None;
    }
    let mut total = whole.parse::<i64>().ok()?.checked_mul(micros)?;
    let mut unit = micros;
    for digit in fraction.bytes() {
        unit /= 10;
        total = total.checked_add(i64::from(digit - b'0') * unit)?;
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Micros = 1_710_417_600_000_000; // 2024-03-14T12:00:00Z

    #[test]
    fn forms() {
        let check = |typed: &str, expected: Option<(&str, &str)>| {
            let got = parse(typed, NOON).map(|(from, before)| (instant::iso(from), instant::iso(before)));
            let expected = expected.map(|(from, before)| (from.to_owned(), before.to_owned()));
            assert_eq!(got, expected, "{typed}");
        };
        let noon = "2024-03-14T12:00:00Z";
        check("P1D", Some(("2024-03-13T12:00:00Z", noon)));
        check("1d", Some(("2024-03-13T12:00:00Z", noon)));
        check("PT86400.0S", Some(("2024-03-13T12:00:00Z", noon)));
        check("PT1.5S", Some(("2024-03-14T11:59:58.500Z", noon)));
        check("P1DT2H30M", Some(("2024-03-13T09:30:00Z", noon)));
        check("p2w", Some(("2024-02-29T12:00:00Z", noon)));
        check(
            "2024-03-14/2024-03-15T06:00:00Z",
            Some(("2024-03-14T00:00:00Z", "2024-03-15T06:00:00Z")),
        );
        check(
            "2024-03-14T09:00+01:00/PT1H",
            Some(("2024-03-14T08:00:00Z", "2024-03-14T09:00:00Z")),
        );
        check(
            "2024-03-14/PT1H",
            Some(("2024-03-14T00:00:00Z", "2024-03-14T01:00:00Z")),
        );
        check(
            "PT1H/2024-03-14",
            Some(("2024-03-13T23:00:00Z", "2024-03-14T00:00:00Z")),
        );
        for wrong in [
            "",
            "P",
            "PT",
            "P1M",
            "P1Y",
            "P1H",
            "PT1D",
            "P1DT",
            "PT1S1H",
            "-P1D",
            "P-1D",
            "P0D",
            "P1D/P1D",
            "2024-03-15/2024-03-14",
            "2024-03-14",
            "/",
            "P1D/",
            "PT1.0000000001S",
            "P99999999999999D",
            "Pü",
        ] {
            check(wrong, None);
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        let check = |typed: &str, says: &str| {
            let failure = read("--timespan", typed, NOON).unwrap_err();
            let hint = failure.hint.unwrap();
            assert!(hint.contains(says), "{typed}: {hint}");
        };
        check("P1M", "`P30D`");
        check("P1Y", "`P365D`");
        check("p1y2m", "`P425D`");
        check("P1M1DT6H", "`P31DT6H`");
        check("2026-02-01/P1M", "`P30D`");
        check("P", "it takes `P1D`");
        check("PT1.0000000001S", "it takes `P1D`");
        check("1y", "it takes `P1D`");
        check("2026-02-16", "`2026-02-16/2026-02-17` is that day");
        check("2026-02-16T09:00Z", "`2026-02-16T09:00Z/PT1H`");
        check("P1D/PT2H", "`2026-02-16/PT2H`, or `P1D` until now");
        check("999999999d", "longer than there are times");
        check("P99999999999999D", "longer than there are times");
        check(
            "2024-03-14/PT99999999999999999999H",
            "longer than there are times",
        );
        check("2024-03-15/2024-03-15", "it is empty");
        check("2024-03-15/2024-03-14", "the earlier time stands first");
        check("2024-03-15/2024-03-14/2024-03-13", "it takes `P1D`");
    }
}
