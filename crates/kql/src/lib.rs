//! KQL as written: text to tokens, tokens to a tree, and diagnostics with Kusto's codes.
//!
//! This crate knows no table, no engine and no other crate of the workspace. It opens nothing, reads no
//! clock, and never panics, whatever it is given.

mod binder;
pub mod bound;
mod catalog;
mod diagnostic;
mod lexer;
mod parser;
pub mod refused;
pub mod signature;
mod span;
pub mod syntax;
mod types;
pub mod values;

pub use binder::{aggregate_names, bind, functions_of_the_query};
pub use catalog::{Catalog, CheckedArgument, Fault, FunctionDeclaration};
pub use diagnostic::{Code, Diagnostic, Severity};
pub use lexer::{Token, TokenKind, tokens};
pub use parser::{DEPTH_MAX, OPERATORS, parse};
pub use span::Span;
pub use types::ScalarType;
