//! What the benchmarks share: how many rows, the generated log as a file, and reading one in the page.

use anyhow::Context as _;
use serde_json::json;
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use crate::browser::Page;
use crate::generator;

/// The rows of a generated log: 1,000,000, or as many as `EXFIL_BENCH_ROWS` says.
#[must_use]
pub fn rows() -> u64 {
    std::env::var("EXFIL_BENCH_ROWS").ok().and_then(|rows| rows.parse().ok()).unwrap_or(1_000_000)
}

/// The folder for generated logs, in the target folder.
///
/// # Errors
/// When it cannot be made.
pub fn folder() -> io::Result<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| here.join("../target"), PathBuf::from);
    let folder = target.join("generated");
    std::fs::create_dir_all(&folder)?;
    // Browsers take no file by a way that goes up and down.
    folder.canonicalize()
}

/// Writes the generated log of a seed into the target folder, anew each time: it is of the generator as it is now.
///
/// # Errors
/// When the file cannot be written.
pub fn log_file(seed: u64) -> io::Result<PathBuf> {
    let file = folder()?.join(format!("{}-rows-seed-{seed}.csv", rows()));
    generator::write_csv(rows(), seed, &mut BufWriter::new(File::create(&file)?))?;
    Ok(file)
}

/// Chooses a file in a page; the milliseconds from then until the page shows it as read.
///
/// # Errors
/// When the file's name is not UTF-8, and what the browser says.
pub fn read_file(page: &Page, log: &Path) -> anyhow::Result<f64> {
    let watch = "const name = arguments[0];
        document.querySelector('input[type=file]').addEventListener('change', () => {
            window.chosenAt = performance.now();
            new MutationObserver((_, observer) => {
                const chips = [...document.querySelectorAll('.source')];
                const own = chips.find((chip) => chip.textContent.includes(name));
                if (own && !own.matches('.loading')) { window.readAt = performance.now(); observer.disconnect(); }
            }).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
        }, { capture: true });";
    let name = log.file_name().and_then(|name| name.to_str()).context("the log's name is not UTF-8")?;
    page.script(watch, &[json!(name)])?;
    page.css("input[type=file]")?.choose_file(log)?;
    page.wait_for("the file to be read", || {
        Ok(page.script("return window.readAt ? window.readAt - window.chosenAt : null", &[])?.as_f64())
    })
}
