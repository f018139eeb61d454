//! What the browser wrote down: the console, and every request.

use std::cell::RefCell;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::webdriver::Session;

struct Request {
    id: String,
    url: String,
}

/// The driver hands out each entry once; they are kept here.
#[derive(Default)]
pub(super) struct Log {
    console: RefCell<Vec<Value>>,
    requests: RefCell<Vec<Request>>,
}

impl Log {
    /// Every line of the console so far: level and words.
    pub(super) fn console(&self, session: &Session) -> Result<Vec<String>> {
        self.console.borrow_mut().extend(entries(session, "browser")?);
        Ok(self.console.borrow().iter().map(line).collect())
    }

    /// The lines of the console that are warnings or worse and were not handed out here before.
    pub(super) fn take_complaints(&self, session: &Session) -> Result<Vec<String>> {
        let mut console = self.console.borrow_mut();
        console.extend(entries(session, "browser")?);
        let is_complaint = |entry: &mut Value| ["WARNING", "SEVERE"].iter().any(|level| entry["level"] == *level);
        Ok(console.extract_if(.., is_complaint).map(|entry| line(&entry)).collect())
    }

    /// The address of every request so far that went out. Those that the page's policy stopped are complaints of the
    /// console; those of the tab that Chromium itself opens first are not the page's.
    pub(super) fn requests(&self, session: &Session) -> Result<Vec<String>> {
        for entry in entries(session, "performance")? {
            let message = entry["message"].as_str().context("an entry of the performance log has no message")?;
            let message: Value = serde_json::from_str(message)?;
            let event = &message["message"];
            let parameters = &event["params"];
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let id = text(&parameters["requestId"]);
            let mut requests = self.requests.borrow_mut();
            match event["method"].as_str() {
                Some("Network.requestWillBeSent") if !text(&parameters["documentURL"]).starts_with("chrome://") => {
                    requests.push(Request { id, url: text(&parameters["request"]["url"]) });
                }
                Some("Network.loadingFailed") if parameters["blockedReason"] == "csp" => {
                    requests.retain(|request| request.id != id);
                }
                _ => {}
            }
        }
        Ok(self.requests.borrow().iter().map(|request| request.url.clone()).collect())
    }
}

fn entries(session: &Session, kind: &str) -> Result<Vec<Value>> {
    let entries = session.post("/se/log", &json!({ "type": kind }))?;
    Ok(entries.as_array().cloned().unwrap_or_default())
}

fn line(entry: &Value) -> String {
    let part = |name: &str| entry[name].as_str().unwrap_or_default();
    format!("{}: {}", part("level"), part("message"))
}
