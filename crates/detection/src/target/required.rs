//! The columns that a result must have to become a Defender custom detection, and the edits that add them.
//!
//! Source: Microsoft's page on custom detection rules: `Timestamp`, `ReportId` and a column that names what was hit,
//! for device tables `DeviceId`, as the tables give them.

use crate::placing::{Written, final_query, leg_pipeline};
use crate::session::resolve_text;
use crate::suggest::Suggestion;
use event_table::{DateTime, TableSet};
use kql_engine::plan::Plan;
use kql_syntax::ast::{Document, NamedExpr, OperatorKind};
use kql_syntax::edit::{TextEdit, apply};
use kql_syntax::{Span, parse};
use serde::{Deserialize, Serialize};

/// What a custom detection's result must have.
pub(crate) const REQUIRED: [&str; 3] = ["Timestamp", "DeviceId", "ReportId"];

/// A column that the result must have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequiredColumn {
    /// The name.
    pub name: String,
    /// Whether the result has it.
    pub present: bool,
}

/// Which of the columns a text's result has, and the edits of its portable form that add the others. The edits are
/// those of `base`, the text as it would go there.
pub(super) fn required(
    text: &str,
    base: &str,
    here: &TableSet,
    now: DateTime,
) -> (Vec<RequiredColumn>, Option<Suggestion>) {
    let (_, Some(plan)) = resolve_text(text, here, now) else { return (Vec::new(), None) };
    let has = |plan: &Plan, name: &str| plan.columns().iter().any(|c| &*c.name == name);
    let columns: Vec<RequiredColumn> =
        REQUIRED.iter().map(|name| RequiredColumn { name: (*name).to_owned(), present: has(&plan, name) }).collect();
    let missing: Vec<&str> = columns.iter().filter(|c| !c.present).map(|c| c.name.as_str()).collect();
    if missing.is_empty() {
        return (columns, None);
    }
    let (_, Some(plan)) = resolve_text(base, here, now) else { return (columns, None) };
    let document = parse(base).document();
    let mut edits = Vec::new();
    for leg in &plan.legs {
        if let Some(pipeline) = leg_pipeline(&document, leg, plan.legs.len()) {
            edits.extend(added(&pipeline, &missing, base));
        }
    }
    if plan.legs.len() > 1 {
        edits.extend(final_edits(&document, &missing, base));
    }
    edits.sort_by_key(|edit| edit.span);
    edits.dedup();
    let suggestion = Suggestion { words: format!("Add {} to the result", missing.join(", ")), edits };
    let holds = apply(base, &suggestion.edits)
        .ok()
        .and_then(|edited| resolve_text(&edited, here, now).1)
        .is_some_and(|plan| REQUIRED.iter().all(|name| has(&plan, name)));
    (columns, holds.then_some(suggestion))
}

fn final_edits(document: &Document, missing: &[&str], text: &str) -> Vec<TextEdit> {
    final_query(document)
        .and_then(crate::placing::written)
        .map_or_else(Vec::new, |pipeline| added(&pipeline, missing, text))
}

/// Names at the end of each `project` of a pipeline that does not have them.
fn added(pipeline: &Written<'_>, missing: &[&str], text: &str) -> Vec<TextEdit> {
    let projects = pipeline.operators.iter().filter_map(|operator| match &operator.kind {
        OperatorKind::Project(items) => Some(items),
        _ => None,
    });
    projects.filter_map(|items| at_the_end(items, missing, text)).collect()
}

fn at_the_end(items: &[NamedExpr], missing: &[&str], text: &str) -> Option<TextEdit> {
    let last = items.last()?;
    let is_there =
        |name: &&&str| items.iter().any(|i| i.names.iter().any(|n| &*n.text == **name) || i.span.of(text) == **name);
    let names: Vec<&str> = missing.iter().filter(|name| !is_there(name)).copied().collect();
    if names.is_empty() {
        return None;
    }
    // Items one below the other stay so.
    let gap = match items {
        [.., before, last] => {
            let between = text.get(before.span.end as usize..last.span.start as usize)?;
            between.rfind('\n').map_or_else(|| " ".to_owned(), |at| format!("\n{}", &between[at + 1..]))
        }
        _ => " ".to_owned(),
    };
    let insert: String = names.iter().map(|name| format!(",{gap}{name}")).collect();
    Some(TextEdit { span: Span::new(last.span.end, last.span.end), insert })
}
