//! KQL text to tree and back.
//!
//! [`parse()`] turns any text into a [`Parse`]: a lossless tree ([`Parse::syntax`]), the query's shape without blanks
//! and punctuation ([`Parse::document`]), and what is wrong ([`Parse::diagnostics`]). From there
//!
//! - [`literals`] lists every list, number, timespan and text that the query compares something with,
//! - [`edit`] changes one of them and leaves every other byte alone,
//! - [`format()`] lays a text out anew,
//! - [`signals()`] finds the sub-queries that feed the final union,
//! - [`highlight()`] gives the classes for colouring,
//! - [`codes`] has every code of a finding, with an example.
//!
//! ```
//! use kql_syntax::edit::{add_item, apply};
//! use kql_syntax::literals::{Scalar, literals};
//!
//! let text = r#"DeviceNetworkEvents | where RemoteUrl has_any ("github.com") // hosting"#;
//! let parsed = kql_syntax::parse(text);
//! assert!(parsed.diagnostics().is_empty());
//!
//! let list = &literals(&parsed)[0];
//! assert_eq!(list.uses[0].subject, "RemoteUrl");
//! let edits = add_item(&parsed, list.span, &Scalar::String("gitlab.com".into()))?;
//! assert_eq!(
//!     apply(text, &edits)?,
//!     r#"DeviceNetworkEvents | where RemoteUrl has_any ("github.com", "gitlab.com") // hosting"#
//! );
//! # Ok::<(), kql_syntax::edit::EditError>(())
//! ```
//!
//! What is grammatical was asked of Microsoft's analyzer, whose answers are kept in `tests/analyzer.txt` and
//! `tests/precedence.txt`. Where its grammar takes a text that can mean nothing, we refuse it; that file tells which.
//!
//! **Invariant:** this crate knows no table and no meaning. Parsing never fails and never panics: a tree comes out
//! of any text, its text is the input byte for byte, and brackets nested too deep are a finding, not an overflow.
//! Everything here takes time in proportion to the text.

pub mod ast;
pub mod codes;
mod diagnostic;
pub mod edit;
mod format;
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

pub use diagnostic::{Diagnostic, Fix, Severity};
pub use format::format;
pub use highlight::{Highlight, HighlightClass, highlight};
pub use parse::{Parse, parse};
pub use printer::print;
pub use signals::{Signal, signals};
pub use span::Span;
pub use suggest::nearest;
pub use syntax_kind::{Kql, SyntaxElement, SyntaxKind, SyntaxNode, SyntaxToken};
