//! The command palette, the shortcuts, and what goes to the clipboard.

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use system_tests::browser::{Page, in_browser};

use crate::screen::{MIXED_DAY, alerts, focused, press_button, ready, wait_for_alerts, wait_for_focus};

/// Keeps what the page writes to the clipboard, which a headless browser lets nobody read.
const KEEP_COPIES: &str = "
    window.copies = [];
    const write = navigator.clipboard.writeText.bind(navigator.clipboard);
    navigator.clipboard.writeText = (text) => write(text).then(() => copies.push(text));";

/// Opens the palette by its key and gives the command that a few letters find first.
fn command(page: &Page, typed: &str) -> Result<()> {
    page.press("Control+k")?;
    page.role("combobox", "Find a command")?;
    page.type_text(typed)?;
    page.press("Enter")
}

fn copied(page: &Page, place: usize) -> Result<String> {
    page.wait_for("the copy", || {
        Ok(page.script("return copies[arguments[0]] ?? null", &[json!(place)])?.as_str().map(str::to_owned))
    })
}

#[test]
fn a_few_letters_find_a_command_and_enter_gives_it() {
    in_browser("palette", |page| {
        ready(page)?;
        page.role("tab", "Lists")?.click()?;
        page.press("Control+k")?;
        page.role("dialog", "Commands")?;
        wait_for_focus(page, "Find a command")?;
        page.screenshot("open")?;
        page.type_text("show kql")?;
        let first = page.css("[role=option][aria-selected=true]")?;
        page.wait_until("the command", || Ok(first.text()?.starts_with("Show the KQL")))?;
        page.press("Enter")?;
        page.wait_until("the palette to close", || Ok(page.all_css("dialog")?.is_empty()))?;
        ensure!(page.role("tab", "KQL")?.attribute("aria-selected")?.as_deref() == Some("true"));
        wait_for_focus(page, "KQL")?;
        // What does nothing now is not offered.
        page.press("Control+k")?;
        page.role("combobox", "Find a command")?;
        page.type_text("show kql")?;
        page.wait_until("other commands", || {
            Ok(page.all_css("[role=option]")?.iter().all(|o| o.text().is_ok_and(|t| !t.contains("Show the KQL"))))
        })?;
        page.press("Escape")?;
        page.wait_until("the palette to close", || Ok(page.all_css("dialog")?.is_empty()))?;
        wait_for_focus(page, "KQL")?;
        Ok(())
    });
}

#[test]
fn arrows_go_through_the_commands_and_one_that_opens_a_dialog_gives_the_focus_back() {
    in_browser("palette-arrows", |page| {
        ready(page)?;
        page.role("tab", "Lists")?.click()?;
        page.press("Control+k")?;
        let active = || -> Result<String> {
            let id = page.css(".palette-input")?.attribute("aria-activedescendant")?.context("no command is active")?;
            page.css(&format!("#{id} .offer-title"))?.text()
        };
        let first = active()?;
        page.press("Down")?;
        page.wait_until("the second", || Ok(active()? != first))?;
        page.press("Up")?;
        page.press("Up")?;
        page.wait_until("the last, which is in sight", || {
            let seen = "const [list, option] = ['.offers', '[aria-selected=true].offer'].map((of) => \
                document.querySelector(of).getBoundingClientRect()); \
                return option.bottom <= list.bottom + 1 && option.top >= list.top - 1";
            Ok(active()?.starts_with("Open the sample ") && page.script(seen, &[])? == json!(true))
        })?;
        page.type_text("samples")?;
        page.wait_until("the samples", || Ok(active()? == "Samples"))?;
        page.press("Enter")?;
        page.role("dialog", "Samples")?;
        page.press("Escape")?;
        page.wait_until("the dialog to close", || Ok(page.all_css("dialog")?.is_empty()))?;
        wait_for_focus(page, "Lists")?;
        command(page, "git push of sensitive")?;
        page.wait_until("another sample", || Ok(alerts(page)? == [None, Some(1), Some(0)]))
    });
}

#[test]
fn commands_change_the_rule_the_clock_and_the_colours() {
    in_browser("palette-rule", |page| {
        ready(page)?;
        press_button(page, "Remove perl")?;
        command(page, "shipped")?;
        page.role("button", "Remove perl")?;
        command(page, "undo")?;
        page.wait_until("the edit again", || {
            Ok(page.all_roles("button")?.iter().all(|(name, _)| name != "Remove perl"))
        })?;
        command(page, "wall")?;
        wait_for_alerts(page, [0, 0, 0])?;
        command(page, "newest event")?;
        wait_for_alerts(page, MIXED_DAY)?;
        command(page, "dark")?;
        let dark = "return getComputedStyle(document.documentElement).colorScheme";
        page.wait_until("dark", || Ok(page.script(dark, &[])? == json!("dark")))?;
        command(page, "filter alerts")?;
        page.wait_until("the filter", || Ok(focused(page)? == "Filter"))?;
        page.type_text("no such text")?;
        page.wait_for_text("No row passes the filter.")?;
        command(page, "filters off")?;
        page.wait_until("the rows", || Ok(page.all_css(".grid-window [role=row]")?.len() > 5))
    });
}

#[test]
fn the_list_of_keys_names_the_keys_of_the_commands() {
    in_browser("keys-list", |page| {
        ready(page)?;
        page.role("tab", "Lists")?.click()?;
        page.press("?")?;
        let told = page.role("dialog", "Keys and colours")?.text()?.replace('\n', " ");
        for key in ["Ctrl K Find a command", "Ctrl Enter Run now", "/ Filter the alerts", "Esc Close the story"] {
            ensure!(told.contains(key), "{key} is not in {told}");
        }
        page.screenshot("list")?;
        Ok(())
    });
}

#[test]
fn a_row_and_its_explanation_are_copied_as_markdown() {
    in_browser("copy", |page| {
        page.before_every_page(KEEP_COPIES)?;
        page.visit("")?;
        ready(page)?;
        page.css("[aria-rowindex='2'] [role=gridcell]")?.click()?;
        let story = page.role("region", "Why it fired")?;
        page.wait_until("the story", || Ok(story.text()?.contains("conditions hold")))?;
        press_button(page, "Copy the explanation as Markdown")?;
        let explanation = copied(page, 0)?;
        ensure!(explanation.contains("fires on this row\n\n- ✓ `"), "{explanation}");
        ensure!(explanation.contains("| `DeviceName` | `"), "{explanation}");
        page.wait_until("words that say so", || Ok(page.css(".toast")?.text()? == "Copied."))?;
        page.screenshot("copied")?;
        page.css("[aria-rowindex='2'] [role=gridcell]")?.click()?;
        page.press("Shift+F10")?;
        page.role("menuitem", "Copy the row as Markdown")?.click()?;
        let row = copied(page, 1)?;
        ensure!(row.starts_with("| Column | Value |\n|---|---|\n| `Timestamp` | `"), "{row}");
        page.css("[aria-rowindex='2'] [role=gridcell]")?.click()?;
        page.press("Shift+F10")?;
        page.screenshot("menu")?;
        page.role("menuitem", "Copy the explanation as Markdown")?.click()?;
        ensure!(copied(page, 2)? == explanation);
        command(page, "copy marked row")?;
        ensure!(copied(page, 3)? == row);
        Ok(())
    });
}

#[test]
fn a_copied_row_has_its_cells_whole() {
    in_browser("copy-whole", |page| {
        page.before_every_page(KEEP_COPIES)?;
        page.visit("")?;
        ready(page)?;
        let log = format!(
            "Timestamp,DeviceName,FileName,ProcessCommandLine,InitiatingProcessCommandLine\n\
             2026-10-22T23:59:59Z,pc,git.exe,git push https://github.com/x,{}|END\n",
            "x".repeat(2_000)
        );
        page.drop_file(&page.css("body")?, "long.csv", log.as_bytes())?;
        wait_for_alerts(page, [MIXED_DAY[0], MIXED_DAY[1] + 1, MIXED_DAY[2]])?;
        page.css("[aria-rowindex='2'] [role=gridcell]")?.click()?;
        command(page, "copy marked row")?;
        let row = copied(page, 0)?;
        ensure!(row.contains("x\\|END`"), "{row}");
        Ok(())
    });
}

#[test]
fn the_palette_and_what_passes_by_fit_a_phone() {
    in_browser("palette-small", |page| {
        for (width, colours) in [(360, "light"), (360, "dark"), (1280, "dark")] {
            page.prefer_colours(colours)?;
            page.resize(width, 800)?;
            page.visit("")?;
            ready(page)?;
            page.press("Control+k")?;
            page.role("combobox", "Find a command")?;
            page.type_text("sam")?;
            let wide = "const d = document.querySelector('dialog'); return d.scrollWidth <= d.clientWidth";
            ensure!(page.script(wide, &[])? == json!(true), "at {width} it scrolls sideways");
            page.screenshot(&format!("{width}-{colours}"))?;
        }
        Ok(())
    });
}
