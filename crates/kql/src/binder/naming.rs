//! How columns are named that were given no name: after what they are made of where Kusto does so, else `Column1`.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::aggregate;
use crate::bound::Column;
use crate::syntax::{Call, Expr, ExprKind, Literal, Step};

/// Functions whose result is named after their first argument.
const AFTER_FIRST: [&str; 63] = [
    "abs",
    "acos",
    "asin",
    "atan",
    "atan2",
    "bin",
    "bin_at",
    "bin_auto",
    "binary_and",
    "binary_not",
    "binary_or",
    "binary_shift_left",
    "binary_shift_right",
    "binary_xor",
    "bitset_count_ones",
    "ceiling",
    "cos",
    "erf",
    "erfc",
    "exp",
    "exp10",
    "exp2",
    "floor",
    "format_bytes",
    "format_datetime",
    "format_timespan",
    "gamma",
    "log",
    "log10",
    "log2",
    "loggamma",
    "parse_csv",
    "parse_json",
    "parse_xml",
    "parsejson",
    "pow",
    "rand",
    "round",
    "series_fill_backward",
    "series_fill_const",
    "series_fill_forward",
    "series_fill_linear",
    "series_fir",
    "series_iir",
    "series_outliers",
    "sin",
    "split",
    "sqrt",
    "startofday",
    "tan",
    "tobool",
    "toboolean",
    "todatetime",
    "todecimal",
    "todouble",
    "todynamic",
    "toguid",
    "tohex",
    "toint",
    "tolong",
    "toobject",
    "toreal",
    "tostring",
];
const AFTER_FIRST_TOO: [&str; 2] = ["totime", "totimespan"];
/// Functions whose result has something before the first argument's name.
const BEFORE_FIRST: [(&str, &str); 8] = [
    ("strlen", "strlen"),
    ("string_size", "string_size"),
    ("percentile_tdigest", "percentile_tdigest"),
    ("dcount_hll", "dcount_hll"),
    ("gettype", "type"),
    ("treepath", "tree"),
    ("repeat", "repeat"),
    ("percentiles_array_tdigest", "percentile_tdigest"),
];
/// Functions whose result is always named so.
const ALWAYS: [(&str, &str); 4] = [
    ("tdigest_merge", "tdigests_merge_result"),
    ("merge_tdigest", "tdigests_merge_result"),
    ("hll_merge", "hll_merged_result"),
    ("ingestion_time", "$IngestionTime"),
];

/// The name that an expression suggests.
pub(super) fn suggested(expression: &Expr) -> Option<String> {
    match &expression.kind {
        ExprKind::Name(name) => Some(name.text.clone()),
        ExprKind::Named(names, _) => names.first().map(|name| name.text.clone()),
        ExprKind::Group(inside) | ExprKind::Ordered(inside, _) => suggested(inside),
        ExprKind::Path(base, steps) => of_path(base, steps),
        ExprKind::Call(call) => of_call(call),
        _ => None,
    }
}

/// `d.x[0]` is `d_x_0`; what has no name of its own, as `f(d).x`, leaves the names of the steps: `x`.
fn of_path(base: &Expr, steps: &[Step]) -> Option<String> {
    let mut name = suggested(base).unwrap_or_default();
    if name.starts_with('$') {
        name.clear();
    }
    for step in steps {
        let piece = match step {
            Step::Member(member) => member.text.clone(),
            Step::Element(index) => match &index.kind {
                ExprKind::Literal(Literal::String(text)) => text.clone(),
                ExprKind::Literal(Literal::Long(Some(at))) => at.to_string(),
                // What is known only when it runs gives nothing to the name.
                _ => String::new(),
            },
            Step::Call(_) => return None,
        };
        if !name.is_empty() {
            name.push('_');
        }
        name.push_str(&piece);
    }
    (!name.is_empty()).then_some(name)
}

fn of_call(call: &Call) -> Option<String> {
    let function = call.name.text.as_str();
    let first = || call.arguments.first().and_then(suggested);
    if AFTER_FIRST.contains(&function) || AFTER_FIRST_TOO.contains(&function) {
        return first();
    }
    if let Some((_, before)) = BEFORE_FIRST.iter().find(|(name, _)| *name == function) {
        return Some(format!("{before}_{}", first().unwrap_or_default()));
    }
    // The mergers of one column are aggregates, those of several are functions.
    let merges = call.arguments.len() == 1 && aggregate::is_aggregate(function);
    if let Some((_, name)) = ALWAYS.iter().find(|(name, _)| *name == function && !merges) {
        return Some((*name).to_owned());
    }
    match function {
        "array_sort_asc" | "array_sort_desc" => call.arguments.first().map(|array| sorted(array, 0)),
        "make_datetime" | "make_timespan" if call.arguments.len() == 1 => first(),
        "column_ifexists" | "columnifexists" => match call.arguments.first().map(|argument| &argument.kind) {
            Some(ExprKind::Literal(Literal::String(name))) => Some(name.clone()),
            _ => None,
        },
        _ => aggregate::suggested_name(call),
    }
}

/// Columns as a declaration of them: `a:long,['b c']:string`.
pub(super) fn schema_text(columns: &[Column]) -> String {
    let is_plain = |name: &str| {
        name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let declared = columns.iter().map(|column| match is_plain(&column.name) {
        true => format!("{}:{}", column.name, column.kind),
        false => {
            let escaped = column.name.replace('\\', "\\\\").replace('\'', "\\'");
            format!("['{escaped}']:{}", column.kind)
        }
    });
    declared.collect::<Vec<_>>().join(",")
}

/// The name of the column that an array of `array_sort_asc` is sorted into.
pub(super) fn sorted(array: &Expr, at: usize) -> String {
    let name = suggested(array).unwrap_or_else(|| format!("array{at}"));
    format!("{name}_sorted")
}

/// Numbers behind names, among the columns of a step.
#[derive(Default)]
pub(super) struct FreeNames(HashMap<String, usize>);

impl FreeNames {
    /// The name with the first number behind it that no column has.
    pub(super) fn behind(&mut self, name: &str, columns: &HashMap<Arc<str>, usize>) -> String {
        let next = self.0.entry(name.to_owned()).or_insert(1);
        loop {
            let free = format!("{name}{next}");
            *next += 1;
            if !columns.contains_key(free.as_str()) {
                return free;
            }
        }
    }
}

/// Gives each column of a step a name that no other one has.
#[derive(Debug, Default)]
pub(super) struct Names {
    taken: HashSet<String>,
    /// Those that the query itself says; none of them can be said again.
    declared: HashSet<String>,
    /// The number that is tried next behind a name: names are never given back, so that no lower one is free.
    next: HashMap<String, usize>,
}

impl Names {
    pub(super) fn has(&self, name: &str) -> bool {
        self.taken.contains(name)
    }

    pub(super) fn take(&mut self, name: &str) {
        self.taken.insert(name.to_owned());
    }

    /// The name, or the name with the first number behind it that is free.
    pub(super) fn unique(&mut self, name: &str) -> String {
        if self.taken.insert(name.to_owned()) {
            return name.to_owned();
        }
        self.numbered(name)
    }

    fn numbered(&mut self, name: &str) -> String {
        let next = self.next.entry(name.to_owned()).or_insert(1);
        loop {
            let unique = format!("{name}{next}");
            *next += 1;
            if self.taken.insert(unique.clone()) {
                return unique;
            }
        }
    }

    /// A name that the query says; none if it has said it before. One that came by itself keeps its name, and this one
    /// gets a number.
    pub(super) fn declare(&mut self, name: &str) -> Option<String> {
        if self.declared.contains(name) {
            return None;
        }
        let unique = self.unique(name);
        self.declared.insert(name.to_owned());
        self.declared.insert(unique.clone());
        Some(unique)
    }

    /// `Column1`, `Column2`: the first that is free.
    pub(super) fn anonymous(&mut self) -> String {
        self.numbered("Column")
    }
}

#[cfg(test)]
mod tests {
    use super::Names;

    #[test]
    fn numbers_are_the_first_that_are_free() {
        let mut names = Names::default();
        names.take("a2");
        let given: Vec<String> = (0..4).map(|_| names.unique("a")).collect();
        assert_eq!(given, ["a", "a1", "a3", "a4"]);
        names.take("Column2");
        assert_eq!([names.anonymous(), names.anonymous()], ["Column1", "Column3"]);
        assert_eq!(names.declare("a"), Some("a5".to_owned()));
        assert_eq!(names.declare("a"), None);
        assert_eq!(names.declare("a5"), None);
        assert_eq!(names.unique("Column"), "Column");
        assert_eq!(names.unique("Column"), "Column4");
    }

    #[test]
    fn many_of_one_name_take_one_step_each() {
        let mut names = Names::default();
        for _ in 0..100_000 {
            names.unique("sum_a");
            names.anonymous();
        }
        assert_eq!(names.next.get("sum_a"), Some(&100_000));
        assert_eq!(names.next.get("Column"), Some(&100_001));
    }
}
