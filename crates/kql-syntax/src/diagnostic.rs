//! What is wrong with a query, as data: rendering to words for a screen or terminal happens elsewhere.

use crate::Span;
use crate::edit::TextEdit;
use serde::{Deserialize, Serialize};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The query does not run.
    Error,
    /// The query runs, but most likely does not mean what its author meant.
    Warning,
    /// Worth knowing.
    Info,
}

/// One finding in a query text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// A stable short name such as `unknown-column`; the documentation has an example of each.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// One sentence.
    pub message: String,
    /// The words that the finding is about.
    pub span: Span,
    /// What to do about it, where that is known.
    pub hint: Option<String>,
    /// Changes of the text that mend it, the most likely first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fixes: Vec<Fix>,
}

/// A change of the text after which a finding is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// What it does, as one would ask for it: "Write `where`".
    pub title: String,
    /// The change, in order and without overlap: one step to undo.
    pub edits: Vec<TextEdit>,
}

impl Diagnostic {
    /// An error without a hint.
    #[must_use]
    pub fn error(code: &str, span: Span, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            severity: Severity::Error,
            message: message.into(),
            span,
            hint: None,
            fixes: Vec::new(),
        }
    }

    /// A warning without a hint.
    #[must_use]
    pub fn warning(code: &str, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, span, message) }
    }

    /// The same finding with advice.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same finding, mended by writing something else in place of some words.
    #[must_use]
    pub fn with_fix(self, title: impl Into<String>, span: Span, insert: impl Into<String>) -> Self {
        self.with_edits(title, vec![TextEdit { span, insert: insert.into() }])
    }

    /// The same finding, mended by writing something else in place of the words that it is about.
    #[must_use]
    pub fn written(self, insert: &str) -> Self {
        let span = self.span;
        self.with_fix(format!("Write `{insert}`"), span, insert)
    }

    /// The same finding, mended by a call around an expression.
    #[must_use]
    pub fn wrapped(self, expression: Span, function: &str) -> Self {
        let edits = vec![
            TextEdit { span: Span::new(expression.start, expression.start), insert: format!("{function}(") },
            TextEdit { span: Span::new(expression.end, expression.end), insert: ")".into() },
        ];
        self.with_edits(format!("Write {function}(…) around it"), edits)
    }

    /// The same finding, mended by changes in several places, in order and without overlap.
    #[must_use]
    pub fn with_edits(mut self, title: impl Into<String>, edits: Vec<TextEdit>) -> Self {
        self.fixes.push(Fix { title: title.into(), edits });
        self
    }

    /// The same finding about a word that is not known, mended by the known word nearest to it, when one is near.
    #[must_use]
    pub fn with_nearest(self, word: &str, known: &[&str], write: impl Fn(&str) -> String) -> Self {
        match crate::nearest(word, known) {
            Some(meant) => {
                let text = write(meant);
                self.with_hint(format!("Did you mean `{meant}`?")).written(&text)
            }
            None => self,
        }
    }
}
