//! A link and a session file carry what is on screen to somebody else.

use std::cell::RefCell;

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use system_tests::browser::{Page, in_browser};

use crate::screen::{KEEP_FILES, MIXED_DAY, logs, press_button, ready, saved_file, wait_for_alerts, wait_for_log};

/// Without github.com among the domains.
const WITHOUT_GITHUB: [usize; 3] = [11, 17, 9];

/// What the link in the dialog carries behind the `#`, with it.
fn link(page: &Page) -> Result<String> {
    let field = page.role("textbox", "The link")?;
    let link = page.script("return arguments[0].value", &[field.to_json()])?;
    let (_, behind) = link.as_str().and_then(|link| link.split_once('#')).context("nothing behind a #")?;
    Ok(format!("#{behind}"))
}

fn close_dialog(page: &Page) -> Result<()> {
    page.press("Escape")?;
    page.wait_until("the dialog to close", || Ok(page.all_css("dialog")?.is_empty()))
}

fn open_link(page: &Page, link: &str) -> Result<()> {
    page.visit(link)?;
    page.reload()
}

fn has_button(page: &Page, name: &str) -> Result<bool> {
    Ok(page.all_roles("button")?.iter().any(|(known, _)| known == name))
}

#[test]
fn a_link_opens_the_same_screen_in_a_fresh_profile() {
    let behind = RefCell::new(String::new());
    in_browser("share-from", |page| {
        ready(page)?;
        press_button(page, "Remove github.com")?;
        wait_for_alerts(page, WITHOUT_GITHUB)?;
        press_button(page, "Share")?;
        page.wait_for_text("of which the page has the logs: the sample mixed-day")?;
        *behind.borrow_mut() = link(page)?;
        page.screenshot("dialog")?;
        ensure!(page.requests()?.iter().all(|url| !url.contains(&*behind.borrow())), "it was sent");
        Ok(())
    });
    in_browser("share-to", |page| {
        open_link(page, &behind.borrow())?;
        wait_for_alerts(page, WITHOUT_GITHUB)?;
        ensure!(!has_button(page, "Remove github.com")?);
        page.wait_for_text("This came by a link.")?;
        page.screenshot("came")?;
        press_button(page, "Back to mine")?;
        wait_for_alerts(page, MIXED_DAY)?;
        ensure!(has_button(page, "Remove github.com")? && page.all_css(".notice")?.is_empty());
        ensure!(page.script("return location.hash", &[])? == json!(""));
        Ok(())
    });
}

#[test]
fn what_came_by_a_link_takes_the_place_of_ones_own_only_when_asked() {
    in_browser("share-keep", |page| {
        ready(page)?;
        press_button(page, "Remove github.com")?;
        wait_for_alerts(page, WITHOUT_GITHUB)?;
        press_button(page, "Share")?;
        let behind = link(page)?;
        close_dialog(page)?;
        press_button(page, "Reset")?;
        wait_for_alerts(page, MIXED_DAY)?;
        press_button(page, "Remove perl")?;
        page.wait_until("the edit to be kept", || {
            let kept = page.script("return localStorage['exfil-playground/1']", &[])?;
            Ok(kept.as_str().is_some_and(|kept| kept.contains("github.com") && !kept.contains("\\\"perl\\\"")))
        })?;
        open_link(page, &behind)?;
        wait_for_alerts(page, WITHOUT_GITHUB)?;
        ensure!(has_button(page, "Remove perl")?, "not one's own text");
        press_button(page, "Back to mine")?;
        page.wait_until("one's own text", || {
            Ok(!has_button(page, "Remove perl")? && has_button(page, "Remove github.com")?)
        })?;
        open_link(page, &behind)?;
        wait_for_alerts(page, WITHOUT_GITHUB)?;
        press_button(page, "Keep this in place of mine")?;
        page.wait_until("the notice to go", || Ok(page.all_css(".notice")?.is_empty()))?;
        ensure!(page.script("return location.hash", &[])? == json!(""));
        page.reload()?;
        wait_for_alerts(page, WITHOUT_GITHUB)
    });
}

#[test]
fn a_link_that_was_cut_is_told_and_the_page_opens_all_the_same() {
    in_browser("share-cut", |page| {
        open_link(page, "#1.AAAA")?;
        page.wait_for_text("The link is damaged")?;
        ready(page)
    });
}

#[test]
fn rows_travel_redacted_after_a_look_at_them_and_a_session_file_opens() {
    in_browser("share-rows", |page| {
        ready(page)?;
        page.script(KEEP_FILES, &[])?;
        page.drop_file(&page.css("body")?, "own.csv", b"Timestamp,FileName\n2026-10-22T12:00:00Z,x.exe\n")?;
        wait_for_log(page, &["own.csv", "1 row"])?;
        press_button(page, "Share")?;
        page.wait_for_text("own.csv stays here.")?;
        page.wait_for_text("No row of any log.")?;
        page.role("radio", "Rows that alert")?.click()?;
        page.wait_for_text("The rule, the clock and 62 rows.")?;
        page.css(".share details summary")?.click()?;
        page.screenshot("rows")?;
        let replaced = page.script(
            "return [...document.querySelectorAll('.share .figures-table tbody tr')].map((row) => row.cells[1].textContent)",
            &[],
        )?;
        let replaced: Vec<String> = serde_json::from_value(replaced)?;
        ensure!(replaced.iter().any(|name| name.contains("oxidized")), "{replaced:?}");
        // The rows as they travel, in a place that scrolls by keys; text stays text.
        page.css(".sent summary")?.click()?;
        let sent = page.role("region", "Rows as they travel")?;
        let shown = sent.text()?;
        ensure!(shown.contains("Timestamp") && shown.contains("git"), "{shown}");
        ensure!(replaced.iter().all(|name| name.len() < 6 || !shown.contains(name.as_str())), "{shown}");
        ensure!(sent.attribute("tabindex")?.as_deref() == Some("0"));
        page.resize(360, 740)?;
        let fits = "const dialog = document.querySelector('.share'); return dialog.scrollWidth <= dialog.clientWidth";
        ensure!(page.script(fits, &[])? == json!(true), "the dialog scrolls sideways");
        page.screenshot("rows-360")?;
        page.resize(1280, 800)?;
        press_button(page, "Download the session")?;
        let text = saved_file(page)?;
        for name in &replaced {
            ensure!(!text.contains(name.as_str()), "{name} travels");
        }
        close_dialog(page)?;
        let folder = std::env::temp_dir().join(format!("exfil-share-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let (bad, good) = (folder.join("bad.json"), folder.join("good.json"));
        std::fs::write(&bad, "{\"version\":1,\"query\":7}")?;
        std::fs::write(&good, &text)?;
        press_button(page, "Share")?;
        page.css(".file-button input")?.choose_file(&bad)?;
        page.wait_for_text("This is no session of Exfil Playground: what stands at line 1, column 2")?;
        std::fs::write(&bad, "version: 1")?;
        page.css(".file-button input")?.choose_file(&bad)?;
        page.wait_for_text("This is no session of Exfil Playground: it is no JSON, from line 1, column 1 on.")?;
        ensure!(page.all_css(".file-problem")?.len() == 1 && page.all_css(".notice")?.is_empty());
        ensure!(!page.css(".share")?.text()?.contains("another kind"), "the error before is told still");
        page.css(".file-button input")?.choose_file(&good)?;
        page.wait_for_text("This came out of a file.")?;
        std::fs::remove_dir_all(&folder)?;
        // The rows that alert, alert there as well.
        wait_for_alerts(page, MIXED_DAY)?;
        ensure!(logs(page)?.len() == 1, "{:?}", logs(page)?);
        page.screenshot("came")?;
        press_button(page, "Back to mine")?;
        page.wait_until("one's own logs", || Ok(logs(page)?.iter().any(|log| log.contains("own.csv"))))?;
        wait_for_alerts(page, MIXED_DAY)
    });
}

#[test]
fn kept_versions_are_there_after_a_reload() {
    in_browser("share-versions", |page| {
        ready(page)?;
        page.role("tab", "Compare")?.click()?;
        page.role("textbox", "Name of this version")?.click()?;
        page.type_text("As it was")?;
        page.press("Enter")?;
        page.wait_until("it to be kept", || {
            let kept = page.script("return localStorage['exfil-playground/1']", &[])?;
            Ok(kept.as_str().is_some_and(|kept| kept.contains("As it was")))
        })?;
        page.reload()?;
        ready(page)?;
        page.role("tab", "Compare")?.click()?;
        page.wait_until("the version", || Ok(page.css(".compare select")?.text()?.contains("As it was")))
    });
}

#[test]
fn a_session_or_case_given_as_a_log_is_opened_as_what_it_is() {
    in_browser("share-own-files", |page| {
        ready(page)?;
        let session = br#"{"version":1,"query":"DeviceProcessEvents | take 3","sample":"fp-bots"}"#;
        page.drop_file(&page.css("body")?, "exfil-session.json", session)?;
        page.wait_for_text("This came out of a file.")?;
        ensure!(logs(page)?.iter().all(|log| !log.contains("exfil-session.json")), "{:?}", logs(page)?);
        press_button(page, "Back to mine")?;
        wait_for_alerts(page, MIXED_DAY)?;
        // What is wrong in one is told, and nothing is opened.
        page.drop_file(&page.css("body")?, "exfil-session.json", br#"{"version":1,"query":7}"#)?;
        page.wait_for_text("This is no session of Exfil Playground: what stands at")?;
        wait_for_alerts(page, MIXED_DAY)?;
        page.drop_file(&page.css("body")?, "exfil-case.yaml", b"version: 1\ntitle: x\nlogs: []\n")?;
        wait_for_log(page, &["exfil-case.yaml", "This is a case file in YAML"])?;
        let case = br#"{"version":1,"title":"A case","logs":[{"sample":"fp-bots"}],"expect":{"alert":[]}}"#;
        page.drop_file(&page.css("body")?, "exfil-case.json", case)?;
        page.role("heading", "A case").map(drop)
    });
}
