//! `exfil`: run, check and explain a KQL detection over logs, from a terminal or in CI.
//!
//! **Invariant:** no logic. Files are read, the session is asked, the answer is printed.
//!
//! Exit status: 0 done, 1 the query or a log has an error, 2 wrong usage.

use clap::{Args, Parser, Subcommand, ValueEnum};
use detection::output::{self, Unreadable};
use detection::{Clock, Options, RunReport, Session, Severity, render_findings};
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
        /// Logs: Defender and Sentinel exports, JSON, NDJSON and more, recognised by content.
        #[arg(value_name = "LOG")]
        logs: Vec<PathBuf>,
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
        /// Logs, as for run.
        #[arg(value_name = "LOG")]
        logs: Vec<PathBuf>,
    },
}

#[derive(Args)]
struct QueryArgs {
    /// A file with KQL, or - for standard input; the shipped rule when left out.
    #[arg(long, value_name = "FILE|-")]
    query: Option<PathBuf>,
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
            let unreadable = read_logs(&mut session, &logs);
            let report = session.run_now(wall());
            tell(&session, &report, &name, Severity::Warning);
            match format {
                RunFormat::Json => writeln!(out, "{}", output::run_json(&session, &report, &unreadable))?,
                RunFormat::Csv => out.write_all(output::csv(&session).as_bytes())?,
                RunFormat::Table => out.write_all(output::table(&session, &report).as_bytes())?,
            }
            Ok(all_read(&session, &unreadable) && !report.has_errors())
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
            let unreadable = read_logs(&mut session, &logs);
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
            Ok(all_read(&session, &unreadable))
        }
    }
}

/// A session with the query that was asked for, and the query's name for messages.
fn session(args: &QueryArgs) -> io::Result<(Session, String)> {
    let mut session = Session::new();
    let Some(path) = &args.query else { return Ok((session, "the shipped rule".to_owned())) };
    let from_input = path.as_path() == Path::new("-");
    let name = if from_input { "standard input".to_owned() } else { path.display().to_string() };
    let mut bytes = Vec::new();
    let read = if from_input {
        io::stdin().read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|mut f| f.read_to_end(&mut bytes))
    };
    read.map_err(|error| io::Error::new(error.kind(), format!("{name}: {error}")))?;
    let text =
        String::from_utf8(bytes).map_err(|_| io::Error::other(format!("{name}: the query is not UTF-8 text.")))?;
    session.set_query(text.strip_prefix('\u{feff}').unwrap_or(&text));
    Ok((session, name))
}

/// Reads logs into a session, and gives those that could not be opened or read to their end. What is wrong is told.
fn read_logs(session: &mut Session, logs: &[PathBuf]) -> Vec<Unreadable> {
    let mut unreadable = Vec::new();
    for path in logs {
        let name = path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned());
        let mut loading = session.begin(&name, Options::default());
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
            continue;
        }
        let report = session.finish(loading);
        let words = output::source_words(report);
        if !words.is_empty() {
            let _ = io::stderr().write_all(words.as_bytes());
        }
    }
    unreadable
}

/// Whether every log gave what it holds.
fn all_read(session: &Session, unreadable: &[Unreadable]) -> bool {
    unreadable.is_empty() && session.sources().iter().all(|source| source.report.failure.is_none())
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
