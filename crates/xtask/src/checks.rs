//! Everything that must hold before a change is good, in parts that can be run alone.

use std::path::Path;

use anyhow::{Result, bail};

use crate::process::{Program, on_path};
use crate::steps::Steps;
use crate::workspace::Workspace;
use crate::{arrows, machine, npm, page, tools};

/// The member that holds the tests of the whole system.
const SYSTEM_TESTS: &str = "system-tests";

/// Asks Microsoft's analyzer in the tests.
const ANALYZER: &str = "tests/analyzer";

/// Tells the browser tests to say that they are skipped, and to pass.
const SKIP_BROWSER: &str = "EXFIL_SKIP_BROWSER";

const WASM: &str = "--target=wasm32-unknown-unknown";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Format,
    Arrows,
    Lint,
    Native,
    Docs,
    Reference,
    Editor,
    Wasm,
    Page,
    Browser,
}

/// The parts that run nothing of ours.
pub(crate) const STATIC: &[Part] = &[Part::Format, Part::Arrows, Part::Lint];

impl Part {
    /// Quick ones first: a change that fails should fail soon.
    pub(crate) const ALL: [Part; 10] = [
        Part::Format,
        Part::Arrows,
        Part::Lint,
        Part::Native,
        Part::Docs,
        Part::Reference,
        Part::Editor,
        Part::Wasm,
        Part::Page,
        Part::Browser,
    ];

    pub(crate) fn named(name: &str) -> Option<Part> {
        Part::ALL.into_iter().find(|part| part.name() == name)
    }

    fn name(self) -> &'static str {
        match self {
            Part::Format => "format",
            Part::Arrows => "arrows",
            Part::Lint => "lint",
            Part::Native => "native",
            Part::Docs => "docs",
            Part::Reference => "reference",
            Part::Editor => "editor",
            Part::Wasm => "wasm",
            Part::Page => "page",
            Part::Browser => "browser",
        }
    }
}

/// Sets up for the parts named.
pub(crate) fn prepare(steps: &mut Steps, parts: &[Part]) -> Result<()> {
    for part in parts {
        match part {
            Part::Arrows | Part::Docs => {}
            Part::Format => machine::prepare_for_lints(steps)?,
            Part::Lint => {
                machine::prepare_for_lints(steps)?;
                machine::prepare_for_page(steps)?;
            }
            Part::Native => {
                machine::prepare_for_page(steps)?;
                npm::install(steps, ANALYZER)?;
            }
            Part::Reference => machine::prepare_for_reference(steps)?,
            Part::Editor | Part::Wasm | Part::Page => page::prepare(steps)?,
            Part::Browser => {
                page::prepare(steps)?;
                machine::prepare_for_browser(steps)?;
            }
        }
    }
    Ok(())
}

/// Runs parts in the order given, set-up first; the first failure ends it.
pub(crate) fn run(steps: &mut Steps, workspace: &Workspace, parts: &[Part]) -> Result<()> {
    prepare(steps, parts)?;
    for part in parts {
        match part {
            Part::Format => steps.run("format: cargo fmt --check", || cargo(&["fmt", "--all", "--check"]).run())?,
            Part::Arrows => steps.run("arrows: no crate imports against the picture", || {
                let violations = arrows::violations(&workspace.members());
                if violations.is_empty() { Ok(()) } else { bail!(violations.join("\n")) }
            })?,
            Part::Lint => {
                steps.run("lint: cargo clippy, warnings are errors", || {
                    cargo(&["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]).run()
                })?;
                steps.run("lint: what only wasm compiles", || {
                    let wasm = ["clippy", "--lib", "--bins", "--locked", WASM];
                    cargo(&wasm).args(wasm_packages(workspace)).args(["--", "-D", "warnings"]).run()
                })?;
            }
            Part::Native => steps.run("native: tests of every crate", native)?,
            Part::Docs => steps.run("docs: examples run, links lead somewhere", docs)?,
            Part::Reference => {
                steps.run("reference: the rule in Python, and the samples", reference)?;
                steps.run("reference: a million rows, the same alerts", million_rows)?;
            }
            Part::Editor => steps.run("editor: types and tests", page::check_editor)?,
            Part::Wasm => {
                let tools = tools::wasm_bindgen()?.folder(steps)?;
                steps.run("wasm: the same unit tests as wasm, in Node.js", || wasm(workspace, &tools))?;
            }
            // The browser's part builds the page itself.
            Part::Page if parts.contains(&Part::Browser) => {}
            Part::Page => page::build(steps, workspace)?,
            Part::Browser => {
                page::build(steps, workspace)?;
                steps.run("browser: the built page in headless Chromium", || browser(workspace))?;
            }
        }
    }
    Ok(())
}

fn cargo(arguments: &[&str]) -> Program {
    Program::cargo().args(arguments)
}

fn has_nextest() -> bool {
    on_path("cargo-nextest").is_some()
}

fn native() -> Result<()> {
    if has_nextest() {
        cargo(&["nextest", "run", "--workspace", "--locked", "-E", "not binary(browser)"]).run()
    } else {
        let tests = ["test", "--workspace", "--tests", "--locked", "--quiet"];
        cargo(&tests).env(SKIP_BROWSER, "the page is tested in its own part").run()
    }
}

fn docs() -> Result<()> {
    cargo(&["test", "--workspace", "--doc", "--locked", "--quiet"]).run()?;
    // The reader of these docs is who works on the code: private items are part of them.
    let doc = ["doc", "--workspace", "--no-deps", "--document-private-items", "--locked", "--quiet"];
    cargo(&doc).env("RUSTDOCFLAGS", "-D warnings").run()
}

/// The independent reading of the rule holds, the samples say what it says, and they are what their programs write.
fn reference() -> Result<()> {
    Program::new("python3").args(["-m", "unittest", "discover", "--quiet", "tests/reference"]).run()?;
    Program::new("python3").args(["crates/detection/samples/make", "--check"]).run()
}

/// The test that is too long for every run of the others.
fn million_rows() -> Result<()> {
    let test = ["test", "--locked", "--quiet", "-p", SYSTEM_TESTS, "--test", "system", "--"];
    cargo(&test).args(["--ignored", "a_million_rows"]).run()
}

/// The same unit tests as natively, for the crates whose Cargo.toml takes part: they run differently there (128-bit
/// SIMD, 32-bit `usize`).
fn wasm(workspace: &Workspace, tools: &Path) -> Result<()> {
    cargo(&["test", "--lib", "--locked", WASM])
        .args(wasm_packages(workspace))
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", tools.join("wasm-bindgen-test-runner"))
        .run()
}

/// The options that name those crates.
fn wasm_packages(workspace: &Workspace) -> Vec<String> {
    let tested = workspace.members().into_iter().filter(|member| member.tested_as_wasm);
    tested.map(|member| format!("--package={}", member.name)).collect()
}

fn browser(workspace: &Workspace) -> Result<()> {
    let tests = if has_nextest() {
        cargo(&["nextest", "run", "--locked", "-p", SYSTEM_TESTS, "--test", "browser"])
    } else {
        cargo(&["test", "--locked", "-p", SYSTEM_TESTS, "--test", "browser", "--", "--test-threads=2"])
    };
    tests.env(page::FOLDER_VARIABLE, workspace.dist()).run()
}
