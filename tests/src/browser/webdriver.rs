//! WebDriver (W3C) over HTTP: one method a kind of request, answers as JSON.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use ureq::Agent;

/// The one key of the W3C specification by which JSON stands for an element.
pub(super) const ELEMENT_KEY: &str = "element-6066-11e4-a52e-4f735466cecf";

/// One browser window under remote control; closed when dropped.
#[derive(Debug)]
pub(super) struct Session {
    agent: Agent,
    address: String,
}

/// A failure that the browser reports, by the specification's error code.
#[derive(Debug)]
pub(super) struct DriverError {
    pub(super) code: String,
    message: String,
}

impl std::fmt::Display for DriverError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for DriverError {}

impl Session {
    /// Opens a window with the driver that listens at `driver`.
    pub(super) fn start(driver: &str, capabilities: &Value) -> Result<Session> {
        // A driver that does not answer within a minute never will.
        let config = Agent::config_builder().timeout_global(Some(Duration::from_secs(60))).http_status_as_error(false);
        let agent: Agent = config.build().into();
        let mut session = Session { agent, address: driver.to_owned() };
        let opened = session.post("/session", &json!({ "capabilities": { "alwaysMatch": capabilities } }))?;
        let id = opened["sessionId"].as_str().context("the driver opened no session")?;
        session.address = format!("{driver}/session/{id}");
        Ok(session)
    }

    pub(super) fn get(&self, path: &str) -> Result<Value> {
        let response = self.agent.get(format!("{}{path}", self.address)).call();
        answer(response.with_context(|| format!("asking the driver for {path}"))?)
    }

    pub(super) fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let response = self.agent.post(format!("{}{path}", self.address)).send_json(body);
        answer(response.with_context(|| format!("telling the driver {path}"))?)
    }

    /// A command of Chromium's own protocol.
    pub(super) fn devtools(&self, command: &str, parameters: Value) -> Result<Value> {
        self.post("/goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // When the browser is gone already, there is nothing left to close.
        let _ = self.agent.delete(&self.address).call();
    }
}

fn answer(response: ureq::http::Response<ureq::Body>) -> Result<Value> {
    let mut response = response;
    let mut answer: Value = response.body_mut().with_config().limit(u64::MAX).read_json()?;
    let value = answer["value"].take();
    if let Some(code) = value["error"].as_str() {
        let message = value["message"].as_str().unwrap_or_default().to_owned();
        bail!(DriverError { code: code.to_owned(), message });
    }
    Ok(value)
}
