//! The larger operators: series, expansion, patterns, partitions, scans, searches.

use super::Parser;
use crate::lexer::TokenKind;
use crate::syntax::{
    ExpandItem, Expr, ExprKind, Find, FindColumn, MakeSeries, MvApply, MvExpand, Parse, ParseKv, ParsePart,
    Partition, Scan, ScanStep, Search, SeriesRange, TopNested,
};

impl Parser<'_> {
    pub(super) fn top_nested(&mut self) -> Vec<TopNested> {
        let mut levels = vec![self.top_nested_level()];
        while self.take_sign(",") {
            self.expect_word("top-nested");
            levels.push(self.top_nested_level());
        }
        levels
    }

    fn top_nested_level(&mut self) -> TopNested {
        let count = (!self.at_word("of")).then(|| self.expression());
        self.expect_word("of");
        let of = self.named_expression();
        let others = (self.at_word("with") && self.word_ahead(1, "others")).then(|| {
            self.at += 2;
            self.expect_sign("=");
            self.expression()
        });
        self.expect_word("by");
        TopNested {
            count,
            of,
            others,
            by: self.ordered_expression(),
        }
    }

    pub(super) fn make_series(&mut self) -> MakeSeries {
        let mut aggregates = Vec::new();
        loop {
            let aggregate = self.named_expression();
            let default = (self.at_word("default") && self.sign_ahead(1, "=")).then(|| {
                self.at += 2;
                self.expression()
            });
            aggregates.push((aggregate, default));
            if !self.take_sign(",") {
                break;
            }
        }
        self.expect_word("on");
        let axis = self.axis();
        let range = self.series_range();
        let by = if self.take_word("by") {
            self.items(Self::named_expression)
        } else {
            Vec::new()
        };
        MakeSeries {
            aggregates,
            axis,
            range,
            by,
        }
    }

    /// The axis ends at `in range(`, so that it is no comparison with a list.
    fn axis(&mut self) -> Expr {
        let start = self.token().span.start;
        if self.kind() == TokenKind::Word && self.word_ahead(1, "in") {
            let name = self.name("a column");
            return Expr {
                kind: ExprKind::Name(name),
                span: self.span_from(start),
            };
        }
        self.named_expression()
    }

    fn series_range(&mut self) -> SeriesRange {
        let mut range = SeriesRange {
            from: None,
            to: None,
            step: None,
            is_in_range: false,
        };
        if self.at_word("in") && self.word_ahead(1, "range") {
            self.at += 2;
            range.is_in_range = true;
            self.expect_sign("(");
            range.from = Some(self.expression());
            self.expect_sign(",");
            range.to = Some(self.expression());
            self.expect_sign(",");
            range.step = Some(self.expression());
            self.expect_sign(")");
            return range;
        }
        if self.take_word("from") {
            range.from = Some(self.expression());
        }
        if self.take_word("to") {
            range.to = Some(self.expression());
        }
        self.expect_word("step");
        range.step = Some(self.expression());
        range
    }

    pub(super) fn mv_expand(&mut self, is_old: bool) -> MvExpand {
        let items = self.expand_items();
        let limit = self.take_word("limit").then(|| self.expression());
        MvExpand { items, limit, is_old }
    }

    pub(super) fn mv_apply(&mut self) -> MvApply {
        let items = self.expand_items();
        let limit = self.take_word("limit").then(|| self.expression());
        self.expect_word("on");
        MvApply {
            items,
            limit,
            query: self.subquery(),
        }
    }

    fn expand_items(&mut self) -> Vec<ExpandItem> {
        let mut items = Vec::new();
        loop {
            let value = self.named_expression();
            let to = self.take_word("to").then(|| {
                self.expect_word("typeof");
                self.expect_sign("(");
                let name = self.type_name();
                self.expect_sign(")");
                name
            });
            items.push(ExpandItem { value, to });
            if !self.take_sign(",") {
                return items;
            }
        }
    }

    pub(super) fn parse_operator(&mut self, drops: bool) -> Parse {
        let value = self.expression();
        self.expect_word("with");
        let mut pattern = Vec::new();
        loop {
            match self.kind() {
                TokenKind::Sign if self.at_sign("*") => {
                    self.bump();
                    pattern.push(ParsePart::Any);
                }
                TokenKind::Text => {
                    let start = self.token().span.start;
                    let literal = self.literal();
                    pattern.push(ParsePart::Text(Expr {
                        kind: ExprKind::Literal(literal),
                        span: self.span_from(start),
                    }));
                }
                _ => {
                    let Some(name) = self.take_declared_name() else {
                        break;
                    };
                    let kind = self.take_sign(":").then(|| self.type_name());
                    pattern.push(ParsePart::Column(name, kind));
                }
            }
        }
        if pattern.is_empty() {
            self.expected("a pattern, such as `\"key=\" value:long`");
        }
        Parse {
            value,
            pattern,
            drops,
        }
    }

    pub(super) fn parse_kv(&mut self) -> ParseKv {
        let value = self.expression();
        self.expect_word("as");
        let columns = self.column_declarations();
        ParseKv {
            value,
            columns,
            with: self.with_properties(),
        }
    }

    pub(super) fn partition(&mut self) -> Partition {
        self.expect_word("by");
        // `a (` is no call here.
        let start = self.token().span.start;
        let name = self.name("a column");
        let by = Expr {
            kind: ExprKind::Name(name),
            span: self.span_from(start),
        };
        let start = self.token().span.start;
        if self.take_sign("{") {
            let query = self.deeper(
                |parser| parser.tabular(),
                |parser| Expr {
                    kind: ExprKind::Missing,
                    span: parser.token().span,
                },
            );
            self.expect_sign("}");
            return Partition {
                by,
                query,
                has_source: true,
            };
        }
        let pipeline = self.subquery();
        Partition {
            by,
            query: Expr {
                kind: ExprKind::Pipe(Box::new(pipeline)),
                span: self.span_from(start),
            },
            has_source: false,
        }
    }

    pub(super) fn scan(&mut self) -> Scan {
        let mut scan = Scan::default();
        if matches!(self.text(), "partition" | "order") && self.word_ahead(1, "by") {
            scan.clause = self.take_bare_word();
            self.bump();
            self.items(Self::ordered_expression);
        }
        if self.take_word("declare") {
            scan.declarations = self.parameters();
        }
        self.expect_word("with");
        self.expect_sign("(");
        while self.at_word("step") {
            scan.steps.push(self.scan_step());
            if !self.take_sign(";") {
                break;
            }
        }
        if scan.steps.is_empty() {
            self.expected("`step`");
        }
        self.expect_sign(")");
        scan
    }

    fn scan_step(&mut self) -> ScanStep {
        self.bump();
        let name = self.declared_name("the name of a step");
        let is_optional = self.take_word("optional");
        let output = (self.at_word("output") && self.sign_ahead(1, "=")).then(|| {
            self.at += 2;
            self.bare_word("`all`, `last` or `none`")
        });
        self.expect_sign(":");
        let condition = self.expression();
        let mut assignments = Vec::new();
        if self.take_sign("=>") {
            loop {
                let name = self.declared_name("a declared column");
                self.expect_sign("=");
                assignments.push((name, self.expression()));
                if !self.take_sign(",") {
                    break;
                }
            }
        }
        ScanStep {
            name,
            is_optional,
            output,
            condition,
            assignments,
        }
    }

    fn tables_in(&mut self) -> Vec<Expr> {
        if !self.at_word("in") || !self.sign_ahead(1, "(") {
            return Vec::new();
        }
        self.at += 2;
        let tables = self.list(")", Self::table_reference);
        self.expect_sign(")");
        tables
    }

    pub(super) fn search(&mut self) -> Search {
        let tables = self.tables_in();
        Search {
            tables,
            predicate: self.expression(),
        }
    }

    pub(super) fn find(&mut self) -> Find {
        let mut find = Find {
            tables: self.tables_in(),
            ..Find::default()
        };
        let ends = |parser: &Self| {
            matches!(
                parser.text(),
                "project" | "project-smart" | "project-away" | "|" | ";" | ")" | ""
            )
        };
        if self.take_word("where") || !ends(self) {
            find.condition = Some(self.expression());
        }
        if self.take_word("project") {
            let mut columns = Vec::new();
            loop {
                columns.push(self.find_column());
                if !self.take_sign(",") {
                    break;
                }
            }
            find.columns = Some(columns);
        } else {
            self.take_word("project-smart");
        }
        if self.take_word("project-away") {
            find.away = self.items(Self::column_pattern);
        }
        find
    }

    fn find_column(&mut self) -> FindColumn {
        if matches!(self.text(), "pack" | "pack_all") && self.sign_ahead(1, "(") {
            self.at += 2;
            self.take_sign("*");
            self.expect_sign(")");
            return FindColumn::Pack;
        }
        let name = self.declared_name("a column");
        let kind = self.take_sign(":").then(|| self.type_name());
        FindColumn::Column(name, kind)
    }
}
