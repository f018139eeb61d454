//! The built page in a real browser, as a user sees it.
//!
//! [`in_browser`] serves the page under a sub-path, opens it in a fresh headless Chromium and hands a [`Page`] to the
//! test. Whatever the test itself looks at, it also fails when the console said anything worse than information, or
//! when the page asked any other host for anything.

mod chromium;
mod element;
mod keys;
mod log;
mod page;
mod webdriver;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use xtask::server::PageServer;

pub use self::element::Element;
pub use self::page::Page;

/// A folder that no host's root would have, so that absolute paths in the page fail.
const BASE: &str = "/some/sub/path/";

/// Runs a browser test. On a failure the console's words and a screenshot go with it.
///
/// With `EXFIL_SKIP_BROWSER` set it says that it is skipped, and passes.
///
/// # Panics
/// When the test fails, or no page is built, or there is no Chromium.
pub fn in_browser(name: &str, test: impl FnOnce(&Page) -> Result<()>) {
    if let Some(reason) = std::env::var_os("EXFIL_SKIP_BROWSER") {
        eprintln!("\n!!! SKIPPED, nothing was tested: {name} (EXFIL_SKIP_BROWSER is set: {})\n", reason.display());
        return;
    }
    if let Err(error) = run(name, test) {
        panic!("{error:#}");
    }
}

fn run(name: &str, test: impl FnOnce(&Page) -> Result<()>) -> Result<()> {
    let folder = built_page()?;
    let server = PageServer::start(&folder, BASE, 0)?;
    let page = Page::open(name, server.url())?;
    let result = test(&page);
    if result.is_err() {
        let screenshot = page.screenshot("failed");
        eprintln!("screenshot: {screenshot:?}\nconsole: {:#?}", page.console().unwrap_or_default());
    }
    result?;
    let said = page.take_complaints()?;
    ensure!(said.is_empty(), "the console has complaints:\n{}", said.join("\n"));
    let foreign = page.foreign_requests()?;
    ensure!(foreign.is_empty(), "the page asked other hosts:\n{}", foreign.join("\n"));
    Ok(())
}

/// The folder of the built page: `EXFIL_PAGE`, else `dist/` of this checkout.
fn built_page() -> Result<PathBuf> {
    let folder = std::env::var_os("EXFIL_PAGE").map_or_else(|| root().join("dist"), PathBuf::from);
    ensure!(
        folder.join("index.html").is_file(),
        "there is no built page in {}: `cargo xtask test --only browser` builds it first",
        folder.display()
    );
    Ok(folder)
}

fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

/// Where screenshots go, one folder for all tests.
fn screenshots() -> Result<PathBuf> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let folder = target.join("screenshots");
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}
