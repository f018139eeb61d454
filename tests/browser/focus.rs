//! The focus is never lost: where what had it goes away, something near gets it, and only then.

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use system_tests::browser::{Element, Page, in_browser};

use crate::screen::{MIXED_DAY, open_sample, press_button, ready, show, wait_for_alerts, wait_for_log};

/// The visible button whose name begins so.
fn button<'page>(page: &'page Page, start: &str) -> Result<Element<'page>> {
    page.wait_for(&format!("a button {start:?}…"), || {
        Ok(page.all_roles("button")?.into_iter().find(|(name, _)| name.starts_with(start)).map(|(_, button)| button))
    })
}

/// Uses the button whose name begins so by keys, waits until it is gone, and looks where the focus is then.
fn use_up(page: &Page, start: &str, within: &str) -> Result<()> {
    let used = button(page, start)?;
    let top = page.script("arguments[0].focus(); return scrollY", &[used.to_json()])?;
    page.press("Enter")?;
    page.wait_until(&format!("{start:?} to go"), || {
        Ok(!page.all_roles("button")?.iter().any(|(name, _)| name.starts_with(start)))
    })?;
    let is_within = || -> Result<bool> {
        let is = page.script(
            "const active = document.activeElement;
             return active !== document.body && active.closest(arguments[0]) !== null",
            &[json!(within)],
        )?;
        Ok(is == json!(true))
    };
    page.wait_until(&format!("the focus in {within} after {start:?}"), is_within)
        .with_context(|| format!("it is on {:?}", page.script("return document.activeElement.outerHTML", &[])))?;
    ensure!(page.script("return scrollY", &[])? == top, "the page was scrolled by {start:?}");
    Ok(())
}

#[test]
fn a_control_that_goes_away_by_its_use_leaves_the_focus_beside_it() {
    in_browser("focus", |page| {
        ready(page)?;
        page.drop_file(&page.css("body")?, "own.csv", b"Timestamp,FileName\n2026-10-22T12:00:00Z,x.exe\n")?;
        wait_for_log(page, &["own.csv", "1 row"])?;
        use_up(page, "Remove own.csv", ".logs")?;
        // A protected row, broken and mended, and protected no more.
        page.css("[aria-rowindex='2'] [role=gridcell]")?.click()?;
        press_button(page, "Must alert")?;
        page.wait_for_text("1 protected row holds")?;
        press_button(page, "Remove gitlab.com")?;
        page.wait_for_text("1 of 1 protected row is broken")?;
        use_up(page, "Undo the last edit", "main")?;
        page.wait_for_text("1 protected row holds")?;
        page.css(".protected summary")?.click()?;
        use_up(page, "Protect no more", "main")?;
        wait_for_alerts(page, MIXED_DAY)?;
        // A version that was kept.
        show(page, "Compare")?;
        page.role("textbox", "Name of this version")?.click()?;
        page.type_text("mine\n")?;
        page.wait_for_text("The rule is mine, to the letter.")?;
        use_up(page, "Forget it", ".compare")?;
        // An edit that was offered, taken back.
        open_sample(page, "Ways past the rule")?;
        wait_for_alerts(page, [0, 0, 0])?;
        show(page, "Near misses")?;
        button(page, "1 row: python3.exe InitiatingProcessFileName")?.click()?;
        button(page, "Apply: Add 'python3' to TransferTools")?.click()?;
        wait_for_alerts(page, [2, 0, 0])?;
        page.css(".applied")?;
        let undo = page.css(".applied button")?;
        page.script("arguments[0].focus()", &[undo.to_json()])?;
        page.press("Enter")?;
        wait_for_alerts(page, [0, 0, 0])?;
        page.wait_until("the focus among the near misses", || {
            Ok(page.script("return document.activeElement.closest('.near') !== null", &[])? == json!(true))
        })
    });
}

#[test]
fn the_last_hint_and_a_notice_leave_the_focus_on_the_page() {
    in_browser("focus-lesson", |page| {
        page.visit("?lesson=read-an-alert")?;
        page.wait_for_text("Lesson 1 of 10")?;
        press_button(page, "Show a hint (1 of 3)")?;
        press_button(page, "Show a hint (2 of 3)")?;
        use_up(page, "Show a hint", "#lesson")?;
        use_up(page, "Leave", "main, header")?;
        ready(page)?;
        page.visit("?sample=none-such")?;
        ready(page)?;
        use_up(page, "Dismiss", "main, header, .notices")
    });
}

#[test]
fn who_let_go_of_the_focus_is_given_none() {
    in_browser("focus-let-go", |page| {
        ready(page)?;
        page.drop_file(&page.css("body")?, "own.csv", b"Timestamp,FileName\n2026-10-22T12:00:00Z,x.exe\n")?;
        wait_for_log(page, &["own.csv", "1 row"])?;
        let remove = button(page, "Remove own.csv")?;
        page.script("arguments[0].focus(); arguments[0].blur()", &[remove.to_json()])?;
        page.script("arguments[0].click()", &[remove.to_json()])?;
        page.wait_until("the log to go", || {
            Ok(page.all_roles("button")?.iter().all(|(name, _)| name != "Remove own.csv"))
        })?;
        ensure!(page.script("return document.activeElement === document.body", &[])? == json!(true), "it was stolen");
        // Nor is it taken from the editor, whatever comes and goes.
        show(page, "KQL")?;
        page.role("textbox", "KQL query")?.click()?;
        open_by_drop(page)?;
        ensure!(page.script("return document.activeElement.closest('.cm-editor') !== null", &[])? == json!(true));
        Ok(())
    });
}

fn open_by_drop(page: &Page) -> Result<()> {
    page.drop_file(&page.css("body")?, "other.csv", b"Timestamp,FileName\n2026-10-22T12:00:00Z,x.exe\n")?;
    wait_for_log(page, &["other.csv", "1 row"])
}
