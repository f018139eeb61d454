//! `exfil`: run, check and explain a KQL detection over logs, from a terminal or in CI.
//!
//! **Invariant:** no logic. Files are read, the session is asked, the answer is printed.
//!
//! Exit status: 0 done, 1 the query or a log has an error, a case failed, or alerts came or went that `--deny` names,
//! 2 wrong usage.

mod cases;

use clap::{Args, Parser, Subcommand, ValueEnum};
use detection::output::{self, Unreadable};
use detection::{Clock, ColumnMapping, Comparison, Options, RunReport, Session, Severity, render_findings, rule};
use event_logs::{DateOrder, is_table_name};
use event_table::DateTime;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::SystemTime;

/// Bytes read from a log at a time.
const CHUNK: usize = 1 << 20;

#[derive(Parser)]
#[command(
    name = "exfil",
    version,
    about = "Runs, checks and explains a KQL detection over logs. Nothing leaves this machine."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the shipped rule, or a query, over logs.
    Run {
        #[command(flatten)]
        query: QueryArgs,
        #[command(flatten)]
        now: NowArgs,
        /// How the answer is printed.
        #[arg(long, value_enum, default_value_t = RunFormat::Table)]
        format: RunFormat,
        #[command(flatten)]
        logs: LogArgs,
    },
    /// Resolves a query without logs: its columns and findings.
    Check {
        #[command(flatten)]
        query: QueryArgs,
        /// How the answer is printed.
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
    /// Says why a row of the result is there, and which signals it did not pass.
    Explain {
        /// The row of the result; the first is 1.
        #[arg(long, value_name = "N")]
        row: usize,
        #[command(flatten)]
        query: QueryArgs,
        #[command(flatten)]
        now: NowArgs,
        /// How the answer is printed.
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
        #[command(flatten)]
        logs: LogArgs,
    },
    /// Lists the rows that failed one condition of a signal, with the smallest edits that would catch them.
    NearMisses {
        /// How many conditions the rows failed: 1, or 2 for those that are further off.
        #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=2))]
        failed: u8,
        #[command(flatten)]
        query: QueryArgs,
        #[command(flatten)]
        now: NowArgs,
        /// How the answer is printed.
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
        /// How many values are listed for each signal, as text.
        #[arg(long, value_name = "N", default_value_t = 20)]
        most: usize,
        #[command(flatten)]
        logs: LogArgs,
    },
    /// Compares a query with an older version on the same logs: alerts gained, lost and kept.
    Compare {
        /// The older version: a file with KQL; the shipped rule when left out.
        #[arg(long, value_name = "FILE")]
        with: Option<PathBuf>,
        #[command(flatten)]
        query: QueryArgs,
        #[command(flatten)]
        now: NowArgs,
        /// How the answer is printed.
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
        /// Ends with status 1 when there are such alerts.
        #[arg(long, value_enum)]
        deny: Option<Deny>,
        #[command(flatten)]
        logs: LogArgs,
    },
    /// Runs case files: a test with its query, a lesson with its solution.
    Test {
        /// A file with KQL, or - for standard input, that must meet what all cases expect.
        #[arg(long, value_name = "FILE|-")]
        query: Option<PathBuf>,
        /// Writes the outcome as JUnit XML too.
        #[arg(long, value_name = "FILE")]
        junit: Option<PathBuf>,
        /// How the answer is printed.
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
        /// Case files in YAML or JSON, or folders of them.
        #[arg(value_name = "CASES", required = true)]
        cases: Vec<PathBuf>,
    },
}

#[derive(Args)]
struct QueryArgs {
    /// A file with KQL, or - for standard input; the shipped rule when left out.
    #[arg(long, value_name = "FILE|-")]
    query: Option<PathBuf>,
    /// A file that the query reads by name (`externaldata`), under that name. A LOG of a name that the query asks for
    /// is taken so by itself.
    #[arg(long, value_name = "NAME=FILE", value_parser = external)]
    external: Vec<(String, PathBuf)>,
}

#[derive(Args)]
struct LogArgs {
    /// Puts every row into this table, whatever its log says.
    #[arg(long, value_name = "TABLE", value_parser = table_name)]
    table: Option<String>,
    /// Reads a log's column as this one of its table. May be given several times.
    #[arg(long = "column", value_name = "LOG'S=TABLE'S", value_parser = column_mapping)]
    columns: Vec<ColumnMapping>,
    /// The zone of times in columns named [Local Time]: +02:00. UTC when left out.
    #[arg(long, value_name = "OFFSET", value_parser = offset, allow_hyphen_values = true)]
    local_zone: Option<i32>,
    /// Reads 05/10/2026 as the 5th of October.
    #[arg(long)]
    day_first: bool,
    /// Leaves out rows of an event that a row before them tells of too: the same record of the same channel and
    /// computer.
    #[arg(long)]
    drop_duplicates: bool,
    /// Logs: Defender and Sentinel exports, Sysmon, EVTX, JSON, CSV and more, alone or in archives, recognised by
    /// content.
    #[arg(value_name = "LOG")]
    logs: Vec<PathBuf>,
}

impl LogArgs {
    /// How the logs are read.
    fn options(&self) -> Options {
        Options {
            table: self.table.clone(),
            columns: Some(self.columns.clone()).filter(|columns| !columns.is_empty()),
            local_offset_minutes: self.local_zone,
            date_order: if self.day_first { DateOrder::DayFirst } else { DateOrder::MonthFirst },
            ..Options::default()
        }
    }
}

fn table_name(text: &str) -> Result<String, &'static str> {
    let words = "a table's name has letters, digits and underscores, and begins with no digit";
    is_table_name(text).then(|| text.to_owned()).ok_or(words)
}

fn column_mapping(text: &str) -> Result<ColumnMapping, &'static str> {
    // Names in logs have all sorts of characters, those of tables no equals sign.
    let (from, to) = text.rsplit_once('=').ok_or("a column of the log, =, and a column of the table are wanted")?;
    let (from, to) = (from.trim(), to.trim());
    if from.is_empty() || to.is_empty() {
        return Err("a name is missing beside the =");
    }
    Ok(ColumnMapping { from: from.to_owned(), to: to.to_owned() })
}

/// Minutes east of UTC.
fn offset(text: &str) -> Result<i32, &'static str> {
    let words = "an offset from UTC such as +02:00 or -05:00 is wanted, at most 14 hours";
    let (sign, rest) = match text.as_bytes().first() {
        Some(b'+') => (1, &text[1..]),
        Some(b'-') => (-1, &text[1..]),
        _ => return Err(words),
    };
    let (hours, minutes) = rest.split_once(':').ok_or(words)?;
    let number = |text: &str| text.parse::<u8>().ok().filter(|_| text.len() == 2).map(i32::from);
    let (hours, minutes) = number(hours).zip(number(minutes)).ok_or(words)?;
    if minutes > 59 || hours * 60 + minutes > 14 * 60 { Err(words) } else { Ok(sign * (hours * 60 + minutes)) }
}

#[derive(Args)]
struct NowArgs {
    /// What now() is: newest (the newest time in the logs), wall, or an instant.
    #[arg(long, value_name = "INSTANT|newest|wall", default_value = "newest", value_parser = Clock::parse)]
    now: Clock,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RunFormat {
    Table,
    Json,
    Csv,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Table,
    Json,
}

/// Alerts that must not be.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Deny {
    Gained,
    Lost,
    Any,
}

impl Deny {
    fn finds(self, compared: &Comparison) -> bool {
        let (gained, lost) = (compared.totals.gained > 0, compared.totals.lost > 0);
        gained && self != Self::Lost || lost && self != Self::Gained
    }
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match answer(cli.command) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        // A reader that has seen enough closes the pipe: that is no error.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Does what was asked; whether query and logs were without error.
fn answer(command: Command) -> io::Result<bool> {
    let mut out = io::stdout().lock();
    match command {
        Command::Run { query, now, format, logs } => {
            let (mut session, name) = session(&query)?;
            session.set_clock(now.now);
            let read = read_logs(&mut session, &logs);
            let mut report = session.run_now(wall());
            report.findings.extend(session.case_findings());
            tell(&session, &report, &name, Severity::Warning);
            match format {
                RunFormat::Json => writeln!(out, "{}", output::run_json(&session, &report, &read.unreadable))?,
                RunFormat::Csv => out.write_all(output::csv(&session).as_bytes())?,
                RunFormat::Table => out.write_all(output::table(&session, &report).as_bytes())?,
            }
            Ok(read.is_whole && !report.has_errors())
        }
        Command::Check { query, format } => {
            let (session, name) = session(&query)?;
            let report = session.check(wall());
            tell(&session, &report, &name, Severity::Info);
            match format {
                Format::Json => writeln!(out, "{}", output::check_json(&report))?,
                Format::Table => out.write_all(output::columns(&report).as_bytes())?,
            }
            Ok(!report.has_errors())
        }
        Command::Explain { row, query, now, format, logs } => {
            let (mut session, name) = session(&query)?;
            session.set_clock(now.now);
            let read = read_logs(&mut session, &logs);
            let report = session.run_now(wall());
            tell(&session, &report, &name, Severity::Warning);
            if report.has_errors() {
                return Ok(false);
            }
            let story = row.checked_sub(1).and_then(|row| session.story_of_result(row));
            match (story, format) {
                (Some(story), Format::Json) => writeln!(out, "{}", output::story_json(&story))?,
                (Some(story), Format::Table) => out.write_all(output::story(&story).as_bytes())?,
                (None, _) if (1..=report.rows).contains(&row) => {
                    writeln!(
                        io::stderr(),
                        "error: row {row} was computed from several rows of the logs: there is no one record to explain."
                    )?;
                    return Ok(false);
                }
                (None, _) => {
                    writeln!(io::stderr(), "error: there is no row {row}: the result has {} rows.", report.rows)?;
                    return Ok(false);
                }
            }
            Ok(read.is_whole)
        }
        Command::NearMisses { failed, query, now, format, most, logs } => {
            let (mut session, name) = session(&query)?;
            session.set_clock(now.now);
            let read = read_logs(&mut session, &logs);
            let report = session.run_now(wall());
            tell(&session, &report, &name, Severity::Warning);
            if report.has_errors() {
                return Ok(false);
            }
            let found = session.near_misses_now(usize::from(failed));
            match format {
                Format::Json => writeln!(out, "{}", output::near_misses_json(&session, &found))?,
                Format::Table => out.write_all(output::near_misses(&found, usize::from(failed), most).as_bytes())?,
            }
            Ok(read.is_whole)
        }
        Command::Compare { with, query, now, format, deny, logs } => {
            let older = with.as_deref().map_or_else(|| Ok(rule::TEXT.to_owned()), text_of)?;
            let (mut session, name) = session(&query)?;
            session.set_clock(now.now);
            let read = read_logs(&mut session, &logs);
            let report = session.run_now(wall());
            tell(&session, &report, &name, Severity::Warning);
            if report.has_errors() {
                return Ok(false);
            }
            let compared = session.compare_now(&older);
            let older_name = with.map_or_else(|| "the shipped rule".to_owned(), |path| path.display().to_string());
            let errors: Vec<_> = compared.findings.iter().filter(|f| f.severity == Severity::Error).cloned().collect();
            if !errors.is_empty() {
                let _ = io::stderr().write_all(render_findings(&errors, &older, &older_name).as_bytes());
                return Ok(false);
            }
            match format {
                Format::Json => writeln!(out, "{}", output::comparison_json(&session, &compared))?,
                Format::Table => out.write_all(output::comparison(&session, &compared).as_bytes())?,
            }
            Ok(read.is_whole && !deny.is_some_and(|deny| deny.finds(&compared)))
        }
        Command::Test { query, junit, format, cases } => {
            let query = query.as_deref().map(text_of).transpose()?;
            let runs = cases::run(&cases, query.as_deref(), wall());
            match format {
                Format::Json => writeln!(out, "{}", output::cases_json(&runs))?,
                Format::Table => out.write_all(output::cases(&runs).as_bytes())?,
            }
            if let Some(path) = junit {
                std::fs::write(&path, output::junit(&runs))
                    .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))?;
            }
            Ok(runs.iter().all(output::CaseRun::passed))
        }
    }
}

/// A session with the query that was asked for, and the query's name for messages.
fn session(args: &QueryArgs) -> io::Result<(Session, String)> {
    let mut session = Session::new();
    for (name, path) in &args.external {
        session.add_external(name, bytes_of(path)?);
    }
    let Some(path) = &args.query else { return Ok((session, "the shipped rule".to_owned())) };
    session.set_query(text_of(path)?);
    Ok((session, name_of(path)))
}

/// A file's name for messages.
fn name_of(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() }
}

/// The text of a file, or of standard input.
fn text_of(path: &Path) -> io::Result<String> {
    let name = name_of(path);
    let text = String::from_utf8(bytes_of(path)?)
        .map_err(|_| io::Error::other(format!("{name}: the query is not UTF-8 text.")))?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned())
}

/// The bytes of a file, or of standard input.
fn bytes_of(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        io::stdin().read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|mut f| f.read_to_end(&mut bytes))
    };
    read.map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", name_of(path))))?;
    Ok(bytes)
}

/// `NAME=FILE`.
fn external(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((name, file)) if !name.is_empty() && !file.is_empty() => Ok((name.to_owned(), file.into())),
        _ => Err("a name, `=` and a file are expected".to_owned()),
    }
}

/// What became of the logs.
struct LogsRead {
    /// Those that could not be opened or read to their end.
    unreadable: Vec<Unreadable>,
    /// Whether every log gave what it holds.
    is_whole: bool,
}

/// Reads logs into a session. What is wrong is told.
fn read_logs(session: &mut Session, args: &LogArgs) -> LogsRead {
    let (mut unreadable, mut is_whole) = (Vec::new(), true);
    session.drop_duplicates(args.drop_duplicates);
    for path in &args.logs {
        let name = path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned());
        if session.asks_for(&name, wall()) {
            match bytes_of(path) {
                Ok(bytes) => session.add_external(&name, bytes),
                Err(error) => {
                    let _ = writeln!(io::stderr(), "error: {error}");
                    unreadable.push(Unreadable { name: path.display().to_string(), reason: error.to_string() });
                    is_whole = false;
                }
            }
            continue;
        }
        let mut loading = session.begin(&name, args.options());
        let mut chunk = vec![0; CHUNK];
        let read = File::open(path).and_then(|mut file| {
            loop {
                match file.read(&mut chunk)? {
                    0 => return Ok(()),
                    n => session.feed(&mut loading, &chunk[..n]),
                }
            }
        });
        if let Err(error) = read {
            session.abandon(loading);
            let _ = writeln!(io::stderr(), "error: {}: {error}", path.display());
            unreadable.push(Unreadable { name: path.display().to_string(), reason: error.to_string() });
            is_whole = false;
            continue;
        }
        let before = session.sources().len();
        session.finish(loading);
        // An archive gives a source for each of its logs, and for its other files; one of these alone is no log.
        let sources = session.sources();
        let sources = &sources[before..];
        is_whole &= sources.iter().all(|s| s.report.failure.is_none() || s.report.is_passed_over());
        is_whole &= sources.iter().any(|s| s.report.failure.is_none());
        for source in sources {
            let _ = io::stderr().write_all(output::source_words(&source.report).as_bytes());
        }
    }
    if session.duplicates() > 0 {
        let _ = writeln!(io::stderr(), "note: {}", output::duplicate_words(session));
    }
    LogsRead { unreadable, is_whole }
}

/// Tells findings and failures on standard error; notes that only teach are for `check`.
fn tell(session: &Session, report: &RunReport, name: &str, least: Severity) {
    let told: Vec<_> = report.findings.iter().filter(|f| f.severity <= least).cloned().collect();
    let mut words = render_findings(&told, session.query(), name);
    if let Some(failure) = &report.failure {
        words.push_str(&format!("error: {failure}\n"));
    }
    let _ = io::stderr().write_all(words.as_bytes());
}

/// The wall clock.
fn wall() -> DateTime {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let ticks = i64::try_from(since.as_nanos() / 100).unwrap_or(i64::MAX);
    DateTime::from_unix_ticks(ticks).unwrap_or(DateTime::MAX)
}
