//! A fault of the engine costs no work of the user's.

use anyhow::ensure;
use system_tests::browser::in_browser;

use crate::screen::{MIXED_DAY, logs, press_button, ready, wait_for_alerts, wait_for_log};

/// Keeps every worker that the page makes.
const KEEP_WORKERS: &str = "
    window.workers = [];
    window.Worker = class extends Worker {
        constructor(...of) {
            super(...of);
            workers.push(this);
        }
    };";

#[test]
fn when_the_engine_fails_the_page_says_so_keeps_the_text_and_offers_the_logs_again() {
    in_browser("engine-fails", |page| {
        page.before_every_page(KEEP_WORKERS)?;
        page.visit("")?;
        ready(page)?;
        let own = "Timestamp,FileName,ProcessCommandLine\n2026-10-22T12:00:00Z,git.exe,git push https://github.com/x\n";
        page.drop_file(&page.css("body")?, "own.csv", own.as_bytes())?;
        wait_for_log(page, &["own.csv", "1 row"])?;
        let with_own = [MIXED_DAY[0], MIXED_DAY[1] + 1, MIXED_DAY[2]];
        wait_for_alerts(page, with_own)?;
        press_button(page, "Remove perl")?;
        // No message of ours: the worker's script throws.
        page.script("workers[0].postMessage('no message of ours')", &[])?;
        page.wait_for_text("The query engine stopped.")?;
        page.screenshot("failed")?;
        ensure!(logs(page)?.is_empty());
        ensure!(!page.all_roles("button")?.iter().any(|(name, _)| name == "Remove perl"), "the text is kept");
        press_button(page, "Load the sample mixed-day and own.csv again")?;
        wait_for_log(page, &["own.csv", "1 row"])?;
        wait_for_alerts(page, with_own)?;
        let complaints = page.take_complaints()?;
        ensure!(complaints.iter().all(|line| line.contains("Uncaught")), "{complaints:?}");
        Ok(())
    });
}
