//! How fast the built page reads logs of each form in headless Chromium, beside the same crates natively on the same
//! bytes, and how much memory it holds then: `cargo xtask bench formats` builds the page and runs this.
//!
//! `EXFIL_BENCH_MB` sets the size of the logs in MB, instead of 100 (500 for NDJSON). In the tab, time goes from the
//! choice of the file to the moment when the page shows it as read. Memory is that of the engine's WebAssembly, which
//! never shrinks, beside what the rows in the tables take.

#![expect(clippy::print_stdout, reason = "its output is what it is for")]

mod logs;

use anyhow::{Context as _, Result, ensure};
use detection::{Options, Session};
use std::io::Read as _;
use std::path::Path;
use std::time::Instant;
use system_tests::bench;
use system_tests::browser::{Page, in_browser};

/// As the page's reader sends them.
const CHUNK: usize = 1 << 20;

fn main() -> Result<()> {
    println!(
        "{:<26}{:>8}{:>11}{:>11}{:>11}{:>11}{:>9}{:>9}",
        "form", "MB", "rows", "tab MB/s", "native", "held MB", "wasm MB", "times"
    );
    for log in logs::all()? {
        let bytes = std::fs::metadata(&log.path)?.len();
        let (native, rows) = natively(&log.path)?;
        let mut told = None;
        in_browser("formats", |page| {
            told = Some(in_tab(page, &log.path)?);
            Ok(())
        });
        let (milliseconds, memory) = told.context("the page said nothing")?;
        let mb = bytes as f64 / 1e6;
        println!(
            "{:<26}{:>8.0}{:>11}{:>11.0}{:>11.0}{:>11.0}{:>9.0}{:>9.2}",
            log.form,
            mb,
            rows,
            mb * 1e3 / milliseconds,
            mb / native,
            memory.held / 1e6,
            memory.wasm / 1e6,
            memory.wasm / memory.held,
        );
        std::fs::remove_file(&log.path)?;
    }
    Ok(())
}

/// The seconds and rows of the best of two readings without a browser.
fn natively(path: &Path) -> Result<(f64, u64)> {
    let mut best = f64::INFINITY;
    let mut rows = 0;
    for _ in 0..2 {
        let mut file = std::fs::File::open(path)?;
        let mut chunk = vec![0; CHUNK];
        let began = Instant::now();
        let mut session = Session::new();
        let mut loading = session.begin("bench", Options::default());
        loop {
            match file.read(&mut chunk)? {
                0 => break,
                read => session.feed(&mut loading, &chunk[..read]),
            }
        }
        let report = session.finish(loading);
        ensure!(report.failure.is_none() && report.rejected.total == 0, "{:?} {:?}", report.failure, report.rejected);
        rows = report.rows();
        best = best.min(began.elapsed().as_secs_f64());
    }
    Ok((best, rows))
}

/// Memory of the engine, in bytes.
struct Memory {
    /// What its WebAssembly has.
    wasm: f64,
    /// What the rows take.
    held: f64,
}

/// The milliseconds until a file is read in a page that has just opened, and the memory then.
fn in_tab(page: &Page, log: &Path) -> Result<(f64, Memory)> {
    let newest = "const [run] = performance.getEntriesByName('exfil-run'); return run ? run.startTime : null";
    let before = page.wait_for("the page's own sample", || Ok(page.script(newest, &[])?.as_f64()))?;
    let took = bench::read_file(page, log)?;
    page.wait_until("the run", || Ok(page.script(newest, &[])?.as_f64().is_some_and(|at| at > before)))?;
    let memory = "const { detail } = performance.getEntriesByName('exfil-run')[0]; return [detail.memory, detail.held]";
    let memory = page.script(memory, &[])?;
    let number = |place: usize| memory.get(place).and_then(serde_json::Value::as_f64).context("no figure of memory");
    Ok((took, Memory { wasm: number(0)?, held: number(1)? }))
}
