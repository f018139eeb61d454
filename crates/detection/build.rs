//! Puts the sample logs that `samples/manifest.json` names, and the lessons of `lessons/`, into the program. Lessons are
//! written in YAML and kept as JSON, so that the page needs no reader of YAML.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

fn main() {
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo names the crate's folder")).join("samples");
    let manifest = root.join("manifest.json");
    println!("cargo::rerun-if-changed={}", manifest.display());
    let text = fs::read_to_string(&manifest).expect("samples/manifest.json is there");
    let manifest: serde_json::Value = serde_json::from_str(&text).expect("samples/manifest.json is JSON");
    let mut code = String::from("pub(super) const FILES: &[(&str, &[u8])] = &[\n");
    let samples = manifest["samples"].as_array().expect("the manifest lists samples");
    for sample in samples {
        let files = sample["files"].as_array().expect("a sample has files").iter().map(|file| &file["path"]);
        for path in files.chain([&sample["labels"]]) {
            let path = path.as_str().expect("a path is text");
            let full = root.join(path);
            println!("cargo::rerun-if-changed={}", full.display());
            writeln!(code, "    ({path:?}, include_bytes!({:?})),", full).expect("text can be written");
        }
    }
    code.push_str("];\n");
    let out = env::var("OUT_DIR").expect("cargo names the output folder");
    fs::write(Path::new(&out).join("samples.rs"), code).expect("the output folder can be written");
    fs::write(Path::new(&out).join("lessons.rs"), lessons()).expect("the output folder can be written");
}

/// The lessons in the order of their files' names, each as its name without number and ending, and its JSON.
fn lessons() -> String {
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo names the crate's folder")).join("lessons");
    println!("cargo::rerun-if-changed={}", folder.display());
    let entries = fs::read_dir(&folder).expect("lessons/ is there");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("lessons/ can be read").path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "yaml"));
    files.sort();
    let mut code = String::from("pub(super) const LESSONS: &[(&str, &str)] = &[\n");
    for path in files {
        println!("cargo::rerun-if-changed={}", path.display());
        let stem = path.file_stem().and_then(|stem| stem.to_str()).expect("a lesson's name is text");
        let id = stem.trim_start_matches(|c: char| c.is_ascii_digit() || c == '-');
        let text = fs::read_to_string(&path).expect("a lesson is text");
        let lesson: serde_json::Value =
            serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        writeln!(code, "    ({id:?}, {:?}),", lesson.to_string()).expect("text can be written");
    }
    code.push_str("];\n");
    code
}
