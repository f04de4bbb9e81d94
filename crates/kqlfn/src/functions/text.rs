//! Functions on texts.

mod casing;
mod countof;
mod extract;
mod extract_all;
mod extract_json;
mod format_bytes;
mod growth;
mod has_any_index;
mod indexof;
mod indexof_regex;
mod isascii;
mod isempty;
mod isnotempty;
mod isutf8;
mod parse_command_line;
mod parse_csv;
mod parse_path;
mod parse_url;
mod parse_urlquery;
mod parse_version;
mod pattern;
mod regex_quote;
mod replace;
mod replace_regex;
mod replace_string;
mod replace_strings;
mod reverse;
mod rewriting;
mod searching;
mod split;
mod strcat;
mod strcat_array;
mod strcat_delim;
mod strcmp;
mod string_size;
mod strlen;
mod strrep;
mod substring;
mod tohex;
mod tolower;
mod toupper;
mod translate;
mod trim;
mod trim_end;
mod trim_start;
mod trimming;
mod typed;

use crate::function::Function;

pub(super) const FUNCTIONS: &[&Function] = &[
    &countof::FUNCTION,
    &extract::FUNCTION,
    &extract_all::FUNCTION,
    &extract_json::FUNCTION,
    &format_bytes::FUNCTION,
    &has_any_index::FUNCTION,
    &indexof::FUNCTION,
    &indexof_regex::FUNCTION,
    &isascii::FUNCTION,
    &isempty::FUNCTION,
    &isnotempty::FUNCTION,
    &isutf8::FUNCTION,
    &parse_command_line::FUNCTION,
    &parse_csv::FUNCTION,
    &parse_path::FUNCTION,
    &parse_url::FUNCTION,
    &parse_urlquery::FUNCTION,
    &parse_version::FUNCTION,
    &regex_quote::FUNCTION,
    &replace::FUNCTION,
    &replace_regex::FUNCTION,
    &replace_string::FUNCTION,
    &replace_strings::FUNCTION,
    &reverse::FUNCTION,
    &split::FUNCTION,
    &strcat::FUNCTION,
    &strcat_array::FUNCTION,
    &strcat_delim::FUNCTION,
    &strcmp::FUNCTION,
    &string_size::FUNCTION,
    &strlen::FUNCTION,
    &strrep::FUNCTION,
    &substring::FUNCTION,
    &tohex::FUNCTION,
    &tolower::FUNCTION,
    &toupper::FUNCTION,
    &translate::FUNCTION,
    &trim::FUNCTION,
    &trim_end::FUNCTION,
    &trim_start::FUNCTION,
];
