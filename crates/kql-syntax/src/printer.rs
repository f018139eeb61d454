//! The tree back to text.

use crate::SyntaxNode;

/// The text of a tree or of a part of it, byte for byte as it was parsed.
#[must_use]
pub fn print(node: &SyntaxNode) -> String {
    node.text().to_string()
}
