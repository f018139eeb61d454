//! Puts the sample logs that `samples/manifest.json` names into the program.

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
}
