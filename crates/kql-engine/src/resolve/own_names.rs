//! Where the names that a query declares itself (`let`, parameters, `as`) stand: what renaming goes by.

use kql_syntax::Span;
use kql_syntax::ast::Name;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The names that a query declares, and where each is used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnNames {
    /// Each declaration by the place of its name.
    pub declared: BTreeMap<Span, Arc<str>>,
    /// Each use: the place of the declaration, and that of the use.
    pub uses: BTreeSet<(Span, Span)>,
    /// The bodies of functions, and whether they were resolved.
    pub(super) bodies: BTreeMap<Span, bool>,
    /// Other parts of the text that may not have been resolved.
    pub(super) unseen: Vec<Span>,
}

impl OwnNames {
    pub(super) fn declare(&mut self, name: &Name) {
        self.declared.insert(name.span, name.text.clone());
    }

    pub(super) fn refer(&mut self, declared: Span, used: Span) {
        self.uses.insert((declared, used));
    }

    /// The uses of a declaration, in order.
    pub fn uses_of(&self, declared: Span) -> impl Iterator<Item = Span> {
        self.uses.iter().filter(move |(of, _)| *of == declared).map(|(_, used)| *used)
    }

    /// The parts of the text that were not resolved, so that names in them may stand for anything: functions over any
    /// table that nothing calls, cases of a pattern, legs of a fuzzy union whose table is not there.
    pub fn unresolved(&self) -> impl Iterator<Item = Span> {
        let bodies = self.bodies.iter().filter(|(_, resolved)| !**resolved).map(|(span, _)| *span);
        bodies.chain(self.unseen.iter().copied())
    }
}
