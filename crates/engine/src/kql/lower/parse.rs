//! `parse` and `parse-kv`: what was found in each row's text, side by side, taken apart.

use datafusion::functions::core::expr_fn::{coalesce, get_field};
use datafusion::logical_expr::LogicalPlanBuilder;
use kql::ScalarType;
use kql::bound::{ParsePart, Scalar, Step, StepKind};
use kqleval::probe_pattern;

use super::order::carried;
use super::scalar::{Scope, column_named, null};
use super::{Lowered, Lowering, Stop};
use crate::kql::aggregates::field_name;
use crate::kql::needed::Needed;
use crate::kql::over_rows::OverRows;

/// The column of what was found.
const FOUND: &str = "\u{1f}found";

/// What stands before what is found: the text and the row's number.
const BEFORE: usize = 2;

/// The plan with what is found in texts.
pub(super) fn parsed(scope: &Scope<'_>, before: &Lowered, step: &Step, needed: &Needed) -> Lowering<Lowered> {
    let Parts {
        value,
        over,
        places,
        drops,
    } = parts(&step.kind).ok_or(Stop::Beyond)?;
    probe_pattern(&step.kind).map_err(|failure| failure.at(step.span))?;
    let function = over.one().ok_or(Stop::Beyond)?;
    let found = function.call(vec![scope.value(&value)?]).alias(FOUND);
    let (keys, order) = carried(before.order.as_ref());
    let key_names: Vec<String> = keys.iter().map(|key| key.qualified_name().1).collect();

    let is_kept = |place: usize| needed.has(place) && !places.contains(&place);
    let kept = before.columns.iter().enumerate();
    let kept = kept
        .filter(|(place, _)| is_kept(*place))
        .map(|(_, column)| column_named(&*column.name));
    let mut builder =
        LogicalPlanBuilder::from(before.plan.clone()).project(kept.chain(keys).chain([found]))?;
    if drops {
        builder = builder.filter(column_named(FOUND).is_not_null())?;
    }

    let mut outputs = Vec::with_capacity(step.columns.len() + key_names.len());
    for (place, column) in step.columns.iter().enumerate() {
        // Of two that go to one column, the one behind stays.
        let value = match places.iter().rposition(|held| *held == place) {
            _ if !needed.has(place) => null(column.kind)?,
            Some(at) if column.kind == ScalarType::String => coalesce(vec![
                get_field(column_named(FOUND), field_name(at)),
                null(ScalarType::String)?,
            ]),
            Some(at) => get_field(column_named(FOUND), field_name(at)),
            None => column_named(&*column.name),
        };
        outputs.push(value.alias(&*column.name));
    }
    outputs.extend(key_names.into_iter().map(|name| column_named(&name).alias(name)));
    Ok(Lowered {
        plan: builder.project(outputs)?.build()?,
        steps: 0,
        columns: step.columns.clone(),
        order,
        table: None,
    })
}

struct Parts {
    /// The text.
    value: Scalar,
    /// The step over the text alone, which has what is found behind it.
    over: OverRows,
    /// Where it goes to.
    places: Vec<usize>,
    /// Rows without it are dropped.
    drops: bool,
}

fn parts(step: &StepKind) -> Option<Parts> {
    let text = Scalar::column(0, ScalarType::String, kql::Span::default());
    let (mut places, mut gives, mut drops) = (Vec::new(), Vec::new(), false);
    let mut placed = |place: &mut usize, kind: ScalarType| {
        let behind = BEFORE + places.len();
        places.push(std::mem::replace(place, behind));
        gives.push(kind);
    };
    let mut step = step.clone();
    let value = match &mut step {
        StepKind::Parse(parse) => {
            for part in &mut parse.pattern {
                if let ParsePart::Column(place, kind) = part {
                    placed(place, *kind);
                }
            }
            drops = parse.drops;
            std::mem::replace(&mut parse.value, text)
        }
        StepKind::ParseKv(parse) => {
            for (_, kind, place) in &mut parse.keys {
                placed(place, *kind);
            }
            std::mem::replace(&mut parse.value, text)
        }
        _ => return None,
    };
    let over = OverRows {
        values: vec![ScalarType::String],
        step,
        before: vec![ScalarType::String],
        gives,
    };
    Some(Parts {
        value,
        over,
        places,
        drops,
    })
}
