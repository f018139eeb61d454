//! zip, read from its start to its end as the bytes come: each member's own header says how it is packed, and the list at
//! the archive's end is not needed (PKWARE's APPNOTE, 4.3.7 to 4.3.9).

use super::{Bounds, MAX_MEMBERS, Piece, STEP};
use crate::problem::Problem;
use flate2::{Crc, Decompress, FlushDecompress, Status};

const LOCAL_HEADER: u32 = 0x0403_4B50;
const DESCRIPTOR: u32 = 0x0807_4B50;
/// What follows the last member: the list of members, or its end alone.
const AFTER_MEMBERS: [u32; 4] = [0x0201_4B50, 0x0605_4B50, 0x0606_4B50, 0x0806_4B50];
const FIXED_HEADER: usize = 30;
/// The longest descriptor; what follows it is longer.
const LONGEST_DESCRIPTOR: usize = 24;

/// Unpacks zip.
#[derive(Default)]
pub(crate) struct Zip {
    pending: Vec<u8>,
    state: State,
    bounds: Bounds,
    members: usize,
}

#[derive(Default)]
enum State {
    #[default]
    Header,
    Member(Box<Member>),
    /// Bytes of a member that is not read.
    Skipping(u64),
    Descriptor(Box<Member>),
    /// All members were read, or the rest cannot be.
    Over,
}

struct Member {
    inflate: Option<Decompress>,
    /// Whether the sizes stand after the data.
    has_descriptor: bool,
    /// What the header or the descriptor says.
    crc: u32,
    packed: u64,
    unpacked: u64,
    /// What was met.
    met: Crc,
    met_packed: u64,
    met_unpacked: u64,
    problems: Vec<Problem>,
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).map_or(0, |b| u16::from_le_bytes([b[0], b[1]]))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).map_or(0, |b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}

impl Zip {
    pub(super) fn feed(&mut self, bytes: &[u8], give: &mut dyn FnMut(Piece<'_>)) {
        if matches!(self.state, State::Over) {
            return;
        }
        self.bounds.packed += bytes.len() as u64;
        self.pending.extend_from_slice(bytes);
        while self.step(false, give) {}
    }

    pub(super) fn finish(mut self, give: &mut dyn FnMut(Piece<'_>)) {
        while self.step(true, give) {}
        match self.state {
            State::Over => {}
            State::Member(mut member) | State::Descriptor(mut member) => {
                member.problems.push(Problem::ArchiveDamaged("it ends too early"));
                give(Piece::End(member.problems));
            }
            State::Header | State::Skipping(_) => {
                give(Piece::Refused("", Problem::ArchiveDamaged("it ends before its list of members")));
            }
        }
    }

    /// Goes on as far as the next state. Returns whether there may be more to do.
    fn step(&mut self, is_last: bool, give: &mut dyn FnMut(Piece<'_>)) -> bool {
        match std::mem::take(&mut self.state) {
            State::Over => {
                self.state = State::Over;
                self.pending.clear();
                false
            }
            State::Header => self.header(give),
            State::Skipping(left) => {
                let now = usize::try_from(left).unwrap_or(usize::MAX).min(self.pending.len());
                self.pending.drain(..now);
                let left = left - now as u64;
                self.state = if left > 0 { State::Skipping(left) } else { State::Header };
                left == 0
            }
            State::Member(member) => self.data(member, give),
            State::Descriptor(member) => self.descriptor(member, is_last, give),
        }
    }

    fn header(&mut self, give: &mut dyn FnMut(Piece<'_>)) -> bool {
        let bytes = &self.pending;
        if bytes.len() < 4 {
            return false;
        }
        let signature = u32_at(bytes, 0);
        if AFTER_MEMBERS.contains(&signature) {
            if self.members == 0 {
                give(Piece::Refused("", Problem::ArchiveDamaged("it has no members")));
            }
            self.state = State::Over;
            return true;
        }
        if signature != LOCAL_HEADER {
            give(Piece::Refused("", Problem::ArchiveDamaged("a member's header should stand where other bytes are")));
            self.state = State::Over;
            return true;
        }
        let (name_len, extra_len) = (usize::from(u16_at(bytes, 26)), usize::from(u16_at(bytes, 28)));
        let length = FIXED_HEADER + name_len + extra_len;
        if bytes.len() < FIXED_HEADER || bytes.len() < length {
            return false;
        }
        let (flags, method) = (u16_at(bytes, 6), u16_at(bytes, 8));
        let name = String::from_utf8_lossy(&bytes[FIXED_HEADER..FIXED_HEADER + name_len]).into_owned();
        let mut sizes = [u64::from(u32_at(bytes, 22)), u64::from(u32_at(bytes, 18))];
        large_sizes(&bytes[FIXED_HEADER + name_len..length], &mut sizes);
        let [unpacked, packed] = sizes;
        let crc = u32_at(bytes, 14);
        let has_descriptor = flags & 8 != 0;
        self.pending.drain(..length);
        self.members += 1;
        let refusal = match method {
            _ if self.members > MAX_MEMBERS => Some(Problem::ArchiveTooManyMembers(MAX_MEMBERS)),
            _ if flags & 1 != 0 => Some(Problem::ArchiveEncrypted),
            0 if has_descriptor && packed == 0 && !name.ends_with('/') => Some(Problem::ArchiveMethod(method)),
            0 | 8 => None,
            _ => Some(Problem::ArchiveMethod(method)),
        };
        if name.ends_with('/') && refusal.is_none() && packed == 0 {
            self.state = State::Header;
            return true;
        }
        if let Some(problem) = refusal {
            let is_end = self.members > MAX_MEMBERS || has_descriptor && packed == 0;
            give(Piece::Refused(&name, problem));
            if is_end && self.members <= MAX_MEMBERS {
                give(Piece::Refused("", Problem::ArchiveDamaged("what comes after that member cannot be found")));
            }
            self.state = if is_end { State::Over } else { State::Skipping(packed) };
            return true;
        }
        let mut problems = Vec::new();
        if name.split(['/', '\\']).any(|part| part == "..") || name.starts_with(['/', '\\']) || name.contains(':') {
            problems.push(Problem::ArchivePath(name.clone()));
        }
        give(Piece::Begin(&name));
        let inflate = (method == 8).then(|| Decompress::new(false));
        self.state = State::Member(Box::new(Member {
            inflate,
            has_descriptor,
            crc,
            packed,
            unpacked,
            met: Crc::new(),
            met_packed: 0,
            met_unpacked: 0,
            problems,
        }));
        true
    }

    fn data(&mut self, mut member: Box<Member>, give: &mut dyn FnMut(Piece<'_>)) -> bool {
        let is_known = !member.has_descriptor || member.packed > 0;
        let left = if is_known { member.packed - member.met_packed } else { u64::MAX };
        let available = usize::try_from(left).unwrap_or(usize::MAX).min(self.pending.len());
        let mut out = [0; STEP];
        let (taken, given, is_over) = match &mut member.inflate {
            None => {
                let now = available.min(STEP);
                out[..now].copy_from_slice(&self.pending[..now]);
                (now, now, now as u64 == left)
            }
            Some(inflate) => {
                let (before_in, before_out) = (inflate.total_in(), inflate.total_out());
                let status = inflate.decompress(&self.pending[..available], &mut out, FlushDecompress::None);
                let taken = (inflate.total_in() - before_in) as usize;
                let given = (inflate.total_out() - before_out) as usize;
                match status {
                    Err(_) => {
                        give(Piece::Bytes(&out[..given]));
                        return self.damaged(*member, taken, "its compressed data are invalid", give);
                    }
                    Ok(status) => (taken, given, status == Status::StreamEnd),
                }
            }
        };
        member.met_packed += taken as u64;
        member.met_unpacked += given as u64;
        member.met.update(&out[..given]);
        self.bounds.unpacked += given as u64;
        if given > 0 {
            give(Piece::Bytes(&out[..given]));
        }
        self.pending.drain(..taken);
        if let Some(problem) = self.bounds.broken() {
            member.problems.push(problem);
            give(Piece::End(member.problems));
            self.state = State::Over;
            return true;
        }
        if is_over {
            self.state = State::Descriptor(member);
            return true;
        }
        if is_known && member.met_packed == member.packed && given == 0 {
            return self.damaged(*member, 0, "its compressed data end too early", give);
        }
        self.state = State::Member(member);
        taken > 0 || given > 0
    }

    /// Ends a member that cannot be read on, and looks for the next where its header says that it is.
    fn damaged(
        &mut self,
        mut member: Member,
        taken: usize,
        what: &'static str,
        give: &mut dyn FnMut(Piece<'_>),
    ) -> bool {
        self.pending.drain(..taken);
        member.problems.push(Problem::ArchiveDamaged(what));
        give(Piece::End(member.problems));
        let is_known = !member.has_descriptor && member.packed > 0;
        self.state = if is_known {
            State::Skipping(member.packed.saturating_sub(member.met_packed + taken as u64))
        } else {
            give(Piece::Refused("", Problem::ArchiveDamaged("what comes after that member cannot be found")));
            State::Over
        };
        true
    }

    fn descriptor(&mut self, mut member: Box<Member>, is_last: bool, give: &mut dyn FnMut(Piece<'_>)) -> bool {
        let mut skip = 0;
        if member.has_descriptor {
            if self.pending.len() < LONGEST_DESCRIPTOR && !is_last {
                self.state = State::Descriptor(member);
                return false;
            }
            let at = if u32_at(&self.pending, 0) == DESCRIPTOR { 4 } else { 0 };
            let (packed, unpacked) = (member.met_packed, member.met_unpacked);
            let is_large = u64_at(&self.pending, at + 4) == packed && u64_at(&self.pending, at + 12) == unpacked;
            member.crc = u32_at(&self.pending, at);
            (member.packed, member.unpacked, skip) = if is_large {
                (packed, unpacked, at + 20)
            } else {
                (u32_at(&self.pending, at + 4).into(), u32_at(&self.pending, at + 8).into(), at + 12)
            };
            skip = skip.min(self.pending.len());
        }
        self.pending.drain(..skip);
        if (member.packed, member.unpacked) != (member.met_packed, member.met_unpacked) {
            member.problems.push(Problem::ArchiveSizes { said: member.unpacked, met: member.met_unpacked });
        } else if member.crc != member.met.sum() {
            member.problems.push(Problem::ArchiveDamaged("its data do not fit their checksum"));
        }
        let rest = if member.has_descriptor { 0 } else { member.packed.saturating_sub(member.met_packed) };
        give(Piece::End(member.problems));
        self.state = if rest > 0 { State::Skipping(rest) } else { State::Header };
        true
    }
}

/// Takes sizes from the extra field for those that do not fit 32 bits.
fn large_sizes(mut extra: &[u8], sizes: &mut [u64; 2]) {
    while extra.len() >= 4 {
        let (id, length) = (u16_at(extra, 0), usize::from(u16_at(extra, 2)));
        if id == 1 {
            let mut at = 4;
            for size in sizes.iter_mut().filter(|size| **size == u64::from(u32::MAX)) {
                if extra.len() >= at + 8 {
                    *size = u64_at(extra, at);
                }
                at += 8;
            }
            return;
        }
        extra = extra.get(4 + length..).unwrap_or(&[]);
    }
}
