//! `let`, `declare query_parameters`, and functions that are written in a query or stored.

use std::collections::HashSet;
use std::rc::Rc;
use std::sync::Arc;

use super::scope::{Meaning, Scope};
use super::{Binder, CALLS_MAX};
use crate::bound::{Column, Rows, Scalar};
use crate::diagnostic::{Code, Diagnostic};
use crate::span::Span;
use crate::syntax::{
    Call, ColumnDeclaration, Expr, ExprKind, Function, LetValue, Literal, Name, Parameter, ParameterType,
    Query, Statement, StatementKind,
};
use crate::types::ScalarType;

/// An argument of a function of the query, and how many names stand behind it.
pub(super) enum Argument {
    /// A value.
    Scalar(Scalar, usize),
    /// Rows.
    Rows(Box<Rows>, usize),
}

impl Binder<'_> {
    /// A statement that answers nothing; `declared` are the names that its neighbours have declared.
    pub(super) fn declare(&mut self, statement: &StatementKind, declared: &mut HashSet<String>) {
        match statement {
            StatementKind::Let(name, value) => {
                if !declared.insert(name.text.clone()) {
                    let message = format!("there is a `let {}` already", name.text);
                    self.error::<()>(Code::SEM0003, name.span, message);
                }
                if matches!(value, LetValue::Function(_)) {
                    self.functions.insert(name.text.clone());
                }
                let (meaning, reached) = self.reaching(|binder| binder.let_value(value));
                if meaning.is_none() {
                    self.broken.push(name.text.clone());
                }
                let names = self.one_name_more(reached, name.span);
                if let Some((meaning, names)) = meaning.zip(names) {
                    self.scope = self.scope.with(&name.text, meaning, names);
                }
            }
            StatementKind::DeclareParameters(parameters) => self.declare_parameters(parameters),
            StatementKind::AliasDatabase(name, _) => {
                self.unsupported::<()>(name.span, "`alias database`");
            }
            StatementKind::DeclarePattern(name, pattern) => {
                let meaning = Meaning::Pattern(Rc::new(pattern.clone()), self.scope.clone());
                self.scope = self.scope.with(&name.text, meaning, 0);
            }
            StatementKind::RestrictAccess(entities) => {
                self.restrict(entities);
            }
            StatementKind::Set(..) | StatementKind::Expression(_) => {}
        }
    }

    fn let_value(&mut self, value: &LetValue) -> Option<Meaning> {
        match value {
            LetValue::Function(function) => {
                self.tables_come_first(function)?;
                let scope = self.scope.clone();
                let meaning = Meaning::Function(Rc::new(function.clone()), scope);
                // It is remembered, so that functions of functions are not looked through again and again.
                self.gives_rows_by(&meaning);
                Some(meaning)
            }
            LetValue::Expression(expression) if self.is_tabular(expression) => {
                let rows = self.rows(expression)?;
                Some(Meaning::Rows(Arc::new(rows)))
            }
            LetValue::Expression(expression) => {
                let scalar = self.in_row(None, |binder| binder.scalar(expression))?;
                self.scalar_meaning(scalar)
            }
            LetValue::EntityGroup(members) => {
                let span = members.first().map_or(Span::at(0), |member| member.span);
                self.unsupported(span, "`entity_group`")
            }
        }
    }

    /// Rows are the first parameters, before all values.
    fn tables_come_first(&mut self, function: &Function) -> Option<()> {
        let is_value = |held: &&Parameter| matches!(held.kind, ParameterType::Scalar(_));
        let behind = function.parameters.iter().skip_while(|held| !is_value(held));
        let mut late = behind.filter(|held| !is_value(held));
        match late.next() {
            None => Some(()),
            Some(table) => {
                let message = format!(
                    "the rows `{}` come before the parameters that are values",
                    table.name.text
                );
                self.error(Code::SEM0219, table.name.span, message)
            }
        }
    }

    /// The arguments of a call, in the order of the function's parameters.
    pub(super) fn function_arguments(&mut self, function: &Function, call: &Call) -> Option<Vec<Argument>> {
        let mut given: Vec<Option<&Expr>> = vec![None; function.parameters.len()];
        for (at, argument) in call.arguments.iter().enumerate() {
            let (place, value) = match &argument.kind {
                ExprKind::Named(names, value) => {
                    let name = names.first()?;
                    let place = function
                        .parameters
                        .iter()
                        .position(|held| held.name.text == name.text);
                    let Some(place) = place else {
                        let message = format!("`{}` has no parameter `{}`", call.name.text, name.text);
                        return self.error(Code::SEM0219, name.span, message);
                    };
                    (place, value.as_ref())
                }
                _ => (at, argument),
            };
            match given.get_mut(place) {
                Some(slot) => *slot = Some(value),
                None => {
                    let message = format!(
                        "`{}` takes {} arguments",
                        call.name.text,
                        function.parameters.len()
                    );
                    return self.error(Code::SEM0219, argument.span, message);
                }
            }
        }
        let mut arguments = Vec::new();
        for (parameter, given) in function.parameters.iter().zip(given) {
            let Some(expression) = given.or(parameter.default.as_ref()) else {
                let message = format!(
                    "`{}` lacks its argument `{}`",
                    call.name.text, parameter.name.text
                );
                return self.error(Code::SEM0219, call.span, message);
            };
            arguments.push(self.argument(parameter, expression, given.is_none())?);
        }
        Some(arguments)
    }

    /// What is given is converted; a default has its parameter's type, or is a number where that is one.
    pub(super) fn default_fits(
        &mut self,
        parameter: &Parameter,
        kind: ScalarType,
        default: &Scalar,
    ) -> Option<()> {
        let held = default.gives;
        if held == kind || (held.is_number() && kind.is_number()) {
            return Some(());
        }
        let name = &parameter.name.text;
        let message = format!("`{name}` is of type {kind}, and its default is of type {held}");
        self.error(Code::SEM0219, default.span, message)
    }

    /// The arguments of a function that is named without any: its defaults.
    pub(super) fn default_arguments(&mut self, function: &Function, name: &Name) -> Option<Vec<Argument>> {
        if function
            .parameters
            .iter()
            .any(|parameter| parameter.default.is_none())
        {
            let message = format!("`{}` is a function; its arguments are missing", name.text);
            return self.error(Code::SEM0219, name.span, message);
        }
        let call = Call {
            name: name.clone(),
            arguments: Vec::new(),
            span: name.span,
        };
        self.function_arguments(function, &call)
    }

    fn argument(&mut self, parameter: &Parameter, expression: &Expr, is_default: bool) -> Option<Argument> {
        match &parameter.kind {
            ParameterType::Scalar(type_name) => {
                let kind = self.type_of(type_name)?;
                let (value, names) = self.reaching(|binder| binder.scalar(expression));
                let value = value?;
                if is_default {
                    self.default_fits(parameter, kind, &value)?;
                }
                Some(Argument::Scalar(self.as_type(value, kind), names))
            }
            ParameterType::AnyTable => {
                let (rows, names) = self.reaching(|binder| binder.rows(expression));
                Some(Argument::Rows(Box::new(rows?), names))
            }
            ParameterType::Table(columns) => {
                let (rows, names) = self.reaching(|binder| binder.rows(expression));
                let rows = rows?;
                self.has_columns(&rows, columns, &parameter.name.text, expression.span)?;
                Some(Argument::Rows(Box::new(rows), names))
            }
        }
    }

    /// Rows must have the columns that a parameter asks for, of the same types.
    fn has_columns(
        &mut self,
        rows: &Rows,
        asked: &[ColumnDeclaration],
        parameter: &str,
        span: Span,
    ) -> Option<()> {
        for column in asked {
            let name = &column.name.text;
            let kind = self.type_of(&column.kind)?;
            let held = rows.columns().iter().find(|held| *held.name == **name);
            let (message, hint) = match held {
                Some(held) if held.kind == kind => continue,
                None if rows.is_open => continue,
                Some(held) => (
                    format!(
                        "`{parameter}` needs a column `{name}` of type {kind}, and here it is of type {}",
                        held.kind
                    ),
                    Some(format!(
                        "`extend {name} = to{}({name})` converts it before",
                        kind.name()
                    )),
                ),
                None => (
                    format!("these rows have no column `{name}`, which `{parameter}` needs"),
                    None,
                ),
            };
            let mut diagnostic = Diagnostic::error(Code::SEM0219, span, message);
            diagnostic.hint = hint;
            return self.tell(diagnostic);
        }
        Some(())
    }

    /// A value as a parameter's type wants it: what is of another type is converted.
    pub(super) fn as_type(&self, value: Scalar, kind: ScalarType) -> Scalar {
        use ScalarType as T;
        if value.gives == kind {
            return value;
        }
        let span = value.span;
        // A number stays a literal, so that what needs one finds it.
        let whole = match value.as_literal() {
            Some(Literal::Int(Some(number))) => Some(i64::from(*number)),
            Some(Literal::Long(Some(number))) => Some(*number),
            _ => None,
        };
        let literal = match (whole, kind) {
            (Some(number), T::Long) => Some(Literal::Long(Some(number))),
            (Some(number), T::Int) => i32::try_from(number)
                .ok()
                .map(|number| Literal::Int(Some(number))),
            _ => None,
        };
        if let Some(literal) = literal {
            return Scalar::literal(literal, kind, span);
        }
        let widens =
            (value.gives.is_number() && kind.is_number()) || kind == T::Dynamic || value.gives == T::Dynamic;
        if widens {
            return Scalar {
                kind: crate::bound::ScalarKind::Widened(Box::new(value)),
                gives: kind,
                span,
            };
        }
        if let Some(Literal::String(text)) = value.as_literal() {
            let literal = Literal::read(kind, text).unwrap_or_else(|| Literal::null(kind));
            return Scalar::literal(literal, kind, span);
        }
        self.call_of(&format!("to{}", kind.name()), vec![value], kind, span)
    }

    /// A function of the query whose body is one value.
    pub(super) fn call_scalar_function(
        &mut self,
        function: &Rc<Function>,
        scope: &Scope,
        arguments: Vec<Argument>,
        span: Span,
    ) -> Option<Scalar> {
        self.once_given(function, span, |binder| {
            binder.in_function(function, scope, arguments, span, |binder, last| {
                if binder.is_tabular(last) {
                    let diagnostic = Diagnostic::error(
                        Code::SEM0009,
                        span,
                        "this function gives rows, where one value is asked for",
                    );
                    return binder.tell(diagnostic.hint("`toscalar(...)` takes the first cell"));
                }
                let value = binder.scalar(last)?;
                Some(Scalar { span, ..value })
            })
        })
    }

    /// A function of the query whose body is rows.
    pub(super) fn call_tabular_function(
        &mut self,
        function: &Function,
        scope: &Scope,
        arguments: Vec<Argument>,
        span: Span,
    ) -> Option<Rows> {
        self.in_function(function, scope, arguments, span, |binder, last| binder.rows(last))
    }

    /// `invoke f(...)`: the rows are the function's first argument.
    pub(super) fn invoke(&mut self, rows: &mut Rows, function: &Expr) -> Option<()> {
        let ExprKind::Call(call) = &function.kind else {
            return self.place_error(function.span, "`invoke` calls a function: `invoke f(...)`");
        };
        let name = call.name.text.as_str();
        let (function, scope) = match self.meaning(name) {
            Some(Meaning::Function(function, scope)) => (function, scope),
            _ => match self.stored(name) {
                Some(function) => (function, Scope::default()),
                None => {
                    return self.error(
                        Code::SEM0260,
                        call.name.span,
                        format!("there is no function `{name}`"),
                    );
                }
            },
        };
        let Some((first, rest)) = function.parameters.split_first() else {
            return self.error(Code::SEM0219, call.span, format!("`{name}` takes no rows"));
        };
        if matches!(first.kind, ParameterType::Scalar(_)) {
            return self.error(
                Code::SEM0219,
                call.span,
                format!("the first parameter of `{name}` is no table"),
            );
        }
        if let ParameterType::Table(columns) = &first.kind {
            self.has_columns(rows, columns, &first.name.text, call.span)?;
        }
        let shortened = Function {
            is_view: false,
            parameters: rest.to_vec(),
            body: Query::default(),
        };
        let mut arguments = vec![Argument::Rows(Box::new(rows.clone()), self.reached)];
        arguments.extend(self.in_row(None, |binder| binder.function_arguments(&shortened, call))?);
        *rows = self.call_tabular_function(&function, &scope, arguments, call.span)?;
        Some(())
    }

    fn in_function<T>(
        &mut self,
        function: &Function,
        scope: &Scope,
        arguments: Vec<Argument>,
        span: Span,
        bind: impl FnOnce(&mut Self, &Expr) -> Option<T>,
    ) -> Option<T> {
        if self.calls >= CALLS_MAX {
            let message = format!("functions call each other more than {CALLS_MAX} deep");
            return self.too_large(span, message);
        }
        let mut inner = scope.clone();
        for (parameter, argument) in function.parameters.iter().zip(arguments) {
            let (meaning, names) = match argument {
                Argument::Scalar(scalar, names) => (self.scalar_meaning(scalar)?, names),
                Argument::Rows(rows, names) => (Meaning::Rows(Arc::new(*rows)), names),
            };
            inner = inner.with(&parameter.name.text, meaning, names);
        }
        let outer = std::mem::replace(&mut self.scope, inner);
        // The body sees its parameters and no columns; an argument may still stand for a column of the caller's row.
        let row = self.row.take();
        self.calls += 1;
        let bound = self.body(&function.body, span, bind);
        self.calls -= 1;
        self.row = row;
        self.scope = outer;
        bound
    }

    fn body<T>(
        &mut self,
        body: &Query,
        span: Span,
        bind: impl FnOnce(&mut Self, &Expr) -> Option<T>,
    ) -> Option<T> {
        let Some((last, before)) = body.statements.split_last() else {
            return self.error(Code::SEM0009, span, "this function has no body");
        };
        let mut declared = HashSet::new();
        for Statement { kind, .. } in before {
            self.declare(kind, &mut declared);
        }
        match &last.kind {
            StatementKind::Expression(expression) => bind(self, expression),
            _ => self.error(Code::SEM0009, last.span, "a function ends with an expression"),
        }
    }

    /// The columns that are declared in brackets.
    pub(super) fn declared_columns(&mut self, columns: &[ColumnDeclaration]) -> Option<Vec<Column>> {
        let mut declared: Vec<Column> = Vec::new();
        for column in columns {
            let kind = self.type_of(&column.kind)?;
            if declared.iter().any(|held| *held.name == *column.name.text) {
                let message = format!("a column `{}` is declared twice", column.name.text);
                return self.error(Code::SEM0003, column.name.span, message);
            }
            declared.push(Column::new(column.name.text.as_str(), kind));
        }
        Some(declared)
    }
}
