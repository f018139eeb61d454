//! What stands in the page's address opens it in a state.

use anyhow::ensure;
use serde_json::json;
use system_tests::browser::in_browser;

use crate::screen::{alerts, logs, press_button, ready};

#[test]
fn the_address_opens_a_sample() {
    in_browser("address-sample", |page| {
        page.visit("?sample=scenario-2-force-push")?;
        // No upload among its few rows has a size for the first signal to see.
        page.wait_until("the sample", || Ok(alerts(page)? == [None, Some(1), Some(0)]))?;
        ensure!(logs(page)?.iter().any(|log| log.contains("DeviceFileEvents.csv")), "{:?}", logs(page)?);
        Ok(())
    });
}

#[test]
fn an_address_that_is_wrong_is_told_and_the_page_opens_all_the_same() {
    in_browser("address-wrong", |page| {
        page.visit("?sample=%3Cb%3Enone&embed=perhaps")?;
        page.wait_for_text("There is no sample <b>none, which the address asks for.")?;
        page.wait_for_text("The address says embed=perhaps, which is neither yes nor no")?;
        ready(page)?;
        page.screenshot("told")?;
        press_button(page, "Dismiss")?;
        page.wait_until("the notice to go", || Ok(page.all_css(".notice")?.is_empty()))
    });
}

#[test]
fn an_embedded_page_keeps_nothing_and_leads_to_the_whole_one() {
    in_browser("address-embed", |page| {
        ready(page)?;
        press_button(page, "Remove perl")?;
        page.wait_until("the edit to be kept", || {
            Ok(page.script("return localStorage['exfil-playground/1']?.includes('LookBack') ?? false", &[])?
                == json!(true))
        })?;
        let kept = page.script("return localStorage['exfil-playground/1']", &[])?;
        page.visit("?embed&sample=mixed-day")?;
        ready(page)?;
        page.screenshot("embedded")?;
        // Not the user's own edit, but the shipped rule.
        press_button(page, "Remove perl")?;
        page.wait_until("the edit", || Ok(page.all_roles("button")?.iter().all(|(name, _)| name != "Remove perl")))?;
        ensure!(page.script("return localStorage['exfil-playground/1']", &[])? == kept);
        ensure!(!page.all_roles("button")?.iter().any(|(name, _)| name == "Samples"));
        let link = page.role("link", "Open the whole page")?;
        ensure!(link.attribute("href")?.as_deref() == Some("./?sample=mixed-day"));
        Ok(())
    });
}
