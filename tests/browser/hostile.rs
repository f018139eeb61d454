//! Logs are hostile: whatever stands in them is shown as text.

use anyhow::ensure;
use serde_json::json;
use system_tests::browser::in_browser;

use crate::screen::{MIXED_DAY, ready, wait_for_alerts, wait_for_log};

#[test]
fn markup_scripts_and_hidden_characters_are_shown_as_text() {
    in_browser("hostile", |page| {
        ready(page)?;
        let image = "<img src=x onerror=alert(1)>";
        let script = "<script>alert(2)</script>";
        let link = "<a href='javascript:alert(3)'>x</a>";
        let log = format!(
            "Timestamp,DeviceName,AccountName,FileName,ProcessCommandLine,<svg onload=alert(4)>\n\
             2026-10-22T23:00:00Z,{image},{script},git.exe,git push https://github.com/ {link} {image} \u{202e}exe.gpj,\
             {script}\n"
        );
        page.drop_file(&page.css("body")?, "<b>bold<script>.csv", log.as_bytes())?;
        wait_for_log(page, &["<b>bold<script>.csv", "1 row"])?;
        wait_for_alerts(page, [MIXED_DAY[0], MIXED_DAY[1] + 1, MIXED_DAY[2]])?;
        page.css("[aria-rowindex='2'] [role=gridcell]")?.click()?;
        page.role("region", "Why it fired")?;
        page.wait_for_text("⟨RLO⟩exe.gpj")?;
        page.screenshot("shown")?;
        for text in [image, script, link] {
            page.wait_for_text(text)?;
        }
        let made = "return [...document.querySelectorAll('main img, main script, main a, main b, main iframe, \
             main [onerror], main [onload], dialog script')].length";
        ensure!(page.script(made, &[])? == json!(0));
        page.css(".source:last-child .source-open")?.click()?;
        page.role("dialog", "<b>bold<script>.csv")?;
        page.wait_for_text("<svg onload=alert(4)>")?;
        ensure!(page.script(made, &[])? == json!(0));
        Ok(())
    });
}

#[test]
fn a_cell_of_a_megabyte_is_cut_in_the_table_and_whole_in_the_story() {
    in_browser("huge-cell", |page| {
        ready(page)?;
        let padding = "x".repeat(1 << 20);
        let log = format!(
            "Timestamp,DeviceName,FileName,ProcessCommandLine,InitiatingProcessCommandLine\n\
             2026-10-22T23:00:00Z,pc,git.exe,git push https://github.com/,{padding}END\n"
        );
        page.drop_file(&page.css("body")?, "huge.csv", log.as_bytes())?;
        wait_for_alerts(page, [MIXED_DAY[0], MIXED_DAY[1] + 1, MIXED_DAY[2]])?;
        let longest =
            "return Math.max(...[...document.querySelectorAll('[role=gridcell]')].map((c) => c.textContent.length))";
        let longest = page.script(longest, &[])?;
        ensure!(longest.as_u64().is_some_and(|length| (500..700).contains(&length)), "{longest}");
        page.css("[aria-rowindex='2'] [role=gridcell]")?.click()?;
        let more = page.wait_for("the button for the rest", || {
            let buttons = page.all_roles("button")?;
            Ok(buttons.into_iter().find(|(name, _)| name.starts_with("Show all 1,048,579 bytes")).map(|(_, b)| b))
        })?;
        more.click()?;
        let whole =
            "return [...document.querySelectorAll('.story pre')].some((pre) => pre.textContent.endsWith('xEND'))";
        page.wait_until("the whole text", || Ok(page.script(whole, &[])? == json!(true)))
    });
}
