//! The page at every size, in both colours, for eyes, ears and keys.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use system_tests::browser::{Page, in_browser};

use crate::screen::{MIXED_DAY, focused, open_sample, press_button, ready, wait_for_alerts, wait_for_focus};

const SIZES: [(u32, u32); 5] = [(360, 800), (768, 1024), (1280, 800), (1920, 1080), (3840, 2160)];

#[test]
fn no_size_makes_the_page_scroll_sideways() {
    in_browser("sizes", |page| {
        for colours in ["light", "dark"] {
            page.prefer_colours(colours)?;
            for (width, height) in SIZES {
                page.resize(width, height)?;
                page.visit("")?;
                ready(page)?;
                let wide = "const root = document.scrollingElement; return [root.scrollWidth, root.clientWidth]";
                let wide = page.script(wide, &[])?;
                ensure!(wide[0] == wide[1], "at {width}: {wide}");
                page.screenshot(&format!("{width}-{colours}"))?;
            }
        }
        Ok(())
    });
}

/// Texts whose colour does not stand out from what is behind them as WCAG 2.2 AA asks (1.4.3): 4.5 to 1, large ones 3.
const CONTRAST: &str = "
    const parse = (colour) => {
        const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const over = ([r, g, b, a], behind) => {
        const mix = (c, i) => (c * a + behind[i] * (255 - a)) / 255;
        return [mix(r, 0), mix(g, 1), mix(b, 2), 255];
    };
    const luminance = (colour) => {
        const [r, g, b] = colour.map((c) => ((c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const background = (element) => {
        const behind = element.parentElement ? background(element.parentElement) : [255, 255, 255, 255];
        return over(parse(getComputedStyle(element).backgroundColor), behind);
    };
    const weak = [];
    for (const element of document.body.querySelectorAll('*')) {
        const texts = [...element.childNodes].filter((node) => node.nodeType === 3 && node.textContent.trim());
        if (texts.length === 0 || !element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true })) continue;
        if (element.closest('.aloud, [aria-disabled=true], :disabled, noscript, script, style, .skip')) continue;
        const style = getComputedStyle(element);
        const behind = background(element);
        const [light, dark] = [luminance(behind), luminance(over(parse(style.color), behind))].sort((a, b) => b - a);
        const ratio = (light + 0.05) / (dark + 0.05);
        const size = parseFloat(style.fontSize);
        const isLarge = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
        if (ratio < (isLarge ? 3 : 4.5)) weak.push(`${ratio.toFixed(2)}: ${element.className}: ${texts[0].textContent}`);
    }
    return weak;";

fn weak_texts(page: &Page) -> Result<Vec<String>> {
    Ok(serde_json::from_value(page.script(CONTRAST, &[])?)?)
}

#[test]
fn every_text_stands_out_from_what_is_behind_it() {
    in_browser("contrast", |page| {
        page.resize(1920, 1080)?;
        for colours in ["light", "dark"] {
            page.prefer_colours(colours)?;
            page.visit("")?;
            ready(page)?;
            page.wait_for_text("conditions hold")?;
            let mut weak = weak_texts(page)?;
            page.role("tab", "KQL")?.click()?;
            weak.extend(weak_texts(page)?);
            press_button(page, "Samples")?;
            weak.extend(weak_texts(page)?);
            page.press("Escape")?;
            open_sample(page, "Python script with urllib")?;
            page.wait_for_text("cannot fire on these logs")?;
            weak.extend(weak_texts(page)?);
            ensure!(weak.is_empty(), "{colours}: {weak:#?}");
            page.role("tab", "Lists")?.click()?;
            open_sample(page, "A Thursday at Tarnholm Instruments")?;
            ready(page)?;
        }
        Ok(())
    });
}

#[test]
fn everything_that_can_be_used_has_a_name_and_every_reference_leads_somewhere() {
    in_browser("names", |page| {
        page.resize(1920, 1080)?;
        page.visit("")?;
        ready(page)?;
        page.wait_for_text("conditions hold")?;
        let mut names = 0;
        for role in ["button", "textbox", "combobox", "searchbox", "tab", "grid", "region", "article", "list"] {
            for (name, element) in page.all_roles(role)? {
                // Lists within lists of chips need none: their group has it.
                ensure!(!name.is_empty() || role == "list", "a {role} has no name: {}", element.text()?);
                names += 1;
            }
        }
        ensure!(names > 60, "only {names} were looked at");
        const CHECK: &str = "
            const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
            const twice = ids.filter((id, place) => ids.indexOf(id) !== place);
            const dangling = [];
            for (const name of ['aria-labelledby', 'aria-controls', 'aria-activedescendant', 'for', 'list']) {
                for (const element of document.querySelectorAll(`[${name}]`)) {
                    for (const id of element.getAttribute(name).split(' ')) {
                        // The panel of a tab that is not there yet is not there either.
                        if (!document.getElementById(id)) dangling.push(`${name}=${id}`);
                    }
                }
            }
            const heads = [...document.querySelectorAll('h1')].length;
            const unlabelled = [...document.querySelectorAll('img:not([alt]), svg:not([aria-hidden])')].length;
            return { twice, dangling, heads, unlabelled, lang: document.documentElement.lang, title: document.title };";
        let found = page.script(CHECK, &[])?;
        let expected = json!({
            "twice": [], "dangling": [], "heads": 1, "unlabelled": 0, "lang": "en", "title": "Exfil Playground"
        });
        ensure!(found == expected, "{found}");
        Ok(())
    });
}

/// What the Tab key goes to, from the page's start until it leaves the page.
fn tab_stops(page: &Page) -> Result<Vec<String>> {
    const IS_LEFT: &str = "return document.activeElement === document.body";
    page.script("document.querySelector('.skip').focus()", &[])?;
    let mut stops = Vec::new();
    while page.script(IS_LEFT, &[])? == Value::Bool(false) {
        stops.push(focused(page)?);
        page.press("Tab")?;
        ensure!(stops.len() < 150, "the Tab key does not leave the page: {stops:#?}");
    }
    Ok(stops)
}

#[test]
fn the_tab_key_goes_through_the_page_as_it_is_seen_and_out_again() {
    const RULE: [&str; 6] = ["Undo", "Now", "Lists", "LookBack", "github.com", "Add to ApiHosts"];
    const RESULTS: [&str; 4] = ["Choose files", "Paste", "Filter", "Alerts"];
    in_browser("tab-order", |page| {
        ready(page)?;
        let go_through = |expected: Vec<&str>| {
            let stops = tab_stops(page)?;
            let place = |name: &&str| stops.iter().position(|stop| stop == name).with_context(|| format!("no {name}"));
            let places = expected.iter().map(place).collect::<Result<Vec<usize>>>();
            ensure!(places.is_ok_and(|places| places.is_sorted()), "{expected:#?} in {stops:#?}");
            // A grid is one stop, whatever the number of its rows.
            ensure!(stops.iter().collect::<BTreeSet<_>>().len() + 16 > stops.len(), "{stops:#?}");
            Ok(())
        };
        let first = ["Skip to the rule", "Skip to the alerts", "Samples", "Keys and colours"];
        go_through([&first[..], &RULE, &RESULTS].concat())?;
        // Below them where there is no room beside them, with the same history.
        press_button(page, "Remove gitlab.com")?;
        page.wait_until("fewer values", || Ok(page.all_css("[aria-label=CodeRepoDomains] .chip")?.len() == 9))?;
        page.resize(700, 900)?;
        page.wait_until("one column", || {
            let last = "return document.querySelector('main').lastElementChild.className";
            Ok(page.script(last, &[])? == json!("area-rule"))
        })?;
        go_through([&first[..], &RESULTS, &RULE].concat())?;
        page.script("arguments[0].focus()", &[page.role("button", "Undo")?.to_json()])?;
        page.press("Enter")?;
        wait_for_alerts(page, MIXED_DAY)
    });
}

#[test]
fn tabs_move_by_arrows_and_dialogs_give_the_focus_back() {
    in_browser("keys", |page| {
        ready(page)?;
        let tab = page.role("tab", "Lists")?;
        tab.click()?;
        page.press("Right")?;
        wait_for_focus(page, "KQL")?;
        ensure!(page.role("tabpanel", "KQL").is_ok());
        page.press("Right")?;
        wait_for_focus(page, "Lists")?;
        page.press("?")?;
        page.role("dialog", "Keys and colours")?;
        page.role("radio", "Dark")?.click()?;
        let dark = "return getComputedStyle(document.documentElement).colorScheme";
        page.wait_until("dark", || Ok(page.script(dark, &[])? == json!("dark")))?;
        page.press("Escape")?;
        page.wait_until("the dialog to close", || Ok(page.all_css("dialog")?.is_empty()))?;
        wait_for_focus(page, "Lists")?;
        page.reload()?;
        ready(page)?;
        ensure!(page.script(dark, &[])? == json!("dark"), "the choice is kept");
        Ok(())
    });
}
