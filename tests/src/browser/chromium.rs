//! Starting Chromium: a driver of its own, a profile of its own, and no traffic of its own.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context, Result};
use serde_json::json;

use super::webdriver::Session;

/// Without these Chromium looks for updates, hosts and files that no test asked for, and as root it refuses to start.
const FLAGS: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=1280,800",
];

/// A running browser; closed, with everything it wrote, when dropped.
pub(super) struct Chromium {
    // Dropped in this order: the window closes before its driver ends, then the profile goes.
    pub(super) session: Session,
    _driver: Driver,
    _profile: Profile,
}

impl Chromium {
    pub(super) fn start() -> Result<Chromium> {
        let profile = Profile::new()?;
        let driver = Driver::start()?;
        let mut flags: Vec<String> = FLAGS.iter().map(|&flag| flag.to_owned()).collect();
        flags.push(format!("--user-data-dir={}", profile.0.display()));
        let mut options = json!({ "args": flags });
        if let Some(binary) = on_path("chromium") {
            options["binary"] = json!(binary);
        }
        let capabilities = json!({
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
            "timeouts": { "script": 60_000 },
        });
        let session = Session::start(&driver.address, &capabilities).context("Chromium does not start")?;
        Ok(Chromium { session, _driver: driver, _profile: profile })
    }
}

struct Driver {
    process: Child,
    /// Kept open: the driver would end on writing to a closed pipe.
    said: BufReader<ChildStdout>,
    address: String,
}

impl Driver {
    fn start() -> Result<Driver> {
        let mut process = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start chromedriver: `cargo xtask setup` installs it")?;
        let said = process.stdout.take().map(BufReader::new).context("chromedriver has no output")?;
        let mut driver = Driver { process, said, address: String::new() };
        // "ChromeDriver was started successfully on port 40123."
        let port = driver.said.by_ref().lines().map_while(Result::ok).find_map(|line| {
            let (_, port) = line.split_once("successfully on port ")?;
            port.trim_end_matches('.').parse::<u16>().ok()
        });
        let port = port.context("chromedriver ended without naming its port")?;
        driver.address = format!("http://127.0.0.1:{port}");
        Ok(driver)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A folder for one browser's profile.
struct Profile(PathBuf);

impl Profile {
    fn new() -> Result<Profile> {
        let unique = format!("exfil-browser-{}-{:?}", std::process::id(), std::thread::current().id());
        let folder = std::env::temp_dir().join(unique);
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(Profile(folder))
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        // Chromium's helpers may still be writing; what is left is in the system's folder for such things.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file: &PathBuf| Path::is_file(file))
}
