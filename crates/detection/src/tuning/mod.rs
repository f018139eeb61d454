//! Suggested tuning: exclusions that silence false positives and lose no row that must alert, as KQL that an analyst
//! would write, each with what it removes and what else it would hide.
//!
//! Tests of one column are found in the false positives ([`atoms`]), put together to conditions of up to three that
//! hold on no alert that must stay ([`search`]), and few of those to an exclusion that silences all of them. Every
//! proposal is run before it is told: what is said of it is what happens.

mod atoms;
mod field;
mod ground;
mod reach;
mod search;

use crate::compare::{Totals, compare};
use crate::marks::{Wanted, alerting};
use crate::near::terms;
use crate::placing::{Place, after_union, in_leg};
use crate::samples::Label;
use crate::session::{RunFailure, Session, resolve_text};
use crate::suggest::Suggestion;
use event_table::RowRef;
use field::Field;
use ground::Ground;
use kql_engine::resolve::resolve;
use kql_engine::run::{Pace, RunError};
use kql_syntax::literals::{LiteralValue, Scalar, literals};
use kql_syntax::{Parse, parse};
use rustc_hash::FxHashSet;
use search::Clause;
use serde::{Deserialize, Serialize};

/// Exclusions that are told.
const TOLD: usize = 10;
/// Rows that are named one by one; past that they are counted.
const NAMED: usize = 100;

/// What tuning is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TuningRequest {
    /// The rows whose alerts are to go. When empty: every alert that is labelled benign or pinned to be silent.
    pub silence: Vec<RowRef>,
    /// Rows whose alerts must stay, besides those that are labelled malicious or pinned to alert.
    pub keep: Vec<RowRef>,
}

/// The answer: what was asked, and proposals, the best first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tuning {
    /// How many alerts are to go.
    pub asked: usize,
    /// How many alerts must stay.
    pub kept: usize,
    /// The proposals: those that silence everything asked first, then by what they spare and what they risk.
    pub exclusions: Vec<Exclusion>,
    /// What could not be done, in words.
    pub notes: Vec<String>,
}

/// An exclusion that is offered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exclusion {
    /// What it does in words, and the edits of the text.
    pub suggestion: Suggestion,
    /// Its parts: a row is left out when one of them holds.
    pub clauses: Vec<ExclusionClause>,
    /// How many of the alerts asked it silences.
    pub silenced: usize,
    /// Whether these are all.
    pub complete: bool,
    /// Alerts that nobody asked to silence, and that go too: how many, and the rows of the first hundred.
    pub others: usize,
    /// The rows of those.
    pub other_rows: Vec<RowRef>,
    /// Rows of the logs that do not alert today, and that it would hide if the rule were widened to find them.
    pub quiet: usize,
    /// Of the rows that should alert and do not yet, those that it would hide.
    pub hidden: Vec<RowRef>,
    /// What to think of before taking it.
    pub cautions: Vec<String>,
    /// What it does to the alerts, from a run.
    pub totals: Totals,
    /// From 0 to 1: how well it does by what it spares and risks.
    pub rating: f64,
}

/// A part of an exclusion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExclusionClause {
    /// The operator as it will stand in the text: `where not(…)`.
    pub text: String,
    /// Where it will stand, in words.
    pub place: String,
    /// How many of the alerts asked it silences by itself.
    pub silenced: usize,
}

impl Session {
    /// Exclusions that silence false positives of the newest run and keep what must alert.
    ///
    /// # Errors
    /// When the pace called it off.
    pub async fn tuning(&mut self, request: &TuningRequest, pace: &dyn Pace) -> Result<Tuning, RunFailure> {
        let Some(last) = &self.last else { return Ok(Tuning::default()) };
        let text = last.query.clone();
        let parsed = parse(&text);
        let (document, rule) = (parsed.document(), rule_terms(&parsed));
        let resolution = resolve(&document, &self.tables, last.now);
        let classes = self.classes(request);
        let mut places: Vec<Place> = after_union(&document, &text, &last.plan, &resolution).into_iter().collect();
        places
            .extend((0..last.plan.legs.len()).filter_map(|leg| in_leg(&document, &text, &last.plan, leg, &resolution)));
        let fields: Vec<Field> =
            places.into_iter().map(|place| Field::new(place, last, &self.tables, &classes)).collect();
        let (asked, kept) = classes.counts();
        let mut tuning = Tuning { asked, kept, exclusions: Vec::new(), notes: classes.notes(last, &fields) };
        if asked == 0 || fields.is_empty() {
            return Ok(tuning);
        }
        let mut found: Vec<Clause> = Vec::new();
        for (index, field) in fields.iter().enumerate() {
            let ground = Ground::of(field, last, &self.tables, &classes);
            found.extend(search::clauses(index, field, &rule, &ground));
        }
        for clauses in search::proposals(&found, &classes) {
            if let Some(exclusion) = self.exclusion(&text, &clauses, &fields, &classes, pace).await?
                && !tuning.exclusions.iter().any(|known| known.suggestion == exclusion.suggestion)
            {
                tuning.exclusions.push(exclusion);
            }
        }
        tuning.exclusions.sort_by(|a, b| b.complete.cmp(&a.complete).then(b.rating.total_cmp(&a.rating)));
        tuning.exclusions.truncate(TOLD);
        if !tuning.exclusions.iter().any(|e| e.complete) {
            let most = tuning.exclusions.iter().map(|e| e.silenced).max().unwrap_or(0);
            tuning.notes.push(format!(
                "{} of the {asked} alerts look like alerts that must stay in every column that was tried.",
                asked - most
            ));
        }
        Ok(tuning)
    }

    /// What is wanted of each alert of the newest run.
    fn classes(&self, request: &TuningRequest) -> field::Classes {
        let labelled = |label: Label| self.marks.labels.iter().filter(move |(_, l)| **l == label).map(|(row, _)| *row);
        let pinned = |wanted: Wanted| self.marks.pins.iter().filter(move |pin| pin.wanted == wanted).map(|pin| pin.row);
        let mut keep: FxHashSet<RowRef> = request.keep.iter().copied().collect();
        keep.extend(labelled(Label::Malicious).chain(pinned(Wanted::Alert)));
        // What was marked by hand goes before a label: the user is looking at it.
        let marked: FxHashSet<RowRef> = request.silence.iter().copied().collect();
        let silence: FxHashSet<RowRef> =
            if marked.is_empty() { labelled(Label::Benign).chain(pinned(Wanted::Silence)).collect() } else { marked };
        field::Classes::new(self.last.as_ref(), silence, keep)
    }

    /// A proposal after it was run; none when it does nothing, or loses an alert that must stay.
    async fn exclusion(
        &mut self,
        text: &str,
        clauses: &[&Clause],
        fields: &[Field],
        classes: &field::Classes,
        pace: &dyn Pace,
    ) -> Result<Option<Exclusion>, RunFailure> {
        let Some(last) = &self.last else { return Ok(None) };
        let suggestion = written(clauses, fields);
        let Ok(edited) = kql_syntax::edit::apply(text, &suggestion.edits) else { return Ok(None) };
        let (_, Some(plan)) = resolve_text(&edited, &self.tables, last.now) else { return Ok(None) };
        let outcome = match self.runner.run(&plan, &self.tables, last.now, pace).await {
            Ok(outcome) => outcome,
            Err(RunError::Cancelled) => return Err(RunFailure::Cancelled),
            Err(_) => return Ok(None),
        };
        let effect = classes.effect(&alerting(&plan, &outcome));
        if effect.loses_kept || effect.silenced == 0 {
            return Ok(None);
        }
        let totals = compare((&last.plan, &last.outcome), (&plan, &outcome)).totals;
        let reach = reach::reach(clauses, fields, last, &self.tables, classes, pace).await?;
        let complete = effect.silenced == classes.counts().0;
        let rating = search::rating(clauses, &effect, &reach, classes);
        let clauses: Vec<ExclusionClause> = clauses
            .iter()
            .map(|clause| ExclusionClause {
                text: clause.text(fields),
                place: fields[clause.field].place.words.clone(),
                silenced: clause.asked.len(),
            })
            .collect();
        Ok(Some(Exclusion {
            suggestion,
            clauses,
            silenced: effect.silenced,
            complete,
            others: effect.others.len(),
            other_rows: effect.others.iter().copied().take(NAMED).collect(),
            quiet: reach.quiet,
            hidden: reach.hidden.iter().copied().take(NAMED).collect(),
            cautions: reach.cautions,
            totals,
            rating,
        }))
    }
}

/// The edits that put clauses into the text, and what they do in words.
fn written(clauses: &[&Clause], fields: &[Field]) -> Suggestion {
    let mut edits = Vec::new();
    for (index, field) in fields.iter().enumerate() {
        let operators: Vec<String> = clauses.iter().filter(|c| c.field == index).map(|c| c.text(fields)).collect();
        if !operators.is_empty() {
            edits.push(field.place.insert(&operators));
        }
    }
    edits.sort_by_key(|edit| edit.span);
    let parts: Vec<String> =
        clauses.iter().map(|c| format!("{} {}", c.condition(fields), fields[c.field].place.words)).collect();
    Suggestion { words: format!("Leave out {}", parts.join("; ")), edits }
}

/// The terms of the texts that a query looks for, in lower case.
fn rule_terms(parsed: &Parse) -> FxHashSet<String> {
    let mut found = FxHashSet::default();
    let mut add = |value: &Scalar| {
        if let Scalar::String(text) = value {
            found.extend(terms(text).map(str::to_lowercase));
        }
    };
    for literal in literals(parsed) {
        match &literal.value {
            LiteralValue::Scalar(scalar) => add(scalar),
            LiteralValue::List { items, .. } => items.iter().for_each(|item| add(&item.value)),
        }
    }
    found
}

#[cfg(test)]
mod tests;
