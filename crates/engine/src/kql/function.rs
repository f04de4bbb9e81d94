//! The functions of `kqlfn` as the query library wants them. A function's name carries its types, so that a plan that
//! travels finds it again: `kql:strcat(string,long)->string`.

use std::fmt::Debug;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow_array::Array;
use arrow_schema::DataType;
use datafusion::common::{DataFusionError, Result, ScalarValue, exec_err};
use datafusion::logical_expr::preimage::PreimageResult;
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use kql::ScalarType;
use kqlfn::{Call, Column, Function, arrow_type, registry};

use super::preimage::preimage;

const PREFIX: &str = "kql:";
const WIDENED: &str = "kql-widened:";
const SPELLED: &str = "kql-spelled-once:";

/// What a function of this program does, whatever the query library wants of it beside.
pub(super) trait Kernel: Debug + Send + Sync + 'static {
    /// It is computed once, where it stands. Of others the library puts copies in place of their column's name, one for
    /// each time that a condition names it, and again for each name in those.
    const STAYS: bool = false;

    fn call(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue>;

    /// What a comparison with it says of its argument.
    fn preimage(&self, _arguments: &[Expr], _literal: &Expr) -> Result<PreimageResult> {
        Ok(PreimageResult::None)
    }
}

/// A function whose name says all of it.
pub(super) fn named<K: Kernel>(
    name: String,
    kinds: &[ScalarType],
    gives: DataType,
    kernel: K,
) -> Arc<ScalarUDF> {
    // The library leaves in its place what may give something else each time.
    let volatility = if K::STAYS {
        Volatility::Volatile
    } else {
        Volatility::Immutable
    };
    let types: Vec<DataType> = kinds.iter().map(|kind| arrow_type(*kind)).collect();
    let signature = if types.is_empty() {
        Signature::nullary(volatility)
    } else {
        Signature::exact(types, volatility)
    };
    Arc::new(ScalarUDF::new_from_impl(Named {
        name,
        gives,
        signature,
        kernel,
    }))
}

#[derive(Debug)]
struct Named<K> {
    name: String,
    gives: DataType,
    signature: Signature,
    kernel: K,
}

impl<K> PartialEq for Named<K> {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl<K> Eq for Named<K> {}

impl<K> Hash for Named<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl<K: Kernel> ScalarUDFImpl for Named<K> {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    /// Without the arguments: texts of texts take time that grows with the cube of an expression's depth. Whatever is
    /// told apart by this name (columns, groups, aggregates, functions over rows) has one of its own.
    fn schema_name(&self, _: &[Expr]) -> Result<String> {
        Ok(self.name.clone())
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.gives.clone())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        self.kernel.call(args)
    }

    fn preimage(&self, arguments: &[Expr], literal: &Expr, _: &SimplifyContext) -> Result<PreimageResult> {
        self.kernel.preimage(arguments, literal)
    }
}

/// What a function of the language does.
#[derive(Debug)]
enum Does {
    Function(&'static Function),
    /// Makes a value to one of another type.
    Widening,
    /// Gives the same values the same bytes.
    Spelling,
}

/// A function on columns of known types.
#[derive(Debug)]
struct KqlFunction {
    does: Does,
    kinds: Vec<ScalarType>,
    gives: ScalarType,
}

/// The function with these types, if there is one.
pub(super) fn function(name: &str, kinds: &[ScalarType], gives: ScalarType) -> Option<Arc<ScalarUDF>> {
    let function = registry::find(name)?;
    let spelled: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
    let does = KqlFunction {
        does: Does::Function(function),
        kinds: kinds.to_vec(),
        gives,
    };
    let name = format!("{PREFIX}{name}({})->{}", spelled.join(","), gives.name());
    Some(named(name, kinds, arrow_type(gives), does))
}

/// The function that makes a value to one of another type.
pub(super) fn widening(from: ScalarType, to: ScalarType) -> Arc<ScalarUDF> {
    let does = KqlFunction {
        does: Does::Widening,
        kinds: vec![from],
        gives: to,
    };
    let name = format!("{WIDENED}{}->{}", from.name(), to.name());
    named(name, &[from], arrow_type(to), does)
}

/// The function that gives values one spelling, which those are grouped and joined by that have several.
pub(super) fn spelled_once(kind: ScalarType) -> Arc<ScalarUDF> {
    let does = KqlFunction {
        does: Does::Spelling,
        kinds: vec![kind],
        gives: kind,
    };
    named(
        format!("{SPELLED}{}", kind.name()),
        &[kind],
        arrow_type(kind),
        does,
    )
}

/// The function of a name that has travelled.
pub(crate) fn by_name(name: &str) -> Option<Arc<ScalarUDF>> {
    if let Some(kind) = name.strip_prefix(SPELLED) {
        return Some(spelled_once(ScalarType::from_name(kind)?));
    }
    if let Some((from, to)) = name
        .strip_prefix(WIDENED)
        .and_then(|types| types.split_once("->"))
    {
        return Some(widening(ScalarType::from_name(from)?, ScalarType::from_name(to)?));
    }
    let (call, gives) = name.strip_prefix(PREFIX)?.rsplit_once(")->")?;
    let (name, kinds) = call.rsplit_once('(')?;
    let kinds = kinds
        .split(',')
        .filter(|kind| !kind.is_empty())
        .map(ScalarType::from_name)
        .collect::<Option<Vec<_>>>()?;
    function(name, &kinds, ScalarType::from_name(gives)?)
}

impl Kernel for KqlFunction {
    fn preimage(&self, arguments: &[Expr], literal: &Expr) -> Result<PreimageResult> {
        match self.does {
            Does::Function(function) => preimage(function.name, &self.kinds, arguments, literal),
            Does::Widening | Does::Spelling => Ok(PreimageResult::None),
        }
    }

    fn call(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let mut columns = Vec::with_capacity(args.args.len());
        for (value, kind) in args.args.iter().zip(&self.kinds) {
            columns.push(match value {
                ColumnarValue::Array(array) => Column::new(*kind, Arc::clone(array)),
                ColumnarValue::Scalar(scalar) => Column::constant(*kind, scalar.to_array()?),
            });
        }
        let is_constant = columns.iter().all(|column| column.is_constant) && !columns.is_empty();
        let rows = if is_constant { 1 } else { args.number_rows };
        let call = Call {
            arguments: &columns,
            rows,
            gives: self.gives,
            bytes_max: usize::MAX,
        };
        let array = match (&self.does, columns.first()) {
            (Does::Function(function), _) => {
                (function.kernel)(&call).map_err(|refusal| match refusal.is_too_large {
                    true => DataFusionError::ResourcesExhausted(refusal.message),
                    false => DataFusionError::Execution(refusal.message),
                })?
            }
            (Does::Widening, Some(column)) => {
                let widened = kqleval::widened(column, self.gives, rows);
                widened
                    .map_err(|failure| DataFusionError::Execution(failure.message))?
                    .array
            }
            (Does::Spelling, Some(column)) => kqleval::spelled_once(column).array,
            (Does::Widening | Does::Spelling, None) => return exec_err!("a column is missing"),
        };
        if is_constant && array.len() == 1 {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&array, 0)?));
        }
        Ok(ColumnarValue::Array(array))
    }
}
