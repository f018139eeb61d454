//! The built page in Chromium: how fast a file is read in the tab, and how long a run takes after a list was edited.
//!
//! The file has a million rows, from the seeded generator. Reading is timed as a user sees it: from the choice of the
//! file to its finished chip, with nothing warmed up but the sample that the page opens with. Runs are timed by the
//! worker itself, pauses left out; the page notes them as the entry `exfil-run` of the browser's performance timeline.

#![expect(clippy::print_stdout, reason = "a benchmark tells what it measured")]

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use system_tests::browser::{Page, in_browser};
use system_tests::generator;

const ROWS: u64 = 1_000_000;
const SEED: u64 = 1;

/// Values that are added one by one, and taken out again.
const EDITS: [(&str, &str); 6] = [
    ("TransferTools", "python3"),
    ("TransferTools", "rclone"),
    ("CodeRepoDomains", "gitea.example"),
    ("ApiClients", "java"),
    ("ApiHosts", "codeberg.org"),
    ("ApiUploadMarkers", "PATCH"),
];

/// `window.reading` becomes a promise of the milliseconds from the choice of the file to its finished chip, or of the
/// words on a chip that failed.
const WATCH_READING: &str = "
    const [name] = arguments;
    window.reading = new Promise((done) => {
        let begun;
        const look = () => {
            const chip = [...document.querySelectorAll('.source')].find((chip) => chip.textContent.includes(name));
            if (begun === undefined || !chip || chip.matches('.loading:not(.failed)')) return;
            observer.disconnect();
            done(chip.matches('.failed') ? chip.textContent : performance.now() - begun);
        };
        const observer = new MutationObserver(look);
        observer.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
        document.addEventListener('change', () => (begun = performance.now()), { capture: true, once: true });
    });";

/// When the newest run was noted, and its times.
const NEWEST_RUN: &str = "
    const [run] = performance.getEntriesByName('exfil-run');
    return run ? { noted: run.startTime, ...run.detail } : null;";

fn main() -> Result<()> {
    let filters = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    if filters.into_iter().any(|filter| !"page".contains(&filter)) {
        return Ok(());
    }
    let folder = std::env::temp_dir().join(format!("exfil-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let file = folder.join("million.csv");
    let writer = File::create(&file).with_context(|| format!("cannot write {}", file.display()))?;
    let bytes = generator::write_csv(ROWS, SEED, &mut BufWriter::new(writer))?;
    in_browser("bench-page", |page| measure(page, &file, bytes));
    std::fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))
}

fn measure(page: &Page, file: &Path, bytes: u64) -> Result<()> {
    page.role("grid", "Alerts")?;
    page.script(WATCH_READING, &[json!("million.csv")])?;
    page.css("input[type=file]")?.choose_file(file)?;
    let read = page.script("return window.reading", &[])?;
    let Some(milliseconds) = read.as_f64() else { bail!("the file was not read: {read}") };
    let megabytes = bytes as f64 / 1e6;
    let speed = megabytes * 1000.0 / milliseconds;
    println!("page: {megabytes:.0} MB, {ROWS} rows, read in {milliseconds:.0} ms: {speed:.0} MB/s");

    let first = newest_run(page, 0.0)?;
    println!("page: first run over them: {:.1} ms", first.run);
    let mut noted = first.noted;
    let mut times = Vec::new();
    for (list, value) in EDITS {
        page.role("button", &format!("Add to {list}"))?.click()?;
        page.type_text(value)?;
        page.press("Enter")?;
        let added = newest_run(page, noted)?;
        page.press("Escape")?;
        page.role("button", &format!("Remove {value}"))?.click()?;
        let removed = newest_run(page, added.noted)?;
        println!("page: {list} with {value}: {:.1} ms, without: {:.1} ms", added.run, removed.run);
        noted = removed.noted;
        times.extend([added.run, removed.run]);
    }
    times.sort_by(f64::total_cmp);
    println!(
        "page: after an edit of a list: median {:.1} ms, at most {:.1} ms",
        times[times.len() / 2],
        times[times.len() - 1]
    );
    Ok(())
}

struct Run {
    noted: f64,
    run: f64,
}

/// The newest run that was noted after an instant, once no more are noted.
fn newest_run(page: &Page, after: f64) -> Result<Run> {
    let read = || -> Result<Option<Run>> {
        let run = page.script(NEWEST_RUN, &[])?;
        let number = |name: &str| run.get(name).and_then(Value::as_f64);
        Ok(number("noted").zip(number("run")).map(|(noted, run)| Run { noted, run }))
    };
    page.wait_for("a run", || Ok(read()?.filter(|run| run.noted > after)))
}
