//! Case files from the disk: found, read, run, timed.

use detection::output::CaseRun;
use detection::{Case, run_case};
use event_table::DateTime;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What case files end with.
const ENDINGS: [&str; 3] = ["yaml", "yml", "json"];
/// Folders within folders that are looked into.
const DEPTH: usize = 16;

/// Runs the cases of files and folders, in the order of their names within each.
pub(crate) fn run(paths: &[PathBuf], query: Option<&str>, wall: DateTime) -> Vec<CaseRun> {
    let mut files = Vec::new();
    let mut runs = Vec::new();
    for path in paths {
        match find(path, DEPTH, &mut files) {
            Ok(()) if path.is_dir() && !files.iter().any(|file: &PathBuf| file.starts_with(path)) => {
                runs.push(broken(path, "There is no case file in it.".to_owned()));
            }
            Ok(()) => {}
            Err(error) => runs.push(broken(path, error.to_string())),
        }
    }
    runs.extend(files.iter().map(|file| one(file, query, wall)));
    runs
}

fn broken(path: &Path, why: String) -> CaseRun {
    CaseRun { file: path.display().to_string(), outcome: Err(why), seconds: 0.0 }
}

/// The case files of a path: itself when it is no folder.
fn find(path: &Path, depth: usize, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if !fs::metadata(path)?.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let mut entries = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    entries.sort();
    for entry in entries {
        let is_case =
            entry.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)));
        // A schema that stands beside the cases is none.
        let is_schema = entry.file_name().is_some_and(|name| name.to_string_lossy().ends_with(".schema.json"));
        if entry.is_dir() && depth > 0 {
            find(&entry, depth - 1, files)?;
        } else if is_case && !is_schema {
            files.push(entry);
        }
    }
    Ok(())
}

fn one(file: &Path, query: Option<&str>, wall: DateTime) -> CaseRun {
    let began = Instant::now();
    let folder = file.parent().unwrap_or(Path::new(""));
    let beside = |path: &str| fs::read(folder.join(path)).map_err(|error| format!("{path}: {error}."));
    let text = fs::read_to_string(file).map_err(|error| error.to_string());
    let outcome = text.and_then(|text| Case::read(&text)).and_then(|case| run_case(&case, query, wall, &beside));
    CaseRun { file: file.display().to_string(), outcome, seconds: began.elapsed().as_secs_f64() }
}
