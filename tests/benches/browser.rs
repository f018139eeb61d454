//! The built page in headless Chromium with a generated Defender CSV of 1,000,000 rows: how fast it is read, how long the
//! rule runs at first and after an edit, the worst cases of text search, all in the worker's own time.
//!
//! `cargo xtask bench browser` builds the page and runs this; `EXFIL_BENCH_ROWS` sets another number of rows. Reading is
//! taken from the choice of the file to the moment when the page shows it as read. Least and median are told: what
//! else the machine does only ever adds time.

#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use std::path::Path;
use system_tests::bench;
use system_tests::browser::{Page, in_browser};

/// Fresh browsers that read the file.
const READINGS: usize = 3;
/// Runs of each kind.
const RUNS: usize = 9;

fn main() -> Result<()> {
    let rows = bench::rows();
    let log = bench::log_file(1)?;
    let bytes = std::fs::metadata(&log)?.len();
    println!("{rows} rows, {:.0} MB, in Chromium", bytes as f64 / 1e6);
    let mut cold = Vec::new();
    for reading in 0..READINGS {
        in_browser("bench", |page| {
            let milliseconds = read(page, &log)?;
            println!("read, cold: {:.0} MB/s ({milliseconds:.0} ms)", bytes as f64 / 1e3 / milliseconds);
            cold.push(milliseconds);
            if reading + 1 == READINGS { runs(page) } else { Ok(()) }
        });
    }
    cold.sort_by(f64::total_cmp);
    println!("read, cold: {:.0} MB/s at best of {READINGS} fresh browsers", bytes as f64 / 1e3 / cold[0]);
    Ok(())
}

/// Chooses the file in a page that has just opened; the milliseconds until it is read.
fn read(page: &Page, log: &Path) -> Result<f64> {
    page.wait_until("the page's own sample", || Ok(newest_run(page)?.is_some()))?;
    let before = newest_run(page)?;
    let took = bench::read_file(page, log)?;
    let first = next_run(page, before)?;
    println!("the rule at first: {:.1} ms in the worker", first.milliseconds);
    Ok(took)
}

/// Edits of the rule, and queries with nothing kept.
fn runs(page: &Page) -> Result<()> {
    println!("{:<50}{:>10}{:>10}", "ms in the worker, of 1,000,000 rows", "least", "median");
    for list in ["CodeRepoDomains", "TransferTools", "ApiClients", "ApiHosts", "ApiUploadMarkers"] {
        let mut times = Vec::new();
        for run in 0..RUNS {
            let before = newest_run(page)?;
            page.role("button", &format!("Add to {list}"))?.click()?;
            page.type_text(&format!("added{run}.example"))?;
            page.press("Enter")?;
            times.push(next_run(page, before)?.milliseconds);
            page.press("Escape")?;
        }
        tell(&format!("the rule, {list} with one more"), times);
    }
    near_misses(page)?;
    page.role("tab", "KQL")?.click()?;
    let domains = r#"("github.com", "api.github.com", "gitlab.com", "api.gitlab.com", "bitbucket.org", "api.bitbucket.org", "dev.azure.com", "raw.githubusercontent.com", "gist.github.com", "x"#;
    for (name, query) in [
        (
            "has_any of ten domains, every command line",
            format!("DeviceProcessEvents | where ProcessCommandLine has_any {domains}§\") | count"),
        ),
        ("count by a name", "DeviceNetworkEvents | summarize count() by DeviceName | where count_ > §".to_owned()),
        (
            "join with totals by a name",
            "DeviceProcessEvents | join kind=inner (DeviceNetworkEvents | summarize Sent = sum(BytesSent) by DeviceName) on DeviceName | where Sent > § | count".to_owned(),
        ),
    ] {
        let mut times = Vec::new();
        for run in 0..RUNS {
            let before = newest_run(page)?;
            write_query(page, &query.replace('§', &run.to_string()))?;
            times.push(next_run(page, before)?.milliseconds);
        }
        tell(name, times);
    }
    Ok(())
}

/// Near misses after an edit, from when the page has the run's answer until they are drawn.
fn near_misses(page: &Page) -> Result<()> {
    page.role("tab", "Near misses")?.click()?;
    let is_there = "return document.querySelector('#rows-panel [aria-busy]')?.getAttribute('aria-busy') === 'false'";
    let wait = || page.wait_until("the near misses", || Ok(page.script(is_there, &[])?.as_bool() == Some(true)));
    wait()?;
    let watch = "const pane = document.querySelector('#rows-panel [aria-busy]');
        new MutationObserver(() => { if (pane.ariaBusy === 'false') window.nearAt = performance.now(); })
            .observe(pane, { attributes: true, attributeFilter: ['aria-busy'] });";
    page.script(watch, &[])?;
    let mut times = Vec::new();
    for run in 0..RUNS {
        let before = newest_run(page)?;
        page.role("button", "Add to TransferTools")?.click()?;
        page.script("window.nearAt = null", &[])?;
        page.type_text(&format!("near{run}.example"))?;
        page.press("Enter")?;
        let noted = next_run(page, before)?.noted;
        wait()?;
        let read = "return window.nearAt";
        let at = page.wait_for("the near misses", || Ok(page.script(read, &[])?.as_f64().filter(|at| *at > noted)))?;
        times.push(at - noted);
        page.press("Escape")?;
    }
    tell("near misses, drawn, after the run of an edit", times);
    page.css("#alerts-tab")?.click()
}

/// Replaces the query as a paste does.
fn write_query(page: &Page, query: &str) -> Result<()> {
    page.role("textbox", "KQL query")?.click()?;
    page.press("Control+a")?;
    let paste = "const clipboardData = new DataTransfer();
        clipboardData.setData('text/plain', arguments[0]);
        const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
        document.activeElement.dispatchEvent(event);";
    page.script(paste, &[json!(query)]).map(drop)
}

fn tell(name: &str, mut times: Vec<f64>) {
    times.sort_by(f64::total_cmp);
    println!("{name:<50}{:>10.1}{:>10.1}", times[0], times[times.len() / 2]);
}

/// A run that the page has noted (`web/src/measure.rs`).
#[derive(Clone, Copy, PartialEq)]
struct Run {
    noted: f64,
    milliseconds: f64,
}

fn newest_run(page: &Page) -> Result<Option<Run>> {
    let read = "const [run] = performance.getEntriesByName('exfil-run');
        return run ? [run.startTime, run.detail.run] : null";
    let found = page.script(read, &[])?;
    let number = |place: usize| found.get(place).and_then(Value::as_f64);
    Ok(number(0).zip(number(1)).map(|(noted, milliseconds)| Run { noted, milliseconds }))
}

/// The first run after another.
fn next_run(page: &Page, before: Option<Run>) -> Result<Run> {
    let run = page.wait_for("the next run", || Ok(newest_run(page)?.filter(|run| Some(*run) != before)))?;
    ensure!(run.milliseconds >= 0.0, "a run cannot take {} ms", run.milliseconds);
    Ok(run)
}
