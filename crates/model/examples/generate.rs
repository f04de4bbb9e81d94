//! Prints a generated page: `columns`, `limits`, `codes`, or the page of one code.
//! `cargo xtask generate` calls it and writes the files.
#![allow(
    clippy::print_stdout,
    reason = "printing the page is what this program is for"
)]

use model::{Code, codes, columns, limits};

fn main() {
    let what = std::env::args().nth(1).unwrap_or_default();
    let page = match what.as_str() {
        "columns" => Some(columns::columns_page()),
        "limits" => Some(limits::limits_page()),
        "codes" => Some(codes::codes_index()),
        "code-list" => Some(codes::CODES.iter().map(|def| format!("{}\n", def.code)).collect()),
        code => Code::from_text(code).and_then(codes::code_page),
    };
    match page {
        Some(page) => print!("{page}"),
        None => std::process::exit(2),
    }
}
