//! `parse` and `parse-kv` as functions: of each text what was found in it, side by side; nothing where the text does not
//! fit and its row is dropped. A function's name carries the pattern: `kql-parse:{"Pattern":{"parts":["Any",…]}}`.

use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, StructArray, UInt32Array};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, Field, Fields};
use datafusion::common::{Result, exec_datafusion_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF};
use kql::ScalarType;
use kql::bound::{Parse, ParseKv, ParsePart, Rows, Scalar, StepKind};
use kqlfn::arrow_type;
use serde::{Deserialize, Serialize};

use super::aggregates::field_name;
use super::function::{Kernel, named};
use super::over_rows;

const PREFIX: &str = "kql-parse:";

/// The first place behind the text and the row's number.
const FOUND: usize = 2;

/// What is found, without where it goes to.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Pattern {
    Texts {
        parts: Vec<Part>,
        regex: Option<String>,
        is_relaxed: bool,
        drops: bool,
    },
    Pairs {
        keys: Vec<(String, String)>,
        pair_delimiter: String,
        kv_delimiter: String,
        quotes: Vec<(char, char)>,
        escape: Option<char>,
        is_greedy: bool,
        regex: Option<String>,
    },
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Part {
    Any,
    Text(String),
    /// What goes to a column of this type.
    Column(String),
}

impl From<&Parse> for Pattern {
    fn from(parse: &Parse) -> Self {
        let parts = parse.pattern.iter().map(|part| match part {
            ParsePart::Any => Part::Any,
            ParsePart::Text(text) => Part::Text(text.clone()),
            ParsePart::Column(_, kind) => Part::Column(kind.name().to_owned()),
        });
        Self::Texts {
            parts: parts.collect(),
            regex: parse.regex.clone(),
            is_relaxed: parse.is_relaxed,
            drops: parse.drops,
        }
    }
}

impl From<&ParseKv> for Pattern {
    fn from(parse: &ParseKv) -> Self {
        let keys = parse.keys.iter();
        Self::Pairs {
            keys: keys
                .map(|(key, kind, _)| (key.clone(), kind.name().to_owned()))
                .collect(),
            pair_delimiter: parse.pair_delimiter.clone(),
            kv_delimiter: parse.kv_delimiter.clone(),
            quotes: parse.quotes.clone(),
            escape: parse.escape,
            is_greedy: parse.is_greedy,
            regex: parse.regex.clone(),
        }
    }
}

impl Pattern {
    /// The types of what is found; none if one of them is not known.
    fn kinds(&self) -> Option<Vec<ScalarType>> {
        match self {
            Self::Texts { parts, .. } => {
                let kinds = parts.iter().filter_map(|part| match part {
                    Part::Column(kind) => Some(ScalarType::from_name(kind)),
                    Part::Any | Part::Text(_) => None,
                });
                kinds.collect()
            }
            Self::Pairs { keys, .. } => keys.iter().map(|(_, kind)| ScalarType::from_name(kind)).collect(),
        }
    }

    /// The step over a text and a row's number: what is found stands behind them.
    fn step(&self, kinds: &[ScalarType]) -> StepKind {
        let value = Scalar::column(0, ScalarType::String, kql::Span::default());
        let mut places = (FOUND..).zip(kinds.iter().copied());
        match self {
            Self::Texts {
                parts,
                regex,
                is_relaxed,
                drops,
            } => {
                let pattern = parts.iter().filter_map(|part| match part {
                    Part::Any => Some(ParsePart::Any),
                    Part::Text(text) => Some(ParsePart::Text(text.clone())),
                    Part::Column(_) => places.next().map(|(at, kind)| ParsePart::Column(at, kind)),
                });
                StepKind::Parse(Parse {
                    value,
                    pattern: pattern.collect(),
                    regex: regex.clone(),
                    is_relaxed: *is_relaxed,
                    drops: *drops,
                })
            }
            Self::Pairs {
                keys,
                pair_delimiter,
                kv_delimiter,
                quotes,
                escape,
                is_greedy,
                regex,
            } => {
                let keys = keys.iter().zip(places);
                StepKind::ParseKv(ParseKv {
                    value,
                    keys: keys
                        .map(|((key, _), (at, kind))| (key.clone(), kind, at))
                        .collect(),
                    pair_delimiter: pair_delimiter.clone(),
                    kv_delimiter: kv_delimiter.clone(),
                    quotes: quotes.clone(),
                    escape: *escape,
                    is_greedy: *is_greedy,
                    regex: regex.clone(),
                })
            }
        }
    }
}

#[derive(Debug)]
struct Parsing {
    step: Rows,
    fields: Fields,
}

/// The function that finds what a pattern says; none if one of its types is not known.
pub(super) fn parsing(pattern: &Pattern) -> Option<Arc<ScalarUDF>> {
    let kinds = pattern.kinds()?;
    let fields: Fields = kinds
        .iter()
        .enumerate()
        .map(|(at, kind)| Field::new(field_name(at), arrow_type(*kind), true))
        .collect();
    let mut gives = vec![ScalarType::String, ScalarType::Long];
    gives.extend(&kinds);
    let parsing = Parsing {
        step: over_rows::step(&[ScalarType::String], pattern.step(&kinds), &gives),
        fields: fields.clone(),
    };
    let name = format!("{PREFIX}{}", serde_json::to_string(pattern).ok()?);
    Some(named(
        name,
        &[ScalarType::String],
        DataType::Struct(fields),
        parsing,
    ))
}

/// The function of a name that has travelled.
pub(super) fn by_name(name: &str) -> Option<Arc<ScalarUDF>> {
    let pattern: Pattern = serde_json::from_str(name.strip_prefix(PREFIX)?).ok()?;
    parsing(&pattern)
}

impl Kernel for Parsing {
    const STAYS: bool = true;

    fn call(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let found = over_rows::done(&self.step, args)?;
        let mut arrays = found.columns.into_iter().map(|column| column.array).skip(1);
        let kept = arrays.next();
        let kept = kept
            .as_ref()
            .and_then(|kept| kept.as_primitive_opt::<Int64Type>())
            .ok_or_else(|| exec_datafusion_err!("what was found belongs to no row"))?;
        let mut places = vec![None; rows];
        for (place, row) in (0_u32..).zip(kept.values()) {
            if let Some(held) = usize::try_from(*row).ok().and_then(|row| places.get_mut(row)) {
                *held = Some(place);
            }
        }
        let fits = NullBuffer::from_iter(places.iter().map(Option::is_some));
        let places = UInt32Array::from(places);
        let arrays = arrays
            .map(|array| Ok(arrow_select::take::take(&array, &places, None)?))
            .collect::<Result<Vec<ArrayRef>>>()?;
        let found = StructArray::try_new_with_length(self.fields.clone(), arrays, Some(fits), rows)?;
        Ok(ColumnarValue::Array(Arc::new(found)))
    }
}
