//! The record of a row as it stands in the file that it was read from, one key or click away.

use anyhow::{Result, ensure};
use flate2::Crc;
use serde_json::json;
use system_tests::browser::{Page, in_browser};

use crate::screen::{
    MIXED_DAY, focused, logs, open_sample, press_button, ready, wait_for_alerts, wait_for_focus, wait_for_log,
};

/// A record with what a hostile one has: markup, text that turns the writing round, a line feed in quotes.
const RECORD: &str = "2026-10-22T23:00:00Z,pc1,ada,git.exe,\"git push https://github.com/x \u{202e}exe.gpj\n<img src=x onerror=alert(1)>\"";

fn log() -> String {
    format!(
        "Timestamp,DeviceName,AccountName,FileName,ProcessCommandLine\n2026-10-22T10:00:00Z,pc2,bob,cmd.exe,x\n{RECORD}\n"
    )
}

/// One more alert than the mixed day has.
fn wait_for_own_alert(page: &Page) -> Result<()> {
    wait_for_alerts(page, [MIXED_DAY[0], MIXED_DAY[1] + 1, MIXED_DAY[2]])
}

/// What the dialog says, once it has the record.
fn told(page: &Page) -> Result<String> {
    let dialog = page.role("dialog", "The original record")?;
    page.wait_until("the record", || Ok(!page.all_css("pre.original")?.is_empty()))?;
    dialog.text()
}

/// The record as it is drawn.
fn drawn(page: &Page) -> Result<String> {
    Ok(page.script("return document.querySelector('pre.original').textContent", &[])?.as_str().unwrap_or("").to_owned())
}

fn close(page: &Page) -> Result<()> {
    page.press("Escape")?;
    page.wait_until("the dialog to close", || Ok(page.all_css("dialog")?.is_empty()))
}

/// Goes to the rows by keys and marks the first: the newest alert, which is that of the own log.
fn mark_first(page: &Page) -> Result<()> {
    // Not by a click: it may meet a heading, and sort.
    page.script("document.querySelector('[role=grid]').focus()", &[])?;
    wait_for_focus(page, "Alerts")?;
    page.press("Home")
}

#[test]
fn a_key_shows_the_record_of_the_marked_row_as_it_stands_in_its_file() {
    in_browser("original", |page| {
        ready(page)?;
        page.drop_file(&page.css("body")?, "own.csv", log().as_bytes())?;
        wait_for_own_alert(page)?;
        mark_first(page)?;
        page.press("o")?;
        let told = told(page)?;
        ensure!(told.contains("own.csv") && told.contains("Defender CSV"), "{told}");
        // Two lines above it; its bytes are those behind these.
        let from = log().find(RECORD).unwrap_or(0);
        ensure!(told.contains(&format!("3, bytes {from} to {}", from + RECORD.len())), "{told}");
        let shown = RECORD.replace('\u{202e}', "⟨RLO⟩").replace('\n', "↵\n");
        ensure!(drawn(page)? == shown, "{}", drawn(page)?);
        ensure!(page.script("return document.querySelectorAll('dialog img').length", &[])? == json!(0));
        page.screenshot("record")?;
        page.script("window.copies = []; navigator.clipboard.writeText = async (text) => copies.push(text)", &[])?;
        press_button(page, "Copy the record")?;
        page.wait_until("the copy", || Ok(page.script("return copies.length", &[])? == json!(1)))?;
        ensure!(page.script("return copies[0]", &[])? == json!(RECORD));
        close(page)?;
        wait_for_focus(page, "Alerts")?;
        // From the story and from a cell's menu, too.
        page.press("Enter")?;
        page.role("region", "Why it fired")?;
        press_button(page, "Show the original record")?;
        self::told(page)?;
        close(page)?;
        ensure!(focused(page)? == "Show the original record");
        mark_first(page)?;
        page.press("Shift+F10")?;
        page.role("menuitem", "Show the original record")?.click()?;
        ensure!(drawn_once_there(page)? == shown);
        close(page)
    });
}

fn drawn_once_there(page: &Page) -> Result<String> {
    told(page)?;
    drawn(page)
}

#[test]
fn records_of_samples_and_of_near_misses_are_shown_too() {
    in_browser("original-sample", |page| {
        ready(page)?;
        // The first near miss that there is.
        page.role("tab", "Near misses")?.click()?;
        let group = page.wait_for("a group", || Ok(page.all_css(".near-head")?.into_iter().next()))?;
        group.click()?;
        let show = page.wait_for("the button for its rows", || {
            Ok(page
                .all_roles("button")?
                .into_iter()
                .find(|(name, _)| name.starts_with("Show row") || name == "Show the row"))
        })?;
        show.1.click()?;
        page.role("region", "Why it did not fire")?;
        press_button(page, "Show the original record")?;
        let shown = told(page)?;
        ensure!(shown.contains("DeviceProcessEvents.csv") || shown.contains("DeviceNetworkEvents.csv"), "{shown}");
        let line = drawn(page)?;
        ensure!(line.contains("2026") && line.matches(',').count() > 5, "{line}");
        close(page)?;
        // JSON within a larger text.
        open_sample(page, "IDE")?;
        page.wait_until("the sample", || Ok(logs(page)?.iter().any(|log| log.contains("events.json"))))?;
        page.css("#alerts-tab")?.click()?;
        page.role("tab", "KQL")?.click()?;
        crate::screen::type_query(page, "DeviceProcessEvents")?;
        page.wait_until("its rows", || Ok(page.css("[role=grid]")?.text()?.contains("2026-10-14 09:15:33")))?;
        page.css("[aria-rowindex='2'] [role=gridcell]")?.click()?;
        press_button(page, "Show the original record")?;
        told(page)?;
        ensure!(drawn(page)?.starts_with('{') && drawn(page)?.ends_with('}'), "{}", drawn(page)?);
        Ok(())
    });
}

#[test]
fn a_record_is_found_again_in_an_archive_and_after_a_reload() {
    in_browser("original-archive", |page| {
        ready(page)?;
        let archive = zip(&[("readme.png", b"\x89PNG\r\n\x1a\n"), ("logs/own.csv", log().as_bytes())]);
        page.drop_file(&page.css("body")?, "case.zip", &archive)?;
        // Each log of an archive is told.
        wait_for_log(page, &["case.zip/logs/own.csv", "2 rows"])?;
        wait_for_log(page, &["case.zip/readme.png", "PNG"])?;
        wait_for_own_alert(page)?;
        page.role("checkbox", "Keep my logs in this browser")?.click()?;
        let kept = "return JSON.parse(localStorage['exfil-playground/1'] ?? '{}').keeping === 'on'";
        page.wait_until("the archive to be kept", || Ok(page.script(kept, &[])? == json!(true)))?;
        for _ in 0..2 {
            mark_first(page)?;
            page.press("o")?;
            let told = told(page)?;
            ensure!(told.contains("case.zip/logs/own.csv") && told.contains("a zip archive, its file 2"), "{told}");
            ensure!(drawn(page)?.starts_with("2026-10-22T23:00:00Z,pc1,ada"), "{}", drawn(page)?);
            close(page)?;
            page.reload()?;
            wait_for_own_alert(page)?;
        }
        // One log of an archive goes, the other stays, and so does the file that it stands in.
        press_button(page, "Remove case.zip/readme.png")?;
        page.wait_until("three logs", || Ok(logs(page)?.len() == 3))?;
        wait_for_own_alert(page)?;
        mark_first(page)?;
        page.press("o")?;
        told(page)?;
        page.screenshot("archive")?;
        Ok(())
    });
}

#[test]
fn a_file_that_was_changed_since_is_told() {
    in_browser("original-changed", |page| {
        ready(page)?;
        let file = std::env::temp_dir().join(format!("exfil-changed-{}.csv", std::process::id()));
        std::fs::write(&file, log())?;
        page.css("input[type=file]")?.choose_file(&file)?;
        wait_for_own_alert(page)?;
        std::fs::write(&file, "something else\n")?;
        mark_first(page)?;
        page.press("o")?;
        let told = page.wait_for_text("it was changed since it was chosen");
        std::fs::remove_file(&file)?;
        told?;
        page.screenshot("words")?;
        Ok(())
    });
}

#[test]
fn a_long_record_is_cut_on_screen_and_copied_whole() {
    in_browser("original-long", |page| {
        ready(page)?;
        let padding = "x".repeat(1 << 20);
        let record = format!("2026-10-22T23:00:00Z,pc,git.exe,git push https://github.com/ {padding}END");
        let log = format!("Timestamp,DeviceName,FileName,ProcessCommandLine\n{record}\n");
        page.drop_file(&page.css("body")?, "long.csv", log.as_bytes())?;
        wait_for_own_alert(page)?;
        mark_first(page)?;
        page.press("o")?;
        let told = told(page)?;
        ensure!(told.contains("These are the first 32 KiB of 1 MiB. Copying takes all of it."), "{told}");
        page.script("window.copies = []; navigator.clipboard.writeText = async (text) => copies.push(text)", &[])?;
        press_button(page, "Copy the record")?;
        page.wait_until("the copy", || Ok(page.script("return copies.length", &[])? == json!(1)))?;
        ensure!(page.script("return copies[0].length", &[])? == json!(record.len()));
        Ok(())
    });
}

/// A zip archive whose members are stored as they are (PKWARE's APPNOTE 6.3.3, sections 4.3.7, 4.3.12 and 4.3.16).
fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in members {
        let mut crc = Crc::new();
        crc.update(bytes);
        let size = bytes.len() as u32;
        let mut common = Vec::new();
        // Version 2.0, no flags, stored, no time.
        for number in [20u16, 0, 0, 0, 0x21] {
            common.extend(number.to_le_bytes());
        }
        for number in [crc.sum(), size, size] {
            common.extend(number.to_le_bytes());
        }
        common.extend((name.len() as u16).to_le_bytes());
        common.extend(0u16.to_le_bytes());
        let offset = archive.len() as u32;
        archive.extend(b"PK\x03\x04");
        archive.extend(&common);
        archive.extend(name.as_bytes());
        archive.extend(*bytes);
        directory.extend(b"PK\x01\x02");
        directory.extend(20u16.to_le_bytes());
        directory.extend(&common);
        // No comment, first disk, no attributes.
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let at = archive.len() as u32;
    archive.extend(&directory);
    archive.extend(b"PK\x05\x06");
    let count = members.len() as u16;
    for number in [0, 0, count, count] {
        archive.extend(number.to_le_bytes());
    }
    archive.extend((directory.len() as u32).to_le_bytes());
    archive.extend(at.to_le_bytes());
    archive.extend(0u16.to_le_bytes());
    archive
}
