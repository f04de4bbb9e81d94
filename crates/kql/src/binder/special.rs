//! Calls that are no functions of values: the moment of the query, rows made to a value, columns by their name.

use std::sync::Arc;

use super::function::Argument;
use super::{Binder, aggregate, naming, slips};
use crate::bound::{Column, Rows, Scalar, ScalarKind, Source};
use crate::diagnostic::{Code, Diagnostic};
use crate::signature::Class;
use crate::syntax::{BinaryOperator, Call, Expr, ExprKind, Literal};
use crate::types::ScalarType;

/// The names of all of them; what is not here is no special call.
pub(super) const SPECIAL: [&str; 17] = [
    "ago",
    "bag_pack_columns",
    "bin_auto",
    "column_ifexists",
    "column_names_of",
    "columnifexists",
    "current_database",
    "estimate_data_size",
    "ingestion_time",
    "iscolumnexists",
    "materialize",
    "new_guid",
    "now",
    "pack_all",
    "rand",
    "table",
    "toscalar",
];

impl Binder<'_> {
    /// Binds a special call; none if it is an ordinary one.
    pub(super) fn special(&mut self, call: &Call) -> Option<Option<Scalar>> {
        let name = call.name.text.as_str();
        if !SPECIAL.contains(&name) && !matches!(name, "pack_array" | "totable") {
            return None;
        }
        Some(match name {
            "now" => self.moment(call, BinaryOperator::Add),
            "ago" => self.moment(call, BinaryOperator::Subtract),
            "toscalar" => self.first_cell(call),
            "column_ifexists" | "columnifexists" => self.column_if_exists(call),
            "iscolumnexists" => self.is_column(call),
            "pack_all" => self.pack_all(call),
            "pack_array"
                if matches!(
                    call.arguments.as_slice(),
                    [Expr {
                        kind: ExprKind::Star,
                        ..
                    }]
                ) =>
            {
                self.pack_whole_row(call)
            }
            "bag_pack_columns" => self.pack_columns(call),
            "column_names_of" => self.column_names(call),
            "estimate_data_size" => self.data_size(call),
            "bin_auto" => self.bin_by_option(call),
            "current_database" => self.database_name(call),
            "rand" | "new_guid" => self.by_chance(call),
            "ingestion_time" => self.ingestion_time(call),
            "materialize" | "table" | "totable" => {
                self.place_error(call.span, "rows stand where one value is asked for")
            }
            _ => return None,
        })
    }

    /// No row has it, and conditions on it keep none: that is said.
    fn ingestion_time(&mut self, call: &Call) -> Option<Scalar> {
        let message = "no row has the time of its ingestion: `ingestion_time()` is null";
        let hint = "`TimeGenerated` is when it happened; `IngestLog` has when each source was read";
        let _: Option<()> = self.tell(Diagnostic::warning(Code::SEM0219, call.span, message).hint(hint));
        Some(Scalar::literal(
            Literal::Datetime(None),
            ScalarType::Datetime,
            call.span,
        ))
    }

    /// `now()`, `now(-1d)`, `ago(1h)`: the same all through a query.
    fn moment(&mut self, call: &Call, operator: BinaryOperator) -> Option<Scalar> {
        let now = Scalar::literal(
            Literal::Datetime(Some(self.catalog.now())),
            ScalarType::Datetime,
            call.span,
        );
        let [distance] = call.arguments.as_slice() else {
            if call.arguments.is_empty() && operator == BinaryOperator::Add {
                return Some(now);
            }
            let name = &call.name.text;
            return self.error(
                Code::SEM0219,
                call.span,
                format!("`{name}` takes one timespan, such as `1h`"),
            );
        };
        let distance = self.scalar(distance)?;
        if distance.gives != ScalarType::Timespan {
            let message = format!(
                "`{}` takes a timespan, such as `1h`, and this is of type {}",
                call.name.text, distance.gives
            );
            let mut diagnostic = Diagnostic::error(Code::SEM0219, distance.span, message);
            diagnostic.hint = slips::unquoted(Class::Type(ScalarType::Timespan), &distance);
            return self.tell(diagnostic);
        }
        if let (Some(Literal::Datetime(Some(from))), Some(Literal::Timespan(Some(ticks)))) =
            (now.as_literal(), distance.as_literal())
        {
            let sign = if operator == BinaryOperator::Add { 1 } else { -1 };
            let moment = ticks.checked_mul(sign).and_then(|ticks| from.checked_add(ticks));
            return Some(Scalar::literal(
                Literal::Datetime(moment),
                ScalarType::Datetime,
                call.span,
            ));
        }
        self.binary(operator, now, distance, call.span)
    }

    fn first_cell(&mut self, call: &Call) -> Option<Scalar> {
        let Some(argument) = call.arguments.first() else {
            return self.error(Code::SEM0219, call.span, "`toscalar` takes rows, or one value");
        };
        let rows = match self.apart(|binder| binder.cell_of(argument))? {
            Argument::Rows(rows, _) => *rows,
            Argument::Scalar(scalar, _) if scalar.as_literal().is_some() => return Some(scalar),
            // Chance may decide on it, and does so once.
            Argument::Scalar(scalar, _) => {
                let column = Column::new("print_0", scalar.gives);
                Rows::new(Source::Print(vec![scalar]), vec![column])
            }
        };
        let gives = match rows.columns().first() {
            Some(column) => column.kind,
            None if rows.is_open => ScalarType::Dynamic,
            None => return self.error(Code::SEM0009, argument.span, "these rows have no column"),
        };
        Some(Scalar {
            kind: ScalarKind::ToScalar(Arc::new(rows)),
            gives,
            span: call.span,
        })
    }

    /// What `toscalar` takes: rows, or one value. It sees nothing of the rows around.
    fn cell_of(&mut self, argument: &Expr) -> Option<Argument> {
        Some(match self.is_tabular(argument) {
            true => Argument::Rows(Box::new(self.rows(argument)?), 0),
            false => Argument::Scalar(self.scalar(argument)?, 0),
        })
    }

    fn literal_text(&mut self, argument: Option<&Expr>, what: &str, call: &Call) -> Option<String> {
        let bound = match argument {
            Some(argument) => self.scalar(argument)?,
            None => return self.error(Code::SEM0219, call.span, format!("{what} is missing")),
        };
        match bound.as_literal() {
            Some(Literal::String(text)) => Some(text.clone()),
            _ => self.error(
                Code::SEM0019,
                bound.span,
                format!("{what} must be a literal text"),
            ),
        }
    }

    /// `column_ifexists("a", default)`.
    fn column_if_exists(&mut self, call: &Call) -> Option<Scalar> {
        let name = self.literal_text(call.arguments.first(), "the name of the column", call)?;
        let default = match call.arguments.get(1) {
            Some(default) => self.scalar(default)?,
            None => {
                return self.error(
                    Code::SEM0219,
                    call.span,
                    "`column_ifexists` takes a name and a default",
                );
            }
        };
        match self.find_column(&name) {
            Some((at, column)) => Some(Scalar::column(at, column.kind, call.span)),
            None => Some(default),
        }
    }

    /// The name that an expression suggests here, where it is known which columns there are.
    pub(super) fn suggested(&self, expression: &Expr) -> Option<String> {
        if let ExprKind::Call(call) = &expression.kind
            && matches!(call.name.text.as_str(), "column_ifexists" | "columnifexists")
            && let [name, default] = call.arguments.as_slice()
        {
            let wanted = match self.literal_of(name) {
                Some(Literal::String(text)) => Some(text),
                _ => None,
            };
            return match wanted.filter(|wanted| self.find_column(wanted).is_some()) {
                Some(found) => Some(found.clone()),
                None => naming::suggested(default),
            };
        }
        match &expression.kind {
            ExprKind::Call(call) if aggregate::names_itself(&call.name.text) => self.own_name(call),
            _ => naming::suggested(expression),
        }
    }

    fn is_column(&mut self, call: &Call) -> Option<Scalar> {
        let name = self.literal_text(call.arguments.first(), "the name of the column", call)?;
        let exists = self.find_column(&name).is_some();
        Some(Scalar::literal(
            Literal::Bool(Some(exists)),
            ScalarType::Bool,
            call.span,
        ))
    }

    fn database_name(&mut self, call: &Call) -> Option<Scalar> {
        if !call.arguments.is_empty() {
            return self.error(Code::SEM0219, call.span, "`current_database` takes no arguments");
        }
        let name = Literal::String(self.catalog.database().to_owned());
        Some(Scalar::literal(name, ScalarType::String, call.span))
    }

    /// `pack_all()`, `pack_all(true)`: all columns, and with `true` only those that hold something.
    fn pack_all(&mut self, call: &Call) -> Option<Scalar> {
        let leaves_out = match call.arguments.first() {
            None => false,
            Some(argument) => match self.scalar(argument)?.as_literal() {
                Some(Literal::Bool(Some(value))) => *value,
                _ => return self.error(Code::SEM0019, argument.span, "`pack_all` takes `true` or `false`"),
            },
        };
        Some(Scalar {
            kind: ScalarKind::PackAll(leaves_out),
            gives: ScalarType::Dynamic,
            span: call.span,
        })
    }

    /// `pack_array(*)`: an array of all columns.
    fn pack_whole_row(&mut self, call: &Call) -> Option<Scalar> {
        if self.row.as_ref().is_some_and(|row| row.is_open) {
            return self.place_error(
                call.span,
                "`pack_array(*)` needs columns that are known before the query runs",
            );
        }
        let columns = self.row_columns().into_iter().enumerate();
        let cells = columns
            .map(|(at, column)| Scalar::column(at, column.kind, call.span))
            .collect();
        Some(self.call_of("pack_array", cells, ScalarType::Dynamic, call.span))
    }

    /// `bag_pack_columns(a, b)`: a bag of columns under their names.
    fn pack_columns(&mut self, call: &Call) -> Option<Scalar> {
        if call.arguments.is_empty() {
            let diagnostic = Diagnostic::error(Code::SEM0219, call.span, "`bag_pack_columns` takes columns");
            return self.tell(diagnostic.hint("`pack_all()` takes all of them"));
        }
        let mut arguments = Vec::new();
        for argument in &call.arguments {
            let ExprKind::Name(name) = &argument.kind else {
                return self.place_error(argument.span, "`bag_pack_columns` takes columns");
            };
            arguments.push(Scalar::literal(
                Literal::String(name.text.clone()),
                ScalarType::String,
                name.span,
            ));
            arguments.push(self.scalar_name(name)?);
        }
        Some(self.call_of("bag_pack", arguments, ScalarType::Dynamic, call.span))
    }

    /// `rand()`, `rand(10)`, `new_guid()`: another value in each row.
    fn by_chance(&mut self, call: &Call) -> Option<Scalar> {
        let arguments = self.arguments(&call.arguments)?;
        let most = usize::from(call.name.text == "rand");
        if arguments.len() > most {
            let message = match most {
                0 => "`new_guid` takes no arguments",
                _ => "`rand` takes one whole number, or nothing",
            };
            return self.error(Code::SEM0219, call.span, message);
        }
        if call.name.text == "new_guid" {
            return Some(self.call_of("new_guid", Vec::new(), ScalarType::Guid, call.span));
        }
        if let Some(limit) = arguments.first()
            && !limit.gives.is_integer()
        {
            let diagnostic = Diagnostic::error(Code::SEM0219, limit.span, "`rand` takes a whole number");
            return self
                .tell(diagnostic.hint("`rand()` gives reals from 0 to 1, `rand(n)` whole numbers below n"));
        }
        Some(self.call_of("rand", arguments, ScalarType::Real, call.span))
    }
}
