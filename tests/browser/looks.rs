//! The page at every size, in both colours, for eyes, ears and keys.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use system_tests::browser::{Page, in_browser};

use crate::screen::{focused, open_sample, press_button, ready};

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

#[test]
fn the_tab_key_goes_through_the_page_in_order_and_out_again() {
    in_browser("tab-order", |page| {
        ready(page)?;
        page.script("document.activeElement.blur()", &[])?;
        let mut order: Vec<String> = Vec::new();
        for _ in 0..150 {
            page.press("Tab")?;
            let place = "const e = document.activeElement; return e === document.body ? null : \
                 (e.closest('[aria-label], [aria-labelledby]')?.getAttribute('aria-label') ?? e.closest('[id]')?.id ?? '')";
            if page.script(place, &[])? == Value::Null {
                break;
            }
            order.push(focused(page)?);
        }
        let place =
            |name: &str| order.iter().position(|at| at == name).with_context(|| format!("{name} in {order:#?}"));
        ensure!(order[0] == "Skip to the rule" && order[1] == "Skip to the alerts", "{order:#?}");
        let expected = ["Samples", "Keys and colours", "Undo", "Now", "Lists", "LookBack", "github.com"];
        let places = expected.iter().map(|name| place(name)).collect::<Result<Vec<usize>>>()?;
        ensure!(places.is_sorted(), "{order:#?}");
        let right = ["Choose files", "Paste", "Filter", "Alerts"]
            .iter()
            .map(|name| place(name))
            .collect::<Result<Vec<usize>>>()?;
        ensure!(right.is_sorted(), "{order:#?}");
        // A grid is one stop, whatever the number of its rows.
        ensure!(order.iter().collect::<BTreeSet<_>>().len() + 16 > order.len(), "{order:#?}");
        Ok(())
    });
}

#[test]
fn tabs_move_by_arrows_and_dialogs_give_the_focus_back() {
    in_browser("keys", |page| {
        ready(page)?;
        let tab = page.role("tab", "Lists")?;
        tab.click()?;
        page.press("Right")?;
        ensure!(focused(page)? == "KQL");
        ensure!(page.role("tabpanel", "KQL").is_ok());
        page.press("Right")?;
        ensure!(focused(page)? == "Lists", "they go round");
        page.press("?")?;
        page.role("dialog", "Keys and colours")?;
        page.role("radio", "Dark")?.click()?;
        let dark = "return getComputedStyle(document.documentElement).colorScheme";
        page.wait_until("dark", || Ok(page.script(dark, &[])? == json!("dark")))?;
        page.press("Escape")?;
        page.wait_until("the dialog to close", || Ok(page.all_css("dialog")?.is_empty()))?;
        ensure!(focused(page)? == "Lists", "{}", focused(page)?);
        page.reload()?;
        ready(page)?;
        ensure!(page.script(dark, &[])? == json!("dark"), "the choice is kept");
        Ok(())
    });
}
