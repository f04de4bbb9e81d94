//! Evaluates expressions that need no rows: literals, names that are given, and calls of our functions. Examples
//! run by it.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::builder::{BinaryBuilder, FixedSizeBinaryBuilder};
use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int32Array, Int64Array, StringViewArray};
use kql::ScalarType;
use kql::signature::{Class, Gives, Signature};
use kql::syntax::{
    BinaryOperator, DynamicValue, Expr, ExprKind, Link, Literal, StatementKind, Step, UnarySign,
};

use crate::column::Column;
use crate::dynamic::Writer;
use crate::function::{Call, Function, Refusal};
use crate::registry;

/// Names and their values.
pub type Names = HashMap<String, Column>;

/// The value of an expression.
pub fn evaluate(text: &str) -> Result<Column, Refusal> {
    let (query, diagnostics) = kql::parse(text);
    if let Some(diagnostic) = diagnostics.first() {
        return Err(Refusal::new(diagnostic.message.clone()));
    }
    match query.statements.first().map(|statement| &statement.kind) {
        Some(StatementKind::Expression(expression)) => value(expression, &Names::new()),
        _ => Err(Refusal::new("not an expression")),
    }
}

/// The value of an expression in which names may stand.
pub fn value(expression: &Expr, names: &Names) -> Result<Column, Refusal> {
    match &expression.kind {
        ExprKind::Name(name) => names
            .get(&name.text)
            .cloned()
            .ok_or_else(|| Refusal::new(format!("`{}` has no value", name.text))),
        ExprKind::Between(between) => {
            let name = if between.negated { "!between" } else { "between" };
            let low = value(&between.low, names)?;
            let mut high = value(&between.high, names)?;
            if low.kind == ScalarType::Datetime && high.kind == ScalarType::Timespan {
                high = call("+", &[low.clone(), high])?;
            }
            call(name, &[value(&between.value, names)?, low, high])
        }
        ExprKind::In(held, operator, items) => {
            let mut arguments = vec![value(held, names)?];
            for item in items {
                arguments.push(value(item, names)?);
            }
            call(operator.text(), &arguments)
        }
        ExprKind::Chain(first, links)
            if links
                .iter()
                .all(|link| matches!(link.operator, BinaryOperator::And | BinaryOperator::Or)) =>
        {
            logic(first, links, names)
        }
        ExprKind::Chain(first, links) => {
            let mut left = value(first, names)?;
            for link in links {
                let right = value(&link.right, names)?;
                left = call(link.operator.text(), &[left, right])?;
            }
            Ok(left)
        }
        ExprKind::Path(base, steps) => members(base, steps, names),
        ExprKind::Literal(literal) => Ok(literal_column(literal)),
        ExprKind::Dynamic(value) => Ok(dynamic_column(value)),
        ExprKind::Group(inside) => value(inside, names),
        ExprKind::Unary(UnarySign::Minus, inside) => negated(inside, names),
        ExprKind::TypeOf(types) => {
            let named = types.first().and_then(|name| ScalarType::from_name(&name.text));
            named
                .map(Column::null)
                .ok_or_else(|| Refusal::new("no such type"))
        }
        ExprKind::Call(written) => {
            let arguments = written
                .arguments
                .iter()
                .map(|argument| value(argument, names))
                .collect::<Result<Vec<_>, _>>()?;
            call(&written.name.text, &arguments)
        }
        _ => Err(Refusal::new("only literals and calls can be evaluated here")),
    }
}

/// A literal with the other sign, or what the operator makes of a value.
fn negated(inside: &Expr, names: &Names) -> Result<Column, Refusal> {
    match &inside.kind {
        ExprKind::Literal(Literal::Int(Some(number))) => Ok(literal_column(&Literal::Int(Some(-number)))),
        ExprKind::Literal(Literal::Long(Some(number))) => Ok(literal_column(&Literal::Long(Some(-number)))),
        ExprKind::Literal(Literal::Real(Some(number))) => {
            Ok(literal_column(&Literal::Real(Some(0.0 - number))))
        }
        ExprKind::Literal(Literal::Timespan(Some(ticks))) => {
            Ok(literal_column(&Literal::Timespan(Some(-ticks))))
        }
        _ => call(
            "-",
            &[literal_column(&Literal::Long(Some(0))), value(inside, names)?],
        ),
    }
}

/// `and` and `or`, of three values.
fn logic(first: &Expr, links: &[Link], names: &Names) -> Result<Column, Refusal> {
    let mut left = truth(&value(first, names)?)?;
    for link in links {
        let right = truth(&value(&link.right, names)?)?;
        left = match (link.operator, left, right) {
            (BinaryOperator::And, Some(false), _) | (BinaryOperator::And, _, Some(false)) => Some(false),
            (BinaryOperator::Or, Some(true), _) | (BinaryOperator::Or, _, Some(true)) => Some(true),
            (_, Some(left), Some(_)) => Some(left),
            _ => None,
        };
    }
    Ok(literal_column(&Literal::Bool(left)))
}

/// `a.b[1]`.
fn members(base: &Expr, steps: &[Step], names: &Names) -> Result<Column, Refusal> {
    let mut held = value(base, names)?;
    for step in steps {
        let index = match step {
            Step::Member(name) => literal_column(&Literal::String(name.text.clone())),
            Step::Element(index) => value(index, names)?,
            Step::Call(_) => return Err(Refusal::new("a member cannot be called")),
        };
        held = call("[]", &[held, index])?;
    }
    Ok(held)
}

/// What `and` and `or` take.
fn truth(column: &Column) -> Result<Option<bool>, Refusal> {
    if column.kind == ScalarType::Bool {
        Ok(column.cell(0).bool())
    } else {
        Err(Refusal::new("a condition is true or false"))
    }
}

fn call(name: &str, arguments: &[Column]) -> Result<Column, Refusal> {
    let function = registry::find(name).ok_or_else(|| Refusal::new(format!("`{name}` is not a function")))?;
    apply(function, arguments)
}

/// Calls a function with arguments that hold for all rows.
pub fn apply(function: &Function, arguments: &[Column]) -> Result<Column, Refusal> {
    let kinds: Vec<ScalarType> = arguments.iter().map(|column| column.kind).collect();
    let gives = function
        .parsed_signatures()
        .iter()
        .find_map(|signature| gives(signature, &kinds))
        .ok_or_else(|| Refusal::new(format!("`{}` does not take these arguments", function.name)))?;
    let call = Call {
        arguments,
        rows: 1,
        gives,
        bytes_max: usize::MAX,
    };
    Ok(Column::constant(gives, (function.kernel)(&call)?))
}

/// What a call gives, if the arguments fit.
#[must_use]
pub fn gives(signature: &Signature, kinds: &[ScalarType]) -> Option<ScalarType> {
    if !signature.takes(kinds.len()) {
        return None;
    }
    let mut common: Option<ScalarType> = None;
    let mut widest: Option<ScalarType> = None;
    for (at, &kind) in kinds.iter().enumerate() {
        let class = signature.parameter_of(at, kinds.len())?.class;
        if !fits(class, kind) {
            return None;
        }
        if matches!(
            class,
            Class::Common | Class::CommonOrderable | Class::CommonOrDynamic
        ) {
            common = Some(common.map_or(kind, |held| held.widest(kind).unwrap_or(held)));
        }
        if class == Class::Number {
            widest = Some(widest.map_or(kind, |held| held.max(kind)));
        }
    }
    match signature.gives {
        Gives::Type(kind) => Some(kind),
        Gives::Parameter(at) | Gives::Literal(at) => kinds.get(at).copied(),
        Gives::Widest => widest,
        Gives::Common => common,
    }
}

fn fits(class: Class, kind: ScalarType) -> bool {
    match class {
        Class::Type(ScalarType::String) => matches!(kind, ScalarType::String | ScalarType::Dynamic),
        Class::Type(wanted) => wanted == kind || (kind.is_number() && wanted.is_number() && kind < wanted),
        Class::Integer => kind.is_integer(),
        Class::Number => kind.is_number(),
        Class::NumberOrBool => kind.is_number() || kind == ScalarType::Bool,
        Class::Summable => kind.is_summable(),
        Class::Orderable | Class::CommonOrderable | Class::NotDynamic => kind != ScalarType::Dynamic,
        Class::NotRealOrBool => !matches!(kind, ScalarType::Real | ScalarType::Bool),
        Class::StringOrDynamic => matches!(kind, ScalarType::String | ScalarType::Dynamic),
        Class::IntegerOrArray => kind.is_integer() || kind == ScalarType::Dynamic,
        Class::Scalar | Class::Common | Class::CommonOrDynamic | Class::TypeLiteral => true,
        Class::Tabular => false,
    }
}

/// A literal as a column that holds for all rows.
#[must_use]
pub fn literal_column(literal: &Literal) -> Column {
    let (kind, array): (ScalarType, ArrayRef) = match literal {
        Literal::Bool(value) => (ScalarType::Bool, Arc::new(BooleanArray::from(vec![*value]))),
        Literal::Int(value) => (ScalarType::Int, Arc::new(Int32Array::from(vec![*value]))),
        Literal::Long(value) => (ScalarType::Long, Arc::new(Int64Array::from(vec![*value]))),
        Literal::Real(value) => (ScalarType::Real, Arc::new(Float64Array::from(vec![*value]))),
        Literal::Decimal(digits) => (
            ScalarType::Decimal,
            Arc::new(StringViewArray::from(vec![digits.as_deref()])),
        ),
        Literal::String(text) => (
            ScalarType::String,
            Arc::new(StringViewArray::from(vec![text.as_str()])),
        ),
        Literal::Datetime(ticks) => (ScalarType::Datetime, Arc::new(Int64Array::from(vec![*ticks]))),
        Literal::Timespan(ticks) => (ScalarType::Timespan, Arc::new(Int64Array::from(vec![*ticks]))),
        Literal::Guid(guid) => {
            let mut builder = FixedSizeBinaryBuilder::with_capacity(1, 16);
            match guid {
                // Sixteen bytes always fit.
                Some(guid) => drop(builder.append_value(guid)),
                None => builder.append_null(),
            }
            (ScalarType::Guid, Arc::new(builder.finish()))
        }
    };
    Column::constant(kind, array)
}

/// What `dynamic(...)` says as a column that holds for all rows.
#[must_use]
pub fn dynamic_column(value: &DynamicValue) -> Column {
    let mut builder = BinaryBuilder::new();
    match value {
        DynamicValue::Null => builder.append_null(),
        value => builder.append_value(Writer::build(|writer| write(value, writer))),
    }
    Column::constant(ScalarType::Dynamic, Arc::new(builder.finish()))
}

fn write(value: &DynamicValue, writer: &mut Writer) {
    match value {
        DynamicValue::Null => writer.null(),
        DynamicValue::Literal(literal) => literal_column(literal).cell(0).write(writer),
        DynamicValue::Array(items) => writer.array(|elements| {
            for item in items {
                elements.push(|writer| write(item, writer));
            }
        }),
        DynamicValue::Bag(items) => writer.bag(|members| {
            for (key, item) in items {
                members.push(key, |writer| write(item, writer));
            }
        }),
    }
}
