//! Alerts, the rows that fell, and the story of one row.

use anyhow::{Result, ensure};
use serde_json::json;
use system_tests::browser::{Page, in_browser};

use crate::screen::{SIGNALS, card, focused, open_sample, press_button, ready, wait_for_focus};

fn cell(page: &Page, row: usize, column: usize) -> Result<String> {
    page.css(&format!("[aria-rowindex='{}'] [role=gridcell][aria-colindex='{}']", row + 2, column + 1))?.text()
}

#[test]
fn a_story_opens_by_keyboard_and_marks_what_matched() {
    in_browser("story", |page| {
        ready(page)?;
        page.press("/")?;
        wait_for_focus(page, "Filter")?;
        page.type_text("oxidized")?;
        page.wait_until("the filter", || {
            let rows = page.all_css(".grid-window [role=row]")?;
            Ok(!rows.is_empty() && rows.iter().all(|row| row.text().is_ok_and(|text| text.contains("oxidized"))))
        })?;
        page.press("Enter")?;
        wait_for_focus(page, "Alerts")?;
        page.press("Home")?;
        page.press("Enter")?;
        let story = page.role("region", "Why it fired")?;
        page.wait_until("the story", || Ok(story.text()?.contains("conditions hold")))?;
        page.screenshot("open")?;
        let marks =
            page.script("return [...document.querySelectorAll('.story mark')].map((m) => m.textContent)", &[])?;
        ensure!(marks.as_array().is_some_and(|marks| marks.contains(&json!("push"))), "{marks}");
        let told = story.text()?;
        ensure!(told.contains("ProcessCommandLine has \"push\"") && told.contains(", line "), "{told}");
        page.press("Enter")?;
        wait_for_focus(page, "Why it fired")?;
        page.press("Escape")?;
        page.wait_until("the story to close", || Ok(page.all_css(".story")?.is_empty()))?;
        wait_for_focus(page, "Alerts")?;
        Ok(())
    });
}

#[test]
fn the_story_follows_the_mark_and_the_rule() {
    in_browser("story-follows", |page| {
        ready(page)?;
        page.css("[aria-rowindex='2'] [role=gridcell]")?.click()?;
        page.role("region", "Why it fired")?;
        let time = |page: &Page| Ok::<_, anyhow::Error>(page.css(".record")?.text()?.contains(&cell(page, 1, 1)?));
        ensure!(!time(page)? || cell(page, 0, 1)? == cell(page, 1, 1)?);
        page.press("Down")?;
        page.wait_until("the next row's story", || time(page))?;
        // The second alert of the day is a push to gitlab.com.
        ensure!(page.css(".story")?.text()?.contains("gitlab.com"));
        press_button(page, "Remove gitlab.com")?;
        page.role("region", "Why it did not fire")?;
        Ok(())
    });
}

#[test]
fn a_literal_that_a_longer_term_swallows_is_told() {
    in_browser("swallowed", |page| {
        ready(page)?;
        open_sample(page, "Ways past the rule")?;
        page.wait_until("the evasion set", || Ok(card(page, SIGNALS[0])?.text()?.contains("quiet")))?;
        // The rows that fell at the process names.
        let step = page.wait_for("the step", || {
            let steps = page.all_roles("button")?;
            let is_step = |name: &str| name.starts_with("InitiatingProcessFileName has_any (TransferTools)");
            Ok(steps.into_iter().find(|(name, _)| is_step(name)).map(|(_, step)| step))
        })?;
        step.click()?;
        page.wait_until("the rows", || Ok(page.css("[role=grid]")?.label()? == "Rows that fell"))?;
        page.screenshot("fallen")?;
        let rows = page.all_css(".grid-window [role=row]")?;
        let swallowing = rows.iter().find(|row| row.text().is_ok_and(|text| text.contains("python3.exe")));
        swallowing.unwrap_or(&rows[0]).click()?;
        page.role("region", "Why it did not fire")?;
        page.wait_for_text("python is only part of the longer term python3")?;
        page.screenshot("story")?;
        press_button(page, "Back to the alerts")?;
        page.wait_for_text("No alerts.")
    });
}

#[test]
fn alerts_are_sorted_filtered_and_widened_by_keys() {
    in_browser("grid", |page| {
        ready(page)?;
        page.css("[aria-rowindex='3'] [role=gridcell]")?.click()?;
        wait_for_focus(page, "Alerts")?;
        page.press("Home")?;
        page.press("Right")?;
        page.press("Up")?;
        page.press("Enter")?;
        let heading = page.css("#heading-1")?;
        page.wait_until("the order", || Ok(heading.attribute("aria-sort")?.as_deref() == Some("ascending")))?;
        let sorted = || -> Result<bool> {
            let names = "return [...document.querySelectorAll('[role=gridcell][aria-colindex=\"2\"]')].map((c) => c.textContent)";
            let names: Vec<String> = serde_json::from_value(page.script(names, &[])?)?;
            Ok(names.len() > 10 && names.is_sorted())
        };
        page.wait_until("devices in order", sorted)?;
        let width = || page.script("return document.querySelector('#heading-1').offsetWidth", &[]);
        let before = width()?;
        page.press("Shift+Right")?;
        page.wait_until("the width", || Ok(width()?.as_i64() > before.as_i64()))?;
        page.press("Down")?;
        let device = cell(page, 0, 1)?;
        page.press("Shift+F10")?;
        page.role("menu", "Cell of DeviceName")?;
        page.screenshot("menu")?;
        press_button_in_menu(page, "Without rows with this value")?;
        page.wait_until("the filter", || Ok(cell(page, 0, 1)? != device))?;
        ensure!(page.css(".filters")?.text()?.contains(&device));
        press_button(page, &format!("Remove the filter DeviceName is not {device}"))?;
        page.wait_until("all rows again", || Ok(cell(page, 0, 1)? == device))
    });
}

fn press_button_in_menu(page: &Page, name: &str) -> Result<()> {
    page.role("menuitem", name)?.click()
}

#[test]
fn a_hundred_thousand_rows_are_scrolled_to_their_end() {
    in_browser("many-rows", |page| {
        ready(page)?;
        press_button(page, "New")?;
        page.wait_until("the text field", || Ok(focused(page)? == "KQL query"))?;
        page.type_text("range x from 1 to 100000 step 1")?;
        page.press("Control+Enter")?;
        page.role("tab", "Result 100,000")?;
        page.css("[role=grid]")?.click()?;
        page.press("End")?;
        page.wait_until("the last row", || {
            let rows = page.all_css(".grid-window [role=row]")?;
            Ok(rows.iter().rev().take(3).any(|row| row.text().is_ok_and(|text| text == "100,000")))
        })?;
        let drawn = page.all_css(".grid-window [role=row]")?.len();
        ensure!(drawn < 200, "{drawn} rows are drawn");
        page.press("Home")?;
        page.wait_until("the first row", || Ok(cell(page, 0, 0)? == "1"))
    });
}
