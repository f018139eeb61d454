//! Findings about a query, with lines and columns, and their words: the one place where they are rendered.

use kql_syntax::{Diagnostic, Fix, Severity};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// A finding about the query text, as told to people and programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// A stable short name.
    pub code: String,
    /// One sentence.
    pub message: String,
    /// What to do about it, where that is known.
    pub hint: Option<String>,
    /// Bytes before the words that it is about.
    pub start: u32,
    /// Bytes before their end.
    pub end: u32,
    /// The line of the start, from 1.
    pub line: u32,
    /// The character of the line, from 1.
    pub column: u32,
    /// Changes of the text that mend it, the most likely first.
    #[serde(default)]
    pub fixes: Vec<Fix>,
}

/// Where the lines of a text begin.
pub struct LineIndex<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> LineIndex<'a> {
    /// Finds the lines of a text.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, starts }
    }

    /// Line and character of a position, both from 1.
    #[must_use]
    pub fn position(&self, offset: u32) -> (u32, u32) {
        let offset = (offset as usize).min(self.text.len());
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts[line - 1];
        let column = self.text.get(start..offset).map_or(0, |before| before.chars().count());
        (line as u32, column as u32 + 1)
    }

    /// A line of the text, from 1, without its end.
    #[must_use]
    pub fn line(&self, line: u32) -> &'a str {
        let Some(start) = self.starts.get((line as usize).saturating_sub(1)) else { return "" };
        self.text[*start..].lines().next().unwrap_or("")
    }

    /// A finding of the parser or the resolver, with line and column.
    #[must_use]
    pub fn finding(&self, diagnostic: &Diagnostic) -> Finding {
        let (line, column) = self.position(diagnostic.span.start);
        Finding {
            severity: diagnostic.severity,
            code: diagnostic.code.clone(),
            message: diagnostic.message.clone(),
            hint: diagnostic.hint.clone(),
            start: diagnostic.span.start,
            end: diagnostic.span.end,
            line,
            column,
            fixes: diagnostic.fixes.clone(),
        }
    }
}

/// Findings for a terminal: the sentence, the line with the words marked, and the advice.
#[must_use]
pub fn render_findings(findings: &[Finding], text: &str, name: &str) -> String {
    let lines = LineIndex::new(text);
    let mut out = String::new();
    for finding in findings {
        let word = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "note",
        };
        let line = lines.line(finding.line).replace('\t', " ");
        let before = finding.column.saturating_sub(1) as usize;
        let words = text.get(finding.start as usize..finding.end as usize).unwrap_or("");
        let marked = words.lines().next().unwrap_or("").chars().count().max(1);
        let margin = finding.line.to_string();
        let blank = " ".repeat(margin.len());
        let _ = writeln!(out, "{word}[{}]: {}", finding.code, finding.message);
        let _ = writeln!(out, "{blank}--> {name}:{}:{}", finding.line, finding.column);
        let _ = writeln!(out, "{margin} | {line}");
        let _ = writeln!(out, "{blank} | {}{}", " ".repeat(before), "^".repeat(marked));
        if let Some(hint) = &finding.hint {
            let _ = writeln!(out, "{blank} = {hint}");
        }
        for fix in &finding.fixes {
            let _ = writeln!(out, "{blank} = fix: {}", fix.title);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use kql_syntax::Span;

    #[test]
    fn a_finding_is_shown_under_its_words() {
        let text = "T\n| where é == Xx\n";
        let found =
            Diagnostic::error("unknown-column", Span::new(16, 18), "No column 'Xx'.").with_hint("Did you mean `X`?");
        let finding = LineIndex::new(text).finding(&found);
        assert_eq!((finding.line, finding.column), (2, 14));
        assert_eq!(
            render_findings(&[finding], text, "query"),
            "error[unknown-column]: No column 'Xx'.\n --> query:2:14\n2 | | where é == Xx\n  |              ^^\n  = Did you mean `X`?\n"
        );
    }

    #[test]
    fn positions_beyond_the_text_are_its_end() {
        let lines = LineIndex::new("ab\n");
        assert_eq!(
            (lines.position(0), lines.position(2), lines.position(3), lines.position(99)),
            ((1, 1), (1, 3), (2, 1), (2, 1))
        );
    }
}
