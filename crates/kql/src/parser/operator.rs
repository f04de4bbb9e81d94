//! The tabular operators: which one stands here, and those that are short. The larger ones are in `transform`.

use super::{Parser, lists};
use crate::diagnostic::{Code, Diagnostic};
use crate::lexer::TokenKind;
use crate::span::Span;
use crate::syntax::{
    EvaluateSchema, Expr, ExprKind, Join, Name, Operator, OperatorKind, Pipeline, Property, PropertyValue,
    Range, Reduce, Render, Summarize, TopHitters,
};

/// Properties that an operator takes before its operands; `hint.` is taken everywhere.
const PROPERTIES: [(&str, &[&str]); 17] = [
    ("join", &["kind"]),
    ("lookup", &["kind"]),
    ("union", &["kind", "withsource", "with_source", "isfuzzy"]),
    ("mv-expand", &["kind", "bagexpansion", "with_itemindex"]),
    ("mvexpand", &["kind", "bagexpansion", "with_itemindex"]),
    ("mv-apply", &["kind", "bagexpansion", "with_itemindex"]),
    ("mvapply", &["kind", "bagexpansion", "with_itemindex"]),
    ("make-series", &["kind"]),
    ("parse", &["kind", "flags"]),
    ("parse-where", &["kind", "flags"]),
    ("reduce", &["kind"]),
    ("search", &["kind"]),
    ("find", &["withsource", "with_source", "datascope"]),
    ("scan", &["with_match_id", "with_step_name"]),
    ("consume", &["decodeblocks"]),
    ("getschema", &["kind"]),
    ("macro-expand", &["isfuzzy"]),
];

impl Parser<'_> {
    /// The operators of a pipeline, each behind `|`.
    pub(super) fn operators(&mut self, first: Option<Operator>) -> Vec<Operator> {
        let mut operators: Vec<Operator> = first.into_iter().collect();
        while self.take_sign("|") {
            operators.push(self.operator());
        }
        operators
    }

    /// A subquery in brackets, whose first operator takes the rows of the operator around it.
    pub(super) fn subquery(&mut self) -> Pipeline {
        self.expect_sign("(");
        let pipeline = self.deeper(
            |parser| {
                let first = parser.operator();
                Pipeline {
                    source: None,
                    operators: parser.operators(Some(first)),
                }
            },
            |_| Pipeline {
                source: None,
                operators: Vec::new(),
            },
        );
        self.expect_sign(")");
        pipeline
    }

    pub(super) fn operator(&mut self) -> Operator {
        let keyword = self.token();
        let text = self.text();
        let start = keyword.span.start;
        if keyword.kind != TokenKind::Word || !lists::OPERATORS.contains(&text) {
            self.no_operator();
            return Operator {
                kind: OperatorKind::Missing,
                properties: Vec::new(),
                keyword: keyword.span,
                span: self.span_from(start),
            };
        }
        self.bump();
        let properties = self.properties_of(text);
        let kind = self.operator_kind(text, keyword.span);
        // What is left of it was not understood; the next operator may be.
        if !self.at_operator_end() {
            self.expected("`|`, `;` or the end of the query");
            self.skip_to(&["|", ";"]);
        }
        Operator {
            kind,
            properties,
            keyword: keyword.span,
            span: self.span_from(start),
        }
    }

    fn at_operator_end(&self) -> bool {
        self.at_end() || (self.kind() == TokenKind::Sign && ["|", ";", ")", "}", ","].contains(&self.text()))
    }

    fn no_operator(&mut self) {
        let token = self.token();
        let text = self.text();
        if token.kind == TokenKind::Word {
            let message = format!("`{text}` is not an operator");
            let mut diagnostic = Diagnostic::error(Code::SYN0002, token.span, message);
            let lowered = text.to_lowercase();
            let nearest = lists::OPERATORS
                .iter()
                .map(|name| (strsim::damerau_levenshtein(&lowered, name), name))
                .min();
            if let Some((distance, name)) = nearest
                && distance <= 2
            {
                diagnostic = diagnostic.hint(format!("did you mean `{name}`?"));
            } else if let Some(hint) = super::foreign::hint(self, "an operator") {
                diagnostic = diagnostic.hint(hint);
            }
            self.error(diagnostic);
        } else {
            self.expected("an operator such as `where` or `summarize`");
        }
        self.skip_to(&["|", ";"]);
    }

    fn properties_of(&mut self, operator: &str) -> Vec<Property> {
        let allowed = PROPERTIES
            .iter()
            .find(|(name, _)| *name == operator)
            .map_or(&[] as &[&str], |&(_, allowed)| allowed);
        let mut properties = Vec::new();
        loop {
            let hint = self.at_word("hint") && self.sign_ahead(1, ".") && self.sign_ahead(3, "=");
            let plain =
                self.kind() == TokenKind::Word && self.sign_ahead(1, "=") && allowed.contains(&self.text());
            if !hint && !plain {
                return properties;
            }
            properties.push(self.operand_property());
        }
    }

    /// A property before the operands: its value is one word or literal, for a bracket begins an operand.
    fn operand_property(&mut self) -> Property {
        let name = self.property_name();
        let start = self.token().span.start;
        let literal = self.at_word("true") || self.at_word("false");
        let word = if self.at_bracketed_name() {
            self.take_name()
        } else {
            (!literal).then(|| self.take_bare_word()).flatten()
        };
        let value = match word {
            Some(word) => PropertyValue::Word(word),
            None => PropertyValue::Expression(Expr {
                kind: self.signed().kind,
                span: self.span_from(start),
            }),
        };
        Property { name, value }
    }

    /// `name = value`, where a name may have dots and a value be a bare word.
    pub(super) fn property(&mut self) -> Property {
        Property {
            name: self.property_name(),
            value: self.property_value(),
        }
    }

    fn property_name(&mut self) -> Name {
        let start = self.token().span.start;
        let mut name = self.bare_word("the name of a property");
        while self.take_sign(".") {
            let member = self.bare_word("the rest of the name");
            name.text = format!("{}.{}", name.text, member.text);
        }
        name.span = self.span_from(start);
        self.expect_sign("=");
        name
    }

    fn property_value(&mut self) -> PropertyValue {
        let literal_word = matches!(self.text(), "true" | "false" | "dynamic");
        if self.kind() == TokenKind::Word
            && !literal_word
            && !self.sign_ahead(1, "(")
            && !self.sign_ahead(1, ".")
        {
            return PropertyValue::Word(self.bare_word("a word"));
        }
        if self.at_bracketed_name() {
            return PropertyValue::Word(self.bare_word("a name"));
        }
        PropertyValue::Expression(self.expression())
    }

    fn operator_kind(&mut self, text: &str, keyword: Span) -> OperatorKind {
        match text {
            "where" | "filter" => OperatorKind::Where(self.expression()),
            "extend" => OperatorKind::Extend(self.items(Self::named_value)),
            "project" => OperatorKind::Project(self.optional_items(Self::named_value)),
            "project-away" => OperatorKind::ProjectAway(self.items(Self::column_pattern)),
            "project-keep" => OperatorKind::ProjectKeep(self.items(Self::column_pattern)),
            "project-by-names" => OperatorKind::ProjectByNames(self.items(Self::expression)),
            "project-rename" => OperatorKind::ProjectRename(self.items(Self::named_expression)),
            "project-reorder" => OperatorKind::ProjectReorder(self.items(Self::ordered_pattern)),
            "summarize" => OperatorKind::Summarize(self.summarize()),
            "distinct" => OperatorKind::Distinct(self.items(Self::named_expression)),
            "sort" | "order" => {
                self.expect_word("by");
                OperatorKind::Sort(self.items(Self::ordered_expression))
            }
            "top" => self.top(),
            "take" | "limit" => OperatorKind::Take(self.expression()),
            "count" => OperatorKind::Count(self.take_word("as").then(|| self.declared_name("a name"))),
            "print" => OperatorKind::Print(self.items(Self::named_value)),
            "range" => self.range(),
            "join" => OperatorKind::Join(Box::new(self.join(keyword))),
            "lookup" => OperatorKind::Lookup(Box::new(self.join(keyword))),
            "union" => OperatorKind::Union(self.items(Self::table_reference)),
            "as" => OperatorKind::As(self.declared_name("a name")),
            "getschema" => OperatorKind::GetSchema,
            "consume" => OperatorKind::Consume,
            "serialize" => OperatorKind::Serialize(self.optional_items(Self::named_value)),
            "assert-schema" => OperatorKind::AssertSchema(self.column_declarations()),
            "evaluate" => self.evaluate(),
            "invoke" => OperatorKind::Invoke(self.expression()),
            "sample" => OperatorKind::Sample(self.expression()),
            "sample-distinct" => self.sample_distinct(),
            "reduce" => self.reduce(),
            "render" => OperatorKind::Render(self.render()),
            "top-hitters" => self.top_hitters(),
            "top-nested" => OperatorKind::TopNested(self.top_nested()),
            "make-series" => OperatorKind::MakeSeries(Box::new(self.make_series())),
            "mv-expand" => OperatorKind::MvExpand(Box::new(self.mv_expand(false))),
            "mvexpand" => OperatorKind::MvExpand(Box::new(self.mv_expand(true))),
            "mv-apply" | "mvapply" => OperatorKind::MvApply(Box::new(self.mv_apply())),
            "parse" | "parse-where" => {
                OperatorKind::Parse(Box::new(self.parse_operator(text == "parse-where")))
            }
            "parse-kv" => OperatorKind::ParseKv(Box::new(self.parse_kv())),
            "partition" | "__partitionby" => OperatorKind::Partition(Box::new(self.partition())),
            "scan" => OperatorKind::Scan(Box::new(self.scan())),
            "search" => OperatorKind::Search(Box::new(self.search())),
            "find" => OperatorKind::Find(Box::new(self.find())),
            "facet" => self.facet(),
            "fork" => OperatorKind::Fork(self.fork()),
            "macro-expand" => {
                self.skip_to(&["|", ";"]);
                OperatorKind::MacroExpand
            }
            _ => {
                self.skip_to(&["|", ";"]);
                OperatorKind::Graph(Name {
                    text: text.to_owned(),
                    span: keyword,
                })
            }
        }
    }

    /// One or more items with commas between them.
    pub(super) fn items(&mut self, mut item: impl FnMut(&mut Self) -> Expr) -> Vec<Expr> {
        let mut items = vec![item(self)];
        while self.take_sign(",") {
            items.push(item(self));
        }
        items
    }

    fn optional_items(&mut self, item: impl FnMut(&mut Self) -> Expr) -> Vec<Expr> {
        if self.at_operator_end() {
            Vec::new()
        } else {
            self.items(item)
        }
    }

    fn summarize(&mut self) -> Summarize {
        let mut summarize = Summarize::default();
        if !self.at_word("by") && !self.at_operator_end() {
            summarize.aggregates = self.items(Self::named_expression);
        }
        if self.take_word("by") {
            summarize.has_by = true;
            summarize.by = self.items(Self::named_expression);
        }
        summarize
    }

    fn top(&mut self) -> OperatorKind {
        let count = self.expression();
        self.expect_word("by");
        OperatorKind::Top(count, self.ordered_expression())
    }

    fn sample_distinct(&mut self) -> OperatorKind {
        let count = self.expression();
        self.expect_word("of");
        OperatorKind::SampleDistinct(count, self.named_expression())
    }

    fn range(&mut self) -> OperatorKind {
        let name = self.declared_name("the name of a column");
        self.expect_word("from");
        let from = self.expression();
        self.expect_word("to");
        let to = self.expression();
        self.expect_word("step");
        OperatorKind::Range(Box::new(Range {
            name,
            from,
            to,
            step: self.expression(),
        }))
    }

    fn join(&mut self, keyword: Span) -> Join {
        let right = self.expression();
        let mut join = Join {
            right,
            on: Vec::new(),
            condition: None,
        };
        if self.take_word("on") {
            join.on = self.items(Self::expression);
        } else if self.take_word("where") {
            join.condition = Some(self.expression());
        } else if self.at_operator_end() {
            self.error(
                Diagnostic::error(Code::SYN0002, keyword, "a join has no condition")
                    .hint("`join (...) on key`, or `on $left.a == $right.b`"),
            );
        } else {
            self.expected("`on`");
        }
        join
    }

    fn evaluate(&mut self) -> OperatorKind {
        let name = self.bare_word("the name of a plugin");
        let call = self.call(name);
        let schema = self.take_sign(":").then(|| {
            self.expect_sign("(");
            let keeps_input = self.take_sign("*");
            if keeps_input {
                self.take_sign(",");
            }
            let columns = self.list(")", Self::column_declaration);
            self.expect_sign(")");
            EvaluateSchema { keeps_input, columns }
        });
        OperatorKind::Evaluate(call, schema)
    }

    fn reduce(&mut self) -> OperatorKind {
        self.expect_word("by");
        let by = self.named_expression();
        let mut with = Vec::new();
        if self.take_word("with") {
            let bracket = self.take_sign("(");
            with.push(self.property());
            while self.take_sign(",") {
                with.push(self.property());
            }
            if bracket {
                self.expect_sign(")");
            }
        }
        OperatorKind::Reduce(Box::new(Reduce { by, with }))
    }

    fn top_hitters(&mut self) -> OperatorKind {
        let count = self.expression();
        self.expect_word("of");
        let of = self.named_expression();
        let by = self.take_word("by").then(|| self.expression());
        OperatorKind::TopHitters(Box::new(TopHitters { count, of, by }))
    }

    /// `render timechart with (title="a", ycolumns=b, c)`; the old form has no `with`.
    fn render(&mut self) -> Render {
        let kind = self.render_kind();
        let mut with = Vec::new();
        if self.at_word("with") && self.sign_ahead(1, "(") {
            self.at += 2;
            while !self.at_sign(")") && !self.at_operator_end() {
                let before = self.at;
                with.push(self.render_property());
                self.take_sign(",");
                // What is no property is told once, and ends the list.
                if self.at == before {
                    self.skip_to(&[")", "|", ";"]);
                    break;
                }
            }
            self.expect_sign(")");
            return Render { kind, with };
        }
        while self.kind() == TokenKind::Word && self.sign_ahead(1, "=") {
            with.push(self.render_property());
            self.take_sign(",");
        }
        Render { kind, with }
    }

    /// `3Dchart` and the other kinds are words; one is enough to ask for a picture.
    fn render_kind(&mut self) -> Name {
        self.bare_word("a kind of chart, such as `timechart`")
    }

    fn render_property(&mut self) -> Property {
        let name = self.bare_word("the name of a property");
        self.expect_sign("=");
        let mut names = Vec::new();
        if matches!(name.text.as_str(), "ycolumns" | "series" | "anomalycolumns") {
            while (self.kind() == TokenKind::Word || self.at_bracketed_name()) && !self.sign_ahead(1, "=") {
                names.push(self.declared_name("a column"));
                if !self.at_sign(",") || self.sign_ahead(2, "=") {
                    break;
                }
                self.bump();
            }
        }
        let value = if names.is_empty() {
            self.property_value()
        } else {
            PropertyValue::Names(names)
        };
        Property { name, value }
    }

    fn facet(&mut self) -> OperatorKind {
        self.expect_word("by");
        let columns = self.items(Self::expression);
        let with = self.take_word("with").then(|| {
            let start = self.token().span.start;
            let pipeline = self.subquery();
            Expr {
                kind: ExprKind::Pipe(Box::new(pipeline)),
                span: self.span_from(start),
            }
        });
        OperatorKind::Facet(columns, with)
    }

    fn fork(&mut self) -> Vec<(Option<Name>, Expr)> {
        let mut forks = Vec::new();
        while self.at_sign("(") || (self.kind() == TokenKind::Word && self.sign_ahead(1, "=")) {
            let name = (!self.at_sign("(")).then(|| {
                let name = self.declared_name("a name");
                self.expect_sign("=");
                name
            });
            let start = self.token().span.start;
            let pipeline = self.subquery();
            let subquery = Expr {
                kind: ExprKind::Pipe(Box::new(pipeline)),
                span: self.span_from(start),
            };
            forks.push((name, subquery));
            self.take_sign(",");
        }
        if forks.is_empty() {
            self.expected("`(`");
        }
        forks
    }
}
