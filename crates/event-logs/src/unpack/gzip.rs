//! gzip: one file, in one or more members that follow one another.

use super::{Bounds, Piece};
use crate::problem::Problem;
use flate2::write::MultiGzDecoder;
use std::io::Write;

/// Unpacks gzip.
pub(crate) struct Gzip {
    decoder: MultiGzDecoder<Vec<u8>>,
    bounds: Bounds,
    state: State,
}

#[derive(PartialEq, Eq)]
enum State {
    Before,
    Inside,
    /// It was given up.
    Over,
}

impl Default for Gzip {
    fn default() -> Self {
        Self { decoder: MultiGzDecoder::new(Vec::new()), bounds: Bounds::default(), state: State::Before }
    }
}

impl Gzip {
    pub(super) fn feed(&mut self, bytes: &[u8], give: &mut dyn FnMut(Piece<'_>)) {
        if self.state == State::Before {
            self.state = State::Inside;
            give(Piece::Begin(""));
        }
        if self.state == State::Over {
            return;
        }
        self.bounds.packed += bytes.len() as u64;
        // What the decoder keeps back would only come with the next bytes.
        let result = self.decoder.write_all(bytes).and_then(|()| self.decoder.flush());
        self.give(give);
        let problem = match result {
            Ok(()) => self.bounds.broken(),
            Err(_) => Some(Problem::ArchiveDamaged("its compressed data are invalid or do not fit their checksum")),
        };
        if let Some(problem) = problem {
            self.state = State::Over;
            give(Piece::End(vec![problem]));
        }
    }

    pub(super) fn finish(mut self, give: &mut dyn FnMut(Piece<'_>)) {
        if self.state == State::Over {
            return;
        }
        if self.state == State::Before {
            give(Piece::Begin(""));
        }
        let result = self.decoder.try_finish();
        self.give(give);
        let problems = if result.is_err() { vec![Problem::ArchiveDamaged("it ends too early")] } else { Vec::new() };
        give(Piece::End(problems));
    }

    fn give(&mut self, give: &mut dyn FnMut(Piece<'_>)) {
        let out = self.decoder.get_mut();
        self.bounds.unpacked += out.len() as u64;
        if !out.is_empty() {
            give(Piece::Bytes(out));
            out.clear();
        }
    }
}
