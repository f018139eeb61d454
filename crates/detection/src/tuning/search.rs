//! Conditions that hold on false positives and on no alert that must stay: tests put together up to three, then few of
//! those to an exclusion that silences all that was asked.

use super::atoms::{Atom, atoms};
use super::field::{Class, Classes, Effect, Field, family};
use super::ground::Ground;
use super::reach::Reach;
use event_table::Bitmap;
use rustc_hash::FxHashSet;

/// Conditions that are kept for a place.
const PER_FIELD: usize = 300;
/// Parts that an exclusion has at most.
const PARTS: usize = 8;
/// Single conditions that are proposed beside the whole exclusions.
const SINGLES: usize = 6;

/// A condition at a place: `A and B and C`.
#[derive(Clone, Debug)]
pub(super) struct Clause {
    /// The place, by position among the fields.
    pub(super) field: usize,
    pub(super) atoms: Vec<Atom>,
    /// The alerts asked that it silences, by position in [`Classes::alerts`].
    pub(super) asked: FxHashSet<usize>,
    /// How many alerts it silences that nobody asked.
    others: usize,
    /// Whether it stands behind the union and not in one signal.
    is_general: bool,
}

impl Clause {
    /// The condition as KQL.
    pub(super) fn condition(&self, fields: &[Field]) -> String {
        let field = &fields[self.field];
        let tests: Vec<String> = self.atoms.iter().map(|atom| atom.test.text(field.name(atom.column))).collect();
        tests.join(" and ")
    }

    /// The operator that leaves out what it holds on.
    pub(super) fn text(&self, fields: &[Field]) -> String {
        format!("where not({})", self.condition(fields))
    }

    fn weakness(&self) -> f64 {
        // All of them must hold for a row to be hidden; the weakest is what goes stale first.
        let mean = self.atoms.iter().map(|atom| atom.weakness).sum::<f64>() / self.atoms.len().max(1) as f64;
        let most = self.atoms.iter().map(|atom| atom.weakness).fold(0.0, f64::max);
        (mean + most) / 2.0
    }

    /// From 0 to 1, before its reach is known.
    fn quality(&self) -> f64 {
        let risk = self.others as f64 / (self.others + self.asked.len()).max(1) as f64;
        // One test by itself trusts one name, which can be given to anything.
        let lone = if self.atoms.len() == 1 { 0.08 } else { 0.0 };
        let in_leg = if self.is_general { 0.0 } else { 0.02 };
        (1.0 - 0.45 * self.weakness() - 0.35 * risk - 0.03 * (self.atoms.len() - 1) as f64 - lone - in_leg).max(0.01)
    }
}

/// The alerts of a field by class.
struct Masks {
    asked: Bitmap,
    kept: Bitmap,
    other: Bitmap,
}

impl Masks {
    fn of(field: &Field) -> Self {
        let mask = |class| Bitmap::from_fn(field.alerts.len(), |at| field.alerts[at].1 == class);
        Self { asked: mask(Class::Asked), kept: mask(Class::Kept), other: mask(Class::Other) }
    }
}

fn both(a: &Bitmap, b: &Bitmap) -> usize {
    a.words().iter().zip(b.words()).map(|(a, b)| (a & b).count_ones() as usize).sum()
}

/// The conditions at a place that hold on no alert that must stay, the best first.
pub(super) fn clauses(index: usize, field: &Field, rule: &FxHashSet<String>, ground: &Ground) -> Vec<Clause> {
    let atoms = atoms(field, rule, ground);
    let masks = Masks::of(field);
    let mut found: Vec<Clause> = Vec::new();
    let mut add = |parts: &[&Atom], hits: &Bitmap| {
        let asked = hits.ones().filter(|at| masks.asked.get(*at)).map(|at| field.alerts[at].0).collect();
        found.push(Clause {
            field: index,
            atoms: parts.iter().map(|atom| (*atom).clone()).collect(),
            asked,
            others: both(hits, &masks.other),
            is_general: field.place.leg.is_none(),
        });
    };
    let mut open: Vec<(Vec<usize>, Bitmap)> = Vec::new();
    for (at, atom) in atoms.iter().enumerate() {
        if both(&atom.hits, &masks.kept) == 0 {
            add(&[atom], &atom.hits);
        }
        open.push((vec![at], atom.hits.clone()));
    }
    for _ in 2..=3 {
        let mut next = Vec::new();
        for (parts, hits) in &open {
            let (kept, other, asked) = (both(hits, &masks.kept), both(hits, &masks.other), both(hits, &masks.asked));
            let from = parts.last().map_or(0, |last| last + 1);
            for (at, atom) in atoms.iter().enumerate().skip(from) {
                let told = family(field.name(atom.column));
                if parts.iter().any(|part| family(field.name(atoms[*part].column)) == told) {
                    continue;
                }
                let mut joined = hits.clone();
                joined.and(&atom.hits);
                let left = both(&joined, &masks.asked);
                let (kept_left, other_left) = (both(&joined, &masks.kept), both(&joined, &masks.other));
                // A test earns its place by sparing an alert, or beside one other as a second lock at no cost.
                let spares = kept_left < kept || other_left < other;
                let second_lock = parts.len() == 1 && kept == 0 && left == asked;
                if left == 0 || !(spares || second_lock) {
                    continue;
                }
                let all: Vec<usize> = parts.iter().copied().chain([at]).collect();
                if kept_left == 0 {
                    add(&all.iter().map(|part| &atoms[*part]).collect::<Vec<_>>(), &joined);
                }
                if kept_left > 0 || other_left > 0 {
                    next.push((all, joined));
                }
            }
        }
        next.sort_by_key(|(_, hits)| std::cmp::Reverse(both(hits, &masks.asked)));
        next.truncate(2_000);
        open = next;
    }
    found.sort_by(|a, b| worth(b).total_cmp(&worth(a)));
    varied(found)
}

/// The best conditions, and of those that silence the same alerts the best few.
fn varied(found: Vec<Clause>) -> Vec<Clause> {
    let mut seen: rustc_hash::FxHashMap<Vec<usize>, usize> = rustc_hash::FxHashMap::default();
    let mut kept: Vec<Clause> = Vec::new();
    for clause in found {
        let mut asked: Vec<usize> = clause.asked.iter().copied().collect();
        asked.sort_unstable();
        let count = seen.entry(asked).or_default();
        *count += 1;
        if *count <= 3 && kept.len() < PER_FIELD {
            kept.push(clause);
        }
    }
    kept
}

fn worth(clause: &Clause) -> f64 {
    clause.asked.len() as f64 * clause.quality()
}

/// What to propose: whole exclusions from all places and from behind the union alone, and the best single conditions.
pub(super) fn proposals<'c>(found: &'c [Clause], classes: &Classes) -> Vec<Vec<&'c Clause>> {
    let all: Vec<&Clause> = found.iter().collect();
    let general: Vec<&Clause> = found.iter().filter(|clause| clause.is_general).collect();
    let targeted: Vec<&Clause> = found.iter().filter(|clause| !clause.is_general).collect();
    let mut proposals: Vec<Vec<&Clause>> = Vec::new();
    for from in [all.clone(), general, targeted] {
        let chosen = cover(&from);
        if !chosen.is_empty() {
            proposals.push(chosen);
        }
    }
    // The same without the part that carries most: another way.
    if let Some(first) = proposals.first().and_then(|chosen| chosen.first().copied()) {
        let rest: Vec<&Clause> = all.iter().copied().filter(|c| !same_columns(c, first)).collect();
        proposals.push(cover(&rest));
    }
    let mut singles = all;
    singles.sort_by(|a, b| worth(b).total_cmp(&worth(a)));
    let mut seen: Vec<&FxHashSet<usize>> = Vec::new();
    for clause in singles {
        if seen.len() < SINGLES && !seen.contains(&&clause.asked) {
            seen.push(&clause.asked);
            proposals.push(vec![clause]);
        }
    }
    proposals.retain(|chosen| !chosen.is_empty() && classes.counts().0 > 0);
    proposals
}

fn same_columns(a: &Clause, b: &Clause) -> bool {
    let columns = |clause: &Clause| clause.atoms.iter().map(|atom| atom.column).collect::<Vec<_>>();
    a.field == b.field && columns(a) == columns(b)
}

/// Few conditions that together silence as many alerts as possible: always the one next that silences most of what is
/// left, by its quality.
fn cover<'c>(found: &[&'c Clause]) -> Vec<&'c Clause> {
    let mut chosen: Vec<&Clause> = Vec::new();
    let mut covered: FxHashSet<usize> = FxHashSet::default();
    while chosen.len() < PARTS {
        let gain = |clause: &&&Clause| clause.asked.difference(&covered).count() as f64 * clause.quality();
        let best = found.iter().max_by(|a, b| gain(a).total_cmp(&gain(b)));
        let Some(best) = best.filter(|clause| gain(clause) > 0.0) else { break };
        covered.extend(&best.asked);
        chosen.push(best);
    }
    // A later part may have made an earlier one needless.
    let mut at = 0;
    while at < chosen.len() {
        let others: FxHashSet<usize> =
            chosen.iter().enumerate().filter(|(i, _)| *i != at).flat_map(|(_, c)| c.asked.iter().copied()).collect();
        if chosen.len() > 1 && chosen[at].asked.is_subset(&others) {
            chosen.remove(at);
        } else {
            at += 1;
        }
    }
    chosen
}

/// How well an exclusion does, from 0 to 1, given what a run of it did.
pub(super) fn rating(clauses: &[&Clause], effect: &Effect, reach: &Reach, classes: &Classes) -> f64 {
    let (asked, _) = classes.counts();
    let share = effect.silenced as f64 / asked.max(1) as f64;
    let weakness = clauses.iter().map(|c| c.weakness()).sum::<f64>() / clauses.len().max(1) as f64;
    let risk = effect.others.len() as f64 / (effect.others.len() + effect.silenced).max(1) as f64;
    let hides = if reach.hidden.is_empty() { 0.0 } else { 0.2 };
    let parts = 0.03 * (clauses.len() as f64 - 1.0);
    (share * (1.0 - 0.4 * weakness - 0.35 * risk - hides - 0.15 * reach.breadth - parts)).clamp(0.0, 1.0)
}
