//! One element of the page.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::webdriver::{ELEMENT_KEY, Session};

/// An element of the page, for as long as the page keeps it.
#[derive(Debug, Clone)]
pub struct Element<'page> {
    session: &'page Session,
    id: String,
}

impl<'page> Element<'page> {
    pub(super) fn from_json(session: &'page Session, value: &Value) -> Result<Element<'page>> {
        let id = value[ELEMENT_KEY].as_str().context("the driver gave no element")?;
        Ok(Element { session, id: id.to_owned() })
    }

    /// The element as an argument of [`Page::script`](super::Page::script).
    pub fn to_json(&self) -> Value {
        json!({ ELEMENT_KEY: self.id })
    }

    /// Clicks in its middle, as a user would: scrolled to, and not covered by anything.
    pub fn click(&self) -> Result<()> {
        self.post("click", &json!({})).map(drop)
    }

    /// Its text as shown.
    pub fn text(&self) -> Result<String> {
        self.string("text")
    }

    /// Its role in the accessibility tree.
    pub fn role(&self) -> Result<String> {
        self.string("computedrole")
    }

    /// Its name in the accessibility tree.
    pub fn label(&self) -> Result<String> {
        self.string("computedlabel")
    }

    /// An attribute, if it has it.
    pub fn attribute(&self, name: &str) -> Result<Option<String>> {
        Ok(self.get(&format!("attribute/{name}"))?.as_str().map(str::to_owned))
    }

    /// Whether a user can see it.
    pub fn is_shown(&self) -> Result<bool> {
        Ok(self.get("displayed")?.as_bool().unwrap_or(false))
    }

    /// Takes the focus and types.
    pub fn enter(&self, text: &str) -> Result<()> {
        self.post("value", &json!({ "text": text })).map(drop)
    }

    /// Chooses a file of this machine in a file input: the real way of a file into the page.
    pub fn choose_file(&self, file: &Path) -> Result<()> {
        self.enter(file.to_str().context("the file's path is not UTF-8")?)
    }

    fn string(&self, what: &str) -> Result<String> {
        Ok(self.get(what)?.as_str().unwrap_or_default().to_owned())
    }

    fn get(&self, what: &str) -> Result<Value> {
        self.session.get(&format!("/element/{}/{what}", self.id))
    }

    fn post(&self, what: &str, body: &Value) -> Result<Value> {
        self.session.post(&format!("/element/{}/{what}", self.id), body)
    }
}
