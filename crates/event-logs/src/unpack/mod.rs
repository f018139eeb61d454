//! What is inside of archives, piece by piece as the bytes come, within bounds that no hostile archive passes.

mod gzip;
mod zip;

use crate::problem::Problem;
use gzip::Gzip;
use zip::Zip;

/// How many bytes of an archive are unpacked at once, which bounds what comes of them.
const STEP: usize = 16 << 10;
/// The most that a file is unpacked to, in bytes.
const MAX_UNPACKED: u64 = 16 << 30;
/// From how many bytes on the ratio counts, and the greatest ratio: logs shrink to a hundredth at most, and nothing that
/// is deflated to less than a 1032nd.
const SPARE: u64 = 64 << 20;
const MAX_RATIO: u64 = 500;
/// The most members that are read of an archive.
const MAX_MEMBERS: usize = 1000;

/// What comes out of an archive.
pub(crate) enum Piece<'a> {
    /// A member of this name begins.
    Begin(&'a str),
    /// Its next bytes.
    Bytes(&'a [u8]),
    /// It ends; what is wrong with it.
    End(Vec<Problem>),
    /// A member that is not read, and why.
    Refused(&'a str, Problem),
}

/// Unpacks an archive that is fed to it.
pub(crate) enum Unpacker {
    Gzip(Box<Gzip>),
    Zip(Box<Zip>),
}

impl Unpacker {
    /// The unpacker for a file that begins with these bytes, of which there are four at least.
    pub(crate) fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0x1F, 0x8B, ..] => Some(Self::Gzip(Box::default())),
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(Self::Zip(Box::default())),
            _ => None,
        }
    }

    /// Unpacks the next bytes.
    pub(crate) fn feed(&mut self, bytes: &[u8], give: &mut dyn FnMut(Piece<'_>)) {
        for step in bytes.chunks(STEP) {
            match self {
                Self::Gzip(gzip) => gzip.feed(step, give),
                Self::Zip(zip) => zip.feed(step, give),
            }
        }
    }

    /// Says that nothing comes after the bytes before.
    pub(crate) fn finish(self, give: &mut dyn FnMut(Piece<'_>)) {
        match self {
            Self::Gzip(gzip) => gzip.finish(give),
            Self::Zip(zip) => zip.finish(give),
        }
    }
}

/// Counts what is unpacked out of what.
#[derive(Default)]
struct Bounds {
    packed: u64,
    unpacked: u64,
}

impl Bounds {
    /// What is wrong with so much coming out of so little, if anything.
    fn broken(&self) -> Option<Problem> {
        let ratio = self.unpacked / self.packed.max(1);
        let too_much = self.unpacked > MAX_UNPACKED || self.unpacked > SPARE && ratio > MAX_RATIO;
        too_much.then_some(Problem::ArchiveTooLarge { packed: self.packed, unpacked: self.unpacked })
    }
}
