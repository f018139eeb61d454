//! Tools that Debian does not have in the version needed: found, or compiled (Rust) or installed (Python) once for each
//! user.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::process::{Program, on_path};
use crate::steps::Steps;
use crate::workspace::root;

/// A program at exactly one version.
pub(crate) struct Tool {
    package: &'static str,
    version: String,
    /// The programs that must be there; the first one tells its version.
    programs: &'static [&'static str],
    /// Whether the package compiles with the lock file that it was published with.
    locked: bool,
}

pub(crate) fn trunk() -> Tool {
    Tool { package: "trunk", version: "0.21.14".to_owned(), programs: &["trunk"], locked: true }
}

/// wasm-bindgen writes and reads a format that changes with every version, so it is the version of Cargo.lock.
pub(crate) fn wasm_bindgen() -> Result<Tool> {
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).context("cannot read Cargo.lock")?;
    let version = locked_version(&lock, "wasm-bindgen").context("Cargo.lock has no wasm-bindgen")?;
    Ok(Tool {
        package: "wasm-bindgen-cli",
        version: version.to_owned(),
        programs: &["wasm-bindgen", "wasm-bindgen-test-runner"],
        locked: false,
    })
}

impl Tool {
    /// The folder that holds the tool's programs, compiled into the user's cache when they are nowhere yet.
    pub(crate) fn folder(&self, steps: &mut Steps) -> Result<PathBuf> {
        if let Some(folder) = on_path(self.programs[0]).and_then(|file| Some(file.parent()?.to_owned()))
            && self.is_in(&folder)
        {
            return Ok(folder);
        }
        let home = cache()?.join(format!("{}-{}", self.package, self.version));
        let folder = home.join("bin");
        if self.is_in(&folder) {
            return Ok(folder);
        }
        steps.run(&format!("compile {} {} (once, kept in {})", self.package, self.version, home.display()), || {
            // Unoptimised: it is used for seconds, and optimising it would take minutes.
            let install = Program::cargo().args(["install", "--quiet", "--debug", "--root"]).arg(&home);
            let install = install.arg(format!("{}@{}", self.package, self.version));
            if self.locked { install.arg("--locked").run() } else { install.run() }
        })?;
        Ok(folder)
    }

    fn is_in(&self, folder: &std::path::Path) -> bool {
        self.programs.iter().all(|program| folder.join(program).is_file())
            && Program::new(folder.join(self.programs[0]))
                .arg("--version")
                .read()
                .is_ok_and(|said| said.split_whitespace().any(|word| word == self.version))
    }
}

/// DuckDB, which the benchmarks of joins and summarize are held against.
const DUCKDB: &str = "2.0.1";

/// A Python that has DuckDB, in a virtual environment of its own.
///
/// # Errors
/// When this machine has no Python, none that makes virtual environments, or cannot reach Python's packages.
pub(crate) fn duckdb_python(steps: &mut Steps) -> Result<PathBuf> {
    let home = cache()?.join(format!("duckdb-{DUCKDB}"));
    let python = home.join("bin/python");
    let has_it = || Program::new(&python).args(["-c", "import duckdb"]).read().is_ok();
    if !has_it() {
        steps.run(&format!("install DuckDB {DUCKDB} (once, kept in {})", home.display()), || {
            Program::new("python3").args(["-m", "venv"]).arg(&home).run()?;
            let package = format!("duckdb=={DUCKDB}");
            Program::new(&python)
                .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", &package])
                .run()
        })?;
    }
    Ok(python)
}

fn cache() -> Result<PathBuf> {
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|cache| cache.is_absolute());
    let cache = cache.or_else(home).context("neither XDG_CACHE_HOME nor HOME is set: where to keep tools?")?;
    Ok(cache.join("exfil-playground/tools"))
}

/// The version that a Cargo.lock holds a package at.
fn locked_version<'lock>(lock: &'lock str, package: &str) -> Option<&'lock str> {
    let mut lines = lock.lines().skip_while(|line| *line != format!("name = \"{package}\""));
    lines.nth(1)?.strip_prefix("version = \"")?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locked_version_is_that_of_the_package_itself() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"0.1.0\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\ndependencies = [\n \"x\",\n]\n";
        assert_eq!(locked_version(lock, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(locked_version(lock, "wasm"), None);
    }
}
