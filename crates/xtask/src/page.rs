//! Building the page: the editor's script, both wasm programs, then one sealed index.html beside them in dist/.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::process::Program;
use crate::seal::{self, Parts};
use crate::steps::Steps;
use crate::workspace::{Workspace, root};
use crate::{digest, machine, npm, tools};

/// Names the folder of the built page for tests and benchmarks that open it.
pub(crate) const FOLDER_VARIABLE: &str = "EXFIL_PAGE";

const EDITOR: &str = "web/editor";

/// Bounds on what a visitor downloads, in bytes before compression: growth past them is a decision, not an accident.
/// Close to half of the worker is data: samples, time zones, encodings, Unicode. Compressed it is a fifth of its size.
const BUDGETS: &[(&str, u64)] = &[("index.html", 800_000), ("app", 4_500_000), ("worker", 9_000_000)];

/// Everything that the build needs and does not make itself.
pub(crate) fn prepare(steps: &mut Steps) -> Result<()> {
    machine::prepare_for_page(steps)?;
    npm::install(steps, EDITOR)?;
    tools::trunk().folder(steps)?;
    tools::wasm_bindgen()?.folder(steps)?;
    Ok(())
}

/// Checks the editor's types and runs its tests that need no browser.
pub(crate) fn check_editor() -> Result<()> {
    npm::run(EDITOR, "check")?;
    npm::run(EDITOR, "test")
}

/// Builds the page into dist/, from nothing if need be.
pub(crate) fn build(steps: &mut Steps, workspace: &Workspace) -> Result<()> {
    prepare(steps)?;
    let raw = workspace.target().join("page");
    steps.run("bundle the editor", || npm::run(EDITOR, "build"))?;
    let tools = [tools::trunk().folder(steps)?, tools::wasm_bindgen()?.folder(steps)?];
    steps.run("compile the page (release)", || {
        Program::cargo().args(["fetch", "--quiet", "--locked", "--target=wasm32-unknown-unknown"]).run()?;
        let trunk = Program::new(tools[0].join("trunk")).path_first(&tools)?;
        // Names of functions are a fifteenth of what everyone downloads, and no message of ours tells one.
        let trunk = trunk.env("CARGO_PROFILE_RELEASE_STRIP", "symbols");
        // Trunk takes NO_COLOR for a yes-or-no option of its own and fails on the usual `1`.
        trunk.without_env("NO_COLOR").args(["--log=warn", "build", "--release", "--dist"]).arg(&raw).run()
    })?;
    steps.run("seal the page", || seal_into(&raw, &workspace.dist()))?;
    for line in sizes(&workspace.dist())? {
        steps.note(&line);
    }
    within_budgets(&workspace.dist())
}

/// Puts what Trunk built into `dist`, under names that change with the content.
fn seal_into(raw: &Path, dist: &Path) -> Result<()> {
    let read = |name: &str| {
        let file = raw.join(name);
        fs::read(&file).with_context(|| format!("cannot read {}", file.display()))
    };
    let text = |name: &str| String::from_utf8(read(name)?).with_context(|| format!("{name} is not UTF-8"));
    let script = |name: &str| minified(&raw.join(name));
    let html = text("index.html")?;
    let app = seal::app_files(&html)?;
    let app_wasm = read(app.wasm)?;
    let worker_wasm = read("worker_bg.wasm")?;
    let parts = Parts {
        app_script: script(app.script)?,
        app_wasm: named_by_content("app", &app_wasm),
        worker_script: script("worker.js")?,
        worker_wasm: named_by_content("worker", &worker_wasm),
    };
    let sealed = seal::seal(&html, &parts)?;

    let fresh = dist.with_extension("new");
    remove(&fresh)?;
    fs::create_dir_all(&fresh).with_context(|| format!("cannot make {}", fresh.display()))?;
    let files: [(&str, &[u8]); 3] =
        [("index.html", sealed.as_bytes()), (&parts.app_wasm, &app_wasm), (&parts.worker_wasm, &worker_wasm)];
    for (name, content) in files {
        fs::write(fresh.join(name), content).with_context(|| format!("cannot write {name}"))?;
    }
    remove(dist)?;
    fs::rename(&fresh, dist).with_context(|| format!("cannot put {} in place", dist.display()))
}

/// A classic script without comments and spaces; its global names stay.
fn minified(script: &Path) -> Result<String> {
    let esbuild = root().join(EDITOR).join("node_modules/.bin/esbuild");
    Program::new(esbuild).arg(script).args(["--minify", "--target=es2022", "--log-level=warning"]).read()
}

fn named_by_content(name: &str, content: &[u8]) -> String {
    format!("{name}-{}.wasm", &digest::hex(content)[..12])
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    Ok(())
}

/// One line for each file: its size as it is and as a server would send it.
fn sizes(dist: &Path) -> Result<Vec<String>> {
    const MEASURE: &str = "
        const { brotliCompressSync, gzipSync, constants } = require('zlib');
        const sizes = process.argv.slice(1).map((file) => {
            const bytes = require('fs').readFileSync(file);
            const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } });
            return [bytes.length, gzipSync(bytes, { level: 9 }).length, brotli.length];
        });
        console.log(JSON.stringify(sizes));";
    let files = files(dist)?;
    let said = Program::new("node").args(["-e", MEASURE, "--"]).args(&files).read()?;
    let sizes: Vec<Vec<u64>> = serde_json::from_str::<Value>(&said).and_then(serde_json::from_value)?;
    let lines = files.iter().zip(sizes).map(|(file, sizes)| {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let kilobytes: String = sizes.iter().map(|size| format!("{:>10.1}", *size as f64 / 1000.0)).collect();
        format!("{name:<24}{kilobytes}")
    });
    let header = format!("{:<24}{:>10}{:>10}{:>10}", "kB", "as it is", "gzip -9", "brotli -9");
    Ok(std::iter::once(header).chain(lines).collect())
}

fn within_budgets(dist: &Path) -> Result<()> {
    for file in files(dist)? {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let size = file.metadata()?.len();
        for (start, budget) in BUDGETS {
            if name.starts_with(start) && size > *budget {
                bail!("{name} has {size} bytes, over its budget of {budget} in crates/xtask/src/page.rs");
            }
        }
    }
    Ok(())
}

fn files(dist: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(dist).with_context(|| format!("cannot list {}", dist.display()))?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    files.sort();
    Ok(files)
}
