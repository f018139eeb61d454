//! From what Trunk built to one index.html that needs nothing but its two wasm files.
//!
//! All scripts and styles stand in the page, so that its policy can name each by its hash and trust nothing else, and
//! so that no file of one release can meet a file of another. Names are relative to the page: any folder of any
//! static host will do.

use anyhow::{Context, Result, bail, ensure};
use serde_json::json;

use crate::digest;

/// What is put into the page.
pub(crate) struct Parts {
    /// wasm-bindgen's script for the app.
    pub(crate) app_script: String,
    pub(crate) app_wasm: String,
    /// wasm-bindgen's script for the workers, which `loader.js` starts from a blob.
    pub(crate) worker_script: String,
    pub(crate) worker_wasm: String,
}

/// The files that Trunk built the app into, as its `pattern_script` in Trunk.toml writes them.
pub(crate) struct AppFiles<'html> {
    pub(crate) script: &'html str,
    pub(crate) wasm: &'html str,
}

pub(crate) fn app_files(html: &str) -> Result<AppFiles<'_>> {
    let attribute = |name: &str| {
        let start = html.find(name)? + name.len();
        html[start..].split('"').next()
    };
    Ok(AppFiles {
        script: attribute("data-app-script=\"").context("Trunk's index.html names no script of the app")?,
        wasm: attribute("data-app-wasm=\"").context("Trunk's index.html names no wasm of the app")?,
    })
}

/// The policy holds the page to what it is: its own scripts, by hash; its own wasm; workers made by itself; nothing
/// sent anywhere. `connect-src 'self'` is for the two wasm files.
fn policy(scripts: &[String], styles: &[String], nonce: &str) -> String {
    [
        "default-src 'none'",
        &format!("script-src {} 'wasm-unsafe-eval'", scripts.join(" ")),
        // CodeMirror writes its styles at run time; the nonce lets it. Style attributes stay forbidden.
        &format!("style-src {} 'nonce-{nonce}'", styles.join(" ")),
        "img-src data: blob:",
        "connect-src 'self'",
        "worker-src blob:",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types exfil-worker",
    ]
    .join("; ")
}

/// Fills the places that the page's source leaves open.
pub(crate) fn seal(html: &str, parts: &Parts) -> Result<String> {
    for script in [&parts.app_script, &parts.worker_script] {
        let ends = ["</script", "<!--"].into_iter().find(|end| script.to_ascii_lowercase().contains(end));
        ensure!(
            ends.is_none(),
            "wasm-bindgen's script holds `{}`, which would end its element",
            ends.unwrap_or_default()
        );
    }
    let nonce = nonce_of(html, parts);
    let assets = json!({ "app": parts.app_wasm, "worker": parts.worker_wasm, "styleNonce": nonce });

    let app = app_files(html)?;
    let app_place = format!("<script data-app-script=\"{}\" data-app-wasm=\"{}\"></script>", app.script, app.wasm);
    let html = fill(html, &app_place, &format!("<script>{}</script>", parts.app_script))?;
    let html = fill_element(&html, "<script type=\"application/json\" id=\"exfil-assets\">", &assets.to_string())?;
    let html = fill_element(&html, "<script type=\"text/plain\" id=\"exfil-worker\">", &parts.worker_script)?;

    let policy = policy(&hashes(&html, "script"), &hashes(&html, "style"), &nonce);
    let policy_start = "<meta http-equiv=\"Content-Security-Policy\" content=\"";
    let html = fill(&html, &format!("{policy_start}\""), &format!("{policy_start}{policy}\""))?;

    refuse_addresses(&html)?;
    Ok(html)
}

/// The same page has the same nonce: it is no secret, only a name that no markup from elsewhere would have.
fn nonce_of(html: &str, parts: &Parts) -> String {
    let page = [html, &parts.app_script, &parts.worker_script, &parts.app_wasm, &parts.worker_wasm].concat();
    digest::base64(page)
}

fn fill(html: &str, place: &str, content: &str) -> Result<String> {
    let found = html.matches(place).count();
    ensure!(found == 1, "the built index.html has {found} times `{place}` where one is needed");
    Ok(html.replacen(place, content, 1))
}

fn fill_element(html: &str, start: &str, content: &str) -> Result<String> {
    fill(html, &format!("{start}</script>"), &format!("{start}{content}</script>"))
}

/// A script or style element as it stands in the page.
struct Element<'html> {
    name: &'static str,
    attributes: &'html str,
    content: &'html str,
}

/// The page's scripts and styles in order, and its markup without their content.
fn split(html: &str) -> (Vec<Element<'_>>, String) {
    let mut elements = Vec::new();
    let mut markup = String::new();
    let mut rest = html;
    loop {
        let next =
            ["script", "style"].into_iter().filter_map(|name| Some((rest.find(&format!("<{name}"))?, name))).min();
        let Some((start, name)) = next else { break };
        let Some(tag_end) = rest[start..].find('>').map(|length| start + length) else { break };
        let Some(end) = rest[tag_end..].find(&format!("</{name}>")).map(|length| tag_end + length) else { break };
        let attributes = &rest[start + 1 + name.len()..tag_end];
        elements.push(Element { name, attributes, content: &rest[tag_end + 1..end] });
        markup.push_str(&rest[..=tag_end]);
        rest = &rest[end..];
    }
    markup.push_str(rest);
    (elements, markup)
}

/// The policy's names of the elements whose content a browser would run or apply.
fn hashes(html: &str, name: &str) -> Vec<String> {
    let is_data = |element: &Element<'_>| {
        ["type=\"application/json\"", "type=\"text/plain\""].iter().any(|data| element.attributes.contains(data))
    };
    let applied = split(html).0.into_iter().filter(|element| element.name == name && !is_data(element));
    applied.map(|element| format!("'sha256-{}'", digest::base64(element.content))).collect()
}

/// The one thing that looks like an address and is none: XML namespaces.
const NAMESPACES: &str = "www.w3.org/";

/// Fails when the page names another host, or loads anything by its markup.
fn refuse_addresses(html: &str) -> Result<()> {
    for scheme in ["http://", "https://"] {
        for (at, _) in html.match_indices(scheme) {
            let rest = &html[at + scheme.len()..];
            if !rest.starts_with(NAMESPACES) {
                bail!("the page names an address: {scheme}{}", rest.chars().take(60).collect::<String>());
            }
        }
    }
    let markup = split(html).1;
    for attribute in [" src=\"", " href=\""] {
        for (at, _) in markup.match_indices(attribute) {
            let value = &markup[at + attribute.len()..];
            ensure!(
                value.starts_with("data:") || value.starts_with('#'),
                "the page's markup loads a file: {}{}",
                attribute.trim_start(),
                value.chars().take(60).collect::<String>()
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "<!doctype html><html><head>\
        <meta http-equiv=\"Content-Security-Policy\" content=\"\">\
        <link rel=\"icon\" href=\"data:image/svg+xml,x\">\
        <style>body{margin:0}</style>\
        <script type=\"application/json\" id=\"exfil-assets\"></script>\
        <script>first()</script></head><body>\
        <script type=\"text/plain\" id=\"exfil-worker\"></script>\
        <script data-app-script=\"app-1.js\" data-app-wasm=\"app-1_bg.wasm\"></script>\
        </body></html>";

    fn parts() -> Parts {
        Parts {
            app_script: "app()".to_owned(),
            app_wasm: "app-a.wasm".to_owned(),
            worker_script: "worker()".to_owned(),
            worker_wasm: "worker-b.wasm".to_owned(),
        }
    }

    #[test]
    fn the_sealed_page_holds_everything_and_names_each_script_and_style_by_its_hash() {
        let html = seal(SOURCE, &parts()).unwrap();
        assert!(html.contains("<script>app()</script>"));
        assert!(html.contains("id=\"exfil-worker\">worker()</script>"));
        assert!(html.contains("\"app\":\"app-a.wasm\"") && html.contains("\"worker\":\"worker-b.wasm\""));
        // printf %s 'first()' | openssl dgst -sha256 -binary | base64, and likewise for the others.
        let scripts = "script-src 'sha256-fDYmfWjvur9AxjhDbjHe6RvExc05MbXhhrbgz2vvy/A=' 'sha256-rATjb9o4iR2l8P8YvPhquIx7G+lIwf1oGg/a/mxSvKk=' 'wasm-unsafe-eval'";
        assert!(html.contains(scripts), "{html}");
        assert!(html.contains("style-src 'sha256-IAdwN3biDCQ3brrgp1m8kBEsPQYyqfREKOEfeoREopc=' 'nonce-"), "{html}");
    }

    #[test]
    fn the_nonce_is_the_same_for_the_same_page_and_another_for_another() {
        let nonce = |html: &str| {
            let sealed = seal(html, &parts()).unwrap();
            let start = sealed.find("'nonce-").unwrap() + "'nonce-".len();
            sealed[start..].split('\'').next().unwrap().to_owned()
        };
        assert_eq!(nonce(SOURCE), nonce(SOURCE));
        assert_ne!(nonce(SOURCE), nonce(&SOURCE.replace("margin:0", "margin:1")));
    }

    #[test]
    fn what_would_load_from_elsewhere_or_break_the_page_is_refused() {
        let cases = [
            (SOURCE.replace("first()", "fetch('https://cdn.example/x.js')"), "https://cdn.example"),
            (SOURCE.replace("data:image/svg+xml,x", "/favicon.ico"), "/favicon.ico"),
            (SOURCE.replace("body{margin:0}", "@import 'http://fonts.example'"), "http://fonts.example"),
            (SOURCE.replace("id=\"exfil-worker\"", "id=\"worker\""), "exfil-worker"),
            (SOURCE.replace("content=\"\"", "content=\"x\""), "Content-Security-Policy"),
        ];
        for (html, named) in cases {
            let reason = seal(&html, &parts()).unwrap_err().to_string();
            assert!(reason.contains(named), "{reason}");
        }
        let ends_early = Parts { worker_script: "a = '</SCRIPT>'".to_owned(), ..parts() };
        assert!(seal(SOURCE, &ends_early).unwrap_err().to_string().contains("</script"));
    }

    #[test]
    fn an_xml_namespace_is_no_address() {
        let html = SOURCE.replace("first()", "createElementNS('http://www.w3.org/2000/svg')");
        assert!(seal(&html, &parts()).is_ok());
    }
}
