//! Mutated logs of every form: no panic, no hang, no hunger for memory, and what is whole around a broken record is read.
//!
//! The seeds are the small logs in `fixtures`, packed and not, and EVTX from the shared data where it is. The numbers are
//! drawn anew from a fixed start, so that a failure comes back; an input that fails is left in the target folder.
//!
//! By itself it reads the same hundred thousand logs of each kind each time, or as many as it can in a minute;
//! `EXFIL_FUZZ_SECONDS=600 cargo test -p event-logs --test mutations` goes on as long as that, and `EXFIL_SEED` starts
//! elsewhere.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test that cannot go on fails, and tells how far it came"
)]

mod support;

use event_logs::{Encoding, Intake, Options, Report};
use event_table::{SourceId, Table, TableSet};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use support::{TRUE, fixture, gzip, original, row, utf16, zip};

/// The longest that a mutated log of a few kilobytes may take: a thousand times what it does.
const LONGEST: Duration = Duration::from_secs(10);
/// What reading may hold at once: some chunks, buffers and tables, and what the bounds of archives let through.
const MOST_MEMORY: usize = 256 << 20;

/// Counts what a thread holds.
struct Counting;

thread_local! {
    static HELD: Cell<(isize, isize)> = const { Cell::new((0, 0)) };
}

fn count(bytes: isize) {
    // A thread that ends has no counter any more.
    let _ = HELD.try_with(|held| {
        let (now, most) = held.get();
        held.set((now + bytes, most.max(now + bytes)));
    });
}

// SAFETY: everything is handed on to the system's allocator, unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Runs something; gives its result, and the most bytes that it held at once.
fn measured<T>(run: impl FnOnce() -> T) -> (T, usize) {
    let before = HELD.with(|held| {
        let now = held.get().0;
        held.set((now, now));
        now
    });
    let result = run();
    (result, usize::try_from(HELD.with(|held| held.get().1) - before).unwrap_or(0))
}

/// Numbers that look drawn at random (Steele and others, "Fast splittable pseudorandom number generators", 2014).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    fn one_of<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[self.below(choices.len())]
    }
}

fn start() -> Numbers {
    Numbers(std::env::var("EXFIL_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1))
}

/// How long each of the two tests goes on, and how many logs it reads: the same ones on a faster machine, unless time
/// was asked for.
fn limits() -> (Instant, u64) {
    let asked = std::env::var("EXFIL_FUZZ_SECONDS").ok().and_then(|seconds| seconds.parse::<f64>().ok());
    let seconds = Duration::from_secs_f64(asked.unwrap_or(60.0).clamp(0.0, 1e6) / 2.0);
    (Instant::now() + seconds, if asked.is_some() { u64::MAX } else { 100_000 })
}

type Seed = (String, Vec<u8>);

/// The logs of `fixtures`.
fn plain() -> Vec<Seed> {
    let folder = format!("{}/tests/fixtures", env!("CARGO_MANIFEST_DIR"));
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let is_log = |name: &String| [".csv", ".tsv", ".json", ".ndjson", ".xml", ".txt"].iter().any(|e| name.ends_with(e));
    let mut names: Vec<String> = names.filter(is_log).collect();
    names.sort();
    assert!(names.len() >= 36, "{names:?}");
    names.into_iter().map(|name| (name.clone(), fixture(&name))).collect()
}

fn seeds() -> Vec<Seed> {
    let mut seeds = plain();
    let (xml, tsv) = (fixture("sysmon.xml"), fixture("grid.tsv"));
    let text = String::from_utf8(xml.clone()).unwrap();
    seeds.push(("utf16le.xml".into(), [&b"\xFF\xFE"[..], &utf16(&text, Encoding::Utf16Le)].concat()));
    seeds.push((
        "utf16be.csv".into(),
        utf16(&String::from_utf8(fixture("defender_grid.csv")).unwrap(), Encoding::Utf16Be),
    ));
    seeds.push(("sysmon.xml.gz".into(), gzip(&xml)));
    let inner = zip(&[("c.ndjson", &fixture("events.ndjson"), TRUE)]);
    seeds.push((
        "logs.zip".into(),
        zip(&[("a.xml", &xml, TRUE), ("b.csv.gz", &gzip(&tsv), TRUE), ("d.zip", &inner, TRUE)]),
    ));
    for path in [
        "proc_creation_win_curl_insecure_connection/cb9cc1d1-e84e-4bdc-b7ad-c31b1b7908ec.evtx",
        "file_event_win_susp_legitimate_app_dropping_script/7d604714-e071-49ff-8726-edeb95a70679.evtx",
    ] {
        // Two chunks say as much as all.
        let short = |mut bytes: Vec<u8>| {
            bytes.truncate(4096 + 2 * 65_536);
            bytes
        };
        seeds.extend(support::shared(&format!("sigma/{path}")).map(|bytes| ("a.evtx".to_owned(), short(bytes))));
    }
    seeds
}

/// Changes a stretch of bytes in one to four places.
fn mutate(bytes: &mut Vec<u8>, others: &[Seed], numbers: &mut Numbers) {
    const TELLING: &[u8] = b"\"\\{}[],:;<>/&=\n\r\t\0\xFF '0";
    const NUMBERS: [&[u8]; 9] = [
        b"99999999999999999999999999",
        b"-9223372036854775809",
        b"1e400",
        b"-0.0",
        b"0x7fffffffffffffff",
        b"4294967296",
        b"1E-99999",
        b"NaN",
        b"00000000000000000000000000000000000000000001",
    ];
    for _ in 0..=numbers.below(4) {
        if bytes.is_empty() {
            return;
        }
        let at = numbers.below(bytes.len());
        let end = at + numbers.below(40).min(bytes.len() - at);
        match numbers.below(12) {
            0 => bytes[at] ^= 1 << numbers.below(8),
            1 => bytes[at] = TELLING[numbers.below(TELLING.len())],
            2 => bytes.insert(at, TELLING[numbers.below(TELLING.len())]),
            3 => drop(bytes.drain(at..end)),
            4 => bytes.truncate(at),
            5 => {
                let piece = bytes[at..end].to_vec();
                let to = numbers.below(bytes.len() + 1);
                bytes.splice(to..to, piece);
            }
            6 => {
                let other = &others[numbers.below(others.len())].1;
                let from = numbers.below(other.len());
                let piece = other[from..other.len().min(from + numbers.below(200))].to_vec();
                bytes.splice(at..end, piece);
            }
            7 => bytes[at..end].fill(0),
            8 => drop(bytes.splice(at..end, numbers.one_of(&NUMBERS).iter().copied())),
            9 => {
                // A number that is there becomes one that fits nowhere.
                let digit = |b: &u8| b.is_ascii_digit();
                if let Some(from) = bytes[at..].iter().position(digit).map(|n| at + n) {
                    let to = from + bytes[from..].iter().take_while(|b| digit(b)).count();
                    bytes.splice(from..to, numbers.one_of(&NUMBERS).iter().copied());
                }
            }
            10 => {
                let opening = *numbers.one_of(&[&b'[', &b'{', &b'<', &b'"', &b'(', &b'a']);
                let many = 1 << numbers.below(14);
                bytes.splice(at..at, std::iter::repeat_n(opening, many));
            }
            _ => {
                let other = numbers.below(bytes.len());
                bytes.swap(at, other);
            }
        }
    }
}

/// What is being read, for the thread that watches.
static READING: Mutex<Option<(Instant, String, Vec<u8>)>> = Mutex::new(None);

fn keep(name: &str, bytes: &[u8]) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("mutated-{}", name.replace(['/', ' '], "-")));
    std::fs::write(&path, bytes).unwrap();
    path
}

/// Ends the tests when an input is read for too long: a loop without end would say nothing.
fn watch() {
    std::thread::spawn(|| {
        loop {
            std::thread::sleep(Duration::from_secs(1));
            let reading = READING.lock().unwrap();
            if let Some((since, name, bytes)) = &*reading
                && since.elapsed() > 6 * LONGEST
            {
                eprintln!("{name} is read without end: {}", keep(name, bytes).display());
                std::process::abort();
            }
        }
    });
}

/// Reads a file in pieces of a length.
fn read_in(bytes: &[u8], piece: usize) -> (TableSet, Vec<Report>) {
    let (mut tables, mut numbers) = (TableSet::new(), 1..);
    let mut next = || SourceId(numbers.next().unwrap());
    let mut intake = Intake::new("a.log", Options::default());
    bytes.chunks(piece.max(1)).for_each(|chunk| intake.feed(chunk, &mut tables, &mut next));
    let reports = intake.finish(&mut tables, &mut next);
    (tables, reports)
}

/// Reads an input under watch: in time, in bounds, without panic, and with a report that tells of all rows.
fn read(name: &str, bytes: &[u8], piece: usize) -> TableSet {
    *READING.lock().unwrap() = Some((Instant::now(), name.to_owned(), bytes.to_vec()));
    let begun = Instant::now();
    let read = catch_unwind(AssertUnwindSafe(|| measured(|| read_in(bytes, piece))));
    let took = begun.elapsed();
    *READING.lock().unwrap() = None;
    let ((tables, reports), memory) = read.unwrap_or_else(|panic| {
        eprintln!("{name} makes it panic: {}", keep(name, bytes).display());
        resume_unwind(panic)
    });
    let check = |holds: bool, what: &str| {
        assert!(holds, "{name} in pieces of {piece} {what}: {}", keep(name, bytes).display());
    };
    check(took < LONGEST, &format!("takes {took:?}"));
    check(memory < MOST_MEMORY, &format!("takes {memory} bytes"));
    let rows: usize = tables.tables().iter().map(Table::len).sum();
    check(rows as u64 == reports.iter().map(Report::rows).sum::<u64>(), "has rows that no report tells of");
    for report in &reports {
        check(report.failure.is_none() || report.rows() == 0, "fails and has rows");
        let told = report.rows() > 0
            || report.rejected.total > 0
            || report.failure.is_some()
            || report.truncated.is_some()
            || !report.warnings.is_empty();
        check(told, "is passed over in silence");
    }
    for table in tables.tables() {
        for at in [0, table.len().saturating_sub(1)] {
            let packed = reports.iter().any(|report| !report.packed.is_empty());
            if let Some((batch, index)) = table.locate(at).filter(|_| !packed) {
                let span = batch.record(index).unwrap();
                check(span.offset + u64::from(span.len) <= bytes.len() as u64, "has a record beyond its end");
                let found = catch_unwind(AssertUnwindSafe(|| original(table, at, &reports, bytes)));
                check(found.is_ok(), "has a record that makes finding it again panic");
            }
        }
    }
    tables
}

/// The rows as text, without what the other rows of a log decide: the order of unknown columns, and whether a number in
/// one is shown whole.
fn lines(table: &Table) -> impl Iterator<Item = String> {
    (0..table.len()).map(move |at| {
        let cells = row(table, at);
        let mut plain = cells.split('|').map(|cell| cell.strip_suffix(".0").unwrap_or(cell)).collect::<Vec<_>>();
        plain.sort_unstable();
        format!("{}: {}", table.name(), plain.join("|"))
    })
}

#[test]
fn mutated_logs_of_every_form_are_read_in_time_and_bounds_and_all_is_told() {
    watch();
    let (seeds, mut numbers, mut read_so_far) = (seeds(), start(), 0_u64);
    let (until, most) = limits();
    while Instant::now() < until && read_so_far < most {
        let (name, seed) = &seeds[read_so_far as usize % seeds.len()];
        let name = format!("{name} from {}", numbers.0);
        let mut bytes = seed.clone();
        mutate(&mut bytes, &seeds, &mut numbers);
        let whole = read(&name, &bytes, 1 << 20);
        // However the bytes come, they are the same log.
        if read_so_far.is_multiple_of(4) {
            let piece = [1, 7, 64, 1000, 4096][numbers.below(5)];
            if piece >= 64 || bytes.len() < 20_000 {
                let cut = read(&name, &bytes, piece);
                let all = |tables: &TableSet| tables.tables().iter().flat_map(lines).collect::<Vec<_>>();
                assert_eq!(all(&cut), all(&whole), "{name} in pieces of {piece}: {}", keep(&name, &bytes).display());
            }
        }
        read_so_far += 1;
    }
    eprintln!("{read_so_far} mutated logs were read");
}

/// Logs in which each record stands by itself: what is wrong with one says nothing about the others.
fn line_based() -> Vec<Seed> {
    let mut seeds: Vec<Seed> = plain()
        .into_iter()
        .filter(|(name, _)| [".ndjson", ".xml", ".csv", ".tsv"].iter().any(|e| name.ends_with(e)))
        .collect();
    let mut csv = "Timestamp,DeviceName,RemoteUrl,RemotePort,InitiatingProcessCommandLine\n".to_owned();
    let mut ndjson = String::new();
    for at in 0..30 {
        let time = format!("2025-06-01T09:30:{at:02}Z");
        csv += &format!("{time},ws-{at},github.com,{},\"git \"\"push\"\" {at}, now\"\n", 443 + at);
        ndjson += &format!(
            "{{\"Timestamp\":\"{time}\",\"DeviceName\":\"ws-{at}\",\"RemoteUrl\":\"gitlab.com\",\"RemotePort\":{},\
             \"AdditionalFields\":{{\"a\":[{at},{{\"b\":\"}}\"}}]}}}}\n",
            443 + at
        );
    }
    seeds.push(("thirty.csv".into(), csv.into_bytes()));
    seeds.push(("thirty.ndjson".into(), ndjson.into_bytes()));
    seeds
}

/// Where the records of a log stand, and the rows of each.
fn records(bytes: &[u8]) -> BTreeMap<(usize, usize), Vec<String>> {
    let mut records: BTreeMap<(usize, usize), Vec<String>> = BTreeMap::new();
    for table in read_in(bytes, 1 << 20).0.tables() {
        for (at, line) in lines(table).enumerate() {
            let (batch, index) = table.locate(at).unwrap();
            let span = batch.record(index).unwrap();
            let start = span.offset as usize;
            records.entry((start, start + span.len as usize)).or_default().push(line);
        }
    }
    records
}

#[test]
fn a_broken_record_takes_no_other_with_it() {
    watch();
    let seeds = line_based();
    let all: Vec<_> = seeds.iter().map(|(_, bytes)| records(bytes)).collect();
    let ((until, most), mut numbers, mut tried) = (limits(), start(), 0_u64);
    while Instant::now() < until && tried < most {
        let which = tried as usize % seeds.len();
        tried += 1;
        let ((name, seed), records) = (&seeds[which], &all[which]);
        let name = format!("record of {name} from {}", numbers.0);
        let (start, end) = *records.keys().nth(numbers.below(records.len())).unwrap();
        let mut broken = seed[start..end].to_vec();
        // A piece of another log at its very beginning, such as a header, makes it another log.
        let is_first = records.keys().next() == Some(&(start, end));
        let others = if is_first { std::slice::from_ref(&seeds[which]) } else { &seeds[..] };
        mutate(&mut broken, others, &mut numbers);
        if is_first && !name.contains(".xml") {
            // So do several lines that are none of the log's.
            broken.iter_mut().filter(|b| matches!(b, b'\n' | b'\r')).for_each(|b| *b = b' ');
        }
        let bytes = [&seed[..start], &broken, &seed[end..]].concat();
        let tables = read(&name, &bytes, 1 << 20);
        let mut found: BTreeMap<String, usize> = BTreeMap::new();
        tables.tables().iter().flat_map(lines).for_each(|line| *found.entry(line).or_default() += 1);
        for line in records.iter().filter(|(place, _)| **place != (start, end)).flat_map(|(_, rows)| rows) {
            let left = found.get_mut(line).filter(|left| **left > 0);
            let left = left.unwrap_or_else(|| panic!("{name} loses {line}: {}", keep(&name, &bytes).display()));
            *left -= 1;
        }
    }
    eprintln!("{tried} logs with a broken record were read");
}
