//! Queries made by chance: a chain of steps over the flows, each with expressions of the columns before it.

/// A source of chance that gives the same numbers for the same seed.
pub(crate) struct Chance(u64);

/// What a column holds, as far as expressions care.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Instant,
    Span,
    Truth,
}

type Columns = Vec<(String, Kind)>;

const FLOWS: &[(&str, Kind)] = &[
    ("SrcIp", Kind::Text),
    ("DestIp", Kind::Text),
    ("AclRule", Kind::Text),
    ("FlowStatus", Kind::Text),
    ("L4Protocol", Kind::Text),
    ("SrcPort", Kind::Number),
    ("DestPort", Kind::Number),
    ("BytesSrcToDest", Kind::Number),
    ("TimeGenerated", Kind::Instant),
];

fn flows() -> Columns {
    let named = FLOWS.iter();
    named.map(|(name, kind)| ((*name).to_owned(), *kind)).collect()
}

const KINDS: &[Kind] = &[Kind::Text, Kind::Number, Kind::Instant, Kind::Span, Kind::Truth];

impl Chance {
    /// From a seed.
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(2).wrapping_add(1))
    }

    fn below(&mut self, most: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % most.max(1) as u64).unwrap()
    }

    fn of<T: Copy>(&mut self, held: &[T]) -> T {
        held[self.below(held.len())]
    }

    /// A query, whose rows are the same whoever answers it, but for their order.
    pub(crate) fn query(&mut self) -> String {
        let mut columns = flows();
        let names: Vec<&str> = FLOWS.iter().map(|(name, _)| *name).collect();
        let mut query = format!("Flows | project {}", names.join(", "));
        if self.below(3) > 0 {
            query = format!(
                "Flows | where {} | project {}",
                self.value(&columns, Kind::Truth, 2),
                names.join(", ")
            );
        }
        for step in 0..=self.below(5) {
            query.push_str(" | ");
            let text = self.step(&mut columns, step);
            query.push_str(&text);
        }
        query
    }

    fn step(&mut self, columns: &mut Columns, at: usize) -> String {
        match self.below(15) {
            0 | 1 => format!("where {}", self.value(columns, Kind::Truth, 2)),
            2 | 3 => {
                let mut outputs = Vec::new();
                let before = columns.clone();
                for place in 0..=self.below(3) {
                    let kind = self.of(KINDS);
                    let name = format!("e{at}_{place}");
                    outputs.push(format!("{name} = {}", self.value(&before, kind, 3)));
                    columns.push((name, kind));
                }
                format!("extend {}", outputs.join(", "))
            }
            4 => {
                let kept: Columns = columns.iter().filter(|_| self.below(3) > 0).cloned().collect();
                if kept.is_empty() {
                    return "where true".to_owned();
                }
                columns.clone_from(&kept);
                let names: Vec<&str> = kept.iter().map(|(name, _)| name.as_str()).collect();
                format!("project {}", names.join(", "))
            }
            5..=7 => self.summarize(columns, at),
            8 => {
                let order = self.order(columns);
                format!("{order} | take {}", self.of(&[1, 7, 100, 900]))
            }
            9 => {
                let order = self.order(columns);
                let kind = self.of(KINDS);
                let name = format!("w{at}");
                let value = self.value(columns, kind, 1);
                let text = self.of(&["prev", "next"]);
                let outputs = format!("{name} = {text}({value}), {name}_n = row_number()");
                columns.push((name.clone(), kind));
                columns.push((format!("{name}_n"), Kind::Number));
                format!("{order} | extend {outputs}")
            }
            10 => {
                let kept: Columns = columns.iter().filter(|_| self.below(2) > 0).cloned().collect();
                let names: Vec<&str> = kept.iter().map(|(name, _)| name.as_str()).collect();
                if kept.is_empty() {
                    return "distinct *".to_owned();
                }
                let text = format!("distinct {}", names.join(", "));
                *columns = kept;
                text
            }
            11 => {
                let condition = self.value(&flows(), Kind::Truth, 2);
                if !columns.iter().any(|(name, _)| name == "SrcIp") {
                    columns.push(("SrcIp".to_owned(), Kind::Text));
                }
                columns.push((format!("u{at}"), Kind::Number));
                format!("union (Flows | where {condition} | summarize u{at} = count() by SrcIp)")
            }
            12 => {
                let text = self.value(columns, Kind::Text, 1);
                columns.push((format!("m{at}"), Kind::Text));
                format!("mv-expand m{at} = split({text}, '.') to typeof(string)")
            }
            13 => {
                let text = self.value(columns, Kind::Text, 1);
                columns.push((format!("p{at}"), Kind::Text));
                columns.push((format!("q{at}"), Kind::Number));
                format!("parse {text} with p{at} '.' q{at}: long '.' *")
            }
            _ => self.join(columns, at),
        }
    }

    /// An order that leaves nothing open.
    fn order(&mut self, columns: &Columns) -> String {
        let keys: Vec<String> = columns
            .iter()
            .map(|(name, _)| format!("{name} {}", self.of(&["asc", "desc", "asc nulls last"])))
            .collect();
        format!("sort by {}", keys.join(", "))
    }

    fn summarize(&mut self, columns: &mut Columns, at: usize) -> String {
        let mut outputs = Vec::new();
        let mut after = Vec::new();
        for place in 0..=self.below(4) {
            let (text, kind) = self.aggregate(columns);
            let name = format!("a{at}_{place}");
            outputs.push(format!("{name} = {text}"));
            after.push((name, kind));
        }
        let mut groups = Vec::new();
        for place in 0..self.below(3) {
            let kind = self.of(&[Kind::Text, Kind::Instant, Kind::Truth, Kind::Span]);
            let name = format!("g{at}_{place}");
            groups.push(format!("{name} = {}", self.value(columns, kind, 2)));
            after.push((name, kind));
        }
        let by = if groups.is_empty() {
            String::new()
        } else {
            format!(" by {}", groups.join(", "))
        };
        *columns = after;
        format!("summarize {}{by}", outputs.join(", "))
    }

    fn aggregate(&mut self, columns: &Columns) -> (String, Kind) {
        let of = |chance: &mut Self, kind| chance.value(columns, kind, 2);
        let text = match self.below(14) {
            0 => "count()".to_owned(),
            1 => format!("countif({})", of(self, Kind::Truth)),
            2 => {
                let kind = self.of(KINDS);
                format!("dcount({})", of(self, kind))
            }
            3 => {
                let kind = self.of(KINDS);
                format!("dcountif({}, {})", of(self, kind), of(self, Kind::Truth))
            }
            4 => format!("sum({})", of(self, Kind::Number)),
            5 => format!("sumif({}, {})", of(self, Kind::Number), of(self, Kind::Truth)),
            6 => format!("round(avg({}), 3)", of(self, Kind::Number)),
            7 => format!("round(stdev({}), 3)", of(self, Kind::Number)),
            8 => format!(
                "max({}) - min({})",
                of(self, Kind::Number),
                of(self, Kind::Number)
            ),
            9 => format!(
                "percentile({}, {})",
                of(self, Kind::Number),
                self.of(&[0, 5, 50, 99])
            ),
            10 => format!("sum({}) % 1000 + count()", of(self, Kind::Number)),
            11 => {
                let kind = self.of(&[Kind::Instant, Kind::Span]);
                let function = self.of(&["min", "max"]);
                return (format!("{function}({})", of(self, kind)), kind);
            }
            12 => {
                let function = self.of(&["minif", "maxif"]);
                let (value, condition) = (of(self, Kind::Instant), of(self, Kind::Truth));
                return (format!("{function}({value}, {condition})"), Kind::Instant);
            }
            _ => {
                let set = format!("make_set({})", of(self, Kind::Text));
                return (format!("strcat_array(array_sort_asc({set}), ',')"), Kind::Text);
            }
        };
        (text, Kind::Number)
    }

    fn join(&mut self, columns: &mut Columns, at: usize) -> String {
        let texts: Vec<String> = columns
            .iter()
            .filter(|(_, kind)| *kind == Kind::Text)
            .map(|(name, _)| name.clone())
            .collect();
        let Some(key) = texts.get(self.below(texts.len())).cloned() else {
            return "where true".to_owned();
        };
        let kind = self.of(&["inner", "leftouter", "leftsemi", "leftanti"]);
        let found = self.of(&["SrcIp", "DestIp", "FlowStatus"]);
        let name = format!("j{at}");
        let condition = self.value(&flows(), Kind::Truth, 1);
        if !kind.ends_with("semi") && !kind.ends_with("anti") {
            columns.push((format!("{name}_k"), Kind::Text));
            columns.push((name.clone(), Kind::Number));
        }
        format!(
            "join kind={kind} (Flows | where {condition} | summarize {name} = count() by {name}_k = {found}) on $left.{key} == $right.{name}_k"
        )
    }

    fn column(&mut self, columns: &Columns, kind: Kind) -> Option<String> {
        let held: Vec<&String> = columns
            .iter()
            .filter(|(_, held)| *held == kind)
            .map(|(name, _)| name)
            .collect();
        held.get(self.below(held.len())).map(|name| (*name).clone())
    }

    /// An expression.
    fn value(&mut self, columns: &Columns, kind: Kind, depth: usize) -> String {
        if depth == 0 || self.below(3) == 0 {
            if self.below(6) > 0
                && let Some(column) = self.column(columns, kind)
            {
                return column;
            }
            if kind != Kind::Truth || depth == 0 {
                return self.literal(kind).to_owned();
            }
        }
        let mut of = |kind| self.value(columns, kind, depth - 1);
        // One inner value of each kind is made whether it is used or not: a plain table of forms is easier to read.
        let (text, other) = (of(Kind::Text), of(Kind::Text));
        let (number, second) = (of(Kind::Number), of(Kind::Number));
        let (instant, later) = (of(Kind::Instant), of(Kind::Instant));
        let span = of(Kind::Span);
        let (truth, also) = (of(Kind::Truth), of(Kind::Truth));
        let forms: Vec<String> = match kind {
            Kind::Text => vec![
                format!("strcat({text}, {other})"),
                format!("tolower({text})"),
                format!("substring({text}, 1, 4)"),
                format!("tostring({number})"),
                format!("tostring({truth})"),
                format!("iff({truth}, {text}, {other})"),
                format!("case({truth}, {text}, {also}, {other}, 'else')"),
                format!("extract(@'(\\d+)', 1, {text})"),
                format!("replace_string({text}, '1', 'x')"),
            ],
            Kind::Number => vec![
                format!("{number} + {second}"),
                format!("{number} - {second}"),
                format!("{number} % 7"),
                format!("{number} / 3"),
                format!("strlen({text})"),
                format!("abs({number})"),
                format!("bin({number}, 10)"),
                format!("indexof({text}, '.')"),
                format!("hourofday({instant})"),
                format!("tolong({text})"),
                format!("iff({truth}, tolong({number}), tolong({second}))"),
                format!("min_of(tolong({number}), tolong({second}))"),
            ],
            Kind::Instant => vec![
                format!("bin({instant}, 1h)"),
                format!("startofday({instant})"),
                format!("{instant} + {span}"),
                format!("iff({truth}, {instant}, {later})"),
            ],
            Kind::Span => vec![
                format!("{instant} - {later}"),
                format!("{span} + {span}"),
                format!("bin({instant} - {later}, 1h)"),
                format!("iff({truth}, {span}, 0s)"),
            ],
            Kind::Truth => vec![
                format!("{text} == {other}"),
                format!("{text} != {other}"),
                format!("{text} has '10'"),
                format!("{text} contains {other}"),
                format!("{text} startswith '10.1'"),
                format!("{text} in ('Denied', '10.0.0.7', '10.0.0.14')"),
                format!("{text} !in~ ('denied', '')"),
                format!("{number} < {second}"),
                format!("{number} == 22"),
                format!("{number} between (20 .. 500)"),
                format!("{number} in (22, 53, 443)"),
                format!("isnull({number})"),
                format!("isempty({text})"),
                format!("{instant} > {later}"),
                format!("{instant} between (datetime(2024-01-02) .. 6h)"),
                format!("({truth} and {also})"),
                format!("({truth} or {also})"),
                format!("not({truth})"),
                format!("ipv4_is_in_range({text}, '10.1.0.0/16')"),
            ],
        };
        let at = self.below(forms.len());
        let form = &forms[at];
        match kind {
            Kind::Truth => form.clone(),
            _ => format!("({form})"),
        }
    }

    fn literal(&mut self, kind: Kind) -> &'static str {
        let held: &[&'static str] = match kind {
            Kind::Text => &["''", "'10.0.0.7'", "'Denied'", "'a'"],
            Kind::Number => &["0", "22", "-3", "1500", "2.5"],
            Kind::Instant => &[
                "datetime(2024-01-02)",
                "datetime(2024-01-01 06:30)",
                "datetime(null)",
            ],
            Kind::Span => &["1h", "0s", "1d", "timespan(null)"],
            Kind::Truth => &["true", "false"],
        };
        self.of(held)
    }
}
