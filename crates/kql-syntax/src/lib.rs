//! KQL text to tree and back.
//!
//! [`parse`] turns any text into a [`Parse`]: a lossless tree ([`Parse::syntax`]), the query's shape without blanks
//! and punctuation ([`Parse::document`]), and what is wrong ([`Parse::diagnostics`]).
//!
//! **Invariant:** this crate knows no table and no meaning. Parsing never fails and never panics: a tree comes out
//! of any text, its text is the input byte for byte, and brackets nested too deep are a finding, not an overflow.

pub mod ast;
pub mod codes;
mod diagnostic;
pub mod edit;
mod highlight;
mod lexer;
pub mod literals;
mod lower;
mod parse;
mod parser;
mod printer;
mod signals;
mod span;
mod suggest;
mod syntax_kind;
pub mod walk;

pub use diagnostic::{Diagnostic, Severity};
pub use highlight::{Highlight, HighlightClass, highlight};
pub use parse::{Parse, parse};
pub use printer::print;
pub use signals::{Signal, signals};
pub use span::Span;
pub use suggest::nearest;
pub use syntax_kind::{Kql, SyntaxElement, SyntaxKind, SyntaxNode, SyntaxToken};
