//! Frequent slips: what was probably meant, said with the query's own words. Nothing here changes what a query means.

use super::scope::nearest;
use super::{Binder, aggregate};
use crate::bound::Scalar;
use crate::diagnostic::Code;
use crate::signature::Class;
use crate::span::Span;
use crate::syntax::{Expr, ExprKind, Literal, Name};
use crate::types::ScalarType;
use crate::values::{parse_datetime, parse_timespan};

/// So many names are listed before the rest is only counted.
const LISTED_MAX: usize = 12;

impl Binder<'_> {
    /// The next step where a name stands for nothing.
    pub(super) fn name_hint(&self, name: &Name) -> Option<String> {
        let text = name.text.as_str();
        if let Some(hint) = self.column_elsewhere(text) {
            return Some(hint);
        }
        let before = self.text.get(..name.span.start as usize);
        if before.is_some_and(|before| before.trim_end().ends_with("--")) {
            return Some("a comment begins with `//`".to_owned());
        }
        if text == "null" {
            return Some(
                "`isnull(a)` asks for what has no value; a null of a type is `long(null)`".to_owned(),
            );
        }
        if let Some(bytes) = size_in_bytes(text) {
            return Some(format!("sizes are whole numbers of bytes: `{bytes}`"));
        }
        if aggregate::is_aggregate(text) {
            let hint = match text {
                "count" => "`count()` counts rows; its brackets are missing".to_owned(),
                _ => format!("`{text}` is a function: `{text}(...)`"),
            };
            return Some(hint);
        }
        if matches!(text, "now" | "ago" | "rand") || self.catalog.function(text).is_some() {
            return Some(format!("`{text}` is a function: `{text}(...)`"));
        }
        let mut known: Vec<&str> = Vec::new();
        if let Some(row) = &self.row {
            known.extend(row.columns.iter().map(|column| &*column.name));
        }
        let columns = known.len();
        known.extend(self.scope.names().map(|(name, _)| name));
        if let Some(hint) = nearest(text, known.iter().copied()) {
            return Some(hint);
        }
        if self.table(text).is_some() {
            return Some(format!(
                "`{text}` is a table; `toscalar(...)` takes one value of rows"
            ));
        }
        (columns > 0).then(|| self.listed(&known))
    }

    /// Names of columns, and where the others are told.
    fn listed(&self, known: &[&str]) -> String {
        match listed(known) {
            (shown, None) => format!("there are {shown}"),
            (shown, Some(more)) => {
                let table = self.row.as_ref().and_then(|row| row.table.as_deref());
                let before = table.map_or_else(String::new, |table| format!("{table} "));
                format!("there are {shown}, and {more} more: `{before}| getschema`")
            }
        }
    }

    /// A bare word beside a text was probably a text: what was said of it gets one more sentence.
    pub(super) fn quotes_missing(&mut self, side: &Expr, whole: Span) {
        let ExprKind::Name(name) = &side.kind else {
            return;
        };
        let text = whole.text(self.text);
        let (Some(before), Some(behind)) = (
            name.span.start.checked_sub(whole.start),
            name.span.end.checked_sub(whole.start),
        ) else {
            return;
        };
        let (Some(before), Some(behind)) = (text.get(..before as usize), text.get(behind as usize..)) else {
            return;
        };
        let quoted = format!("a text stands in quotes: `{before}\"{}\"{behind}`", name.text);
        let told = self.diagnostics.iter_mut().rev();
        let mut of_name = told.filter(|held| held.code == Code::SEM0100 && held.span == name.span);
        if let Some(diagnostic) = of_name.next() {
            diagnostic.hint = match diagnostic.hint.take() {
                Some(hint) if hint.starts_with("did you mean") => Some(format!("{hint} {quoted}")),
                Some(hint) if !hint.starts_with("there are") => Some(hint),
                _ => Some(quoted),
            };
        }
    }

    /// A date without `datetime(...)` around it is a difference of numbers.
    pub(super) fn date_hint(&self, sides: &[&Scalar]) -> Option<String> {
        let other = sides
            .iter()
            .map(|side| side.gives)
            .find(|kind| matches!(kind, ScalarType::Datetime | ScalarType::Timespan))?;
        let quoted = sides.iter().find_map(|side| unquoted(Class::Type(other), side));
        if quoted.is_some() || other != ScalarType::Datetime {
            return quoted;
        }
        let written = sides.iter().filter(|side| side.gives.is_integer());
        let mut dates = written
            .map(|side| side.span.text(self.text))
            .filter(|text| is_date(text));
        dates.next().map(|text| {
            let date: String = text.split_whitespace().collect();
            format!("a date is written `datetime({date})`; without it this is a difference of numbers")
        })
    }
}

/// The first names, and how many there are more.
pub(super) fn listed(known: &[&str]) -> (String, Option<usize>) {
    let shown: Vec<&str> = known.iter().copied().take(LISTED_MAX).collect();
    let more = known.len().checked_sub(LISTED_MAX).filter(|more| *more > 0);
    (shown.join(", "), more)
}

/// How a text in quotes is written as what a parameter takes.
pub(super) fn unquoted(class: Class, argument: &Scalar) -> Option<String> {
    let Some(Literal::String(text)) = argument.as_literal() else {
        return None;
    };
    match class {
        Class::Type(ScalarType::Timespan) if parse_timespan(text).is_some() => {
            Some(match text.contains(':') {
                true => format!("a timespan is written `time({text})`"),
                false => format!("a timespan is written without quotes: `{text}`"),
            })
        }
        Class::Type(ScalarType::Datetime) if parse_datetime(text).is_some() => {
            Some(format!("a date is written `datetime({text})`"))
        }
        Class::Type(ScalarType::Long | ScalarType::Int | ScalarType::Real)
        | Class::Integer
        | Class::Number
            if text.parse::<f64>().is_ok() =>
        {
            Some(format!("a number is written without quotes: `{text}`"))
        }
        _ => None,
    }
}

/// `2026-02-16`, as numbers and signs.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').map(str::trim).collect();
    let is_number = |part: &str, digits: std::ops::RangeInclusive<usize>| {
        digits.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    match parts.as_slice() {
        [year, month, day] => is_number(year, 4..=4) && is_number(month, 1..=2) && is_number(day, 1..=2),
        _ => false,
    }
}

/// `1GB` and its kin in bytes, by steps of 1024 as file systems and KQL's own `format_bytes` count.
fn size_in_bytes(text: &str) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    let power = match unit.to_ascii_lowercase().as_str() {
        "k" | "kb" | "kib" => 1,
        "mb" | "mib" => 2,
        "g" | "gb" | "gib" => 3,
        "tb" | "tib" => 4,
        "pb" | "pib" => 5,
        _ => return None,
    };
    number
        .parse::<u64>()
        .ok()?
        .checked_mul(1024_u64.checked_pow(power)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_dates_are_recognised() {
        for (text, expected) in [
            ("1GB", Some(1 << 30)),
            ("10MB", Some(10 << 20)),
            ("3kib", Some(3 << 10)),
            ("GB", None),
            ("1d", None),
            ("99999999999PB", None),
        ] {
            assert_eq!(size_in_bytes(text), expected, "{text}");
        }
        for (text, expected) in [
            ("2026-02-16", true),
            ("2026 - 2 - 6", true),
            ("26-02-16", false),
            ("2026-02", false),
            ("a-b-c", false),
        ] {
            assert_eq!(is_date(text), expected, "{text}");
        }
    }
}
