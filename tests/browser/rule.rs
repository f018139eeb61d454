//! The rule is changed in lists and in text, and the counts follow. The numbers after an edit are those of
//! tests/reference/rule_reference.py with the rule's text changed in the same way.

use anyhow::{Result, ensure};
use serde_json::json;
use system_tests::browser::{Page, in_browser};

use crate::screen::{
    MIXED_DAY, SIGNALS, card, focused, press_button, ready, show, type_query, wait_for_alerts, wait_for_focus,
};

/// With python3 among the transfer tools.
const WITH_PYTHON3: [usize; 3] = [20, 34, 9];
/// Without github.com among the domains.
const WITHOUT_GITHUB: [usize; 3] = [11, 17, 9];
/// With a threshold of 1 MiB.
const FROM_1_MIB: [usize; 3] = [17, 34, 9];
/// Looking back over two hours.
const TWO_HOURS: [usize; 3] = [0, 1, 0];

fn add(page: &Page, list: &str, value: &str) -> Result<()> {
    press_button(page, &format!("Add to {list}"))?;
    page.type_text(value)?;
    page.press("Enter")
}

/// How many values of a list are shown.
fn chips(page: &Page, list: &str) -> Result<usize> {
    Ok(page.all_css(&format!("[role=group][aria-label={list}] .chip"))?.len())
}

/// The text as it is kept for the next visit; none while it is the shipped rule.
fn query(page: &Page) -> Result<Option<String>> {
    let kept = page.script("return JSON.parse(localStorage['exfil-playground/1'] ?? '{}').query ?? null", &[])?;
    Ok(kept.as_str().map(str::to_owned))
}

#[test]
fn a_value_added_to_a_list_is_in_the_text_and_in_the_counts() {
    in_browser("add", |page| {
        ready(page)?;
        add(page, "TransferTools", "python3")?;
        wait_for_alerts(page, WITH_PYTHON3)?;
        wait_for_focus(page, "Add to TransferTools")?;
        page.press("Escape")?;
        wait_for_focus(page, "Add to TransferTools")?;
        let card = card(page, SIGNALS[0])?.text()?;
        ensure!(card.contains("+1") && card.contains("by the last edit"), "{card}");
        page.screenshot("added")?;
        show(page, "KQL")?;
        let text = page.role("textbox", "KQL query")?.text()?;
        ensure!(text.contains("Exfiltration to a code repository"), "{text}");
        press_button(page, "Undo")?;
        wait_for_alerts(page, MIXED_DAY)?;
        press_button(page, "Redo")?;
        wait_for_alerts(page, WITH_PYTHON3)
    });
}

#[test]
fn a_value_is_taken_out_by_key_and_the_focus_goes_to_the_next() {
    in_browser("remove", |page| {
        ready(page)?;
        let domain = page.role("button", "github.com")?;
        page.script("arguments[0].focus()", &[domain.to_json()])?;
        page.press("Delete")?;
        wait_for_alerts(page, WITHOUT_GITHUB)?;
        wait_for_focus(page, "api.github.com")?;
        // Every other chip of the list too: an empty list is a list.
        for left in (0..9).rev() {
            page.press("Delete")?;
            page.wait_until("the list to be shorter", || Ok(chips(page, "CodeRepoDomains")? == left))?;
        }
        wait_for_alerts(page, [0, 0, 9])?;
        page.wait_for_text("The list is empty: nothing matches it.")?;
        wait_for_focus(page, "Add to CodeRepoDomains")?;
        for _ in 0..10 {
            press_button(page, "Undo")?;
        }
        wait_for_alerts(page, MIXED_DAY)
    });
}

#[test]
fn a_value_is_changed_in_place() {
    in_browser("change", |page| {
        ready(page)?;
        press_button(page, "github.com")?;
        wait_for_focus(page, "Another value for github.com")?;
        page.press("Control+a")?;
        page.type_text("codeberg.example")?;
        page.press("Enter")?;
        wait_for_alerts(page, WITHOUT_GITHUB)?;
        wait_for_focus(page, "codeberg.example")?;
        page.press("Enter")?;
        page.press("Escape")?;
        wait_for_focus(page, "codeberg.example")?;
        Ok(())
    });
}

#[test]
fn numbers_and_durations_are_fields_with_units() {
    in_browser("numbers", |page| {
        ready(page)?;
        let threshold = page.role("textbox", "UploadThreshold")?;
        threshold.click()?;
        page.press("Control+a")?;
        page.type_text("1 MiB")?;
        page.press("Enter")?;
        wait_for_alerts(page, FROM_1_MIB)?;
        page.wait_for_text("1,048,576 bytes, 1 MiB")?;
        press_button(page, "Half of it")?;
        wait_for_alerts(page, MIXED_DAY)?;
        let look_back = page.role("combobox", "LookBack")?;
        look_back.click()?;
        page.press("Control+a")?;
        page.type_text("2h")?;
        page.press("Enter")?;
        wait_for_alerts(page, TWO_HOURS)?;
        look_back.click()?;
        page.press("Control+a")?;
        page.type_text("soon")?;
        page.press("Enter")?;
        page.wait_for_text("`soon` is not a value that can stand here.")?;
        wait_for_alerts(page, TWO_HOURS)
    });
}

#[test]
fn a_broken_query_says_where_and_why_and_the_result_before_stays() {
    in_browser("broken", |page| {
        ready(page)?;
        show(page, "KQL")?;
        type_query(page, "DeviceProcessEvents\n| where Nope == 'cmd.exe'")?;
        let words = page.css(".cm-words")?;
        page.wait_until("the words", || Ok(words.text()?.contains("Nope")))?;
        ensure!(page.css(".cm-lintRange-error")?.text()? == "Nope");
        page.wait_for_text("The results below are of the query before.")?;
        wait_for_alerts(page, MIXED_DAY)?;
        ensure!(page.role("tab", "Alerts 62").is_ok());
        page.screenshot("words")?;
        wait_for_focus(page, "KQL query")?;
        show(page, "Lists")?;
        press_button(page, "Show it")?;
        page.wait_until("the place in the text", || Ok(focused(page)? == "KQL query"))?;
        page.type_text("FileName")?;
        page.press("End")?;
        page.type_text(" or FileName == 'git.exe'")?;
        page.wait_until("the result", || Ok(page.all_css(".notice.error")?.is_empty()))?;
        page.press("Control+Enter")?;
        Ok(())
    });
}

#[test]
fn a_query_of_ones_own_shows_what_it_gives() {
    in_browser("own-query", |page| {
        ready(page)?;
        press_button(page, "New")?;
        page.wait_until("the text field", || Ok(focused(page)? == "KQL query"))?;
        page.type_text("DeviceP")?;
        let list = page.role("listbox", "Completions")?;
        ensure!(list.text()?.contains("DeviceProcessEvents"), "{}", list.text()?);
        std::thread::sleep(std::time::Duration::from_millis(100));
        page.press("Tab")?;
        page.type_text(" | summarize Runs = count() by FileName | top 3 by Runs")?;
        page.press("Control+Enter")?;
        page.role("tab", "Result 3")?;
        let heads: Vec<String> = page.all_roles("columnheader")?.into_iter().map(|(name, _)| name).collect();
        ensure!(heads == ["FileName", "Runs"], "{heads:?}");
        page.css("[role=gridcell]")?.click()?;
        page.wait_for_text("This row was computed by the query")?;
        press_button(page, "Reset")?;
        wait_for_alerts(page, MIXED_DAY)
    });
}

#[test]
fn undo_and_redo_go_across_both_views() {
    in_browser("history", |page| {
        ready(page)?;
        add(page, "TransferTools", "python3")?;
        wait_for_alerts(page, WITH_PYTHON3)?;
        show(page, "KQL")?;
        page.role("textbox", "KQL query")?.click()?;
        page.press("Control+Home")?;
        page.type_text("//")?;
        page.wait_until("the typing", || Ok(query(page)?.is_some_and(|text| text.starts_with("////"))))?;
        press_button(page, "Undo")?;
        page.wait_until("typing to be undone first", || {
            Ok(query(page)?.is_some_and(|text| text.starts_with("// ") && text.contains("python3")))
        })?;
        press_button(page, "Undo")?;
        wait_for_alerts(page, MIXED_DAY)?;
        ensure!(query(page)?.is_none(), "the shipped rule again");
        show(page, "Lists")?;
        press_button(page, "Redo")?;
        wait_for_alerts(page, WITH_PYTHON3)?;
        press_button(page, "Reset")?;
        wait_for_alerts(page, MIXED_DAY)?;
        ensure!(query(page)?.is_none());
        press_button(page, "Undo")?;
        wait_for_alerts(page, WITH_PYTHON3)
    });
}

#[test]
fn the_clock_decides_what_is_recent() {
    in_browser("clock", |page| {
        ready(page)?;
        page.wait_for_text("2026-10-22 23:59:41")?;
        let clock = page.role("combobox", "Now")?;
        clock.click()?;
        let choose = |value: &str| {
            page.script(
                "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('change', {bubbles: true}))",
                &[clock.to_json(), json!(value)],
            )
        };
        choose("wall")?;
        wait_for_alerts(page, [0, 0, 0])?;
        page.wait_for_text("No row is inside the look-back")?;
        page.screenshot("wall")?;
        press_button(page, "Use the newest event as now")?;
        wait_for_alerts(page, MIXED_DAY)?;
        choose("at")?;
        let instant = page.css("input[type=datetime-local]")?;
        page.script(
            "arguments[0].value = '2026-10-22T02:00:00'; arguments[0].dispatchEvent(new Event('change', {bubbles: true}))",
            &[instant.to_json()],
        )?;
        // Everything after two o'clock counts as well: the rule asks only how old a row may be. So does an upload of
        // the day before.
        wait_for_alerts(page, [MIXED_DAY[0] + 1, MIXED_DAY[1], MIXED_DAY[2]])
    });
}

#[test]
fn query_and_clock_are_there_again_after_a_reload() {
    in_browser("reload", |page| {
        ready(page)?;
        add(page, "TransferTools", "python3")?;
        wait_for_alerts(page, WITH_PYTHON3)?;
        show(page, "KQL")?;
        page.reload()?;
        wait_for_alerts(page, WITH_PYTHON3)?;
        ensure!(page.role("tab", "KQL")?.attribute("aria-selected")?.as_deref() == Some("true"));
        press_button(page, "Reset")?;
        wait_for_alerts(page, MIXED_DAY)
    });
}

#[test]
fn a_query_is_laid_out_anew_and_one_undo_takes_it_back() {
    in_browser("format", |page| {
        ready(page)?;
        show(page, "KQL")?;
        type_query(page, "DeviceProcessEvents|where  FileName=~'git.exe'//mine")?;
        press_button(page, "Format")?;
        // As WebDriver tells a text: blanks that follow each other are one.
        let text = || Ok::<_, anyhow::Error>(page.role("textbox", "KQL query")?.text()?.replace('\u{a0}', " "));
        page.wait_until("the layout", || {
            Ok(text()?.contains("| where FileName =~ 'git.exe'") && text()?.contains("//mine"))
        })?;
        press_button(page, "Undo")?;
        page.wait_until("the text before", || Ok(text()?.contains("Events|where FileName=~'git.exe'//mine")))?;
        type_query(page, "DeviceProcessEvents | where")?;
        press_button(page, "Format")?;
        page.wait_for_text("The query has a mistake, which has to be mended first.")
    });
}

#[test]
fn a_mistyped_name_is_mended_by_keys_and_the_query_runs() {
    in_browser("fix", |page| {
        ready(page)?;
        show(page, "KQL")?;
        type_query(page, "DeviceProcessEvents | where DeviceNam == '' | count")?;
        page.wait_for_text("Failed to resolve column or scalar expression named 'DeviceNam'")?;
        page.press("Control+.")?;
        wait_for_focus(page, "Write `DeviceName`")?;
        page.screenshot("offered")?;
        page.press("Enter")?;
        wait_for_focus(page, "KQL query")?;
        let text = || page.role("textbox", "KQL query")?.text();
        page.wait_until("the mended text", || Ok(text()?.contains("where DeviceName == ''")))?;
        page.wait_until("the words to go", || Ok(page.all_css(".cm-words")?.is_empty()))?;
        page.press("Control+z")?;
        page.wait_until("the text before", || Ok(text()?.contains("where DeviceNam == ''")))?;
        // The notice above the results and the palette have it too.
        press_button(page, "Write `DeviceName`")?;
        page.wait_until("the mended text", || Ok(text()?.contains("where DeviceName == ''")))
    });
}

#[test]
fn a_let_is_renamed_where_it_stands_and_the_rule_alerts_as_before() {
    in_browser("rename", |page| {
        ready(page)?;
        show(page, "KQL")?;
        page.role("textbox", "KQL query")?.click()?;
        page.press("Control+Home")?;
        // By the palette a name is chosen.
        page.press("Control+k")?;
        page.role("combobox", "Find a command")?;
        page.type_text("rename")?;
        page.press("Enter")?;
        page.role("dialog", "Rename")?;
        wait_for_focus(page, "New name")?;
        page.press("Escape")?;
        page.wait_until("the dialog to close", || Ok(page.all_css("dialog")?.is_empty()))?;
        // By F2 it is the one at the cursor.
        type_query(
            page,
            "let Tool = 'git.exe'; let Rows = DeviceProcessEvents | where FileName == Tool; Rows | count",
        )?;
        page.press("Control+Home")?;
        (0..5).try_for_each(|_| page.press("Right"))?;
        page.press("F2")?;
        wait_for_focus(page, "New name")?;
        let field = page.role("textbox", "New name")?;
        ensure!(page.script("return arguments[0].value", &[field.to_json()])? == json!("Tool"));
        page.type_text("FileName")?;
        page.wait_for_text("'FileName' is also a column where the name is used, and the column would be meant.")?;
        ensure!(page.role("button", "Rename")?.attribute("disabled")?.is_some(), "a refused name can be given");
        page.screenshot("refused")?;
        page.press("Control+a")?;
        page.type_text("Program")?;
        page.wait_for_text("Changes 2 places in the text, as one step to undo.")?;
        page.screenshot("accepted")?;
        page.press("Enter")?;
        wait_for_focus(page, "KQL query")?;
        let text = || page.role("textbox", "KQL query")?.text();
        page.wait_until("the new name", || Ok(text()?.matches("Program").count() == 2 && !text()?.contains("Tool")))?;
        press_button(page, "Undo")?;
        page.wait_until("the old name", || Ok(text()?.matches("Tool").count() == 2 && !text()?.contains("Program")))
    });
}

#[test]
fn what_a_test_passes_over_for_case_alone_is_told_after_the_run() {
    in_browser("case-matters", |page| {
        ready(page)?;
        show(page, "KQL")?;
        type_query(page, "DeviceProcessEvents | where FileName == 'GIT.EXE'")?;
        page.wait_for_text("Case matters here: this passes over")?;
        page.screenshot("told")?;
        Ok(())
    });
}
