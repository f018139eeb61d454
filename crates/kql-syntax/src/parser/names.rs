//! Names, and which words of the language can be one.

use super::Parser;
use crate::Diagnostic;
use crate::SyntaxKind::*;

/// Words that can name a column where a name is given (`extend count = …`), but not where one is used, unless
/// written `['count']`. As Microsoft's analyzer has them.
const ONLY_DECLARED: &[&str] = &[
    "accumulate",
    "as",
    "by",
    "contains",
    "datatable",
    "earliest",
    "externaldata",
    "find",
    "has",
    "in",
    "invoke",
    "latest",
    "materialize",
    "mdm",
    "of",
    "print",
    "sample",
    "sample-distinct",
    "search",
    "set",
    "sql",
    "title",
    "to",
    "top-hitters",
    "top-nested",
    "toscalar",
    "totable",
    "verbose",
    "viewers",
    "where",
];

/// Words that cannot be a name without brackets.
const NEVER: &[&str] = &[
    "and",
    "anomalychart",
    "areachart",
    "asc",
    "bagexpansion",
    "barchart",
    "between",
    "bin_legacy",
    "boolean",
    "byte",
    "cachingpolicy",
    "callout",
    "cancel",
    "card",
    "char",
    "columnchart",
    "contains_cs",
    "containscs",
    "cycles",
    "dataexport",
    "datascope",
    "date",
    "datetime",
    "decimal",
    "decodeblocks",
    "desc",
    "double",
    "dynamic",
    "encodingpolicy",
    "endswith",
    "endswith_cs",
    "expandoutput",
    "extent_tags_retention",
    "external_data",
    "first",
    "flags",
    "float",
    "force_remote",
    "harddelete",
    "hardretention",
    "has_all",
    "has_any",
    "has_cs",
    "hasprefix",
    "hasprefix_cs",
    "hassuffix",
    "hassuffix_cs",
    "hotcache",
    "int",
    "int16",
    "int32",
    "int64",
    "int8",
    "isfuzzy",
    "journal",
    "kind",
    "ladderchart",
    "last",
    "like",
    "likecs",
    "linechart",
    "long",
    "missing",
    "nooptimization",
    "notcontains",
    "notcontainscs",
    "notlike",
    "notlikecs",
    "or",
    "others",
    "pathformat",
    "piechart",
    "pivotchart",
    "project",
    "queries",
    "query_results",
    "real",
    "relaxed",
    "restricted_view_access",
    "row_level_security",
    "rowstore",
    "rowstore_references",
    "rowstore_sealinfo",
    "rowstorepolicy",
    "rowstores",
    "scatterchart",
    "seal",
    "seals",
    "shards",
    "simple",
    "softdelete",
    "softretention",
    "stackedareachart",
    "startswith",
    "startswith_cs",
    "statistics",
    "storedqueryresultcontainers",
    "string",
    "tablepurge",
    "time",
    "timechart",
    "timeline",
    "timepivot",
    "timespan",
    "treemap",
    "uint",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
    "ulong",
    "union",
    "uniqueid",
    "unrestrictedviewers",
    "views",
    "with_itemindex",
    "with_match_id",
    "with_source",
    "with_step_name",
    "withsource",
    "writeaheadlog",
];

/// Where a name stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NamePlace {
    /// It is given here.
    Declared,
    /// It is used here.
    Used,
}

/// Whether a word needs `['…']` to be a name.
pub(super) fn is_reserved(word: &str, place: NamePlace) -> bool {
    // Columns mostly begin with a capital letter, reserved words never do.
    if !word.starts_with(|c: char| c.is_ascii_lowercase()) {
        return false;
    }
    let used = place == NamePlace::Used;
    // The analyzer takes these three as columns all the same.
    let column = used && matches!(word, "kind" | "with_source" | "withsource");
    !column && (NEVER.binary_search(&word).is_ok() || used && ONLY_DECLARED.binary_search(&word).is_ok())
}

impl Parser<'_> {
    /// How many tokens make a name at a distance: a word, or `['…']`. 0 when there is none.
    pub(super) fn name_tokens(&self, ahead: usize) -> usize {
        match self.kind(ahead) {
            Word => 1,
            LBracket => {
                let mut strings = 0;
                while self.kind(ahead + 1 + strings) == Text {
                    strings += 1;
                }
                if strings > 0 && self.kind(ahead + 1 + strings) == RBracket { strings + 2 } else { 0 }
            }
            _ => 0,
        }
    }

    /// Takes the tokens of a name that is known to stand here.
    pub(super) fn bump_name(&mut self, place: NamePlace) {
        if self.at(Word) {
            let word = self.text_of(0);
            if is_reserved(word, place) {
                let message = format!("`{word}` is a word of the language and no name here.");
                let name = format!("['{word}']");
                let finding = Diagnostic::error("reserved-word", self.here(), message);
                self.report(finding.with_hint(format!("Write {name} to use it as a name.")).written(&name));
            }
            self.bump();
        } else {
            for _ in 0..self.name_tokens(0) {
                self.bump();
            }
        }
    }

    /// Reads a [`Name`] node, or says that one is missing.
    pub(super) fn name(&mut self, place: NamePlace, what: &str) -> bool {
        let found = self.name_tokens(0) > 0;
        if found {
            self.node(Name, |parser| parser.bump_name(place));
        } else {
            self.error("expected-name", format!("Expected {what} {}.", self.found()));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted_for_the_search() {
        assert!(NEVER.is_sorted());
        assert!(ONLY_DECLARED.is_sorted());
        let all = || NEVER.iter().chain(ONLY_DECLARED);
        assert!(all().all(|word| word.starts_with(|c: char| c.is_ascii_lowercase())));
    }
}
