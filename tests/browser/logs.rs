//! Logs come in by drop, by choice, by paste and as samples; each is told what became of it.

use anyhow::{Result, ensure};
use system_tests::browser::{Page, in_browser};

use crate::screen::{
    MIXED_DAY, SIGNALS, cancel_once_read_from, card, logs, long_log, open_sample, press_button, ready, type_query,
    wait_for_alerts, wait_for_cancelled, wait_for_log,
};

/// Two rows that signal 2 fires on, one that it does not, and a line with a cell too few.
const LOG: &str = "Timestamp,DeviceName,AccountName,FileName,ProcessCommandLine
2026-10-22T12:00:00Z,pc1,ada,git.exe,git push https://github.com/x/y
2026-10-22T12:00:01Z,pc2,bob,git.exe,git push --force https://gitlab.com/x/y
2026-10-22T12:00:02Z,pc3,eve,git.exe,git pull https://github.com/x/y
2026-10-22T12:00:03Z,pc4
";

#[test]
fn a_dropped_file_joins_the_logs_and_its_refusals_are_told() {
    in_browser("drop", |page| {
        ready(page)?;
        page.drop_file(&page.css("body")?, "own.csv", LOG.as_bytes())?;
        wait_for_log(page, &["own.csv", "3 rows", "1 refused"])?;
        wait_for_alerts(page, [MIXED_DAY[0], MIXED_DAY[1] + 2, MIXED_DAY[2]])?;
        let chip = page.wait_for("the chip", || {
            Ok(page.all_roles("button")?.into_iter().find(|(name, _)| name.starts_with("own.csv")))
        })?;
        chip.1.click()?;
        let dialog = page.role("dialog", "own.csv")?;
        let told = dialog.text()?;
        ensure!(told.contains("Defender CSV") && told.contains("Line 5: "), "{told}");
        page.screenshot("report")?;
        page.press("Escape")?;
        page.wait_until("the report to close", || Ok(page.all_css("dialog")?.is_empty()))?;
        press_button(page, "Remove own.csv")?;
        wait_for_alerts(page, MIXED_DAY)
    });
}

#[test]
fn what_is_no_log_says_what_it_is() {
    in_browser("not-a-log", |page| {
        ready(page)?;
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89";
        for (name, content, words) in [
            ("picture.csv", png.as_slice(), "PNG"),
            ("empty.csv", b"", "empty"),
            ("header.csv", b"Timestamp,DeviceName,FileName,ProcessCommandLine\n", "0 rows"),
            ("cut.json", br#"[{"Timestamp":"2026-10-22T12:00:00Z","FileName":"a"},{"Times"#, "warning"),
        ] {
            page.drop_file(&page.css("body")?, name, content)?;
            wait_for_log(page, &[name, words])?;
        }
        wait_for_alerts(page, MIXED_DAY)?;
        page.screenshot("chips")?;
        Ok(())
    });
}

#[test]
fn pasted_text_is_read_like_a_file() {
    in_browser("paste", |page| {
        ready(page)?;
        press_button(page, "Paste")?;
        page.role("dialog", "Paste a log")?;
        let field = page.css("#paste-field")?;
        field.click()?;
        page.script("arguments[0].value = arguments[1]", &[field.to_json(), LOG.into()])?;
        page.type_text("\n")?;
        press_button(page, "Read it")?;
        wait_for_log(page, &["pasted text", "3 rows"])?;
        wait_for_alerts(page, [MIXED_DAY[0], MIXED_DAY[1] + 2, MIXED_DAY[2]])
    });
}

#[test]
fn a_signal_that_cannot_fire_on_a_log_is_told_apart_from_a_quiet_one() {
    in_browser("not-evaluable", |page| {
        ready(page)?;
        open_sample(page, "Python script with urllib")?;
        // As the manifest expects it: not evaluable, quiet, one alert.
        page.wait_until("the signals", || {
            let state = |signal| card(page, signal)?.text();
            Ok(state(SIGNALS[0])?.contains("not evaluable")
                && state(SIGNALS[1])?.contains("quiet")
                && state(SIGNALS[2])?.contains("fired"))
        })?;
        ensure!(card(page, SIGNALS[0])?.text()?.contains("No value in BytesSent"));
        ensure!(!card(page, SIGNALS[1])?.text()?.contains("No value"));
        page.wait_for_text("BytesSent: 0 of 1 rows have a value. LargeUploadToCodeRepo cannot fire on these logs.")?;
        page.screenshot("cards")?;
        Ok(())
    });
}

#[test]
fn a_sample_can_be_added_to_what_is_loaded() {
    in_browser("add-sample", |page| {
        ready(page)?;
        press_button(page, "Samples")?;
        page.role("checkbox", "Add to the logs that are loaded, instead of replacing them")?.click()?;
        let sample = page.wait_for("the sample", || {
            Ok(page.all_roles("button")?.into_iter().find(|(name, _)| name.starts_with("Gist API with curl")))
        })?;
        sample.1.click()?;
        page.wait_until("five logs", || Ok(logs(page)?.len() == 5))?;
        // The sample is of another day, the look-back ends with the newest event: its alerts are too old.
        wait_for_alerts(page, MIXED_DAY)
    });
}

fn read_and_cancel(page: &Page, file: &std::path::Path) -> Result<()> {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    cancel_once_read_from(page, &name)?;
    page.css("input[type=file]")?.choose_file(file)?;
    wait_for_cancelled(page)?;
    page.wait_until("the log to go", || Ok(!logs(page)?.iter().any(|log| log.contains(&name))))?;
    // Nothing of it is left, and what was there before is.
    wait_for_alerts(page, MIXED_DAY)?;
    page.role("tab", "KQL")?.click()?;
    type_query(page, "DeviceNetworkEvents | count")?;
    page.wait_until("the count", || Ok(page.css("[role=gridcell]")?.text()? == "1,448"))?;
    // The engine is free for the next one.
    page.drop_file(&page.css("body")?, "own.csv", LOG.as_bytes())?;
    wait_for_log(page, &["own.csv", "3 rows"])
}

#[test]
fn a_long_read_shows_how_far_it_is_and_can_be_cancelled() {
    in_browser("cancel", |page| {
        ready(page)?;
        let file = long_log(600_000)?;
        let outcome = read_and_cancel(page, &file);
        std::fs::remove_file(&file)?;
        outcome
    });
}
