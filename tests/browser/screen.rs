//! What the tests of the page share: the page when it is ready, and its parts by what a user calls them.

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use std::fs::File;
use std::io::BufWriter;
use std::path::PathBuf;
use system_tests::browser::{Element, Page};
use system_tests::generator;

/// The signals of the shipped rule, in its order.
pub(crate) const SIGNALS: [&str; 3] = ["LargeUploadToCodeRepo", "GitPushToExternalRepo", "CodeRepoAPIUpload"];

/// Alerts of the mixed day by signal, as crates/detection/samples/manifest.json expects them.
pub(crate) const MIXED_DAY: [usize; 3] = [19, 34, 9];

/// Keeps the files that the page hands to the browser.
pub(crate) const KEEP_FILES: &str = "
    window.files = [];
    const make = URL.createObjectURL.bind(URL);
    URL.createObjectURL = (blob) => { blob.text().then((text) => files.push({ text, type: blob.type })); return make(blob); };
    window.names = [];
    const click = HTMLAnchorElement.prototype.click;
    HTMLAnchorElement.prototype.click = function () { if (this.download) names.push(this.download); else click.call(this); };";

/// The text of the newest file that the page handed to the browser, once [`KEEP_FILES`] was run in it.
pub(crate) fn saved_file(page: &Page) -> Result<String> {
    page.wait_for("the file", || Ok(page.script("return files.at(-1)?.text ?? null", &[])?.as_str().map(str::to_owned)))
}

/// Waits until the sample that the page opens with has been run.
pub(crate) fn ready(page: &Page) -> Result<()> {
    wait_for_alerts(page, MIXED_DAY)
}

/// Waits until the cards of the shipped rule's signals show these numbers of alerts.
pub(crate) fn wait_for_alerts(page: &Page, expected: [usize; 3]) -> Result<()> {
    let shown = || alerts(page).map(|shown| format!("{shown:?}")).unwrap_or_else(|error| error.to_string());
    page.wait_until("the signals' counts", || Ok(alerts(page)? == expected.map(Some)))
        .with_context(|| format!("expected {expected:?}, shown {}", shown()))
}

/// The number of alerts on each signal's card; none where the card is not there or shows no number.
pub(crate) fn alerts(page: &Page) -> Result<[Option<usize>; 3]> {
    const READ: &str = "return arguments[0].map((name) => \
        document.querySelector(`article[aria-label=${name}] .big`)?.textContent ?? null)";
    let shown = page.script(READ, &[json!(SIGNALS)])?;
    let number = |place: usize| shown[place].as_str()?.replace(',', "").parse().ok();
    Ok([number(0), number(1), number(2)])
}

/// A signal's card.
pub(crate) fn card<'page>(page: &'page Page, signal: &str) -> Result<Element<'page>> {
    page.role("article", signal)
}

/// Clicks the button with a name.
pub(crate) fn press_button(page: &Page, name: &str) -> Result<()> {
    page.role("button", name)?.click()
}

/// Opens a sample by its title, in place of what is loaded.
pub(crate) fn open_sample(page: &Page, title: &str) -> Result<()> {
    press_button(page, "Samples")?;
    let sample = page.wait_for(&format!("the sample {title:?}"), || {
        let buttons = page.all_roles("button")?;
        Ok(buttons.into_iter().find(|(name, _)| name.starts_with(title)).map(|(_, button)| button))
    })?;
    sample.click()
}

/// Shows the other view of the rule.
pub(crate) fn show(page: &Page, view: &str) -> Result<()> {
    page.role("tab", view)?.click()
}

/// Replaces the query by typing.
pub(crate) fn type_query(page: &Page, query: &str) -> Result<()> {
    page.role("textbox", "KQL query")?.click()?;
    page.press("Control+a")?;
    page.press("Delete")?;
    page.type_text(query)
}

/// The names of what is loaded, being read or refused, with what is said of each.
pub(crate) fn logs(page: &Page) -> Result<Vec<String>> {
    page.all_css(".source")?.iter().map(|chip| Ok(chip.text()?.replace('\n', " "))).collect()
}

/// Waits until one of the logs is described so.
pub(crate) fn wait_for_log(page: &Page, parts: &[&str]) -> Result<()> {
    page.wait_until(&format!("a log with {parts:?}"), || {
        Ok(logs(page)?.iter().any(|log| parts.iter().all(|part| log.contains(part))))
    })
    .with_context(|| format!("the logs are {:?}", logs(page)))
}

/// Waits until what has the focus has that accessible name: the focus goes there once the page is drawn.
pub(crate) fn wait_for_focus(page: &Page, name: &str) -> Result<()> {
    let shown = || focused(page).unwrap_or_else(|error| error.to_string());
    page.wait_until("the focus", || Ok(focused(page).is_ok_and(|focused| focused == name)))
        .with_context(|| format!("it should be on {name:?}, and is on {:?}", shown()))
}

/// The accessible name of what has the focus.
pub(crate) fn focused(page: &Page) -> Result<String> {
    let element = page.css(":focus")?;
    let name = element.label()?;
    ensure!(!name.is_empty(), "what has the focus has no name");
    Ok(name)
}

/// A file that takes a while to read.
pub(crate) fn long_log(rows: u64) -> Result<PathBuf> {
    let file = std::env::temp_dir().join(format!("exfil-long-{}.csv", std::process::id()));
    let writer = File::create(&file).with_context(|| format!("cannot write {}", file.display()))?;
    generator::write_csv(rows, 1, &mut BufWriter::new(writer))?;
    Ok(file)
}

/// Has the page itself cancel the reading of a log as soon as some rows are read: a driver comes too late on a quick
/// machine.
pub(crate) fn cancel_once_read_from(page: &Page, name: &str) -> Result<()> {
    const CANCEL: &str = "
        const cancel = () => {
            const button = document.querySelector(`[aria-label='Cancel ${arguments[0]}']`);
            const told = button?.closest('.source')?.innerText ?? '';
            if (!told.includes(' of ') || told.includes(' 0 rows')) return requestAnimationFrame(cancel);
            window.cancelled = told;
            button.click();
        };
        cancel();";
    page.script(CANCEL, &[json!(name)]).map(drop)
}

/// Waits until the page has done so.
pub(crate) fn wait_for_cancelled(page: &Page) -> Result<()> {
    page.wait_until("some of it to be read", || Ok(page.script("return window.cancelled ?? null", &[])? != json!(null)))
}

/// How many logs the browser's database has.
pub(crate) const KEPT_LOGS: &str = "return new Promise((done) => {
    const opening = indexedDB.open('exfil-playground');
    opening.onsuccess = () => {
        const counting = opening.result.transaction('logs').objectStore('logs').count();
        counting.onsuccess = () => { opening.result.close(); done(counting.result); };
    };
});";
