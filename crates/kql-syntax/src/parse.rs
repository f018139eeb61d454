//! The result of parsing: a tree that has every byte of the text, and what is wrong with it.

use crate::{Diagnostic, Span, SyntaxNode, ast, lexer, lower, parser};
use rowan::GreenNode;
use std::sync::Arc;

/// Texts longer than this are not parsed: positions are 32 bits wide.
const MAX_TEXT: usize = i32::MAX as usize;

/// How many findings are kept: a picture pasted as a query has one a byte, and nobody reads them.
pub(crate) const MAX_FINDINGS: usize = 1000;

/// Parses a query text, whatever it holds. Takes time in proportion to the text. A text of 2 GiB or more gives an
/// empty tree and a finding.
#[must_use]
pub fn parse(text: &str) -> Parse {
    let too_long = text.len() > MAX_TEXT;
    let text = if too_long { "" } else { text };
    let (tokens, mut diagnostics) = lexer::lex(text);
    if too_long {
        diagnostics.push(Diagnostic::error("too-long", Span::default(), "This text is too long to be a query."));
    }
    let (green, found) = parser::parse(text, &tokens);
    diagnostics.extend(found);
    diagnostics.sort_by_key(|diagnostic| diagnostic.span);
    diagnostics.truncate(MAX_FINDINGS);
    Parse { green, diagnostics: diagnostics.into() }
}

/// A parsed query text. Cheap to clone; can be sent to another thread.
#[derive(Clone, Debug)]
pub struct Parse {
    green: GreenNode,
    diagnostics: Arc<[Diagnostic]>,
}

impl Parse {
    /// The lossless tree: its text is the text that was parsed.
    #[must_use]
    pub fn syntax(&self) -> SyntaxNode {
        SyntaxNode::new_root(self.green.clone())
    }

    /// The query without blanks, comments and punctuation, for whoever wants its meaning.
    #[must_use]
    pub fn document(&self) -> ast::Document {
        lower::document(&self.syntax())
    }

    /// What is wrong with the text, by position; the first thousand findings at most.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }
}
