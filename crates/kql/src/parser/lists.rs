//! Words that mean something in their place, and so cannot be names there without brackets.

/// Words that are names only in brackets and quotes, as Kusto has it; many are of its management commands.
#[rustfmt::skip]
const RESERVED: [&str; 145] = [
    "and", "anomalychart", "areachart", "asc", "assert-schema", "bagexpansion", "barchart", "between", "boolean",
    "byte", "cachingpolicy", "callout", "cancel", "card", "char", "columnchart", "commands-and-queries",
    "contains_cs", "containscs", "cycles", "dataexport", "datascope", "date", "datetime", "decimal", "decodeblocks",
    "desc", "double", "dynamic", "encodingpolicy", "endswith", "endswith_cs", "expandoutput", "extent_tags_retention",
    "external_data", "first", "flags", "float", "force_remote", "granny-asc", "granny-desc", "graph-mark-components",
    "graph-match", "graph-shortest-paths", "graph-to-table", "graph-where-edges", "graph-where-nodes", "harddelete",
    "hardretention", "has_all", "has_any", "has_cs", "hasprefix", "hasprefix_cs", "hassuffix", "hassuffix_cs",
    "hotcache", "int", "int16", "int32", "int64", "int8", "isfuzzy", "journal", "ladderchart", "last", "like",
    "likecs", "linechart", "long", "macro-expand", "make-graph", "make-series",
    "materialized-view-combine", "materialized-views", "missing", "mv-apply", "mv-expand", "nooptimization",
    "notcontains", "notcontainscs", "notlike", "notlikecs", "or", "others", "parse-kv", "parse-where",
    "partitioned-by", "pathformat", "piechart", "pivotchart", "project", "project-away", "project-by-names",
    "project-keep", "project-rename", "project-reorder", "project-smart", "queries", "query_results", "real",
    "relaxed", "restricted_view_access", "row_level_security", "rowstore", "rowstore_references", "rowstore_sealinfo",
    "rowstorepolicy", "rowstores", "scatterchart", "seal", "seals", "set-or-append", "set-or-replace", "shards",
    "simple", "softdelete", "softretention", "stackedareachart", "startswith", "startswith_cs", "statistics",
    "storedqueryresultcontainers", "string", "tablepurge", "time", "timechart", "timeline", "timepivot", "timespan",
    "treemap", "uint", "uint16", "uint32", "uint64", "uint8", "ulong", "union", "uniqueid", "unrestrictedviewers",
    "views", "with_itemindex", "with_match_id", "with_step_name", "writeaheadlog",
];

/// Words that may be given as a name (`title = a`) and must be in brackets where they stand for it.
#[rustfmt::skip]
const DECLARED_ONLY: [&str; 30] = [
    "accumulate", "as", "by", "contains", "datatable", "earliest", "externaldata", "find", "has", "in", "invoke",
    "latest", "materialize", "mdm", "of", "print", "sample", "sample-distinct", "search", "set", "sql", "title", "to",
    "top-hitters", "top-nested", "toscalar", "totable", "verbose", "viewers", "where",
];

/// Types that are no names either: `string(x)` is a mistake for `tostring(x)`.
const TYPES: [&str; 21] = [
    "boolean", "byte", "char", "decimal", "double", "dynamic", "float", "int", "int16", "int32", "int64",
    "int8", "long", "real", "string", "time", "timespan", "datetime", "uint", "ulong", "uniqueid",
];

/// True if the word stands for a column or variable only in brackets and quotes.
pub(super) fn is_reserved(word: &str) -> bool {
    !is_declarable(word) || DECLARED_ONLY.contains(&word)
}

/// True if the word may be given as a name.
pub(super) fn is_declarable(word: &str) -> bool {
    !word.starts_with('!')
        && !word.ends_with('~')
        && !is_truth(word)
        && RESERVED.binary_search(&word).is_err()
}

/// `true` and `false`, as Kusto writes them.
pub(super) fn is_truth(word: &str) -> bool {
    matches!(word, "true" | "false" | "True" | "False" | "TRUE" | "FALSE")
}

/// True if the word is a type where an expression could begin.
pub(super) fn is_type(word: &str) -> bool {
    TYPES.contains(&word)
}

/// Words that begin a tabular operator behind `|`.
pub const OPERATORS: [&str; 61] = [
    "as",
    "assert-schema",
    "consume",
    "count",
    "distinct",
    "evaluate",
    "execute-and-cache",
    "extend",
    "facet",
    "filter",
    "find",
    "fork",
    "getschema",
    "graph-mark-components",
    "graph-match",
    "graph-merge",
    "graph-shortest-paths",
    "graph-to-table",
    "graph-where-edges",
    "graph-where-nodes",
    "invoke",
    "join",
    "limit",
    "lookup",
    "macro-expand",
    "make-graph",
    "make-series",
    "mv-apply",
    "mvapply",
    "mv-expand",
    "mvexpand",
    "order",
    "parse",
    "parse-kv",
    "parse-where",
    "partition",
    "__partitionby",
    "print",
    "project",
    "project-away",
    "project-by-names",
    "project-keep",
    "project-rename",
    "project-reorder",
    "range",
    "reduce",
    "render",
    "sample",
    "sample-distinct",
    "scan",
    "search",
    "serialize",
    "sort",
    "summarize",
    "take",
    "top",
    "top-hitters",
    "top-nested",
    "union",
    "where",
    "graph",
];
