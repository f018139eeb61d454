//! A Defender CSV of any size, always the same for a seed, in which near misses stand thick.
//!
//! One file holds both tables of the rule; `Type` names a row's table. Every condition of the rule is met, missed and
//! just missed in many combinations: times on both sides of the look-back's edge and many rows at one instant, byte
//! counts at the threshold, names that hold a term and names that swallow it, letters that fold to others. Cells hold
//! commas, doubled quotes, newlines and text beyond ASCII, or nothing.
//!
//! The values are data, not expectations: what alerts is for the engine and the independent reference to say.

mod random;
mod values;

use random::Random;
use std::io::{self, Write};
use values::{Pool, accounts, api, devices, filler, git, network, processes};

/// The columns, in the file's order.
pub const COLUMNS: [&str; 14] = [
    "Type",
    "Timestamp",
    "DeviceName",
    "AccountName",
    "ActionType",
    "FileName",
    "ProcessCommandLine",
    "RemoteUrl",
    "RemotePort",
    "BytesSent",
    "BytesReceived",
    "InitiatingProcessFileName",
    "InitiatingProcessCommandLine",
    "InitiatingProcessParentFileName",
];

/// The newest time in every file: that of its first row.
pub const NEWEST: &str = "2026-11-20T12:00:00.0000000Z";

const TICKS_PER_SECOND: u64 = 10_000_000;
const TICKS_PER_HOUR: u64 = 3_600 * TICKS_PER_SECOND;
const LOOK_BACK: u64 = 24 * TICKS_PER_HOUR;
const FLUSH_AT: usize = 1 << 20;

/// Writes a header and `rows` rows, and gives the number of bytes written. The rows of a smaller file are the first
/// rows of a larger one of the same seed.
///
/// # Errors
/// What the writer says.
///
/// ```
/// let mut csv = Vec::new();
/// let written = system_tests::generator::write_csv(3, 7, &mut csv).unwrap();
/// assert_eq!(written, csv.len() as u64);
/// assert!(csv.starts_with(b"Type,Timestamp,DeviceName,"));
/// ```
pub fn write_csv(rows: u64, seed: u64, out: &mut impl Write) -> io::Result<u64> {
    let mut generator = Generator { random: Random::new(seed), buffer: Vec::with_capacity(FLUSH_AT + 4096) };
    let mut written = 0;
    generator.buffer.extend_from_slice(COLUMNS.join(",").as_bytes());
    generator.buffer.extend_from_slice(b"\r\n");
    for row in 0..rows {
        generator.row(row == 0);
        if generator.buffer.len() >= FLUSH_AT {
            out.write_all(&generator.buffer)?;
            written += generator.buffer.len() as u64;
            generator.buffer.clear();
        }
    }
    out.write_all(&generator.buffer)?;
    written += generator.buffer.len() as u64;
    out.flush()?;
    Ok(written)
}

struct Generator {
    random: Random,
    buffer: Vec<u8>,
}

impl Generator {
    fn row(&mut self, newest: bool) {
        let table = match self.random.below(1000) {
            0..500 => "DeviceNetworkEvents",
            500..998 => "DeviceProcessEvents",
            // What makes it a row of another table is the name alone: its cells are those of a process.
            _ => "DeviceFileEvents",
        };
        self.cell(table);
        self.timestamp(newest);
        let device = self.pick(&devices::NAMES);
        let number = self.random.below(400);
        self.cell(&format!("{device}{number:03}.corp.example"));
        self.some(&accounts::NAMES, 50);
        if table == "DeviceNetworkEvents" {
            self.network()
        } else {
            self.process()
        }
        self.buffer.extend_from_slice(b"\r\n");
    }

    /// Within the last thirty hours; often at one of a few instants, often at a whole second, sometimes on the
    /// look-back's very edge, seldom nothing.
    fn timestamp(&mut self, newest: bool) {
        let edge = [LOOK_BACK - 1, LOOK_BACK, LOOK_BACK + 1];
        let age = match self.random.below(200) {
            _ if newest => 0,
            0 => {
                self.empty();
                return;
            }
            1 | 2 => edge[self.random.below(3) as usize],
            3..8 => (self.random.below(8) + 1) * 3 * TICKS_PER_HOUR - 17,
            8..60 => self.random.below(30 * 3_600) * TICKS_PER_SECOND,
            _ => self.random.below(30 * TICKS_PER_HOUR),
        };
        let text = before_newest(age);
        self.cell(&text);
    }

    fn network(&mut self) {
        let action = self.pick(&network::ACTIONS);
        self.cell(action);
        self.empty();
        self.empty();
        self.some(&network::URLS, 40);
        self.some(&network::PORTS, 60);
        let sent = match self.random.below(30) {
            0 => None,
            1 => Some(524_287 + self.random.below(3)),
            // Halves of a hundredth of a MiB: where rounding has to decide.
            2 => Some(131_072 * (5 + 2 * self.random.below(8))),
            3..12 => Some(524_288 + (self.random.below(1 << 13) * self.random.below(1 << 13))),
            _ => Some(self.random.below(500_000)),
        };
        self.number(sent);
        let received = (!self.random.one_in(30)).then(|| self.random.below(1 << 24));
        self.number(received);
        self.some(&processes::NAMES, 200);
        self.command_line();
        self.some(&processes::PARENTS, 30);
    }

    fn process(&mut self) {
        self.cell("ProcessCreated");
        self.some(&processes::NAMES, 300);
        self.command_line();
        for _ in 0..4 {
            self.empty();
        }
        self.some(&processes::PARENTS, 100);
        self.command_line();
        self.some(&processes::PARENTS, 30);
    }

    /// A command line: of git, of an API call, or of anything; with a tail that makes rows as long as real ones.
    fn command_line(&mut self) {
        let mut line = String::with_capacity(512);
        match self.random.below(10) {
            0 => {
                for pool in [&git::COMMANDS, &git::VERBS, &git::OPTIONS, &git::REMOTES] {
                    line.push_str(self.pick(pool));
                    line.push(' ');
                }
            }
            1 => {
                for pool in [&api::TOOLS, &api::MARKERS, &api::URLS, &api::PAYLOADS] {
                    line.push_str(self.pick(pool));
                    line.push(' ');
                }
            }
            2 => {
                self.empty();
                return;
            }
            _ => line.push_str(self.pick(&filler::STARTS)),
        }
        let length = 40 + self.random.below(298) as usize;
        while line.len() < length {
            line.push_str(self.pick(&filler::ARGUMENTS));
            if self.random.one_in(3) {
                self.random.hex(&mut line, 16);
            }
        }
        self.cell(&line);
    }

    fn pick(&mut self, pool: &Pool) -> &'static str {
        let (of, one_in) = (pool.rare, pool.one_in);
        let from = if self.random.one_in(one_in) { of } else { pool.common };
        from[self.random.below(from.len() as u64) as usize]
    }

    /// A cell of a pool, or, once in so many, an empty one.
    fn some(&mut self, pool: &Pool, empty_one_in: u64) {
        if self.random.one_in(empty_one_in) {
            self.empty();
        } else {
            let value = self.pick(pool);
            self.cell(value);
        }
    }

    fn number(&mut self, value: Option<u64>) {
        match value {
            Some(value) => self.cell(&value.to_string()),
            None => self.empty(),
        }
    }

    fn empty(&mut self) {
        self.separate();
    }

    /// A cell, quoted where RFC 4180 wants it.
    fn cell(&mut self, value: &str) {
        self.separate();
        if !value.bytes().any(|b| matches!(b, b',' | b'"' | b'\r' | b'\n')) {
            self.buffer.extend_from_slice(value.as_bytes());
            return;
        }
        self.buffer.push(b'"');
        for (i, part) in value.split('"').enumerate() {
            if i > 0 {
                self.buffer.extend_from_slice(b"\"\"");
            }
            self.buffer.extend_from_slice(part.as_bytes());
        }
        self.buffer.push(b'"');
    }

    fn separate(&mut self) {
        if !self.buffer.is_empty() && !self.buffer.ends_with(b"\n") {
            self.buffer.push(b',');
        }
    }
}

/// The instant so many ticks before [`NEWEST`], which is at most three days back.
fn before_newest(ticks: u64) -> String {
    // Counted from midnight of the day three days before the newest.
    let since = (3 * 24 + 12) * TICKS_PER_HOUR - ticks;
    let (day, in_day) = (17 + since / (24 * TICKS_PER_HOUR), since % (24 * TICKS_PER_HOUR));
    let (seconds, fraction) = (in_day / TICKS_PER_SECOND, in_day % TICKS_PER_SECOND);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("2026-11-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:07}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn csv(rows: u64, seed: u64) -> Vec<u8> {
        let mut out = Vec::new();
        write_csv(rows, seed, &mut out).unwrap();
        out
    }

    /// The cells of each record, by the quotes alone.
    fn records(csv: &[u8]) -> Vec<Vec<String>> {
        let (mut records, mut record, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
        let text = String::from_utf8(csv.to_vec()).unwrap();
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '"' if quoted && chars.peek() == Some(&'"') => {
                    chars.next();
                    cell.push('"');
                }
                '"' => quoted = !quoted,
                ',' if !quoted => record.push(std::mem::take(&mut cell)),
                '\r' if !quoted => {}
                '\n' if !quoted => {
                    record.push(std::mem::take(&mut cell));
                    records.push(std::mem::take(&mut record));
                }
                c => cell.push(c),
            }
        }
        assert!(!quoted && record.is_empty() && cell.is_empty());
        records
    }

    #[test]
    fn a_seed_gives_the_same_bytes_and_a_larger_file_goes_on_where_a_smaller_ends() {
        let small = csv(500, 1);
        assert!(csv(2000, 1).starts_with(&small));
        assert_ne!(csv(500, 2), small);
    }

    #[test]
    fn every_record_has_fourteen_cells_and_the_first_the_newest_time() {
        let records = records(&csv(20_000, 3));
        assert_eq!(records.len(), 20_001);
        assert!(records.iter().all(|r| r.len() == COLUMNS.len()));
        assert_eq!(records[1][1], NEWEST);
        assert!(records[1..].iter().all(|r| r[1].as_str() <= NEWEST));
    }

    #[test]
    fn a_million_rows_are_about_428_megabytes() {
        let bytes = csv(20_000, 4).len() / 20_000;
        assert!((415..441).contains(&bytes), "{bytes} bytes a row");
    }

    #[test]
    fn near_misses_of_every_kind_occur_early() {
        let records = records(&csv(50_000, 5));
        let any = |column: &str, wanted: &dyn Fn(&str) -> bool| {
            let at = COLUMNS.iter().position(|c| *c == column).unwrap();
            records[1..].iter().any(|r| wanted(&r[at]))
        };
        let edge = before_newest(LOOK_BACK);
        let [inside, outside] = [before_newest(LOOK_BACK - 1), before_newest(LOOK_BACK + 1)];
        assert_eq!(edge, "2026-11-19T12:00:00.0000000Z");
        for (column, values) in [
            ("Type", &["DeviceNetworkEvents", "DeviceProcessEvents", "DeviceFileEvents"][..]),
            ("Timestamp", &[&edge, &inside, &outside, ""]),
            ("RemoteUrl", &["notgithub.com", "github.com.evil.example", "github.com", ""]),
            ("BytesSent", &["524287", "524288", "524289", "655360", ""]),
            ("InitiatingProcessFileName", &["python3.exe", "python.exe", "git-remote-https.exe"]),
            ("FileName", &["python3.11", "git.exe", "GIT.EXE", "git", ""]),
        ] {
            for value in values {
                assert!(any(column, &|cell| cell == *value), "{column} {value:?}");
            }
        }
        for part in ["push_default", "\n", "\"", ",", "é", "method=\"PUT\"", "-X PUTTER"] {
            assert!(any("ProcessCommandLine", &|cell| cell.contains(part)), "{part:?}");
        }
    }
}
