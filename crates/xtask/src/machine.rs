//! What the machine itself must have: parts of the Rust toolchain, Node.js, Python, Chromium.
//!
//! Missing Debian packages are installed when that needs no password; otherwise the command to run is told.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::process::{Program, on_path};
use crate::steps::Steps;

/// The oldest Node.js that the editor's build and the wasm tests run on.
const OLDEST_NODE: u32 = 18;

/// A program and the Debian packages that bring it.
struct Needed {
    program: &'static str,
    packages: &'static [&'static str],
}

const NODE: &[Needed] =
    &[Needed { program: "node", packages: &["nodejs"] }, Needed { program: "npm", packages: &["npm"] }];

const PYTHON: &[Needed] = &[Needed { program: "python3", packages: &["python3"] }];

// A bare machine has no font at all, and pictures of a page without letters show nothing.
const CHROMIUM: &[Needed] = &[
    Needed { program: "chromium", packages: &["chromium", "fonts-dejavu-core"] },
    Needed { program: "chromedriver", packages: &["chromium-driver"] },
];

/// The wasm target and Node.js.
pub(crate) fn prepare_for_page(steps: &mut Steps) -> Result<()> {
    if !sysroot()?.join("lib/rustlib/wasm32-unknown-unknown/lib").is_dir() {
        steps.run("add the wasm32-unknown-unknown target", || {
            Program::new("rustup").args(["target", "add", "wasm32-unknown-unknown"]).run()
        })?;
    }
    install(steps, NODE)?;
    let version = Program::new("node").arg("--version").read()?;
    let major = version.trim().trim_start_matches('v').split('.').next().and_then(|major| major.parse().ok());
    let major: u32 = major.with_context(|| format!("`node --version` says {version:?}"))?;
    if major < OLDEST_NODE {
        bail!("Node.js {} is too old: version {OLDEST_NODE} or newer is needed", version.trim());
    }
    Ok(())
}

/// rustfmt and clippy, which a minimal Rust lacks.
pub(crate) fn prepare_for_lints(steps: &mut Steps) -> Result<()> {
    for (program, component) in [("rustfmt", "rustfmt"), ("clippy-driver", "clippy")] {
        if !sysroot()?.join("bin").join(program).is_file() {
            steps.run(&format!("add {component} to the toolchain"), || {
                Program::new("rustup").args(["component", "add", component]).run()
            })?;
        }
    }
    Ok(())
}

/// Python, for the independent reading of the rule; its standard library is enough.
pub(crate) fn prepare_for_reference(steps: &mut Steps) -> Result<()> {
    install(steps, PYTHON)
}

/// Chromium and its driver.
pub(crate) fn prepare_for_browser(steps: &mut Steps) -> Result<()> {
    install(steps, CHROMIUM)
}

fn sysroot() -> Result<std::path::PathBuf> {
    Ok(Path::new(Program::new("rustc").args(["--print", "sysroot"]).read()?.trim()).to_owned())
}

fn install(steps: &mut Steps, needed: &[Needed]) -> Result<()> {
    let missing: Vec<&Needed> = needed.iter().filter(|needed| on_path(needed.program).is_none()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().flat_map(|needed| needed.packages).copied().collect();
    let by_hand = format!("apt-get update && apt-get install --no-install-recommends {}", packages.join(" "));
    if on_path("apt-get").is_none() {
        let programs: Vec<&str> = missing.iter().map(|needed| needed.program).collect();
        bail!("this machine lacks {}; on Debian: {by_hand}", programs.join(", "));
    }
    let Some(become_root) = way_to_become_root()? else {
        bail!("Debian packages are missing; run this as root, then try again:\n\n  {by_hand}");
    };
    let apt_get = |arguments: &[&str]| {
        let words = [become_root, &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"], arguments].concat();
        Program::new(words[0]).args(&words[1..]).run()
    };
    steps.run(&format!("install Debian packages: {}", packages.join(" ")), || {
        apt_get(&["update"])?;
        apt_get(&[&["install", "--yes", "--no-install-recommends"], packages.as_slice()].concat())
    })
}

/// The words before a command that needs root; `None` when a password would be asked for.
fn way_to_become_root() -> Result<Option<&'static [&'static str]>> {
    if Program::new("id").arg("-u").read()?.trim() == "0" {
        return Ok(Some(&[]));
    }
    let sudo = on_path("sudo").is_some() && Program::new("sudo").args(["-n", "true"]).read().is_ok();
    Ok(sudo.then_some(&["sudo", "-n"]))
}
