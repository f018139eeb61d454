//! Logs on their way in.

use yew::AttrValue;

use super::update::Out;
use super::{Command, GivenFile, State};
use crate::protocol::LoadId;

/// A log that is being read, waits for it, or could not be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Load {
    /// The name that everybody has for it.
    pub id: LoadId,
    /// The file's name.
    pub name: AttrValue,
    /// Its length in bytes.
    pub size: u64,
    /// The log whose place it takes once it is read.
    pub replaces: Option<LoadId>,
    /// How far it is.
    pub state: LoadState,
}

/// How far a log is.
#[derive(Debug, Clone, PartialEq)]
pub enum LoadState {
    /// Another one is being read.
    Waiting,
    /// It is being read.
    Reading {
        /// Since when, in milliseconds of the page's clock; none until the first bytes came.
        since: Option<f64>,
        /// When it was heard of last.
        until: f64,
        /// The bytes that were there when time began to be taken.
        from: u64,
        /// Bytes read.
        bytes: u64,
        /// Rows read.
        rows: u64,
    },
    /// It could not be read.
    Failed {
        /// Why, in words.
        reason: AttrValue,
    },
}

impl Load {
    /// Bytes per second so far, once there is something to go by.
    pub fn speed(&self) -> Option<f64> {
        match self.state {
            LoadState::Reading { since: Some(since), until, from, bytes, .. } if until > since => {
                Some((bytes - from) as f64 * 1000.0 / (until - since))
            }
            _ => None,
        }
    }

    /// Seconds left at that speed.
    pub fn seconds_left(&self) -> Option<f64> {
        match self.state {
            LoadState::Reading { bytes, .. } => Some(self.size.saturating_sub(bytes) as f64 / self.speed()?),
            _ => None,
        }
    }

    /// Takes in how far it is.
    pub(super) fn progressed(&mut self, now_bytes: u64, now_rows: u64, now: f64) {
        if let LoadState::Reading { since, until, from, bytes, rows } = &mut self.state {
            if since.is_none() {
                (*since, *from) = (Some(now), now_bytes);
            }
            (*until, *bytes, *rows) = (now, now_bytes, now_rows);
        }
    }
}

/// Something that was loaded when the engine failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lost {
    /// A sample, by its short name.
    Sample(String),
    /// A file that the page still holds.
    File(GivenFile),
}

impl State {
    /// Has the app let go of a file, and forgets that it was given.
    pub(super) fn forget_file(&mut self, load: LoadId, out: &mut Out) {
        self.given.retain(|given| given.load != load);
        self.files.retain(|file| *file != load);
        out.push(Command::ForgetFile(load));
    }

    /// A file that the app holds is no log: what opened it forgets it.
    pub(super) fn given_is_opened(&mut self, load: LoadId) {
        self.given.retain(|given| given.load != load);
    }

    /// Remembers a file that the app holds.
    pub(super) fn file_given(&mut self, file: GivenFile) {
        self.given.retain(|given| given.load != file.load);
        self.given.push(file);
    }

    /// A file that the app holds.
    pub(super) fn given_file(&self, load: LoadId) -> Option<&GivenFile> {
        self.given.iter().find(|given| given.load == load)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speed_is_taken_from_the_first_news_on() {
        let state = LoadState::Reading { since: None, until: 0.0, from: 0, bytes: 0, rows: 0 };
        let mut load = Load { id: LoadId(0), name: "a".into(), size: 5_000, replaces: None, state };
        assert_eq!((load.speed(), load.seconds_left()), (None, None));
        load.progressed(1_000, 1, 10_000.0);
        assert_eq!(load.speed(), None);
        load.progressed(3_000, 3, 12_000.0);
        assert_eq!((load.speed(), load.seconds_left()), (Some(1_000.0), Some(2.0)));
    }
}
