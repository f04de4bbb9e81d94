//! Calls about columns and about the query itself: names, sizes, and what `set` says.

use super::Binder;
use crate::bound::{Column, Scalar, ScalarKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::syntax::{Call, DynamicValue, Expr, ExprKind, Literal, Name};
use crate::types::ScalarType;

/// What `set` says of `bin_auto`: the size of its bins, and where one of them begins.
#[derive(Debug, Default)]
pub(super) struct AutoBins {
    size: Option<Scalar>,
    begin: Option<Scalar>,
}

impl Binder<'_> {
    /// `column_names_of(T)`: an array of names.
    pub(super) fn column_names(&mut self, call: &Call) -> Option<Scalar> {
        let [rows] = call.arguments.as_slice() else {
            return self.error(Code::SEM0219, call.span, "`column_names_of` takes rows");
        };
        if !self.is_tabular(rows) {
            return self.place_error(rows.span, "`column_names_of` takes rows");
        }
        let bound = self.rows(rows)?;
        if bound.is_open {
            return self.unsupported(
                rows.span,
                "`column_names_of` where only the data tell the columns",
            );
        }
        let name = |column: &Column| DynamicValue::Literal(Literal::String(column.name.to_string()));
        Some(Scalar {
            kind: ScalarKind::Dynamic(DynamicValue::Array(bound.columns().iter().map(name).collect())),
            gives: ScalarType::Dynamic,
            span: call.span,
        })
    }

    /// `estimate_data_size(a, b)`, `estimate_data_size(*)`.
    pub(super) fn data_size(&mut self, call: &Call) -> Option<Scalar> {
        let mut arguments = Vec::new();
        for argument in &call.arguments {
            if matches!(argument.kind, ExprKind::Star) {
                let columns = self.row_columns().into_iter().enumerate();
                arguments.extend(columns.map(|(at, column)| Scalar::column(at, column.kind, argument.span)));
            } else {
                arguments.push(self.scalar(argument)?);
            }
        }
        self.declared(call, "estimate_data_size", arguments)
    }

    /// Remembers what `set` says. What would change the answer and is not done is refused; of the rest it is told that
    /// nothing comes of it.
    pub(super) fn remember_option(&mut self, name: &Name, value: Option<&Expr>) -> Option<()> {
        match name.text.as_str() {
            "query_bin_auto_size" => self.auto_bins.size = Some(self.scalar(value?)?),
            "query_bin_auto_at" => self.auto_bins.begin = Some(self.scalar(value?)?),
            "query_take_max_records" => self.rows_max = Some(self.count_of(value?)?),
            "query_now"
            | "query_datetimescope_column"
            | "query_datetimescope_from"
            | "query_datetimescope_to" => {
                return self.unsupported(name.span, &format!("the option `{}` of `set`", name.text));
            }
            option => {
                let message = format!("nothing comes of `set {option}` here");
                let hint = "limits are set by `--memory`, `--timeout` and `--query-timeout`";
                return self.tell(Diagnostic::warning(Code::SEM0219, name.span, message).hint(hint));
            }
        }
        Some(())
    }

    /// `bin_auto(a)`: `bin` or `bin_at` as `set` says.
    pub(super) fn bin_by_option(&mut self, call: &Call) -> Option<Scalar> {
        let mut arguments = self.arguments(&call.arguments)?;
        if arguments.len() != 1 {
            return self.error(Code::SEM0219, call.span, "`bin_auto` takes one value");
        }
        let Some(size) = self.auto_bins.size.clone() else {
            let diagnostic = Diagnostic::error(
                Code::SEM0219,
                call.span,
                "the size of the bins of `bin_auto` is not set",
            );
            return self.tell(diagnostic.hint("put `set query_bin_auto_size = 1h;` before the query"));
        };
        arguments.push(size);
        match self.auto_bins.begin.clone() {
            Some(begin) => {
                arguments.push(begin);
                self.declared(call, "bin_at", arguments)
            }
            None => self.declared(call, "bin", arguments),
        }
    }

    /// A call of a function that the catalog knows, written under another name or otherwise.
    fn declared(&mut self, call: &Call, name: &str, arguments: Vec<Scalar>) -> Option<Scalar> {
        let Some(declaration) = self.catalog.function(name).cloned() else {
            return self.unsupported(call.name.span, &format!("the function `{}`", call.name.text));
        };
        let (arguments, gives) =
            self.resolve(&call.name.text, &declaration.signatures, arguments, call.span)?;
        Some(self.call_of(declaration.name, arguments, gives, call.span))
    }
}
