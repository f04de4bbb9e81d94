//! The query as written: a tree in which everything has a place, and nothing has a meaning yet.
//!
//! Chains of one level (`a and b and c`, `a + b - c`, `a.b[1].c`, `T | x | y`) are flat lists, so that a query
//! of a thousand terms is as shallow as one of two; what nests is counted by the parser's depth.

mod operator;

pub use operator::*;

use serde::{Deserialize, Serialize};

use crate::span::Span;
use crate::types::ScalarType;
use crate::values::{decimal_digits, parse_datetime, parse_guid, parse_timespan};

/// A whole query: its statements in their order.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Query {
    /// Empty statements are left out.
    pub statements: Vec<Statement>,
}

/// One statement.
#[derive(Clone, PartialEq, Debug)]
pub struct Statement {
    /// What it says.
    pub kind: StatementKind,
    /// Where.
    pub span: Span,
}

/// The statements of KQL.
#[derive(Clone, PartialEq, Debug)]
pub enum StatementKind {
    /// `let name = value`.
    Let(Name, LetValue),
    /// `set option = value`.
    Set(Name, Option<Expr>),
    /// `declare query_parameters(...)`.
    DeclareParameters(Vec<Parameter>),
    /// `alias database name = expression`.
    AliasDatabase(Name, Expr),
    /// `declare pattern name = ...`; without a definition it maps nothing.
    DeclarePattern(Name, Pattern),
    /// `restrict access to (...)`.
    RestrictAccess(Vec<Expr>),
    /// A query whose rows are an answer.
    Expression(Expr),
}

/// What a `let` gives a name to.
#[derive(Clone, PartialEq, Debug)]
pub enum LetValue {
    /// A scalar or a tabular expression.
    Expression(Expr),
    /// A function, or a view (a function that `union *` sees).
    Function(Function),
    /// `entity_group [...]`.
    EntityGroup(Vec<Expr>),
}

/// A function written in a query.
#[derive(Clone, PartialEq, Debug)]
pub struct Function {
    /// `view` stands before its parameters.
    pub is_view: bool,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// What stands between its braces.
    pub body: Query,
}

/// A map from texts to queries.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Pattern {
    /// The names of the texts.
    pub parameters: Vec<Parameter>,
    /// The name of the text behind the point.
    pub path: Option<Parameter>,
    /// What it maps.
    pub cases: Vec<PatternCase>,
}

/// What a pattern gives for some texts.
#[derive(Clone, PartialEq, Debug)]
pub struct PatternCase {
    /// The texts.
    pub arguments: Vec<Expr>,
    /// The text behind the point.
    pub path: Option<Expr>,
    /// The query.
    pub body: Query,
}

/// A parameter of a function or of the query.
#[derive(Clone, PartialEq, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub kind: ParameterType,
    /// The value that it has when none is given.
    pub default: Option<Expr>,
}

/// What a parameter may be.
#[derive(Clone, PartialEq, Debug)]
pub enum ParameterType {
    /// `x: long`.
    Scalar(TypeName),
    /// `T: (a: long, b: string)`.
    Table(Vec<ColumnDeclaration>),
    /// `T: (*)`.
    AnyTable,
}

/// A name, plain or in brackets and quotes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Name {
    /// What it says, without brackets and quotes.
    pub text: String,
    /// Where.
    pub span: Span,
}

/// A type as it is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TypeName {
    /// As written.
    pub text: String,
    /// Where.
    pub span: Span,
}

/// `name: type`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ColumnDeclaration {
    /// The column.
    pub name: Name,
    /// Its type.
    pub kind: TypeName,
}

/// An expression, scalar or tabular.
#[derive(Clone, PartialEq, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where.
    pub span: Span,
}

/// The expressions of KQL.
#[derive(Clone, PartialEq, Debug)]
pub enum ExprKind {
    /// Nothing could be read here; a diagnostic says so.
    Missing,
    /// A literal.
    Literal(Literal),
    /// A column, variable, table or function without arguments.
    Name(Name),
    /// `*`.
    Star,
    /// `a*b`, where names with a pattern may stand.
    Wildcard(Name),
    /// `f(...)`.
    Call(Call),
    /// `a.b[1].c()`: members and elements, one after the other.
    Path(Box<Expr>, Vec<Step>),
    /// `-a` or `+a`.
    Unary(UnarySign, Box<Expr>),
    /// One level of precedence, from left to right.
    Chain(Box<Expr>, Vec<Link>),
    /// `a in (...)`, `a has_any (...)` and their kin.
    In(Box<Expr>, ListOperator, Vec<Expr>),
    /// `a between (b .. c)`.
    Between(Box<Between>),
    /// `(a)`.
    Group(Box<Expr>),
    /// `a = b`, `(a, b) = c`.
    Named(Vec<Name>, Box<Expr>),
    /// `T | where ...`.
    Pipe(Box<Pipeline>),
    /// `datatable(...)[...]`.
    DataTable(Box<DataTable>),
    /// `externaldata(...)[...] with (...)`.
    ExternalData(Box<ExternalData>),
    /// `typeof(...)`.
    TypeOf(Vec<TypeName>),
    /// `dynamic(...)`.
    Dynamic(DynamicValue),
    /// `a asc nulls first`, in lists that order.
    Ordered(Box<Expr>, Order),
}

/// `a between (low .. high)`.
#[derive(Clone, PartialEq, Debug)]
pub struct Between {
    /// What is compared.
    pub value: Expr,
    /// `!between`.
    pub negated: bool,
    /// The lower bound.
    pub low: Expr,
    /// The upper bound, or how far it is above the lower.
    pub high: Expr,
}

/// How a column orders rows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Order {
    /// `asc` or `desc`, if said.
    pub direction: Option<Direction>,
    /// `nulls first` or `nulls last`, if said.
    pub nulls_first: Option<bool>,
}

/// Directions of orders.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// `asc`.
    Ascending,
    /// `desc`.
    Descending,
    /// `granny-asc`: `project-reorder` only; numbers inside names count as numbers.
    GrannyAscending,
    /// `granny-desc`.
    GrannyDescending,
}

/// A sign before an expression.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UnarySign {
    /// `-`.
    Minus,
    /// `+`.
    Plus,
}

/// An operator and what stands to its right.
#[derive(Clone, PartialEq, Debug)]
pub struct Link {
    /// The operator.
    pub operator: BinaryOperator,
    /// Where it stands.
    pub at: Span,
    /// Its right side.
    pub right: Expr,
}

macro_rules! spelled {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
        pub enum $name { $(#[doc = concat!("`", $text, "`.")] $variant),* }

        impl $name {
            /// As it is written.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            /// The one that is written so.
            #[must_use]
            pub fn from_text(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)* _ => None }
            }
        }
    };
}
spelled! {
    /// Operators between two expressions.
    BinaryOperator {
        Or = "or", And = "and",
        Equal = "==", NotEqual = "!=", LessGreater = "<>", EqualTilde = "=~", NotEqualTilde = "!~",
        Less = "<", LessEqual = "<=", Greater = ">", GreaterEqual = ">=",
        Has = "has", NotHas = "!has", HasCs = "has_cs", NotHasCs = "!has_cs",
        HasPrefix = "hasprefix", NotHasPrefix = "!hasprefix", HasPrefixCs = "hasprefix_cs", NotHasPrefixCs = "!hasprefix_cs",
        HasSuffix = "hassuffix", NotHasSuffix = "!hassuffix", HasSuffixCs = "hassuffix_cs", NotHasSuffixCs = "!hassuffix_cs",
        Contains = "contains", NotContains = "!contains", ContainsCs = "contains_cs", NotContainsCs = "!contains_cs",
        StartsWith = "startswith", NotStartsWith = "!startswith", StartsWithCs = "startswith_cs", NotStartsWithCs = "!startswith_cs",
        EndsWith = "endswith", NotEndsWith = "!endswith", EndsWithCs = "endswith_cs", NotEndsWithCs = "!endswith_cs",
        Like = "like", NotLike = "notlike", LikeCs = "likecs", NotLikeCs = "notlikecs",
        MatchesRegex = "matches regex", Search = ":",
        Add = "+", Subtract = "-", Multiply = "*", Divide = "/", Modulo = "%",
    }
}

spelled! {
    /// Operators with a list to their right.
    ListOperator {
        In = "in", NotIn = "!in", InTilde = "in~", NotInTilde = "!in~", HasAny = "has_any", HasAll = "has_all",
    }
}

/// A step of a path.
#[derive(Clone, PartialEq, Debug)]
pub enum Step {
    /// `.name` or `.["name"]`.
    Member(Name),
    /// `[expression]`.
    Element(Expr),
    /// `.f(...)`.
    Call(Call),
}

/// A call of a function.
#[derive(Clone, PartialEq, Debug)]
pub struct Call {
    /// The function.
    pub name: Name,
    /// Its arguments, which may be named, pipelines or `*`.
    pub arguments: Vec<Expr>,
    /// From the name to the closing bracket.
    pub span: Span,
}

/// A literal, in the types of its kind.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Literal {
    /// `true`, `bool(null)`.
    Bool(Option<bool>),
    /// `int(5)`.
    Int(Option<i32>),
    /// `5`, `0x1F`, `long(null)`.
    Long(Option<i64>),
    /// `1.5`, `real(nan)`.
    #[serde(with = "bits")]
    Real(Option<f64>),
    /// `decimal(1.5)`: its digits as written.
    Decimal(Option<String>),
    /// A text.
    String(String),
    /// Ticks of 100 ns since the beginning of the year 1.
    Datetime(Option<i64>),
    /// Ticks of 100 ns.
    Timespan(Option<i64>),
    /// `guid(...)`.
    Guid(Option<[u8; 16]>),
}

/// A number as its bits, for not every number is one to all who read and write.
mod bits {
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    #[expect(clippy::ref_option, reason = "what serde calls it with")]
    pub(super) fn serialize<S: Serializer>(value: &Option<f64>, to: S) -> Result<S::Ok, S::Error> {
        value.map(f64::to_bits).serialize(to)
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Option<f64>, D::Error> {
        Ok(Option::<u64>::deserialize(from)?.map(f64::from_bits))
    }
}

impl Literal {
    /// Its type.
    #[must_use]
    pub const fn kind(&self) -> ScalarType {
        match self {
            Self::Bool(_) => ScalarType::Bool,
            Self::Int(_) => ScalarType::Int,
            Self::Long(_) => ScalarType::Long,
            Self::Real(_) => ScalarType::Real,
            Self::Decimal(_) => ScalarType::Decimal,
            Self::String(_) => ScalarType::String,
            Self::Datetime(_) => ScalarType::Datetime,
            Self::Timespan(_) => ScalarType::Timespan,
            Self::Guid(_) => ScalarType::Guid,
        }
    }

    /// Null of a type; for texts the empty one, and for dynamics one that is null as well.
    #[must_use]
    pub const fn null(kind: ScalarType) -> Self {
        match kind {
            ScalarType::Bool => Self::Bool(None),
            ScalarType::Int => Self::Int(None),
            ScalarType::Long | ScalarType::Dynamic => Self::Long(None),
            ScalarType::Real => Self::Real(None),
            ScalarType::Decimal => Self::Decimal(None),
            ScalarType::String => Self::String(String::new()),
            ScalarType::Datetime => Self::Datetime(None),
            ScalarType::Timespan => Self::Timespan(None),
            ScalarType::Guid => Self::Guid(None),
        }
    }

    /// A text read as a value of a type.
    #[must_use]
    pub fn read(kind: ScalarType, text: &str) -> Option<Self> {
        Some(match kind {
            ScalarType::Bool => Self::Bool(Some(text.trim().parse().ok()?)),
            ScalarType::Int => Self::Int(Some(text.trim().parse().ok()?)),
            ScalarType::Long => Self::Long(Some(text.trim().parse().ok()?)),
            ScalarType::Real => Self::Real(Some(text.trim().parse().ok()?)),
            ScalarType::Decimal => Self::Decimal(Some(decimal_digits(text.trim())?)),
            ScalarType::String => Self::String(text.to_owned()),
            ScalarType::Datetime => Self::Datetime(Some(parse_datetime(text)?)),
            ScalarType::Timespan => Self::Timespan(Some(parse_timespan(text)?)),
            ScalarType::Guid => Self::Guid(Some(parse_guid(text)?)),
            ScalarType::Dynamic => return None,
        })
    }
}

/// What `dynamic(...)` holds.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum DynamicValue {
    /// `null`.
    Null,
    /// A literal of any scalar type.
    Literal(Literal),
    /// `[...]`.
    Array(Vec<DynamicValue>),
    /// `{"name": ...}`, in the order written.
    Bag(Vec<(String, DynamicValue)>),
}

/// `datatable(columns)[values]`.
#[derive(Clone, PartialEq, Debug)]
pub struct DataTable {
    /// Its columns.
    pub columns: Vec<ColumnDeclaration>,
    /// The values, row after row.
    pub values: Vec<Expr>,
}

/// `externaldata(columns)[places] with (properties)`.
#[derive(Clone, PartialEq, Debug)]
pub struct ExternalData {
    /// Its columns.
    pub columns: Vec<ColumnDeclaration>,
    /// Where the data lies.
    pub places: Vec<Expr>,
    /// `format="csv"` and the like.
    pub properties: Vec<Property>,
}

/// `name = value` in `with (...)` and before operators' operands.
#[derive(Clone, PartialEq, Debug)]
pub struct Property {
    /// Its name; `hint.strategy` is one name.
    pub name: Name,
    /// Its value: an expression, a word or a list of words.
    pub value: PropertyValue,
}

/// What a property may be.
#[derive(Clone, PartialEq, Debug)]
pub enum PropertyValue {
    /// A literal or another expression.
    Expression(Expr),
    /// A bare word: `kind=inner`.
    Word(Name),
    /// Several names: `ycolumns=a, b`.
    Names(Vec<Name>),
}

/// A source and what is done to its rows, step by step.
#[derive(Clone, PartialEq, Debug)]
pub struct Pipeline {
    /// The source; none where the first operator brings its own rows (`print`, `range`, `union` ...), and
    /// in subqueries that take the rows of the operator around them.
    pub source: Option<Expr>,
    /// The operators.
    pub operators: Vec<Operator>,
}
