//! What the benchmarks share: how many rows, and the generated log as a file.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

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
    Ok(folder)
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
