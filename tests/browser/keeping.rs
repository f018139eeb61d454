//! What is there again on the next visit.

use anyhow::{Result, ensure};
use serde_json::json;
use system_tests::browser::{Page, in_browser};

use crate::screen::{KEPT_LOGS, MIXED_DAY, logs, open_sample, press_button, ready, wait_for_alerts, wait_for_log};

const OWN: &str = "Timestamp,DeviceName,FileName,ProcessCommandLine\n\
                   2026-10-22T12:00:00Z,pc,git.exe,git push https://github.com/x\n";
const WITH_OWN: [usize; 3] = [MIXED_DAY[0], MIXED_DAY[1] + 1, MIXED_DAY[2]];

fn drop_own(page: &Page) -> Result<()> {
    page.drop_file(&page.css("body")?, "own.csv", OWN.as_bytes())?;
    wait_for_log(page, &["own.csv", "1 row"])?;
    wait_for_alerts(page, WITH_OWN)
}

/// The filters and the order of the alerts, as they are kept.
fn kept(page: &Page, field: &str) -> Result<serde_json::Value> {
    page.script("return JSON.parse(localStorage['exfil-playground/1'] ?? '{}')[arguments[0]] ?? null", &[json!(field)])
}

#[test]
fn logs_are_kept_where_that_is_asked_for_and_forgotten_where_it_is_not() {
    in_browser("keep-logs", |page| {
        ready(page)?;
        drop_own(page)?;
        page.reload()?;
        ready(page)?;
        page.wait_for_text("Loaded on your last visit, and not kept: own.csv.")?;
        page.screenshot("not-kept")?;
        press_button(page, "Dismiss")?;
        drop_own(page)?;
        let keep = page.role("checkbox", "Keep my logs in this browser")?;
        keep.click()?;
        page.wait_until("the log in the database", || Ok(page.script(KEPT_LOGS, &[])? == json!(1)))?;
        page.reload()?;
        wait_for_log(page, &["own.csv", "1 row"])?;
        wait_for_alerts(page, WITH_OWN)?;
        // Also without any sample beside it.
        for name in ["DeviceProcessEvents.csv", "DeviceNetworkEvents.csv"] {
            press_button(page, &format!("Remove {name}"))?;
        }
        page.wait_until("only the own log", || Ok(logs(page)?.len() == 1 && kept(page, "samples")? == json!([])))?;
        page.reload()?;
        wait_for_log(page, &["own.csv", "1 row"])?;
        ensure!(logs(page)?.len() == 1, "{:?}", logs(page)?);
        page.screenshot("kept")?;
        page.role("checkbox", "Keep my logs in this browser")?.click()?;
        page.wait_until("an empty database", || Ok(page.script(KEPT_LOGS, &[])? == json!(0)))?;
        page.reload()?;
        ready(page)
    });
}

#[test]
fn samples_order_and_filters_are_there_again() {
    in_browser("keep-view", |page| {
        ready(page)?;
        press_button(page, "Samples")?;
        page.role("checkbox", "Add to the logs that are loaded, instead of replacing them")?.click()?;
        page.press("Escape")?;
        page.wait_until("the dialog to close", || Ok(page.all_css("dialog")?.is_empty()))?;
        page.css("#heading-1")?.click()?;
        page.role("searchbox", "Filter")?.click()?;
        page.type_text("jenkins")?;
        page.wait_until("the filter to be kept", || Ok(kept(page, "table")?["text"] == json!("jenkins")))?;
        page.reload()?;
        ready(page)?;
        page.wait_until("the order", || {
            Ok(page.css("#heading-1")?.attribute("aria-sort")?.as_deref() == Some("ascending"))
        })?;
        let shown = page.css(".toolbar")?.text()?;
        ensure!(shown.contains("of 62 rows"), "{shown}");
        Ok(())
    });
}

#[test]
fn what_others_wrote_into_the_storage_breaks_nothing() {
    in_browser("keep-hostile", |page| {
        for text in [
            "{".to_owned(),
            "[1]".to_owned(),
            json!({"query": 7, "samples": ["nope", "<img>"], "logs": [3], "keeping": "perhaps", "table": {"filters": "x"}})
                .to_string(),
            json!({"samples": ["no-such-sample"], "table": {"sort": null, "text": "", "filters": [{"column": "Nope", "value": "x", "keep": "Equal"}]}})
                .to_string(),
        ] {
            page.script("localStorage['exfil-playground/1'] = arguments[0]", &[json!(text)])?;
            page.reload()?;
            page.role("grid", "Alerts")?;
            page.wait_until("alerts", || Ok(page.all_css(".grid-window [role=row]")?.len() > 5))?;
        }
        Ok(())
    });
}

#[test]
fn protected_rows_are_there_again() {
    in_browser("keep-marks", |page| {
        ready(page)?;
        page.css("[aria-rowindex='2'] [role=gridcell]")?.click()?;
        page.role("region", "Why it fired")?;
        press_button(page, "Must alert")?;
        page.wait_for_text("1 protected row holds")?;
        page.wait_until("the row to be kept", || Ok(kept(page, "marks")?["pins"][0]["wanted"] == json!("alert")))?;
        page.reload()?;
        ready(page)?;
        page.wait_for_text("1 protected row holds")?;
        // Another's work has none, and takes none away.
        page.visit("?lesson=read-an-alert")?;
        page.wait_for_text("Lesson 1 of 10")?;
        ensure!(page.all_css(".protected")?.is_empty());
        press_button(page, "Leave")?;
        ready(page)?;
        page.wait_for_text("1 protected row holds")
    });
}

#[test]
fn reset_asks_and_then_forgets_everything() {
    in_browser("reset", |page| {
        ready(page)?;
        press_button(page, "Remove perl")?;
        open_sample(page, "Ways past the rule")?;
        page.wait_until("the sample", || Ok(kept(page, "sample")? == json!("evasion")))?;
        page.press("Control+k")?;
        page.role("combobox", "Find a command")?;
        page.type_text("reset")?;
        page.press("Enter")?;
        page.role("dialog", "Reset the page")?;
        page.screenshot("asks")?;
        press_button(page, "Cancel")?;
        page.wait_until("the dialog to close", || Ok(page.all_css("dialog")?.is_empty()))?;
        ensure!(kept(page, "sample")? == json!("evasion"));
        page.press("Control+k")?;
        page.role("combobox", "Find a command")?;
        page.type_text("reset")?;
        page.press("Enter")?;
        press_button(page, "Reset everything")?;
        ready(page)?;
        page.role("button", "Remove perl")?;
        Ok(())
    });
}
