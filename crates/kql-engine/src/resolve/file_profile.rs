//! `invoke FileProfile(…)`: what Defender knows of files, of which nothing is known here.
//!
//! Source: Defender XDR documentation, `advanced-hunting-fileprofile-function`. A file that is not looked up has an
//! empty availability and no data: so it is with every file here, and a warning says so.

use super::{Resolver, ResultColumn, Tabular};
use crate::expr::Expr;
use crate::plan::NodeKind;
use event_table::{ColumnType, Value};
use kql_syntax::ast::{self, Argument, Expr as Ast, Name};
use kql_syntax::{Diagnostic, Span};

/// What the function adds, in the page's order; a boolean there is a bool.
const COLUMNS: [(&str, ColumnType); 18] = [
    ("SHA1", ColumnType::String),
    ("SHA256", ColumnType::String),
    ("MD5", ColumnType::String),
    ("FileSize", ColumnType::Int),
    ("GlobalPrevalence", ColumnType::Int),
    ("GlobalFirstSeen", ColumnType::DateTime),
    ("GlobalLastSeen", ColumnType::DateTime),
    ("Signer", ColumnType::String),
    ("Issuer", ColumnType::String),
    ("SignerHash", ColumnType::String),
    ("IsCertificateValid", ColumnType::Bool),
    ("IsRootSignerMicrosoft", ColumnType::Bool),
    ("SignatureState", ColumnType::String),
    ("IsExecutable", ColumnType::Bool),
    ("ThreatName", ColumnType::String),
    ("Publisher", ColumnType::String),
    ("SoftwareName", ColumnType::String),
    ("ProfileAvailability", ColumnType::String),
];

/// The columns that can say which file is meant.
const IDS: [&str; 4] = ["SHA1", "SHA256", "InitiatingProcessSHA1", "InitiatingProcessSHA256"];

impl Resolver<'_> {
    /// The rows with the columns of the profile that they do not have.
    pub(super) fn file_profile(
        &mut self,
        input: &Tabular,
        name: &Name,
        arguments: &[Argument],
        span: Span,
    ) -> Option<Tabular> {
        if let Some(third) = arguments.get(2) {
            self.error("arguments", third.value.span, "`FileProfile` takes up to 2 arguments.");
            return None;
        }
        if let Some(id) = arguments.first() {
            self.check_file_id(input, &id.value)?;
        } else if !input.columns.iter().any(|column| &*column.name == IDS[0]) {
            self.error(
                "column-expected",
                name.span,
                "`FileProfile` takes the column SHA1, which these rows do not have.",
            );
            return None;
        }
        if let Some(limit) = arguments.get(1) {
            let value = self.scalar(&limit.value, &mut super::scope::RowScope::empty())?;
            let is_number = match value.as_constant() {
                Some(Value::Int(number)) => (1..=1_000).contains(number),
                Some(Value::Long(number)) => (1..=1_000).contains(number),
                _ => false,
            };
            if !is_number {
                self.error("argument-type", limit.value.span, "A number of files from 1 to 1000 is expected here.");
                return None;
            }
        }
        let found = Diagnostic::warning(
            "no-file-profiles",
            name.span,
            "Nothing is asked of Microsoft: what `FileProfile` adds is missing for every file.",
        );
        self.report(found.with_hint("What is known of files can be loaded as a table, and joined."));
        let mut columns = input.columns.to_vec();
        let mut exprs: Vec<Expr> =
            columns.iter().enumerate().map(|(i, c)| Expr::column(c.ty.unwrap_or(ColumnType::Dynamic), i)).collect();
        for (column, ty) in COLUMNS {
            if columns.iter().all(|c| &*c.name != column) {
                columns.push(ResultColumn { name: column.into(), ty: Some(ty) });
                exprs.push(Expr::constant(ty, if ty == ColumnType::String { Value::string("") } else { Value::Null }));
            }
        }
        Some(self.add(NodeKind::Project(input.node, exprs), columns, span))
    }

    /// The page names four columns, written as a name or as text.
    fn check_file_id(&mut self, input: &Tabular, id: &Ast) -> Option<()> {
        let named = match &id.kind {
            ast::ExprKind::Name(name) => name.text.clone(),
            _ => match self.scalar(id, &mut super::scope::RowScope::empty())?.as_constant() {
                Some(Value::String(text)) => text.clone(),
                _ => "".into(),
            },
        };
        if !IDS.contains(&&*named) {
            let message = format!("'{named}' is not one of {}.", IDS.join(", "));
            self.error("unknown-word", id.span, message);
            return None;
        }
        if !input.columns.iter().any(|column| column.name == named) {
            self.unknown_name(&Name { text: named, span: id.span }, &input.columns);
            return None;
        }
        Some(())
    }
}
