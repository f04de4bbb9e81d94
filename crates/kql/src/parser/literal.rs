//! Literals: what tokens say, `dynamic(...)`, `typeof(...)`, `datatable` and `externaldata`.

use super::Parser;
use crate::diagnostic::{Code, Diagnostic};
use crate::lexer::{Token, TokenKind, text_value};
use crate::syntax::{
    Call, DataTable, DynamicValue, Expr, ExprKind, ExternalData, Literal, Name, Property, TypeName,
};
use crate::values::{decimal_digits, parse_datetime, parse_guid, parse_timespan};

impl Parser<'_> {
    /// Takes a literal token. Texts that stand side by side are one.
    pub(super) fn literal(&mut self) -> Literal {
        let token = self.bump();
        let text = self.text_of(token);
        match token.kind {
            TokenKind::Text => {
                let mut value = text_value(text);
                while self.kind() == TokenKind::Text {
                    let next = self.bump();
                    value.push_str(&text_value(self.text_of(next)));
                }
                Literal::String(value)
            }
            TokenKind::Typed => self.typed(token),
            TokenKind::Timespan => Literal::Timespan(parse_timespan(text)),
            TokenKind::Real => Literal::Real(text.parse().ok()),
            _ => match whole_number(text) {
                Some(value) => Literal::Long(Some(value)),
                None => {
                    self.error(
                        Diagnostic::error(
                            Code::SYN0002,
                            token.span,
                            format!("`{text}` is too large for a long"),
                        )
                        .hint("`real(...)` and `decimal(...)` hold larger numbers"),
                    );
                    Literal::Long(None)
                }
            },
        }
    }

    /// True at `datetime()`.
    pub(super) fn at_this_moment(&self) -> bool {
        let (name, inside) = self.text_of(self.token()).split_once('(').unwrap_or_default();
        matches!(name, "date" | "datetime") && inside.trim() == ")"
    }

    /// `datetime()` is `now()`.
    pub(super) fn this_moment(&mut self) -> ExprKind {
        let span = self.bump().span;
        ExprKind::Call(Call {
            name: Name {
                text: "now".to_owned(),
                span,
            },
            arguments: Vec::new(),
            span,
        })
    }

    /// `datetime(2026-01-01)` and its kin.
    fn typed(&mut self, token: Token) -> Literal {
        let text = self.text_of(token);
        let (name, inside) = text.split_once('(').unwrap_or((text, ""));
        let inside = inside.strip_suffix(')').unwrap_or(inside).trim();
        let inside = unquoted(inside);
        let null = inside == "null";
        let (literal, known) = match name {
            "bool" => {
                let value = boolean(inside);
                (Literal::Bool(value), value.is_some())
            }
            "int" | "int32" => {
                let value = whole_number(inside).and_then(|value| i32::try_from(value).ok());
                (Literal::Int(value), value.is_some())
            }
            "long" | "int64" => {
                let value = whole_number(inside);
                (Literal::Long(value), value.is_some())
            }
            "real" | "double" => {
                let value = real(inside);
                (Literal::Real(value), value.is_some())
            }
            "decimal" => {
                let value = decimal_digits(inside);
                (Literal::Decimal(value.clone()), value.is_some())
            }
            "guid" => {
                let value = parse_guid(inside);
                (Literal::Guid(value), value.is_some())
            }
            "time" | "timespan" => {
                let value = parse_timespan(inside);
                (Literal::Timespan(value), value.is_some())
            }
            _ => {
                let value = parse_datetime(inside);
                (Literal::Datetime(value), value.is_some())
            }
        };
        if !known && !null {
            let hint = match name {
                "date" | "datetime" => {
                    "such as `datetime(2026-01-31 23:59:59)`; `todatetime(...)` reads other values"
                }
                "time" | "timespan" => {
                    "such as `time(1.02:03:04)` or `90m`; `totimespan(...)` reads other values"
                }
                "guid" => "such as `guid(74be27de-1e4e-49d9-b579-fe0b331d3642)`",
                _ => {
                    "a literal holds a value and no expression; `toint(...)`, `tolong(...)` and their kin convert"
                }
            };
            self.error(
                Diagnostic::error(
                    Code::SYN0002,
                    token.span,
                    format!("`{text}` is not a valid {name}"),
                )
                .hint(hint),
            );
        }
        literal
    }

    /// `dynamic(...)`: JSON, and KQL's literals inside it.
    pub(super) fn dynamic(&mut self) -> DynamicValue {
        self.bump();
        self.expect_sign("(");
        let value = self.dynamic_value();
        if !self.take_sign(")") {
            self.expected("`)`");
            self.skip_to(&["|", ";"]);
            self.take_sign(")");
        }
        value
    }

    fn dynamic_value(&mut self) -> DynamicValue {
        self.deeper(Self::dynamic_value_here, |_| DynamicValue::Null)
    }

    fn dynamic_value_here(&mut self) -> DynamicValue {
        if self.take_sign("[") {
            let items = self.list("]", Self::dynamic_value_in_list);
            self.expect_sign("]");
            return DynamicValue::Array(items.into_iter().flatten().collect());
        }
        if self.take_sign("{") {
            let members = self.list("}", Self::dynamic_member);
            self.expect_sign("}");
            return DynamicValue::Bag(members.into_iter().flatten().collect());
        }
        let negative = self.take_sign("-");
        if !negative {
            self.take_sign("+");
        }
        match self.kind() {
            TokenKind::Long | TokenKind::Real | TokenKind::Timespan => match self.literal() {
                Literal::Long(Some(value)) if negative => {
                    DynamicValue::Literal(Literal::Long(value.checked_neg()))
                }
                Literal::Real(Some(value)) if negative => DynamicValue::Literal(Literal::Real(Some(-value))),
                Literal::Timespan(Some(value)) if negative => {
                    DynamicValue::Literal(Literal::Timespan(Some(-value)))
                }
                other => DynamicValue::Literal(other),
            },
            TokenKind::Text | TokenKind::Typed => DynamicValue::Literal(self.literal()),
            TokenKind::Word => self.dynamic_word(),
            _ => {
                self.expected("a value in JSON");
                DynamicValue::Null
            }
        }
    }

    fn dynamic_word(&mut self) -> DynamicValue {
        match self.text() {
            "null" => {
                self.bump();
                DynamicValue::Null
            }
            "true" | "false" | "True" | "False" | "TRUE" | "FALSE" => {
                let value = self.text().eq_ignore_ascii_case("true");
                self.bump();
                DynamicValue::Literal(Literal::Bool(Some(value)))
            }
            "dynamic" if self.sign_ahead(1, "(") => self.dynamic(),
            _ => {
                self.expected("a value in JSON");
                DynamicValue::Null
            }
        }
    }

    /// A value of a list, none behind a comma at its end.
    fn dynamic_value_in_list(&mut self) -> Option<DynamicValue> {
        (!self.at_sign("]")).then(|| self.dynamic_value())
    }

    fn dynamic_member(&mut self) -> Option<(String, DynamicValue)> {
        if self.at_sign("}") {
            return None;
        }
        let key = if self.kind() == TokenKind::Text {
            let token = self.bump();
            text_value(self.text_of(token))
        } else {
            self.expected("a name in quotes");
            if self.kind() == TokenKind::Word {
                self.bump();
            }
            String::new()
        };
        self.expect_sign(":");
        Some((key, self.dynamic_value()))
    }

    /// `typeof(long)`, `typeof(a: long, b: string)`, `typeof(*, a: long)`.
    pub(super) fn type_of(&mut self) -> ExprKind {
        self.bump();
        self.expect_sign("(");
        let types = self.list(")", |parser| {
            if parser.at_sign("*") {
                let span = parser.bump().span;
                let text = "*".to_owned();
                return TypeName { text, span };
            }
            if parser.sign_ahead(1, ":") {
                parser.at += 2;
            }
            parser.type_name()
        });
        self.expect_sign(")");
        ExprKind::TypeOf(types)
    }

    /// `datatable(columns)[values]`.
    pub(super) fn data_table(&mut self) -> ExprKind {
        self.bump();
        // `with_source` and the like may stand here; nothing published uses them.
        let columns = self.column_declarations();
        self.expect_sign("[");
        let values = self.deeper(
            |parser| parser.list("]", |parser| (!parser.at_sign("]")).then(|| parser.constant())),
            |_| Vec::new(),
        );
        self.expect_sign("]");
        ExprKind::DataTable(Box::new(DataTable {
            columns,
            values: values.into_iter().flatten().collect(),
        }))
    }

    /// A literal, maybe with a sign: all that a `datatable` holds.
    fn constant(&mut self) -> Expr {
        let start = self.token().span.start;
        let value = self.signed();
        let literal = match &value.kind {
            ExprKind::Unary(_, inside) => matches!(inside.kind, ExprKind::Literal(_)),
            ExprKind::Literal(_) | ExprKind::Dynamic(_) | ExprKind::Missing => true,
            _ => false,
        };
        if !literal {
            let message = format!(
                "`{}` is not a literal",
                super::shortened(value.span.text(self.query))
            );
            self.error(
                Diagnostic::error(Code::SYN0002, self.span_from(start), message)
                    .hint("a `datatable` holds literals; `long(null)` is one, `print` and `extend` compute"),
            );
        }
        value
    }

    /// `externaldata(columns)[places] with (properties)`.
    pub(super) fn external_data(&mut self) -> ExprKind {
        self.bump();
        let columns = self.column_declarations();
        self.expect_sign("[");
        let places = self.list("]", Self::expression);
        self.expect_sign("]");
        ExprKind::ExternalData(Box::new(ExternalData {
            columns,
            places,
            properties: self.with_properties(),
        }))
    }

    /// `with (name = value, ...)`, if it stands here.
    pub(super) fn with_properties(&mut self) -> Vec<Property> {
        if !self.at_word("with") || !self.sign_ahead(1, "(") {
            return Vec::new();
        }
        self.at += 2;
        let properties = self.list(")", Self::property);
        self.expect_sign(")");
        properties
    }
}

fn unquoted(text: &str) -> &str {
    for quote in ['"', '\''] {
        if let Some(inside) = text.strip_prefix(quote) {
            return inside.strip_suffix(quote).unwrap_or(inside);
        }
    }
    text
}

fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

fn real(text: &str) -> Option<f64> {
    match text.to_ascii_lowercase().as_str() {
        "nan" => Some(f64::NAN),
        "+inf" | "inf" => Some(f64::INFINITY),
        "-inf" => Some(f64::NEG_INFINITY),
        other => other.parse().ok(),
    }
}

/// A whole number, decimal or hexadecimal; hexadecimal ones fill all 64 bits.
fn whole_number(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if let Some(hexadecimal) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        let value = u64::from_str_radix(hexadecimal, 16).ok()?.cast_signed();
        return if negative {
            value.checked_neg()
        } else {
            Some(value)
        };
    }
    if negative {
        format!("-{digits}").parse().ok()
    } else {
        digits.parse().ok()
    }
}
