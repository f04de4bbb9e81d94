//! The tabular operators as written.

use super::{Call, ColumnDeclaration, Expr, Name, Pipeline, Property, TypeName};
use crate::span::Span;

/// One operator of a pipeline.
#[derive(Clone, PartialEq, Debug)]
pub struct Operator {
    /// What it does.
    pub kind: OperatorKind,
    /// `name = value` behind its keyword: `kind=inner`, `hint.strategy=shuffle`.
    pub properties: Vec<Property>,
    /// Where its keyword stands.
    pub keyword: Span,
    /// Where all of it stands.
    pub span: Span,
}

/// The tabular operators of KQL.
#[derive(Clone, PartialEq, Debug)]
pub enum OperatorKind {
    /// Nothing could be read here; a diagnostic says so.
    Missing,
    /// `as name`.
    As(Name),
    /// `assert-schema (...)`.
    AssertSchema(Vec<ColumnDeclaration>),
    /// `consume`.
    Consume,
    /// `count`, `count as name`.
    Count(Option<Name>),
    /// `distinct a, b`.
    Distinct(Vec<Expr>),
    /// `evaluate plugin(...) : (schema)`.
    Evaluate(Call, Option<EvaluateSchema>),
    /// `extend a = b`.
    Extend(Vec<Expr>),
    /// `facet by a, b with (...)`.
    Facet(Vec<Expr>, Option<Expr>),
    /// `find in (...) where ... project ...`.
    Find(Box<Find>),
    /// `fork (...) x = (...)`.
    Fork(Vec<(Option<Name>, Expr)>),
    /// `getschema`.
    GetSchema,
    /// An operator over graphs: its name; nothing of it is kept.
    Graph(Name),
    /// `invoke f(...)`.
    Invoke(Expr),
    /// `join kind=... (right) on ...`.
    Join(Box<Join>),
    /// `lookup (right) on ...`.
    Lookup(Box<Join>),
    /// `macro-expand ...`: nothing of it is kept.
    MacroExpand,
    /// `make-series ...`.
    MakeSeries(Box<MakeSeries>),
    /// `mv-apply ... on (...)`.
    MvApply(Box<MvApply>),
    /// `mv-expand ...`.
    MvExpand(Box<MvExpand>),
    /// `parse a with ...`; `parse-where` drops the rows that do not match.
    Parse(Box<Parse>),
    /// `parse-kv a as (...)`.
    ParseKv(Box<ParseKv>),
    /// `partition by a (...)`.
    Partition(Box<Partition>),
    /// `print a = b`.
    Print(Vec<Expr>),
    /// `project a = b`.
    Project(Vec<Expr>),
    /// `project-away a*`.
    ProjectAway(Vec<Expr>),
    /// `project-by-names ...`.
    ProjectByNames(Vec<Expr>),
    /// `project-keep a*`.
    ProjectKeep(Vec<Expr>),
    /// `project-rename a = b`.
    ProjectRename(Vec<Expr>),
    /// `project-reorder a asc`.
    ProjectReorder(Vec<Expr>),
    /// `range x from a to b step c`.
    Range(Box<Range>),
    /// `reduce by a with ...`.
    Reduce(Box<Reduce>),
    /// `render kind with (...)`.
    Render(Render),
    /// `sample n`.
    Sample(Expr),
    /// `sample-distinct n of a`.
    SampleDistinct(Expr, Expr),
    /// `scan ...`.
    Scan(Box<Scan>),
    /// `search in (...) ...`.
    Search(Box<Search>),
    /// `serialize a = b`.
    Serialize(Vec<Expr>),
    /// `sort by a asc`.
    Sort(Vec<Expr>),
    /// `summarize a = f(b) by c`.
    Summarize(Summarize),
    /// `take n`.
    Take(Expr),
    /// `top n by a`.
    Top(Expr, Expr),
    /// `top-hitters n of a by b`.
    TopHitters(Box<TopHitters>),
    /// `top-nested n of a by f(b), ...`.
    TopNested(Vec<TopNested>),
    /// `union a, b`.
    Union(Vec<Expr>),
    /// `where a`.
    Where(Expr),
}

/// What `evaluate` is said to give.
#[derive(Clone, PartialEq, Debug)]
pub struct EvaluateSchema {
    /// `*` at the beginning: the columns of the input too.
    pub keeps_input: bool,
    /// The declared columns.
    pub columns: Vec<ColumnDeclaration>,
}

/// `find`.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Find {
    /// `in (...)`; empty: every table.
    pub tables: Vec<Expr>,
    /// `where` and what rows must fulfil.
    pub condition: Option<Expr>,
    /// `project ...`; none with `project-smart` and without.
    pub columns: Option<Vec<FindColumn>>,
    /// `project-away ...`.
    pub away: Vec<Expr>,
}

/// A column that `find` gives.
#[derive(Clone, PartialEq, Debug)]
pub enum FindColumn {
    /// `a` or `a: type`.
    Column(Name, Option<TypeName>),
    /// `pack(*)`.
    Pack,
}

/// `join` and `lookup`.
#[derive(Clone, PartialEq, Debug)]
pub struct Join {
    /// The right side.
    pub right: Expr,
    /// `on ...`.
    pub on: Vec<Expr>,
    /// `where ...` in place of `on`.
    pub condition: Option<Expr>,
}

/// `make-series`.
#[derive(Clone, PartialEq, Debug)]
pub struct MakeSeries {
    /// The series and what stands where there are no rows.
    pub aggregates: Vec<(Expr, Option<Expr>)>,
    /// The axis.
    pub axis: Expr,
    /// `from a to b step c`, or `in range(a, b, c)`.
    pub range: SeriesRange,
    /// `by ...`.
    pub by: Vec<Expr>,
}

/// Where a series begins and ends.
#[derive(Clone, PartialEq, Debug)]
pub struct SeriesRange {
    /// `from`.
    pub from: Option<Expr>,
    /// `to`.
    pub to: Option<Expr>,
    /// `step`.
    pub step: Option<Expr>,
    /// Written as `in range(...)`: the end is included.
    pub is_in_range: bool,
}

/// `a = b to typeof(c)`.
#[derive(Clone, PartialEq, Debug)]
pub struct ExpandItem {
    /// The column or named expression.
    pub value: Expr,
    /// `to typeof(...)`.
    pub to: Option<TypeName>,
}

/// `mv-expand`.
#[derive(Clone, PartialEq, Debug)]
pub struct MvExpand {
    /// What is expanded, side by side.
    pub items: Vec<ExpandItem>,
    /// `limit n`.
    pub limit: Option<Expr>,
    /// Written in the old way, whose limit is 128 rows.
    pub is_old: bool,
}

/// `mv-apply`.
#[derive(Clone, PartialEq, Debug)]
pub struct MvApply {
    /// What is expanded.
    pub items: Vec<ExpandItem>,
    /// `limit n`.
    pub limit: Option<Expr>,
    /// What is done to the rows of each row.
    pub query: Pipeline,
}

/// `parse` and `parse-where`.
#[derive(Clone, PartialEq, Debug)]
pub struct Parse {
    /// The text.
    pub value: Expr,
    /// The pattern, part by part.
    pub pattern: Vec<ParsePart>,
    /// `parse-where`.
    pub drops: bool,
}

/// A part of a pattern.
#[derive(Clone, PartialEq, Debug)]
pub enum ParsePart {
    /// `*`: anything.
    Any,
    /// A text or regular expression that must stand there.
    Text(Expr),
    /// A column that what stands there goes to.
    Column(Name, Option<TypeName>),
}

/// `parse-kv`.
#[derive(Clone, PartialEq, Debug)]
pub struct ParseKv {
    /// The text.
    pub value: Expr,
    /// The keys that become columns.
    pub columns: Vec<ColumnDeclaration>,
    /// `with (...)`.
    pub with: Vec<Property>,
}

/// `partition`.
#[derive(Clone, PartialEq, Debug)]
pub struct Partition {
    /// The column.
    pub by: Expr,
    /// What is done to the rows of each of its values.
    pub query: Expr,
    /// Written with braces: the query has its own source.
    pub has_source: bool,
}

/// `range`.
#[derive(Clone, PartialEq, Debug)]
pub struct Range {
    /// The column.
    pub name: Name,
    /// The first value.
    pub from: Expr,
    /// The last value at most.
    pub to: Expr,
    /// From one to the next.
    pub step: Expr,
}

/// `reduce`.
#[derive(Clone, PartialEq, Debug)]
pub struct Reduce {
    /// The text.
    pub by: Expr,
    /// `with ...`.
    pub with: Vec<Property>,
}

/// `render`.
#[derive(Clone, PartialEq, Debug)]
pub struct Render {
    /// The kind of picture.
    pub kind: Name,
    /// Its properties.
    pub with: Vec<Property>,
}

/// `scan`.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Scan {
    /// `partition` or `order`, where `partition by ...` or `order by ...` stands before the rest.
    pub clause: Option<Name>,
    /// `declare (...)`.
    pub declarations: Vec<super::Parameter>,
    /// `with (...)`.
    pub steps: Vec<ScanStep>,
}

/// A step of `scan`.
#[derive(Clone, PartialEq, Debug)]
pub struct ScanStep {
    /// Its name.
    pub name: Name,
    /// `optional`.
    pub is_optional: bool,
    /// `output=all|last|none`.
    pub output: Option<Name>,
    /// When a row belongs to it.
    pub condition: Expr,
    /// What it sets.
    pub assignments: Vec<(Name, Expr)>,
}

/// `search`.
#[derive(Clone, PartialEq, Debug)]
pub struct Search {
    /// `in (...)`.
    pub tables: Vec<Expr>,
    /// What is looked for.
    pub predicate: Expr,
}

/// `summarize`.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Summarize {
    /// The aggregates.
    pub aggregates: Vec<Expr>,
    /// `by` stands there, even if nothing follows.
    pub has_by: bool,
    /// The groups.
    pub by: Vec<Expr>,
}

/// `top-hitters`.
#[derive(Clone, PartialEq, Debug)]
pub struct TopHitters {
    /// How many.
    pub count: Expr,
    /// Of what.
    pub of: Expr,
    /// `by ...`.
    pub by: Option<Expr>,
}

/// A level of `top-nested`.
#[derive(Clone, PartialEq, Debug)]
pub struct TopNested {
    /// How many; all without.
    pub count: Option<Expr>,
    /// Of what.
    pub of: Expr,
    /// `with others = ...`.
    pub others: Option<Expr>,
    /// The aggregate that they are ordered by.
    pub by: Expr,
}
