//! Rows as meant: a source, and steps that each take the rows of the one before.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Column, Scalar};
use crate::span::Span;
use crate::types::ScalarType;

/// Rows: where they come from and what is done to them.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Rows {
    /// Where they come from.
    pub source: Source,
    /// The columns that come from there.
    pub source_columns: Vec<Column>,
    /// What is done to them.
    pub steps: Vec<Step>,
    /// True if they have an order that `prev` and its kin may rely on.
    pub is_serialized: bool,
    /// True if there may be columns that only the data tell.
    pub is_open: bool,
    /// The name that `as` has given them last.
    pub name: Option<String>,
    /// Where the source was written, if it is one that can fail by itself.
    pub span: Span,
}

impl Rows {
    /// Rows of a source.
    #[must_use]
    pub const fn new(source: Source, columns: Vec<Column>) -> Self {
        Self {
            source,
            source_columns: columns,
            steps: Vec::new(),
            is_serialized: false,
            is_open: false,
            name: None,
            span: Span { start: 0, end: 0 },
        }
    }

    /// Rows whose source was written there.
    #[must_use]
    pub const fn at(mut self, span: Span) -> Self {
        self.span = span;
        self
    }

    /// The columns that they have at their end.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        self.steps
            .last()
            .map_or(&self.source_columns, |step| &step.columns)
    }
}

/// Where rows come from.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Source {
    /// A table of the catalog.
    Table(String),
    /// Literal rows, cell by cell.
    Literal(Vec<Vec<Scalar>>),
    /// `range`: first, last at most, step.
    Range(Scalar, Scalar, Scalar),
    /// One row of constants.
    Print(Vec<Scalar>),
    /// Rows of several inputs.
    Union(UnionKind, Vec<UnionInput>),
    /// Rows that stand in several places.
    Shared(Arc<Rows>),
    /// Rows that are computed once, wherever they stand.
    Materialized(Arc<Rows>),
    /// Rows of a view of the catalog, and its name: what stands behind may say which of its rows are asked for.
    View(String, Arc<Rows>),
    /// The rows of the operator around: in `mv-apply` and `partition`.
    Outer,
    /// Data from outside: places and properties as written.
    External(Vec<String>, Vec<(String, String)>),
}

/// Which columns a union has.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum UnionKind {
    /// Those of any input.
    Outer,
    /// Those of every input.
    Inner,
}

/// One input of a union.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct UnionInput {
    /// Its rows.
    pub rows: Rows,
    /// For each column of the union the input's column; none: null.
    pub places: Vec<Option<usize>>,
    /// What the source column says of it, if there is one; it is the first of the union then.
    pub name: Option<String>,
}

/// One step.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Step {
    /// What it does.
    pub kind: StepKind,
    /// The columns that it gives.
    pub columns: Vec<Column>,
    /// Where it was written.
    pub span: Span,
}

/// An expression and the column that it becomes.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Named {
    /// The column's name.
    pub name: Arc<str>,
    /// Its value.
    pub value: Scalar,
}

/// A key of an order.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct SortKey {
    /// What is ordered by.
    pub value: Scalar,
    /// The largest first.
    pub is_descending: bool,
    /// Null before all others.
    pub nulls_first: bool,
}

/// What a step does.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum StepKind {
    /// Keeps the rows for which it is true.
    Filter(Scalar),
    /// Makes all columns anew.
    Project(Vec<Named>),
    /// Groups rows; the columns are the groups, then what the aggregates give.
    Summarize(Vec<Named>, Vec<AggregateCall>),
    /// Orders rows.
    Sort(Vec<SortKey>),
    /// The first rows in order.
    Top(Scalar, SortKey),
    /// Some rows.
    Take(Scalar),
    /// Some rows by chance.
    Sample(Scalar),
    /// Rows of the left and the right; the columns are the left's, then the right's as far as `right_places` says.
    Join {
        /// Which rows.
        kind: JoinKind,
        /// The right side.
        right: Box<Rows>,
        /// Pairs of keys, the left over the left's columns, the right over the right's.
        keys: Vec<(Scalar, Scalar)>,
        /// The left's columns that are given.
        left_places: Vec<usize>,
        /// The right's columns that are given.
        right_places: Vec<usize>,
    },
    /// `mv-expand`.
    MvExpand(MvExpand),
    /// `mv-apply`.
    MvApply(MvApply),
    /// `make-series`.
    MakeSeries(MakeSeries),
    /// `parse`, `parse-where`.
    Parse(Parse),
    /// `parse-kv`.
    ParseKv(ParseKv),
    /// `top-nested`.
    TopNested(Vec<TopNestedLevel>),
    /// `scan`.
    Scan(Scan),
    /// `partition`: the rows of each value of a column go through the query.
    Partition {
        /// The column's place.
        by: usize,
        /// What is done to the rows of each value.
        query: Box<Rows>,
        /// More values than these are refused.
        values_max: Option<usize>,
    },
    /// `evaluate`.
    Plugin(PluginCall),
}

impl StepKind {
    /// The expressions that it computes over its rows; none where that is not all that it does with them.
    #[must_use]
    pub fn scalars(&self) -> Option<Vec<&Scalar>> {
        Some(match self {
            Self::Filter(condition) => vec![condition],
            Self::Project(outputs) => outputs.iter().map(|output| &output.value).collect(),
            Self::Summarize(groups, calls) => {
                let arguments = calls.iter().flat_map(|call| &call.arguments);
                groups.iter().map(|group| &group.value).chain(arguments).collect()
            }
            Self::Sort(keys) => keys.iter().map(|key| &key.value).collect(),
            Self::Top(_, key) => vec![&key.value],
            Self::Parse(parse) => vec![&parse.value],
            Self::ParseKv(parse) => vec![&parse.value],
            Self::Take(_) => Vec::new(),
            _ => return None,
        })
    }
}

/// Kinds of joins.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum JoinKind {
    /// One row of the left for each key, with each of the right.
    InnerUnique,
    /// Each with each.
    Inner,
    /// All of the left.
    LeftOuter,
    /// All of the right.
    RightOuter,
    /// All of both.
    FullOuter,
    /// The left's rows with a partner.
    LeftSemi,
    /// The left's rows without one.
    LeftAnti,
    /// The right's rows with a partner.
    RightSemi,
    /// The right's rows without one.
    RightAnti,
}

/// A call of an aggregate.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct AggregateCall {
    /// Its name; old names are replaced by the usual ones.
    pub function: String,
    /// Its arguments.
    pub arguments: Vec<Scalar>,
    /// The columns that it gives.
    pub columns: Vec<Column>,
}

/// A column made by expanding.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ExpandedColumn {
    /// What is expanded.
    pub value: Scalar,
    /// The type of the elements; none: as they are.
    pub to: Option<ScalarType>,
    /// The column it becomes.
    pub place: usize,
}

/// `mv-expand`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct MvExpand {
    /// What is expanded, side by side.
    pub items: Vec<ExpandedColumn>,
    /// The columns that are kept: place in the input, place in the output.
    pub kept: Vec<(usize, usize)>,
    /// Where the number of the element goes.
    pub index: Option<usize>,
    /// Bags become arrays of name and value.
    pub bags_as_arrays: bool,
    /// At most so many rows for each.
    pub limit: Option<Scalar>,
}

/// `mv-apply`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct MvApply {
    /// The expansion: its rows are the query's.
    pub expand: MvExpand,
    /// The columns of the expansion.
    pub expanded: Vec<Column>,
    /// What is done to the rows of each row. Its source is [`Source::Outer`].
    pub query: Box<Rows>,
    /// The input's columns that stand before those of the query.
    pub kept: Vec<usize>,
    /// The query's columns that are given.
    pub given: Vec<usize>,
}

/// The last of what `make-series` does, over rows that are grouped: first their keys, then a value for each series, and
/// last the place on the axis.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct MakeSeries {
    /// So many columns are keys.
    pub keys: usize,
    /// For each series, what stands where there are no rows; 0 without.
    pub defaults: Vec<Option<Scalar>>,
    /// Where the axis begins.
    pub from: Option<Scalar>,
    /// Where it ends.
    pub to: Option<Scalar>,
    /// From one place to the next.
    pub step: Scalar,
    /// The end is part of it.
    pub includes_end: bool,
    /// A series also where there are no rows at all.
    pub is_nonempty: bool,
}

/// `parse`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Parse {
    /// The text.
    pub value: Scalar,
    /// The pattern.
    pub pattern: Vec<ParsePart>,
    /// The texts of the pattern are regular expressions, with these flags.
    pub regex: Option<String>,
    /// Columns whose types do not fit stay empty, and the others are filled.
    pub is_relaxed: bool,
    /// Rows that do not match are dropped.
    pub drops: bool,
}

/// A part of a pattern.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum ParsePart {
    /// Anything.
    Any,
    /// What must stand there.
    Text(String),
    /// What stands there goes to a column of the output.
    Column(usize, ScalarType),
}

/// `parse-kv`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ParseKv {
    /// The text.
    pub value: Scalar,
    /// The keys, the types of their columns, and the columns' places in the output.
    pub keys: Vec<(String, ScalarType, usize)>,
    /// What stands between pairs; nothing, like between key and value, for all but letters and digits.
    pub pair_delimiter: String,
    /// What stands between key and value.
    pub kv_delimiter: String,
    /// What encloses values: opening and closing.
    pub quotes: Vec<(char, char)>,
    /// What takes the next character's meaning away.
    pub escape: Option<char>,
    /// A pair may begin anywhere in the text.
    pub is_greedy: bool,
    /// A regular expression for the pairs.
    pub regex: Option<String>,
}

/// A level of `top-nested`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct TopNestedLevel {
    /// How many; all without.
    pub count: Option<Scalar>,
    /// Of what.
    pub of: Named,
    /// What stands for the others; they are left out without.
    pub others: Option<Scalar>,
    /// What they are ordered by.
    pub by: Vec<AggregateCall>,
    /// What is done to the aggregates, whose columns stand one after the other.
    pub value: Scalar,
    /// The smallest first.
    pub is_ascending: bool,
}

/// `scan`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Scan {
    /// The declared columns and their values at the beginning.
    pub declarations: Vec<(Column, Option<Scalar>)>,
    /// The steps.
    pub steps: Vec<ScanStep>,
    /// The column that tells matches apart.
    pub match_id: Option<String>,
}

/// A step of `scan`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ScanStep {
    /// Its name.
    pub name: String,
    /// It may be passed over.
    pub is_optional: bool,
    /// `all`, `last` or `none`.
    pub output: String,
    /// When a row belongs to it.
    pub condition: Scalar,
    /// The declared columns that it sets, by their place among the declarations.
    pub assignments: Vec<(usize, Scalar)>,
}

/// `evaluate`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct PluginCall {
    /// The plugin.
    pub name: String,
    /// Its scalar arguments, over the input's columns.
    pub arguments: Vec<Scalar>,
    /// Its tabular arguments.
    pub tables: Vec<Rows>,
    /// Aggregates among its arguments (`pivot`).
    pub aggregates: Vec<AggregateCall>,
    /// The columns that it is said to give, where only the data could tell.
    pub declared: Option<Vec<Column>>,
}
