//! Packages from npm: exactly those of a committed lock file, installed again only when it changes.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::digest;
use crate::process::Program;
use crate::steps::Steps;
use crate::workspace::root;

/// Installs the packages of a folder under the workspace's root.
pub(crate) fn install(steps: &mut Steps, folder: &str) -> Result<()> {
    let directory = root().join(folder);
    let lock_file = directory.join("package-lock.json");
    let lock = std::fs::read(&lock_file).with_context(|| format!("cannot read {}", lock_file.display()))?;
    refuse_addresses(&lock, &lock_file)?;
    let stamp_file = directory.join("node_modules/.installed-lock");
    let stamp = digest::hex(&lock);
    if std::fs::read_to_string(&stamp_file).is_ok_and(|installed| installed == stamp) {
        return Ok(());
    }
    steps.run(&format!("install npm packages in {folder}"), || {
        // No package needs its install script, and none gets to run one.
        npm(&directory).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]).run()?;
        std::fs::write(&stamp_file, &stamp).with_context(|| format!("cannot write {}", stamp_file.display()))
    })
}

/// Runs one of the scripts in a folder's package.json.
pub(crate) fn run(folder: &str, script: &str) -> Result<()> {
    npm(&root().join(folder)).args(["run", "--silent", script]).run()
}

fn npm(directory: &Path) -> Program {
    Program::new("npm").directory(directory).env("NO_UPDATE_NOTIFIER", "1")
}

/// A lock file that names addresses would bind every machine to one registry.
fn refuse_addresses(lock: &[u8], file: &Path) -> Result<()> {
    if lock.windows(3).any(|window| window == b"://") {
        bail!("{} names an address: write it with omit-lockfile-registry-resolved=true", file.display());
    }
    Ok(())
}
