//! KQL text to tree and back.

pub mod ast;
mod diagnostic;
mod span;

pub use diagnostic::{Diagnostic, Severity};
pub use span::Span;
