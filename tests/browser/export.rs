//! The rule and its alerts go to other places; whether they run there is told first.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use system_tests::browser::{Page, in_browser};

use crate::screen::{KEEP_FILES, focused, press_button, ready, show, type_query};

fn open(page: &Page) -> Result<()> {
    page.before_every_page(KEEP_FILES)?;
    page.visit("")?;
    ready(page)?;
    press_button(page, "Export")?;
    page.role("dialog", "Export").map(drop)
}

fn choose(page: &Page, form: &str) -> Result<()> {
    let select = page.role("combobox", "As")?;
    page.script(
        "const [select, name] = arguments; select.selectedIndex = [...select.options].findIndex((o) => o.text === name); \
         select.dispatchEvent(new Event('change', { bubbles: true }))",
        &[select.to_json(), json!(form)],
    )
    .map(drop)
}

/// Downloads what is shown: its name, and what it holds.
fn download(page: &Page) -> Result<(String, String)> {
    let before = page.script("return files.length", &[])?;
    page.role("button", "Download")?.click()?;
    page.wait_until("the file", || Ok(page.script("return files.length", &[])? != before))?;
    let told = page.script("return [names.at(-1), files.at(-1).text]", &[])?;
    let text = |place: usize| told[place].as_str().map(str::to_owned).context("no text");
    Ok((text(0)?, text(1)?))
}

fn wait_for_file(page: &Page, ending: &str) -> Result<()> {
    page.wait_until(&format!("a file {ending}"), || Ok(page.css(".export .actions")?.text()?.contains(ending)))
}

#[test]
fn defender_is_told_to_lack_columns_and_gets_the_portable_form() {
    in_browser("export-defender", |page| {
        open(page)?;
        page.wait_for_text("It does not run in Defender advanced hunting as it is; the exported form does.")?;
        let told = page.css(".will-it-run")?.text()?;
        ensure!(told.contains("There is no column BytesSent"), "{told}");
        page.screenshot("defender")?;
        wait_for_file(page, ".defender.json")?;
        let (name, text) = download(page)?;
        ensure!(name.ends_with(".defender.json"), "{name}");
        let detection: Value = serde_json::from_str(&text)?;
        ensure!(detection.is_object() && text.contains("column_ifexists"), "{text}");
        choose(page, "Query for advanced hunting")?;
        wait_for_file(page, ".kql")?;
        let (_, text) = download(page)?;
        ensure!(
            text.contains("column_ifexists(\\\"BytesSent\\\"") || text.contains("column_ifexists(\"BytesSent\""),
            "{text}"
        );
        // The way to where the query uses what is not there.
        let line = page.wait_for("a line", || {
            Ok(page.all_roles("button")?.into_iter().find(|(name, _)| name.starts_with("line ")))
        })?;
        line.1.click()?;
        page.wait_until("the text", || Ok(focused(page)? == "KQL query"))
    });
}

#[test]
fn sentinel_gets_a_template_and_yaml() {
    in_browser("export-sentinel", |page| {
        open(page)?;
        // By keys: the tabs, then the forms.
        page.role("tab", "Defender")?.click()?;
        page.press("Right")?;
        page.wait_until("the next tab", || Ok(focused(page)? == "Sentinel"))?;
        wait_for_file(page, ".sentinel.json")?;
        let (_, text) = download(page)?;
        let template: Value = serde_json::from_str(&text)?;
        ensure!(template["resources"].is_array() && text.contains("T1567"), "{text}");
        choose(page, "Analytics rule, YAML")?;
        wait_for_file(page, ".sentinel.yaml")?;
        let (_, text) = download(page)?;
        ensure!(text.contains("relevantTechniques") && text.contains("T1567"), "{text}");
        page.screenshot("yaml")?;
        Ok(())
    });
}

#[test]
fn any_kusto_gets_the_query_with_its_rows_and_the_alerts_are_files() {
    in_browser("export-files", |page| {
        open(page)?;
        page.role("tab", "Plain Kusto")?.click()?;
        wait_for_file(page, "-with-rows.kql")?;
        let (_, text) = download(page)?;
        ensure!(text.contains("let DeviceProcessEvents = datatable (") && text.contains("GitPushSignal"), "{text}");
        page.role("tab", "Alerts")?.click()?;
        wait_for_file(page, ".alerts.csv")?;
        let (_, csv) = download(page)?;
        ensure!(csv.starts_with("Timestamp,") && csv.lines().count() >= 63, "{csv}");
        choose(page, "JSON")?;
        wait_for_file(page, ".alerts.json")?;
        let (_, text) = download(page)?;
        let rows: Value = serde_json::from_str(&text)?;
        ensure!(rows.as_array().map(Vec::len) == Some(62));
        page.role("tab", "Plain Kusto")?.click()?;
        Ok(())
    });
}

#[test]
fn a_broken_query_is_told_before_anything_is_exported() {
    in_browser("export-broken", |page| {
        ready(page)?;
        show(page, "KQL")?;
        type_query(page, "DeviceProcessEvents\n| where Nope == 1")?;
        page.wait_for_text("The results below are of the query before.")?;
        press_button(page, "Export")?;
        page.wait_for_text("The query has errors here already: mend them first.")?;
        page.screenshot("broken")?;
        Ok(())
    });
}

#[test]
fn the_dialog_fits_a_phone_and_the_dark() {
    in_browser("export-sizes", |page| {
        for (width, colours) in [(360, "light"), (360, "dark"), (1280, "dark")] {
            page.prefer_colours(colours)?;
            page.resize(width, 800)?;
            page.visit("")?;
            ready(page)?;
            press_button(page, "Export")?;
            wait_for_file(page, ".defender.json")?;
            let wide = "const d = document.querySelector('dialog'); return d.scrollWidth <= d.clientWidth";
            ensure!(page.script(wide, &[])? == json!(true), "at {width} it scrolls sideways");
            page.screenshot(&format!("{width}-{colours}"))?;
        }
        Ok(())
    });
}
