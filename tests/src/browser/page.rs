//! The page as a test sees it: what is found by role and name, what is waited for, what is pressed.

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use super::chromium::Chromium;
use super::element::Element;
use super::webdriver::DriverError;
use super::{keys, log::Log, screenshots};

/// How long anything on the page may take before the test fails. Two cores may be busy with other tests.
const PATIENCE: Duration = Duration::from_secs(20);

/// Elements that have a role without saying so, as CSS.
const NATIVE_ROLES: &[(&str, &str)] = &[
    ("article", "article"),
    ("button", "button, summary, input[type=button], input[type=submit], input[type=reset]"),
    ("checkbox", "input[type=checkbox]"),
    ("combobox", "select, input[list]"),
    ("dialog", "dialog"),
    ("heading", "h1, h2, h3, h4, h5, h6"),
    ("link", "a[href]"),
    ("list", "ul, ol"),
    ("listitem", "li"),
    ("main", "main"),
    ("meter", "meter"),
    ("option", "option"),
    ("progressbar", "progress"),
    ("radio", "input[type=radio]"),
    ("region", "section"),
    ("row", "tr"),
    ("slider", "input[type=range]"),
    ("spinbutton", "input[type=number]"),
    ("status", "output"),
    ("table", "table"),
    ("textbox", "input:not([type]), input[type=text], input[type=datetime-local], textarea"),
    ("searchbox", "input[type=search]"),
];

/// The page in a browser of its own.
pub struct Page {
    browser: Chromium,
    log: Log,
    url: String,
    name: String,
}

impl Page {
    pub(super) fn open(name: &str, url: &str) -> Result<Page> {
        let page =
            Page { browser: Chromium::start()?, log: Log::default(), url: url.to_owned(), name: name.to_owned() };
        page.visit("")?;
        Ok(page)
    }

    /// Loads the page anew with something behind its address: `?sample=…`, `#…`, or nothing.
    pub fn visit(&self, suffix: &str) -> Result<()> {
        self.browser.session.post("/url", &json!({ "url": format!("{}{suffix}", self.url) })).map(drop)
    }

    /// Loads the page again as it is.
    pub fn reload(&self) -> Result<()> {
        self.browser.session.post("/refresh", &json!({})).map(drop)
    }

    /// Runs a script in every page that is loaded from now on, before the page's own.
    pub fn before_every_page(&self, script: &str) -> Result<()> {
        let command = "Page.addScriptToEvaluateOnNewDocument";
        self.browser.session.devtools(command, json!({ "source": script })).map(drop)
    }

    /// Runs a script in the page: the body of a function of `arguments`, whose promise is waited for.
    pub fn script(&self, body: &str, arguments: &[Value]) -> Result<Value> {
        self.browser.session.post("/execute/sync", &json!({ "script": body, "args": arguments }))
    }

    /// Asks again and again until there is an answer.
    ///
    /// # Errors
    /// Names `what` when there is none within the time allowed. An element that the page replaced meanwhile counts as
    /// no answer yet.
    pub fn wait_for<T>(&self, what: &str, ask: impl Fn() -> Result<Option<T>>) -> Result<T> {
        let started = Instant::now();
        loop {
            let error = match ask() {
                Ok(Some(found)) => return Ok(found),
                Ok(None) => None,
                Err(error) if was_replaced(&error) => Some(error),
                Err(error) => return Err(error),
            };
            if started.elapsed() > PATIENCE {
                bail!("waited {PATIENCE:?} for {what}{}", error.map(|error| format!(": {error}")).unwrap_or_default());
            }
            thread::sleep(Duration::from_millis(30));
        }
    }

    /// Waits until something holds.
    pub fn wait_until(&self, what: &str, holds: impl Fn() -> Result<bool>) -> Result<()> {
        self.wait_for(what, || Ok(holds()?.then_some(())))
    }

    /// Waits until the page shows a text anywhere.
    pub fn wait_for_text(&self, text: &str) -> Result<()> {
        self.wait_until(&format!("the text {text:?}"), || {
            let shown = self.script("return document.body.innerText.includes(arguments[0])", &[json!(text)])?;
            Ok(shown == json!(true))
        })
    }

    /// Waits for an element by CSS.
    pub fn css(&self, selector: &str) -> Result<Element<'_>> {
        self.wait_for(&format!("an element {selector}"), || Ok(self.all_css(selector)?.into_iter().next()))
    }

    /// All elements there are now, by CSS.
    pub fn all_css(&self, selector: &str) -> Result<Vec<Element<'_>>> {
        let session = &self.browser.session;
        let found = session.post("/elements", &json!({ "using": "css selector", "value": selector }))?;
        found.as_array().into_iter().flatten().map(|value| Element::from_json(session, value)).collect()
    }

    /// Waits for the visible element with a role and a name, as assistive technology sees them.
    ///
    /// # Errors
    /// Lists the names that elements of this role do have.
    pub fn role(&self, role: &str, name: &str) -> Result<Element<'_>> {
        let found = self.wait_for(&format!("the {role} {name:?}"), || {
            let mut matching = self.all_roles(role)?.into_iter().filter(|(label, _)| label == name);
            Ok(matching.next().map(|(_, element)| element))
        });
        found.with_context(|| {
            let labels = self.all_roles(role).map(|all| all.into_iter().map(|(label, _)| label).collect::<Vec<_>>());
            format!("the page's elements of role {role}: {labels:?}")
        })
    }

    /// All visible elements of a role there are now, with their names.
    pub fn all_roles(&self, role: &str) -> Result<Vec<(String, Element<'_>)>> {
        let native = NATIVE_ROLES.iter().find(|(known, _)| *known == role).map_or("", |(_, css)| css);
        let said = format!("[role={role}]");
        let selector = if native.is_empty() { said } else { format!("{said}, {native}") };
        let mut found = Vec::new();
        for element in self.all_css(&selector)? {
            if element.is_shown()? && element.role()? == role {
                found.push((element.label()?, element));
            }
        }
        Ok(found)
    }

    /// Presses a chord such as `Control+Enter` where the focus is.
    pub fn press(&self, chord: &str) -> Result<()> {
        self.browser.session.post("/actions", &keys::chord(chord)?).map(drop)
    }

    /// Types a text where the focus is; a line feed is Enter.
    pub fn type_text(&self, text: &str) -> Result<()> {
        self.browser.session.post("/actions", &keys::text(text)).map(drop)
    }

    /// Drops a file on an element, with the events that a user's drag fires.
    pub fn drop_file(&self, on: &Element<'_>, name: &str, content: &[u8]) -> Result<()> {
        const DROP: &str = "
            const [target, name, base64] = arguments;
            const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
            const transfer = new DataTransfer();
            transfer.items.add(new File([bytes], name));
            const middle = target.getBoundingClientRect();
            const place = { clientX: middle.x + middle.width / 2, clientY: middle.y + middle.height / 2 };
            for (const type of ['dragenter', 'dragover', 'drop']) {
                const event = new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: transfer, ...place });
                target.dispatchEvent(event);
                if (type === 'dragover' && !event.defaultPrevented) return 'nothing here takes a drop';
            }
            return null;";
        let refused = self.script(DROP, &[on.to_json(), json!(name), json!(BASE64.encode(content))])?;
        match refused.as_str() {
            None => Ok(()),
            Some(reason) => bail!("dropping {name}: {reason}"),
        }
    }

    /// Gives the page a size in CSS pixels, a phone's too.
    pub fn resize(&self, width: u32, height: u32) -> Result<()> {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.browser.session.devtools("Emulation.setDeviceMetricsOverride", metrics).map(drop)
    }

    /// Makes the system's colours `light` or `dark`.
    pub fn prefer_colours(&self, scheme: &str) -> Result<()> {
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.browser.session.devtools("Emulation.setEmulatedMedia", media).map(drop)
    }

    /// Writes what is on screen to `target/screenshots/<test>-<name>.png`.
    pub fn screenshot(&self, name: &str) -> Result<PathBuf> {
        let picture = self.browser.session.get("/screenshot")?;
        let picture = BASE64.decode(picture.as_str().context("the driver gave no picture")?)?;
        let file = screenshots()?.join(format!("{}-{name}.png", self.name));
        std::fs::write(&file, picture).with_context(|| format!("cannot write {}", file.display()))?;
        Ok(file)
    }

    /// Every line of the console so far.
    pub fn console(&self) -> Result<Vec<String>> {
        self.log.console(&self.browser.session)
    }

    /// The console's warnings and errors since this was last asked. A test that provokes some takes them, or fails
    /// by them in the end.
    pub fn take_complaints(&self) -> Result<Vec<String>> {
        self.log.take_complaints(&self.browser.session)
    }

    /// The address of every request so far.
    pub fn requests(&self) -> Result<Vec<String>> {
        self.log.requests(&self.browser.session)
    }

    /// The requests so far that left the folder the page is served from.
    pub fn foreign_requests(&self) -> Result<Vec<String>> {
        let is_own = |url: &String| [&self.url, "data:", "blob:"].iter().any(|start| url.starts_with(start));
        Ok(self.requests()?.into_iter().filter(|url| !is_own(url)).collect())
    }
}

/// Whether an element went away between two questions, as happens when the page draws anew.
fn was_replaced(error: &anyhow::Error) -> bool {
    error.downcast_ref::<DriverError>().is_some_and(|error| error.code == "stale element reference")
}
