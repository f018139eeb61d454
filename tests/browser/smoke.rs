//! The page opens, anywhere, and talks to nobody.

use anyhow::ensure;
use serde_json::json;
use system_tests::browser::in_browser;

use crate::screen::{SIGNALS, card, ready, show};

#[test]
fn the_page_opens_with_a_sample_its_signals_fired_and_its_alerts_newest_first() {
    in_browser("opens", |page| {
        ready(page)?;
        for signal in SIGNALS {
            ensure!(card(page, signal)?.text()?.contains("fired"), "{signal}");
        }
        page.role("tab", "Alerts 62")?;
        page.role("grid", "Alerts")?;
        let times = "return [...document.querySelectorAll('[role=gridcell][aria-colindex=\"1\"]')].map((c) => c.lastChild.data)";
        let times: Vec<String> = serde_json::from_value(page.script(times, &[])?)?;
        ensure!(times.len() > 10 && times.is_sorted_by(|a, b| a >= b), "{times:?}");
        show(page, "KQL")?;
        let editor = page.role("textbox", "KQL query")?;
        ensure!(editor.text()?.contains("T1567.001"), "the editor shows {:?}", editor.text()?);
        let requests = page.requests()?;
        let wasm = requests.iter().filter(|url| url.ends_with(".wasm")).count();
        ensure!(wasm == 2 && requests.len() < 6, "the page loads itself and two wasm files: {requests:?}");
        Ok(())
    });
}

/// Without the policy, each of these would go out.
#[test]
fn the_policy_stops_what_would_leave_the_page() {
    in_browser("policy", |page| {
        ready(page)?;
        let attempts = [
            ("fetch", "return fetch('http://127.0.0.1:9/').then(() => 'sent', () => 'stopped')"),
            (
                "image",
                "return new Promise((done) => { const image = new Image(); image.onload = () => done('sent'); \
                 image.onerror = () => done('stopped'); image.src = 'http://127.0.0.1:9/x.png' })",
            ),
            (
                "script",
                "return new Promise((done) => { const script = document.createElement('script'); \
                 try { script.src = 'data:text/javascript,0' } catch { done('stopped') } \
                 script.onload = () => done('sent'); script.onerror = () => done('stopped'); \
                 document.head.append(script) })",
            ),
            ("markup", "try { document.body.innerHTML = '<b>x</b>'; return 'sent' } catch { return 'stopped' }"),
            (
                "style attribute",
                "const element = document.createElement('i'); element.setAttribute('style', 'color: red'); \
                 return element.style.color ? 'sent' : 'stopped'",
            ),
            ("worker", "try { new Worker('blob:x'); return 'sent' } catch { return 'stopped' }"),
        ];
        let violations = "window.violations = []; \
            document.addEventListener('securitypolicyviolation', (event) => violations.push(event.effectiveDirective))";
        page.script(violations, &[])?;
        for (name, attempt) in attempts {
            let result = page.script(attempt, &[])?;
            ensure!(result == json!("stopped"), "{name}: {result}");
        }
        let stopped = page.script("return violations", &[])?;
        let expected = json!([
            "connect-src",
            "img-src",
            "require-trusted-types-for",
            "require-trusted-types-for",
            "style-src-attr",
            "require-trusted-types-for"
        ]);
        ensure!(stopped == expected, "what stopped them: {stopped}");
        // What components use instead of the attribute: Yew's `~style={…}`.
        let property =
            "const element = document.createElement('i'); element.style = 'color: red'; return element.style.color";
        ensure!(page.script(property, &[])? == json!("red"), "a style property is refused");
        let complaints = page.take_complaints()?;
        ensure!(
            complaints
                .iter()
                .all(|line| line.contains("Content Security Policy") || line.contains("requires 'Trusted")),
            "{complaints:?}"
        );
        Ok(())
    });
}

/// The policy is what makes "nothing is uploaded" more than a promise, so it is held word for word.
#[test]
fn the_policy_allows_nothing_but_the_page_itself() {
    in_browser("policy-text", |page| {
        let policy = page.script("return document.querySelector('meta[http-equiv]').content", &[])?;
        let directives: Vec<&str> = policy.as_str().unwrap_or_default().split("; ").collect();
        for needed in [
            "default-src 'none'",
            "img-src data: blob:",
            "connect-src 'self'",
            "worker-src blob:",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types exfil-worker",
        ] {
            ensure!(directives.contains(&needed), "{needed} is missing in {policy}");
        }
        ensure!(directives.len() == 10 && !policy.to_string().contains("unsafe-inline"), "{policy}");
        Ok(())
    });
}
