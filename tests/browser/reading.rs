//! What each log's report says, and logs that are read otherwise than they look.

use anyhow::{Result, ensure};
use serde_json::json;
use system_tests::browser::{Element, Page, in_browser};

use crate::screen::{
    KEPT_LOGS, MIXED_DAY, cancel_once_read_from, focused, logs, long_log, press_button, ready, show, type_query,
    wait_for_alerts, wait_for_cancelled, wait_for_log,
};

const SYSMON: &[u8] = include_bytes!("../../crates/event-logs/tests/fixtures/sysmon.xml");

/// A process creation that Windows logged without its command line.
const SECURITY: &str = "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>\
    <Provider Name='Microsoft-Windows-Security-Auditing'/><EventID>4688</EventID>\
    <TimeCreated SystemTime='2026-10-22T09:30:35Z'/><EventRecordID>1</EventRecordID><Channel>Security</Channel>\
    <Computer>ws-02</Computer></System><EventData><Data Name='NewProcessId'>0x1092</Data>\
    <Data Name='NewProcessName'>C:\\Windows\\System32\\curl.exe</Data></EventData></Event>";

/// Opens the report of a log by keys.
fn open_report<'page>(page: &'page Page, name: &str) -> Result<Element<'page>> {
    page.wait_until("the log's button", || {
        let focus = "const button = [...document.querySelectorAll('.source-open')].find((b) => \
             b.querySelector('strong').textContent === arguments[0]); button?.focus(); return Boolean(button)";
        Ok(page.script(focus, &[json!(name)])? == json!(true))
    })?;
    page.press("Enter")?;
    page.role("dialog", name)
}

fn close(page: &Page) -> Result<()> {
    page.press("Escape")?;
    page.wait_until("the dialog to close", || Ok(page.all_css("dialog")?.is_empty()))
}

/// Moves on with Tab until what has the focus has this name.
fn tab_to(page: &Page, name: &str) -> Result<()> {
    for _ in 0..20 {
        page.press("Tab")?;
        if focused(page).is_ok_and(|focused| focused == name) {
            return Ok(());
        }
    }
    Err(anyhow::anyhow!("Tab does not come to {name:?}"))
}

fn first_cell(page: &Page) -> Result<String> {
    page.css(".grid-window [role=gridcell]")?.text()
}

#[test]
fn the_report_says_what_a_log_cannot_show() {
    in_browser("cannot-show", |page| {
        ready(page)?;
        page.drop_file(&page.css("body")?, "sysmon.xml", SYSMON)?;
        wait_for_log(page, &["sysmon.xml", "5 rows"])?;
        let told = open_report(page, "sysmon.xml")?.text()?;
        for words in [
            "What this log cannot show",
            "neither Sysmon nor Windows counts the bytes",
            "BytesSent: 0 of its 1 rows of DeviceNetworkEvents have a value. LargeUploadToCodeRepo cannot fire on them.",
            "Windows event XML",
            "It has Event elements",
        ] {
            ensure!(told.contains(words), "{words}: {told}");
        }
        page.screenshot("sysmon")?;
        close(page)?;

        page.drop_file(&page.css("body")?, "security.xml", SECURITY.as_bytes())?;
        wait_for_log(page, &["security.xml", "1 row"])?;
        let told = open_report(page, "security.xml")?.text()?;
        for words in [
            "1 of 1 process creation came without a command line",
            "It has no rows of DeviceNetworkEvents: LargeUploadToCodeRepo cannot fire on it.",
            "ProcessCommandLine: 0 of its 1 rows of DeviceProcessEvents have a value. GitPushToExternalRepo and CodeRepoAPIUpload cannot fire on them.",
        ] {
            ensure!(told.contains(words), "{words}: {told}");
        }
        close(page)?;

        // Under a query that reads none of that, nothing is missed.
        show(page, "KQL")?;
        type_query(page, "DeviceProcessEvents | where FileName == 'curl.exe'")?;
        page.wait_until("the rows", || {
            Ok(page.css("[role=grid]")?.label()? == "Result" || page.css("[role=grid]")?.label()? == "Alerts")
        })?;
        page.wait_until("the report of the new query", || {
            let told = open_report(page, "security.xml")?.text()?;
            close(page)?;
            Ok(told.contains("Every signal of the rule finds the columns here"))
        })
    });
}

#[test]
fn a_log_is_read_again_as_the_user_says() {
    in_browser("read-again", |page| {
        ready(page)?;
        let log = "TimeGenerated [Local Time],DeviceName,RemoteUrl,RemotePort\n\"05/10/2026, 9:43:21.000 AM\",ws-01,https://github.com,443\n";
        page.drop_file(&page.css("body")?, "local.csv", log.as_bytes())?;
        wait_for_log(page, &["local.csv", "1 row", "1 warning"])?;
        show(page, "KQL")?;
        type_query(page, "DeviceNetworkEvents | where DeviceName == 'ws-01' | project Timestamp")?;
        page.wait_until("the time as UTC, month first", || Ok(first_cell(page)? == "2026-05-10 09:43:21"))?;

        // All by keys: the zone, and the order of day and month.
        open_report(page, "local.csv")?;
        tab_to(page, "Zone of [Local Time]")?;
        page.type_text("UTC+02:00")?;
        tab_to(page, "Dates such as 05/10/2023")?;
        page.press("Down")?;
        page.screenshot("form")?;
        page.press("Enter")?;
        if !page.all_css("dialog")?.is_empty() {
            // Where Enter opens a list instead of sending the form.
            tab_to(page, "Read it again")?;
            page.press("Enter")?;
        }
        page.wait_until("the time as told", || Ok(first_cell(page)? == "2026-10-05 07:43:21"))?;
        ensure!(logs(page)?.len() == 3, "{:?}", logs(page)?);

        // Another table.
        open_report(page, "local.csv")?;
        tab_to(page, "Table")?;
        page.type_text("no name")?;
        page.wait_for_text("A table's name has letters, digits and underscores")?;
        page.press("Control+a")?;
        page.type_text("DeviceEvents\n")?;
        wait_for_log(page, &["local.csv", "1 row"])?;
        let told = open_report(page, "local.csv")?;
        page.wait_until("the table", || {
            Ok(told.text()?.contains("DeviceEvents") && told.text()?.contains("it was chosen"))
        })?;
        close(page)?;

        // It is read so on the next visit too, where logs are kept.
        page.role("checkbox", "Keep my logs in this browser")?.click()?;
        let kept = "return JSON.parse(localStorage['exfil-playground/1'] ?? '{}').readings?.[0]?.options.table ?? null";
        page.wait_until("the choice to be kept", || Ok(page.script(kept, &[])? == json!("DeviceEvents")))?;
        page.wait_until("the log to be kept", || Ok(page.script(KEPT_LOGS, &[])? == json!(1)))?;
        page.reload()?;
        wait_for_log(page, &["local.csv", "1 row"])?;
        let told = open_report(page, "local.csv")?.text()?;
        ensure!(told.contains("DeviceEvents") && told.contains("it was chosen"), "{told}");

        // And back to what it says itself.
        press_button(page, "Read it as it looks")?;
        page.wait_until("the time by its own word", || Ok(first_cell(page)? == "2026-05-10 09:43:21"))?;
        let told = open_report(page, "local.csv")?.text()?;
        ensure!(told.contains("DeviceNetworkEvents") && !told.contains("it was chosen"), "{told}");
        Ok(())
    });
}

/// What a proxy logs that knows the process behind a connection, under names of its own.
const PROXY: &str = "date-time,c-ip,cs-username,cs-host,r-port,cs-bytes,agent
2026/10/22 23:00:01,10.0.0.5,ada,api.github.com,443,900000,curl.exe
2026/10/22 23:00:02,10.0.0.6,bob,example.com,443,900000,curl.exe
";

#[test]
fn the_columns_of_a_proxys_log_are_mapped_by_hand_and_those_of_the_next_by_themselves() {
    in_browser("mapping", |page| {
        ready(page)?;
        page.drop_file(&page.css("body")?, "proxy.csv", PROXY.as_bytes())?;
        wait_for_log(page, &["proxy.csv", "2 rows"])?;
        wait_for_alerts(page, MIXED_DAY)?;
        open_report(page, "proxy.csv")?;
        page.wait_for_text("Its columns look like those of a log of connections, as of a proxy or a firewall.")?;
        tab_to(page, "Fill in for DeviceNetworkEvents")?;
        page.press("Enter")?;
        page.wait_for_text(
            "The rule reads InitiatingProcessFileName of DeviceNetworkEvents too, which no column stands for.",
        )?;
        page.screenshot("proposed")?;
        tab_to(page, "What agent stands for")?;
        page.type_text("RemoteUrl")?;
        page.wait_for_text("cs-host stands for it already")?;
        page.press("Control+a")?;
        page.type_text("InitiatingProcessFileName")?;
        page.wait_for_text("Every column of DeviceNetworkEvents that the rule reads is there.")?;
        page.screenshot("mapped")?;
        tab_to(page, "Read it again")?;
        page.press("Enter")?;
        let one_more = [MIXED_DAY[0] + 1, MIXED_DAY[1], MIXED_DAY[2]];
        wait_for_alerts(page, one_more)?;
        let told = open_report(page, "proxy.csv")?.text()?;
        ensure!(told.contains("DeviceNetworkEvents") && told.contains("it was chosen"), "{told}");
        close(page)?;

        // The next of that shape needs no word more, on the next visit neither.
        page.reload()?;
        wait_for_alerts(page, MIXED_DAY)?;
        page.drop_file(&page.css("body")?, "next.csv", PROXY.as_bytes())?;
        wait_for_log(page, &["next.csv", "2 rows"])?;
        wait_for_alerts(page, one_more)?;
        let told = open_report(page, "next.csv")?.text()?;
        ensure!(told.contains("It has the columns of a log whose columns were mapped by hand before"), "{told}");
        tab_to(page, "Read it as it looks")?;
        page.press("Enter")?;
        wait_for_alerts(page, MIXED_DAY)?;
        page.drop_file(&page.css("body")?, "after.csv", PROXY.as_bytes())?;
        wait_for_log(page, &["after.csv", "2 rows"])?;
        wait_for_alerts(page, MIXED_DAY)
    });
}

#[test]
fn duplicates_of_overlapping_logs_are_left_out_where_that_is_wanted() {
    in_browser("duplicates", |page| {
        ready(page)?;
        let push = |n: u32| {
            SECURITY.replace("<EventRecordID>1<", &format!("<EventRecordID>{n}<")).replace(
                "</EventData>",
                "<Data Name='CommandLine'>curl.exe -X PUT https://api.github.com/repos/o/r/contents/x</Data></EventData>",
            )
        };
        page.drop_file(&page.css("body")?, "first.xml", (push(1) + &push(2)).as_bytes())?;
        wait_for_log(page, &["first.xml", "2 rows"])?;
        let with = |more: usize| [MIXED_DAY[0], MIXED_DAY[1], MIXED_DAY[2] + more];
        wait_for_alerts(page, with(2))?;
        ensure!(page.all_roles("checkbox")?.iter().all(|(name, _)| !name.starts_with("Leave out")));
        page.drop_file(&page.css("body")?, "second.xml", (push(2) + &push(3)).as_bytes())?;
        wait_for_alerts(page, with(4))?;
        page.role("checkbox", "Leave out 1 duplicate")?.click()?;
        wait_for_alerts(page, with(3))?;
        page.screenshot("left-out")?;
        page.role("checkbox", "Leave out 1 duplicate")?.click()?;
        wait_for_alerts(page, with(4))
    });
}

#[test]
fn a_form_that_was_not_recognised_can_be_chosen() {
    in_browser("choose-form", |page| {
        ready(page)?;
        // Pipes between cells would be no table; one column is, of a text that looks like none.
        page.drop_file(&page.css("body")?, "notes.txt", b"just words\nof no form, at all\nx\n")?;
        page.wait_until("a refusal", || {
            Ok(logs(page)?.iter().any(|log| log.contains("notes.txt") && !log.contains("row")))
        })?;
        open_report(page, "notes.txt")?;
        tab_to(page, "Form")?;
        page.type_text("Tab-separated")?;
        press_button(page, "Read it again")?;
        wait_for_log(page, &["notes.txt", "Tab-separated", "2 rows"])?;
        // What is no text has no form to choose.
        page.drop_file(&page.css("body")?, "picture.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")?;
        wait_for_log(page, &["picture.csv", "PNG"])?;
        open_report(page, "picture.csv")?;
        ensure!(page.all_css("#reading-format")?.is_empty());
        Ok(())
    });
}

#[test]
fn reading_again_can_be_called_off_and_leaves_what_was_read() {
    in_browser("read-again-cancel", |page| {
        ready(page)?;
        let file = long_log(400_000)?;
        let outcome = read_again_and_cancel(page, &file);
        std::fs::remove_file(&file)?;
        outcome
    });
}

fn read_again_and_cancel(page: &Page, file: &std::path::Path) -> Result<()> {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    page.css("input[type=file]")?.choose_file(file)?;
    wait_for_log(page, &[&name, "400,000 rows"])?;
    cancel_once_read_from(page, &name)?;
    open_report(page, &name)?;
    tab_to(page, "Table")?;
    page.type_text("Elsewhere\n")?;
    wait_for_cancelled(page)?;
    page.wait_until("only what was there", || {
        let logs = logs(page)?;
        Ok(logs.len() == 3 && logs.iter().any(|log| log.contains("400,000 rows")))
    })?;
    let told = open_report(page, &name)?.text()?;
    ensure!(!told.contains("Elsewhere"), "{told}");
    close(page)?;
    press_button(page, &format!("Remove {name}"))?;
    wait_for_alerts(page, MIXED_DAY)
}

#[test]
fn a_file_that_the_query_reads_by_name_is_no_log_and_outlives_a_reload() {
    in_browser("externaldata", |page| {
        ready(page)?;
        show(page, "KQL")?;
        let query = "let Bad = externaldata (Host: string) ['https://feeds.example/lists/bad-hosts.txt?sig=x']; \
            DeviceNetworkEvents | where RemoteUrl has_any (Bad) | project DeviceName, RemoteUrl";
        type_query(page, query)?;
        page.wait_for_text("The file 'bad-hosts.txt' is not loaded, and nothing is fetched.")?;
        page.screenshot("wanted")?;
        page.drop_file(&page.css("body")?, "bad-hosts.txt", b"github.com\n")?;
        wait_for_log(page, &["bad-hosts.txt", "read by the query (externaldata)"])?;
        page.wait_until("the rows", || {
            let grids = page.all_css(".grid-window [role=gridcell]")?;
            Ok(!grids.is_empty() && page.css("[role=grid]")?.text()?.contains("github.com"))
        })?;
        page.screenshot("read")?;
        page.role("checkbox", "Keep my logs in this browser")?.click()?;
        page.wait_until("the file to be kept", || Ok(page.script(KEPT_LOGS, &[])? == json!(1)))?;
        page.reload()?;
        wait_for_log(page, &["bad-hosts.txt", "read by the query (externaldata)"])?;
        press_button(page, "Remove bad-hosts.txt")?;
        page.wait_for_text("The file 'bad-hosts.txt' is not loaded, and nothing is fetched.")?;
        page.wait_until("the chip to go", || Ok(!logs(page)?.iter().any(|log| log.contains("bad-hosts"))))
    });
}

#[test]
fn what_columns_stand_for_and_near_misses_of_two_conditions_fit_a_phone() {
    in_browser("narrow", |page| {
        page.prefer_colours("dark")?;
        page.resize(360, 800)?;
        page.visit("")?;
        ready(page)?;
        page.drop_file(&page.css("body")?, "proxy.csv", PROXY.as_bytes())?;
        wait_for_log(page, &["proxy.csv", "2 rows"])?;
        open_report(page, "proxy.csv")?;
        tab_to(page, "Fill in for DeviceNetworkEvents")?;
        page.press("Enter")?;
        page.wait_for_text("which no column stands for.")?;
        tab_to(page, "What agent stands for")?;
        page.screenshot("mapping")?;
        let wide = "const dialog = document.querySelector('dialog'); return [dialog.scrollWidth, dialog.clientWidth]";
        let wide = page.script(wide, &[])?;
        ensure!(wide[0] == wide[1], "the dialog: {wide}");
        close(page)?;
        show(page, "Near misses")?;
        press_button(page, "Two conditions failed")?;
        page.wait_for_text("failed just two conditions")?;
        page.script("document.querySelector('.near-head').scrollIntoView()", &[])?;
        page.screenshot("near")?;
        let wide = "const root = document.scrollingElement; return [root.scrollWidth, root.clientWidth]";
        let wide = page.script(wide, &[])?;
        ensure!(wide[0] == wide[1], "the page: {wide}");
        Ok(())
    });
}
