//! *Will it run there?* What a query lacks where it is to go, with the positions, and the form of it that resolves
//! there and means the same where nothing is lacking.
//!
//! Facts about the services: Microsoft's documentation of advanced hunting (30 days of data), of the Defender tables in
//! Log Analytics (Defender's columns beside TimeGenerated, Type, TenantId, SourceSystem) and of custom detections (the
//! columns that their result must have).

mod portable;
mod required;

use crate::finding::{Finding, LineIndex};
use crate::session::{Session, resolve_text};
use crate::suggest::Suggestion;
use event_table::{ColumnOrigin, ColumnType, DateTime, TableSchema, TableSet, schema};
use kql_engine::resolve::resolve;
use kql_engine::scalar::parse_timespan;
use kql_syntax::literals::{LiteralValue, Scalar, literals};
use kql_syntax::{Diagnostic, Parse, Severity, Span, parse};
use serde::{Deserialize, Serialize};

pub use required::RequiredColumn;

/// Where a query can go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// Microsoft Defender XDR, advanced hunting.
    Defender,
    /// Microsoft Sentinel: Log Analytics.
    Sentinel,
    /// Any other Kusto: a database without these tables.
    Kusto,
}

/// Whether a query runs at a target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetReport {
    /// The target.
    pub target: Target,
    /// Whether it resolves there as it is.
    pub runs: bool,
    /// What is not there.
    pub lacks: Vec<Lack>,
    /// What else is wrong there.
    pub findings: Vec<Finding>,
    /// What to know about the target, in words.
    pub notes: Vec<String>,
    /// The edits that make it resolve there and change nothing where the columns exist; none when it runs as it is, or
    /// when there is no such form.
    pub portable: Option<Suggestion>,
    /// The columns that the result must have to become a custom detection; empty for other targets.
    pub required: Vec<RequiredColumn>,
    /// The edits that add those that are not there; none when all are, or when they cannot be added.
    pub with_required: Option<Suggestion>,
}

/// What a lacking name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum LackKind {
    Table,
    Column,
}

/// A name that the query uses and the target does not have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lack {
    /// What it is.
    pub kind: LackKind,
    /// The name.
    pub name: String,
    /// Where the column comes from here, and its type; none for tables.
    pub column: Option<LackingColumn>,
    /// Where the query uses it.
    pub places: Vec<LackPlace>,
}

/// What is known of a lacking column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LackingColumn {
    /// The table.
    pub table: String,
    /// The type.
    #[serde(rename = "type")]
    pub ty: ColumnType,
    /// Who says that the table has it.
    pub origin: ColumnOrigin,
}

/// A use of a lacking name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LackPlace {
    /// Where it stands.
    pub span: Span,
    /// The line, from 1.
    pub line: u32,
    /// The character of the line, from 1.
    pub column: u32,
}

impl Target {
    /// Every target.
    pub const ALL: [Self; 3] = [Self::Defender, Self::Sentinel, Self::Kusto];

    /// The name, for people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Defender => "Defender advanced hunting",
            Self::Sentinel => "Sentinel",
            Self::Kusto => "plain Kusto",
        }
    }

    /// The tables that are there, with the columns that Microsoft documents.
    #[must_use]
    pub fn tables(self) -> TableSet {
        let origins: &[ColumnOrigin] = match self {
            Self::Defender => &[ColumnOrigin::Published],
            Self::Sentinel => &[ColumnOrigin::Published, ColumnOrigin::Sentinel],
            Self::Kusto => return TableSet::knowing(Vec::new()),
        };
        let has = |table: &TableSchema| TableSchema {
            name: table.name.clone(),
            columns: table.columns.iter().filter(|c| origins.contains(&c.origin)).cloned().collect(),
        };
        TableSet::knowing(schema::all().iter().map(has).collect())
    }

    fn notes(self, parsed: &Parse, lacks: &[Lack]) -> Vec<String> {
        let mut notes = Vec::new();
        let lacking = |origin| lacks.iter().any(|l| l.column.as_ref().is_some_and(|c| c.origin == origin));
        let uses = |name: &str| literals(parsed).iter().any(|l| l.uses.iter().any(|u| u.subject == name));
        match self {
            Self::Defender => {
                if look_back(parsed).is_some_and(|ticks| ticks > 30 * event_table::TICKS_PER_DAY) {
                    notes.push("Advanced hunting keeps 30 days: what is older is not found.".to_owned());
                }
                if lacks.iter().any(|l| l.name == "TimeGenerated") {
                    notes.push("Advanced hunting's own time is Timestamp; TimeGenerated is Sentinel's.".to_owned());
                }
            }
            Self::Sentinel => {
                if uses("Timestamp") && !uses("TimeGenerated") {
                    notes.push(
                        "A Sentinel rule's look-back runs over TimeGenerated, which is when the event arrived; \
                         Timestamp is when it happened and may lie minutes earlier."
                            .to_owned(),
                    );
                }
            }
            Self::Kusto => notes.push(
                "A plain Kusto has no tables of yours: export the query with its rows, or name your own tables."
                    .to_owned(),
            ),
        }
        if lacking(ColumnOrigin::Extension) {
            notes.push(
                "Microsoft's table does not have the columns: they are there only where your ingestion adds them."
                    .to_owned(),
            );
        }
        notes
    }
}

/// The longest timespan that the query compares a time with, in ticks: its look-back.
pub(crate) fn look_back(parsed: &Parse) -> Option<i64> {
    let is_time = |subject: &str| schema::TIME_COLUMNS.iter().any(|name| subject.contains(name));
    literals(parsed)
        .iter()
        .filter(|literal| literal.uses.iter().any(|u| is_time(&u.subject)))
        .filter_map(|literal| match &literal.value {
            LiteralValue::Scalar(Scalar::TimeSpan(text)) => parse_timespan(text).map(|span| span.ticks()),
            _ => None,
        })
        .filter(|ticks| *ticks > 0)
        .max()
}

impl Session {
    /// Whether the query runs at a target, and what it takes.
    #[must_use]
    pub fn target_report(&self, target: Target) -> TargetReport {
        let text = self.query().to_owned();
        let now = self.newest().unwrap_or(DateTime::MAX);
        let parsed = parse(&text);
        let mut report = TargetReport {
            target,
            runs: false,
            lacks: Vec::new(),
            findings: Vec::new(),
            notes: Vec::new(),
            portable: None,
            required: Vec::new(),
            with_required: None,
        };
        let (own, plan) = resolve_text(&text, self.tables(), now);
        let Some(plan) = plan else {
            report.findings = own.into_iter().filter(|f| f.severity == Severity::Error).collect();
            report.notes.push("The query has errors here already: mend them first.".to_owned());
            return report;
        };
        let mut there = target.tables();
        // A service fetches them itself.
        self.tables().files().iter().for_each(|file| there.set_file(file.clone()));
        let document = parsed.document();
        let resolution = resolve(&document, &there, now);
        let errors: Vec<&Diagnostic> =
            resolution.diagnostics.iter().filter(|d| d.severity == Severity::Error).collect();
        let lines = LineIndex::new(&text);
        for error in &errors {
            match self.lack(error, &text) {
                Some((kind, name)) => {
                    let (line, column) = lines.position(error.span.start);
                    let place = LackPlace { span: error.span, line, column };
                    add_lack(&mut report.lacks, kind, name, place);
                }
                None => report.findings.push(lines.finding(error)),
            }
        }
        for lack in report.lacks.iter_mut().filter(|lack| lack.kind == LackKind::Column) {
            lack.column = portable::known_column(&lack.name, &plan, self.tables(), &there);
        }
        report.runs = errors.is_empty();
        report.notes = target.notes(&parsed, &report.lacks);
        let lacks_only_columns = report.findings.is_empty() && report.lacks.iter().all(|l| l.column.is_some());
        if !report.runs && lacks_only_columns {
            let ask = portable::Ask { text: &text, document: &document, plan: &plan, here: self.tables(), now };
            report.portable = portable::portable(&ask, &report.lacks, &there);
        }
        if target == Target::Defender {
            let base = match &report.portable {
                Some(portable) => kql_syntax::edit::apply(&text, &portable.edits).unwrap_or_else(|_| text.clone()),
                None => text.clone(),
            };
            (report.required, report.with_required) = required::required(&text, &base, self.tables(), now);
        }
        report
    }

    /// The name that an error at a target is about, when this session knows it.
    fn lack(&self, error: &Diagnostic, text: &str) -> Option<(LackKind, String)> {
        if !matches!(&*error.code, "unknown-column" | "unknown-table") {
            return None;
        }
        let name = unquoted(error.span.of(text));
        let is_table = error.code == "unknown-table" || self.tables().schema(&name).is_some();
        Some((if is_table { LackKind::Table } else { LackKind::Column }, name))
    }
}

/// A name without the brackets and quotes that it may be written with.
fn unquoted(name: &str) -> String {
    let inner = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).map_or(name, str::trim);
    inner.trim_matches(['"', '\'']).to_owned()
}

fn add_lack(lacks: &mut Vec<Lack>, kind: LackKind, name: String, place: LackPlace) {
    match lacks.iter_mut().find(|lack| lack.kind == kind && lack.name == name) {
        Some(known) => known.places.push(place),
        None => lacks.push(Lack { kind, name, column: None, places: vec![place] }),
    }
}

#[cfg(test)]
mod tests;
