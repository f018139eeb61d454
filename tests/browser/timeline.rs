//! Events and alerts over time, and the values around a threshold: by pointer, by keys, and as figures.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use system_tests::browser::{Page, in_browser};

use crate::screen::{MIXED_DAY, focused, open_sample, press_button, ready, wait_for_alerts, wait_for_focus};

/// Drags over an element, from and to these shares of its width.
const DRAG: &str = "
    const [target, from, to] = arguments;
    const box = target.getBoundingClientRect();
    const fire = (type, share) => target.dispatchEvent(new PointerEvent(type, {
        bubbles: true, cancelable: true, pointerId: 1, button: 0, buttons: 1,
        clientX: box.left + share * box.width, clientY: box.top + box.height / 2,
    }));
    // No real pointer is down, so none can be held.
    target.setPointerCapture = () => {};
    fire('pointerdown', from);
    for (let step = 1; step <= 4; step++) fire('pointermove', from + (to - from) * step / 4);
    fire('pointerup', to);";

fn drag(page: &Page, selector: &str, from: f64, to: f64) -> Result<()> {
    let target = page.css(selector)?;
    page.script(DRAG, &[target.to_json(), json!(from), json!(to)]).map(drop)
}

/// The sums of the columns of figures in a table, by heading.
fn figures(page: &Page, table: &str) -> Result<Vec<(String, u64)>> {
    const READ: &str = "
        const table = document.querySelector(`table[aria-label=\"${arguments[0]}\"]`);
        if (!table) return [];
        const heads = [...table.querySelectorAll('thead th')].map((head) => head.textContent);
        const sum = (column) => [...table.querySelectorAll('tbody tr')]
            .reduce((sum, row) => sum + Number(row.children[column].textContent.replaceAll(',', '')), 0);
        return heads.slice(1).map((head, place) => [head, sum(place + 1)]);";
    Ok(serde_json::from_value(page.script(READ, &[json!(table)])?)?)
}

fn toolbar(page: &Page) -> Result<String> {
    page.css(".toolbar")?.text()
}

#[test]
fn every_event_and_alert_stands_in_the_timeline_and_in_its_figures() {
    in_browser("timeline", |page| {
        ready(page)?;
        page.role("region", "Timeline")?;
        let of = |name: &str, count: usize| (name.to_owned(), count as u64);
        let expected = [
            of("Events", 2_022 + 1_448),
            of("LargeUploadToCodeRepo", MIXED_DAY[0]),
            of("GitPushToExternalRepo", MIXED_DAY[1]),
            of("CodeRepoAPIUpload", MIXED_DAY[2]),
        ];
        page.wait_until("the figures", || Ok(figures(page, "Events and alerts over time")? == expected))
            .with_context(|| format!("{:?}", figures(page, "Events and alerts over time")))?;
        page.css(".timeline summary")?.click()?;
        page.screenshot("figures")?;
        // An edit changes the alerts, and the events stay.
        press_button(page, "Remove github.com")?;
        page.wait_until("fewer alerts", || {
            let told = figures(page, "Events and alerts over time")?;
            Ok(told[0] == expected[0] && told[1].1 == 11 && told[2].1 == 17)
        })
    });
}

#[test]
fn a_stretch_of_time_is_marked_by_pointer_and_narrows_the_alerts() {
    in_browser("brush", |page| {
        ready(page)?;
        page.role("region", "Timeline")?;
        drag(page, ".timeline .brush", 0.4, 0.6)?;
        page.wait_until("fewer rows", || Ok(toolbar(page)?.contains(" of 62 rows")))?;
        page.wait_for_text("Looking at 2026-10-22 ")?;
        page.screenshot("narrowed")?;
        let hours = "return [...document.querySelectorAll('[role=gridcell][aria-colindex=\"1\"]')].map((c) => \
            / (\\d\\d):/.exec(c.textContent)?.slice(1).map(Number)[0] ?? null)";
        let within = || -> Result<bool> {
            // A row that has not come yet has no hour.
            let hours: Vec<Option<u32>> = serde_json::from_value(page.script(hours, &[])?)?;
            Ok(!hours.is_empty() && hours.iter().all(|hour| hour.is_some_and(|hour| (9..=15).contains(&hour))))
        };
        page.wait_until("rows of those hours alone", within)?;
        press_button(page, "Look at all times")?;
        page.wait_until("all rows", || Ok(!toolbar(page)?.contains(" of 62 rows")))?;
        drag(page, ".timeline .brush", 0.9, 1.0)?;
        page.wait_until("fewer rows", || Ok(toolbar(page)?.contains(" of 62 rows")))?;
        press_button(page, "Look at all")?;
        page.wait_until("all rows", || Ok(!toolbar(page)?.contains(" of 62 rows")))
    });
}

#[test]
fn a_stretch_of_time_is_marked_by_keys_and_goes_with_other_logs() {
    in_browser("brush-keys", |page| {
        ready(page)?;
        page.role("region", "Timeline")?;
        page.press("Control+k")?;
        page.role("combobox", "Find a command")?;
        page.type_text("narrow time")?;
        page.press("Enter")?;
        page.wait_until("the first handle", || Ok(focused(page)? == "Look only at the time, from"))?;
        let handle = page.role("slider", "Look only at the time, from")?;
        for _ in 0..4 {
            page.press("PageUp")?;
        }
        page.press("Right")?;
        page.wait_until("its place", || Ok(handle.attribute("aria-valuenow")?.is_some_and(|at| at != "0")))?;
        page.wait_until("fewer rows", || Ok(toolbar(page)?.contains(" of 62 rows")))?;
        let said = handle.attribute("aria-valuetext")?.context("the handle says nothing")?;
        ensure!(said.starts_with("2026-10-22 "), "{said}");
        page.press("Tab")?;
        wait_for_focus(page, "Look only at the time, to")?;
        page.press("PageDown")?;
        page.press("Escape")?;
        page.wait_until("all rows", || Ok(!toolbar(page)?.contains(" of 62 rows")))?;
        page.press("PageDown")?;
        page.wait_until("fewer rows", || Ok(toolbar(page)?.contains(" of 62 rows")))?;
        open_sample(page, "Ways past the rule")?;
        page.wait_until("no stretch of another day", || Ok(page.all_css(".filters")?.is_empty()))
    });
}

/// What the threshold's handle says.
fn threshold(page: &Page) -> Result<String> {
    let handle = page.role("slider", "UploadThreshold among the values of BytesSent")?;
    Ok(handle.attribute("aria-valuetext")?.unwrap_or_default())
}

#[test]
fn a_threshold_moves_by_keys_and_tells_the_score_as_it_goes() {
    in_browser("threshold-keys", |page| {
        ready(page)?;
        let handle = page.role("slider", "UploadThreshold among the values of BytesSent")?;
        ensure!(
            threshold(page)?.starts_with("512 KiB: 19 alerts of this signal; the whole rule: precision "),
            "{}",
            threshold(page)?
        );
        page.screenshot("histogram")?;
        page.script("arguments[0].focus()", &[handle.to_json()])?;
        // Two steps of half an octave each.
        page.press("Right")?;
        page.wait_until("half an octave more", || Ok(!threshold(page)?.starts_with("512 KiB")))?;
        page.press("Right")?;
        page.wait_until("1 MiB", || Ok(threshold(page)?.starts_with("1 MiB: 17 alerts")))
            .with_context(|| threshold(page).unwrap_or_default())?;
        wait_for_alerts(page, [17, MIXED_DAY[1], MIXED_DAY[2]])?;
        ensure!(focused(page)?.starts_with("UploadThreshold among"), "the focus stays: {}", focused(page)?);
        page.press("Home")?;
        page.wait_until("everything with a value", || {
            Ok(threshold(page)?.starts_with("512 bytes: ") || threshold(page)?.starts_with("0 bytes: "))
        })?;
        for _ in 0..3 {
            press_button(page, "Undo")?;
        }
        wait_for_alerts(page, MIXED_DAY)
    });
}

#[test]
fn a_threshold_is_dragged_and_is_one_edit_when_let_go() {
    in_browser("threshold-drag", |page| {
        ready(page)?;
        page.role("slider", "UploadThreshold among the values of BytesSent")?;
        const HOLD: &str = "
            const box = held.getBoundingClientRect();
            held.setPointerCapture = () => {};
            const fire = (type, share) => held.dispatchEvent(new PointerEvent(type, {
                bubbles: true, cancelable: true, pointerId: 1, button: 0, buttons: 1,
                clientX: box.left + share * box.width, clientY: box.top + 5,
            }));
            window.release = () => fire('pointerup', 0.95);
            fire('pointerdown', 0.6);
            await new Promise((done) => setTimeout(done, 100));
            fire('pointermove', 0.95);
            await new Promise((done) => setTimeout(done, 100));";
        let target = page.css(".histogram .threshold")?;
        page.script(&format!("return (async (held) => {{ {HOLD} }})(arguments[0])"), &[target.to_json()])?;
        let dragged = page.css(".threshold-words")?.text()?;
        ensure!(!dragged.starts_with("512 KiB"), "{dragged}");
        // Nothing was edited yet.
        wait_for_alerts(page, MIXED_DAY)?;
        page.script("window.release()", &[])?;
        page.wait_until("fewer alerts", || {
            Ok(crate::screen::alerts(page)?[0].is_some_and(|alerts| alerts < MIXED_DAY[0]))
        })?;
        let count = crate::screen::alerts(page)?[0].unwrap_or_default();
        ensure!(dragged.contains(&format!(": {count} alert")), "{dragged} foretold what {count} is");
        page.screenshot("dragged")?;
        press_button(page, "Undo")?;
        wait_for_alerts(page, MIXED_DAY)
    });
}

#[test]
fn the_values_are_there_as_figures_too() {
    in_browser("threshold-figures", |page| {
        ready(page)?;
        page.role("slider", "UploadThreshold among the values of BytesSent")?;
        let told = figures(page, "Values of BytesSent")?;
        let of = |name: &str| told.iter().find(|(head, _)| head == name).map(|(_, sum)| *sum);
        ensure!(of("Alerts") == Some(MIXED_DAY[0] as u64), "{told:?}");
        ensure!(of("Rows").is_some_and(|rows| rows <= 1_448) && of("Decided") >= of("Alerts"), "{told:?}");
        Ok(())
    });
}

#[test]
fn pictures_fit_every_size_and_colour() {
    in_browser("timeline-sizes", |page| {
        for (width, height, colours) in
            [(360, 800, "light"), (360, 800, "dark"), (1280, 800, "dark"), (1920, 1080, "light")]
        {
            page.prefer_colours(colours)?;
            page.resize(width, height)?;
            page.visit("")?;
            ready(page)?;
            let timeline = page.role("region", "Timeline")?;
            page.script("arguments[0].scrollIntoView({ block: 'center' })", &[timeline.to_json()])?;
            drag(page, ".timeline .brush", 0.3, 0.7)?;
            page.wait_until("the choice", || Ok(!page.all_css(".is-narrowed")?.is_empty()))?;
            page.screenshot(&format!("{width}-{colours}"))?;
            let handle = page.role("slider", "UploadThreshold among the values of BytesSent")?;
            page.script("arguments[0].scrollIntoView({ block: 'center' })", &[handle.to_json()])?;
            page.screenshot(&format!("{width}-{colours}-threshold"))?;
            let wide = "const root = document.scrollingElement; return root.scrollWidth <= root.clientWidth";
            ensure!(page.script(wide, &[])? == Value::Bool(true), "at {width} the page scrolls sideways");
        }
        Ok(())
    });
}
