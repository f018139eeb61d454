//! What is there again on the next visit: the samples that were open, and the user's own logs where that is wanted.

use detection::{Mapping, Options};
use yew::AttrValue;

use super::update::{Out, open_sample};
use super::{Command, FIRST_SAMPLE, GivenFile, LoadState, State};
use crate::protocol::{LoadId, LoadedSource, Origin, Others};

/// Whether the user's own logs are kept in this browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Keeping {
    #[default]
    Off,
    On,
}

/// What was there on the last visit, and what became of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Kept {
    /// Whether logs are kept.
    pub keeping: Keeping,
    /// Why logs that should be kept are not, in words.
    pub trouble: Option<AttrValue>,
    /// The names of logs of the last visit that are not here, until that was noted.
    pub missing: Vec<String>,
    /// The samples that were open.
    pub(super) samples: Option<Vec<String>>,
    /// How logs of the last visit were read where that was chosen.
    pub(super) readings: Vec<KeptReading>,
    /// How logs of known shapes are read.
    pub(super) mappings: Vec<Mapping>,
    /// Whether rows of events that rows before them tell of too are left out.
    pub(super) drops_duplicates: bool,
    /// Whether kept logs are still on their way out of the database.
    pub(super) is_restoring: bool,
}

/// How a log was read.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct KeptReading {
    /// The file's name.
    pub name: String,
    /// Its length in bytes.
    pub size: u64,
    /// How.
    pub options: Options,
}

impl Kept {
    /// Whether kept logs are still on their way.
    pub fn is_restoring(&self) -> bool {
        self.is_restoring
    }

    /// How a file that comes out of the database was read on the last visit, where that was chosen.
    pub(super) fn options_of(&self, file: &GivenFile) -> Option<Options> {
        let is_it = |kept: &&KeptReading| kept.name == file.name && kept.size == file.size;
        self.readings.iter().filter(|_| self.is_restoring).find(is_it).map(|kept| kept.options.clone())
    }
}

/// No more mappings than this are kept; the oldest goes first.
const MOST_MAPPINGS: usize = 100;

impl Kept {
    /// Takes note of how a log was read by somebody who mapped its columns: the next of its shape is read so too.
    pub(super) fn learn(&mut self, source: &LoadedSource) {
        let report = &source.summary.report;
        let is_mapped = report.options.columns.as_ref().is_some_and(|columns| !columns.is_empty());
        if !is_mapped || report.shape.is_empty() {
            return;
        }
        self.mappings.retain(|known| known.shape != report.shape);
        let options = Options { format: None, ..report.options.clone() };
        self.mappings.push(Mapping { shape: report.shape.clone(), options });
        let surplus = self.mappings.len().saturating_sub(MOST_MAPPINGS);
        self.mappings.drain(..surplus);
    }

    /// Forgets how logs of this one's shape are read.
    pub(super) fn unlearn(&mut self, source: &LoadedSource) {
        self.mappings.retain(|known| known.shape != source.summary.report.shape);
    }
}

impl State {
    /// The names of the logs that no sample brought, each once.
    pub fn own_logs(&self) -> Vec<String> {
        self.log_names(|origin| !matches!(origin, Origin::Sample(_)))
    }

    /// The names of the logs that the user gave, each once.
    pub fn given_logs(&self) -> Vec<String> {
        self.log_names(|origin| matches!(origin, Origin::Load(_)))
    }

    fn log_names(&self, is_wanted: impl Fn(&Origin) -> bool) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for source in self.sources.iter().filter(|source| is_wanted(&source.origin)) {
            let name = &source.summary.report.name;
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        names
    }

    /// How the user's own logs are read where that was chosen.
    pub(super) fn readings(&self) -> Vec<KeptReading> {
        let chosen = self.given.iter().filter(|given| given.options != Options::default());
        let reading = |given: &GivenFile| KeptReading {
            name: given.name.clone(),
            size: given.size,
            options: given.options.clone(),
        };
        chosen.map(reading).collect()
    }

    /// The sample that is open, where nothing else is.
    pub fn only_sample(&self) -> Option<String> {
        let samples = self.open_samples();
        if self.own_logs().is_empty() && samples.len() == 1 { samples.into_iter().next() } else { None }
    }

    /// The samples that are open, each once.
    pub(super) fn open_samples(&self) -> Vec<String> {
        let mut ids: Vec<String> = Vec::new();
        for source in self.sources.iter() {
            if let Origin::Sample(id) = &source.origin
                && !ids.contains(id)
            {
                ids.push(id.clone());
            }
        }
        ids
    }
}

/// Opens what was there on the last visit: samples, and logs where they are kept.
pub(super) fn begin_as_before(state: &mut State, out: &mut Out) {
    state.kept.is_restoring = state.kept.keeping == Keeping::On;
    if state.kept.is_restoring {
        out.push(Command::RestoreLogs);
    }
    open_as_before(state, out);
}

/// Opens the samples of the last visit. Without any, and without logs on their way, the one opened last.
fn open_as_before(state: &mut State, out: &mut Out) {
    let mut samples = state.kept.samples.clone().unwrap_or_default();
    if samples.is_empty() && !state.kept.is_restoring {
        samples.push(state.sample.clone());
    }
    let last = state.sample.clone();
    let mut others = Others::Removed;
    for id in samples {
        open_sample(state, id, others, out);
        others = Others::Kept;
    }
    state.sample = last;
}

/// Opens the first sample where none of those that were asked for is known: another version may have had them.
pub(super) fn mend_opened(state: &mut State, out: &mut Out) {
    let is_known = |id: &String| state.samples.iter().any(|sample| sample.id == *id);
    let asked = state.kept.samples.clone().filter(|samples| !samples.is_empty());
    let asked = asked.unwrap_or_else(|| vec![state.sample.clone()]);
    if !state.samples.is_empty() && !state.kept.is_restoring && !asked.iter().any(is_known) {
        open_sample(state, FIRST_SAMPLE.to_owned(), Others::Removed, out);
    }
}

/// The kept logs are here: so many.
pub(super) fn restored(state: &mut State, count: usize, out: &mut Out) {
    state.kept.is_restoring = false;
    if count > 0 {
        state.kept.missing.clear();
    } else if state.kept.samples.as_ref().is_some_and(Vec::is_empty) && state.sources.is_empty() {
        open_sample(state, FIRST_SAMPLE.to_owned(), Others::Removed, out);
    }
}

/// Keeps what is loaded now, once nothing is on its way.
pub(super) fn keep(state: &State, out: &mut Out) {
    let is_busy = |load: &super::Load| matches!(load.state, LoadState::Waiting | LoadState::Reading { .. });
    let is_own = state.visit.is_none() && state.coming.is_none();
    if state.kept.keeping == Keeping::Off || !is_own || state.kept.is_restoring || state.loads.iter().any(is_busy) {
        return;
    }
    out.push(Command::KeepLogs(loaded(state)));
}

/// The logs that are loaded, in the order in which they were given, and the files that queries read by name.
pub(super) fn loaded(state: &State) -> Vec<LoadId> {
    let mut loads: Vec<LoadId> = Vec::new();
    for source in state.sources.iter() {
        if let Origin::Load(load) = source.origin
            && !loads.contains(&load)
        {
            loads.push(load);
        }
    }
    loads.extend(&state.files);
    loads
}
