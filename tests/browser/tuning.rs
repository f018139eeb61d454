//! Tuning as a user does it: near misses, what each value does, comparison, protected rows, labels. Counts are those of
//! the samples' manifest, and of tests/reference/rule_reference.py with the rule's text changed in the same way.

use anyhow::{Context as _, Result, ensure};
use system_tests::browser::{Element, Page, in_browser};

use crate::screen::{MIXED_DAY, focused, open_sample, press_button, ready, show, wait_for_alerts};

/// The visible button whose name begins so.
fn button<'page>(page: &'page Page, start: &str) -> Result<Element<'page>> {
    page.wait_for(&format!("a button {start:?}…"), || {
        Ok(page.all_roles("button")?.into_iter().find(|(name, _)| name.starts_with(start)).map(|(_, button)| button))
    })
}

#[test]
fn a_near_miss_is_caught_by_its_smallest_edit_and_let_go_by_one_undo() {
    in_browser("near-misses", |page| {
        ready(page)?;
        open_sample(page, "Ways past the rule")?;
        wait_for_alerts(page, [0, 0, 0])?;
        show(page, "Near misses")?;
        // Signal 1 has one row from python3.exe, and one from python3.11. By keyboard from here on.
        let group = button(page, "1 row: python3.exe InitiatingProcessFileName")?;
        page.script("arguments[0].focus()", &[group.to_json()])?;
        page.press("Enter")?;
        let apply = button(page, "Apply: Add 'python3' to TransferTools")?;
        page.wait_for_text("+2 alerts")?;
        page.wait_for_text("1 of them another row, 2 labelled attack")?;
        page.screenshot("open")?;
        page.script("arguments[0].focus()", &[apply.to_json()])?;
        page.press("Enter")?;
        wait_for_alerts(page, [2, 0, 0])?;
        page.wait_for_text("✓ Add 'python3' to TransferTools")?;
        ensure!(page.css(":focus")?.attribute("class")?.is_some_and(|class| class.contains("near")), "focus is lost");
        page.wait_until("the group to go", || {
            let is_it = |name: &str| name.starts_with("1 row: python3.exe InitiatingProcessFileName");
            Ok(!page.all_roles("button")?.iter().any(|(name, _)| is_it(name)))
        })?;
        press_button(page, "Undo")?;
        wait_for_alerts(page, [0, 0, 0])?;
        button(page, "1 row: python3.exe InitiatingProcessFileName").map(drop)
    });
}

#[test]
fn a_near_miss_tells_its_story_and_what_else_an_edit_would_catch() {
    in_browser("near-story", |page| {
        ready(page)?;
        show(page, "Near misses")?;
        let first = page.css(".near-head")?;
        first.click()?;
        button(page, "Show ")?.click()?;
        page.role("region", "Why it did not fire")?;
        page.screenshot("story")?;
        page.press("Escape")?;
        page.wait_until("the story to close", || Ok(page.all_css(".story")?.is_empty()))?;
        ensure!(focused(page)?.contains("Near misses"), "{}", focused(page)?);
        button(page, "Show them")?.click()?;
        let told = page.css(".compared tbody tr")?.text()?;
        ensure!(told.starts_with('+'), "{told}");
        page.screenshot("rows")?;
        Ok(())
    });
}

#[test]
fn each_value_says_what_it_does() {
    in_browser("contribution", |page| {
        ready(page)?;
        let chip = |value: &str| -> Result<String> {
            let chips = page.all_css(".chip")?;
            let mut texts = chips.iter().map(Element::text).collect::<Result<Vec<_>>>()?.into_iter();
            texts.find(|text| text.starts_with(value)).with_context(|| format!("no chip {value}"))
        };
        page.wait_until("the figures", || Ok(!page.all_css(".figures")?.is_empty()))?;
        page.screenshot("figures")?;
        // wget starts nothing on that day.
        ensure!(chip("wget")?.contains("in no row"), "{}", chip("wget")?);
        press_button(page, "Remove wget")?;
        wait_for_alerts(page, MIXED_DAY)
    });
}
