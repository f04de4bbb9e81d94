//! Expressions. From the loosest to the tightest: `or`, `and`, equality and lists, order, sums, products,
//! text operators, signs, paths. Each level is a flat chain; only brackets, calls and lists nest.

use super::{Parser, lists};
use crate::diagnostic::{Code, Diagnostic};
use crate::lexer::TokenKind;
use crate::span::Span;
use crate::syntax::{
    BinaryOperator, Direction, Expr, ExprKind, Link, ListOperator, Name, Order, Pipeline, Step, UnarySign,
};

/// Levels of precedence, loosest first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Or,
    And,
    Equality,
    Relation,
    Sum,
    Product,
    Text,
}

impl Level {
    const fn tighter(self) -> Option<Self> {
        match self {
            Self::Or => Some(Self::And),
            Self::And => Some(Self::Equality),
            Self::Equality => Some(Self::Relation),
            Self::Relation => Some(Self::Sum),
            Self::Sum => Some(Self::Product),
            Self::Product => Some(Self::Text),
            Self::Text => None,
        }
    }

    /// Comparisons do not chain: `a < b < c` is refused.
    const fn chains(self) -> bool {
        matches!(self, Self::Or | Self::And | Self::Sum | Self::Product)
    }

    const fn of(operator: BinaryOperator) -> Self {
        match operator {
            BinaryOperator::Or => Self::Or,
            BinaryOperator::And => Self::And,
            BinaryOperator::Equal | BinaryOperator::NotEqual | BinaryOperator::LessGreater => Self::Equality,
            BinaryOperator::Less
            | BinaryOperator::LessEqual
            | BinaryOperator::Greater
            | BinaryOperator::GreaterEqual => Self::Relation,
            BinaryOperator::Add | BinaryOperator::Subtract => Self::Sum,
            BinaryOperator::Multiply | BinaryOperator::Divide | BinaryOperator::Modulo => Self::Product,
            _ => Self::Text,
        }
    }
}

/// Operators that have another name.
const OTHER_SPELLINGS: [(&str, &str); 5] = [
    ("containscs", "contains_cs"),
    ("notcontains", "!contains"),
    ("notcontainscs", "!contains_cs"),
    ("!like", "notlike"),
    ("!likecs", "notlikecs"),
];

impl Parser<'_> {
    /// A scalar or tabular expression; where rows may stand, `|` goes on.
    pub(super) fn tabular(&mut self) -> Expr {
        let start = self.token().span.start;
        let source = if self.at_source_operator() {
            None
        } else {
            let source = self.expression();
            if !self.at_sign("|") {
                return source;
            }
            Some(source)
        };
        let first = source.is_none().then(|| self.operator());
        let pipeline = Pipeline {
            source,
            operators: self.operators(first),
        };
        Expr {
            kind: ExprKind::Pipe(Box::new(pipeline)),
            span: self.span_from(start),
        }
    }

    /// True at an operator that brings its own rows: `print`, `range x from`, `union`, `search`, `find`.
    fn at_source_operator(&self) -> bool {
        if self.kind() != TokenKind::Word || self.sign_ahead(1, "=") {
            return false;
        }
        match self.text() {
            "print" => !self.sign_ahead(1, "|"),
            "find" | "search" => true,
            "union" => !self.sign_ahead(1, "(") || !self.sign_ahead(2, ")"),
            "range" => !self.sign_ahead(1, "(") && self.word_ahead(2, "from"),
            "evaluate" | "macro-expand" => self.ahead(1).kind == TokenKind::Word,
            _ => false,
        }
    }

    /// An expression that may have a name: `a = b`, `(a, b) = c`.
    pub(super) fn named_expression(&mut self) -> Expr {
        let start = self.token().span.start;
        let Some(names) = self.names_before_equals() else {
            return self.expression();
        };
        let value = self.expression();
        Expr {
            kind: ExprKind::Named(names, Box::new(value)),
            span: self.span_from(start),
        }
    }

    /// The same where one value is made: `*` alone stands for no columns there.
    pub(super) fn named_value(&mut self) -> Expr {
        let value = self.named_expression();
        if matches!(value.kind, ExprKind::Star) {
            let message = "`*` does not stand for all columns here";
            self.error(Diagnostic::error(Code::SYN0002, value.span, message).hint(
                "all columns stay without being named; `extend` adds some, `project-away` leaves some out",
            ));
        }
        value
    }

    /// An expression with its order: `a desc nulls last`.
    pub(super) fn ordered_expression(&mut self) -> Expr {
        let start = self.token().span.start;
        let value = self.named_expression();
        self.order_of(value, start)
    }

    /// A name or pattern with its order, in `project-reorder`.
    pub(super) fn ordered_pattern(&mut self) -> Expr {
        let start = self.token().span.start;
        let value = self.column_pattern();
        self.order_of(value, start)
    }

    /// A column or a pattern of columns' names.
    pub(super) fn column_pattern(&mut self) -> Expr {
        match self.wildcard() {
            Some(wildcard) => wildcard,
            None => self.expression(),
        }
    }

    fn order_of(&mut self, value: Expr, start: u32) -> Expr {
        let mut order = Order::default();
        let direction = match self.text() {
            "asc" => Some(Direction::Ascending),
            "desc" => Some(Direction::Descending),
            "granny-asc" => Some(Direction::GrannyAscending),
            "granny-desc" => Some(Direction::GrannyDescending),
            _ => None,
        };
        if direction.is_some() {
            self.bump();
            order.direction = direction;
        }
        if self.at_word("nulls") && (self.word_ahead(1, "first") || self.word_ahead(1, "last")) {
            order.nulls_first = Some(self.word_ahead(1, "first"));
            self.at += 2;
        }
        if order == Order::default() {
            return value;
        }
        Expr {
            kind: ExprKind::Ordered(Box::new(value), order),
            span: self.span_from(start),
        }
    }

    /// An expression without a name.
    pub(super) fn expression(&mut self) -> Expr {
        let start = self.token().span.start;
        self.deeper(
            |parser| parser.level(Level::Or),
            |_| Expr {
                kind: ExprKind::Missing,
                span: Span::at(start),
            },
        )
    }

    /// One level of precedence and all that is tighter.
    fn level(&mut self, level: Level) -> Expr {
        let start = self.token().span.start;
        let next = |parser: &mut Self| match level.tighter() {
            Some(tighter) => parser.level(tighter),
            None => parser.signed(),
        };
        // What is read below is measured from here on; what was read before may have been deeper.
        let before = std::mem::take(&mut self.height);
        let first = next(self);
        if level == Level::Equality && self.kind() == TokenKind::Word {
            if let Some(operator) = ListOperator::from_text(self.text()) {
                let list = self.in_list(first, operator);
                self.height = self.height.max(before);
                return list;
            }
            if matches!(self.text(), "between" | "!between") {
                let between = self.between(first);
                self.height = self.height.max(before);
                return between;
            }
        }
        let mut height = self.height;
        let mut links = Vec::new();
        while let Some((operator, length)) = self.operator_here()
            && Level::of(operator) == level
        {
            let at = self.token().span.to(self.ahead(length - 1).span);
            // `and` and `or` stay as flat as they are written.
            let is_flat = matches!(level, Level::Or | Level::And);
            self.at += length;
            self.height = 0;
            links.push(Link {
                operator,
                at,
                right: next(self),
            });
            height = match is_flat {
                true => height.max(self.height),
                false => self.above(height),
            };
            if !level.chains() {
                break;
            }
        }
        self.height = before.max(height);
        if links.is_empty() {
            return first;
        }
        Expr {
            kind: ExprKind::Chain(Box::new(first), links),
            span: self.span_from(start),
        }
    }

    /// The operator that stands here, and of how many tokens.
    fn operator_here(&self) -> Option<(BinaryOperator, usize)> {
        let text = self.text();
        match self.kind() {
            // As other languages begin a comment; nothing can be divided by a star.
            TokenKind::Sign if text == "/" && self.sign_ahead(1, "*") => None,
            TokenKind::Sign => BinaryOperator::from_text(text).map(|operator| (operator, 1)),
            TokenKind::Word if text == "matches" => self
                .word_ahead(1, "regex")
                .then_some((BinaryOperator::MatchesRegex, 2)),
            TokenKind::Word => {
                let other = OTHER_SPELLINGS.iter().find(|(spelling, _)| *spelling == text);
                BinaryOperator::from_text(other.map_or(text, |&(_, usual)| usual))
                    .map(|operator| (operator, 1))
            }
            _ => None,
        }
    }

    fn in_list(&mut self, value: Expr, operator: ListOperator) -> Expr {
        let start = value.span.start;
        self.bump();
        self.expect_sign("(");
        let items = self.list(")", Self::tabular);
        self.expect_sign(")");
        Expr {
            kind: ExprKind::In(Box::new(value), operator, items),
            span: self.span_from(start),
        }
    }

    /// `-a`, `+a`.
    pub(super) fn signed(&mut self) -> Expr {
        let start = self.token().span.start;
        let sign = match self.text() {
            "-" if self.kind() == TokenKind::Sign => UnarySign::Minus,
            "+" if self.kind() == TokenKind::Sign => UnarySign::Plus,
            _ => return self.path(),
        };
        self.bump();
        let value = self.path();
        Expr {
            kind: ExprKind::Unary(sign, Box::new(value)),
            span: self.span_from(start),
        }
    }

    /// A primary expression with members and elements behind it.
    fn path(&mut self) -> Expr {
        let start = self.token().span.start;
        let before = std::mem::take(&mut self.height);
        let base = self.primary();
        let mut height = self.height;
        let mut steps = Vec::new();
        if self.at_address(&base) {
            return self.address(start);
        }
        loop {
            self.height = 0;
            if self.at_sign(".") {
                self.bump();
                steps.push(self.member());
            } else if self.at_sign("[") && !matches!(base.kind, ExprKind::Missing) {
                steps.push(self.element());
            } else {
                break;
            }
            height = self.above(height);
        }
        self.height = before.max(height);
        if steps.is_empty() {
            return base;
        }
        Expr {
            kind: ExprKind::Path(Box::new(base), steps),
            span: self.span_from(start),
        }
    }

    fn member(&mut self) -> Step {
        if self.at_sign("[") && !self.at_bracketed_name() {
            return self.element();
        }
        // Numbers may be members, and a wildcard may end the name of a table: `database("x").T*`.
        if let Some(wildcard) = self.wildcard() {
            return Step::Member(match wildcard.kind {
                ExprKind::Wildcard(name) => name,
                _ => Name {
                    text: "*".to_owned(),
                    span: wildcard.span,
                },
            });
        }
        let name = self.name("the name of a member");
        if self.at_sign("(") {
            return Step::Call(self.call(name));
        }
        Step::Member(name)
    }

    fn element(&mut self) -> Step {
        self.expect_sign("[");
        let index = self.expression();
        self.expect_sign("]");
        Step::Element(index)
    }

    fn primary(&mut self) -> Expr {
        let token = self.token();
        let start = token.span.start;
        let kind = match token.kind {
            TokenKind::Word => return self.word_expression(),
            TokenKind::Typed if self.at_this_moment() => self.this_moment(),
            TokenKind::Long | TokenKind::Real | TokenKind::Timespan | TokenKind::Text | TokenKind::Typed => {
                ExprKind::Literal(self.literal())
            }
            TokenKind::Sign if self.at_bracketed_name() => match self.take_name() {
                Some(name) if self.at_sign("(") => ExprKind::Call(self.call(name)),
                Some(name) => ExprKind::Name(name),
                None => ExprKind::Missing,
            },
            TokenKind::Sign if self.at_sign("(") => return self.group(),
            TokenKind::Sign if self.at_sign("*") => {
                self.bump();
                ExprKind::Star
            }
            TokenKind::Sign | TokenKind::Unknown | TokenKind::End => {
                self.expected("an expression");
                ExprKind::Missing
            }
        };
        Expr {
            kind,
            span: self.span_from(start),
        }
    }

    fn group(&mut self) -> Expr {
        let start = self.token().span.start;
        self.bump();
        let inside = self.deeper(Self::tabular_or_named, |parser| Expr {
            kind: ExprKind::Missing,
            span: Span::at(parser.token().span.start),
        });
        if !self.take_sign(")") {
            self.expected("`)`");
            self.skip_to(&["|", ";"]);
            self.take_sign(")");
        }
        Expr {
            kind: ExprKind::Group(Box::new(inside)),
            span: self.span_from(start),
        }
    }

    /// What may stand in brackets: an expression, a pipeline, or one with a name (`(a = T | ...)`).
    pub(super) fn tabular_or_named(&mut self) -> Expr {
        let start = self.token().span.start;
        match self.names_before_equals() {
            Some(names) => {
                let value = self.tabular();
                Expr {
                    kind: ExprKind::Named(names, Box::new(value)),
                    span: self.span_from(start),
                }
            }
            None => self.tabular(),
        }
    }

    /// What begins with a word: a literal, a call, a source of rows, or a name.
    fn word_expression(&mut self) -> Expr {
        let token = self.token();
        let start = token.span.start;
        let text = self.text();
        let called = self.sign_ahead(1, "(");
        let kind = match text {
            _ if lists::is_truth(text) => {
                self.bump();
                ExprKind::Literal(crate::syntax::Literal::Bool(Some(
                    text.eq_ignore_ascii_case("true"),
                )))
            }
            "dynamic" if called => ExprKind::Dynamic(self.dynamic()),
            "typeof" if called => self.type_of(),
            "datatable" if called => self.data_table(),
            "externaldata" | "external_data" if called => self.external_data(),
            "toscalar" | "totable" if called => {
                let name = self.bare_word("a name");
                ExprKind::Call(self.call(name))
            }
            _ if (lists::is_reserved(text) && !(called && text == "materialize"))
                || (called && lists::is_type(text)) =>
            {
                self.reserved_word();
                ExprKind::Missing
            }
            _ => {
                let name = self.bare_word("a name");
                if self.at_sign("(") {
                    ExprKind::Call(self.call(name))
                } else {
                    ExprKind::Name(name)
                }
            }
        };
        Expr {
            kind,
            span: self.span_from(start),
        }
    }

    /// A word that cannot begin an expression; a type that is called like a function is passed over.
    fn reserved_word(&mut self) {
        let text = self.text();
        if self.sign_ahead(1, "(") && lists::is_type(text) {
            let span = self.token().span;
            let message = format!("`{text}` is a type and not a function");
            let conversion = match text {
                "dynamic" => "todynamic".to_owned(),
                "string" | "long" | "int" | "real" | "double" | "decimal" | "datetime" | "timespan" => {
                    format!("to{text}")
                }
                "boolean" => "tobool".to_owned(),
                _ => "tolong".to_owned(),
            };
            self.error(Diagnostic::error(Code::SYN0002, span, message).hint(format!(
                "`{conversion}(...)` converts; `['{text}']` is a column of that name"
            )));
            self.bump();
            self.bump();
            self.skip_to(&[]);
            self.take_sign(")");
            return;
        }
        self.expected("an expression");
    }
}
