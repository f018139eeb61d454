//! The page and its workers: two programs over this one library.
//!
//! The app ([`app`]) runs on the page's thread and only draws; the workers ([`worker`]) own the session and read files.
//! They talk in the messages of [`protocol`]. What the page shows is one [`state`], changed in one place.
//!
//! **Invariant:** no detection logic lives here, and file contents never pass through the page's thread.

#[cfg(all(test, target_arch = "wasm32"))]
#[macro_use]
extern crate test_as_wasm;

pub mod address;
pub mod app;
pub mod client;
pub mod clipboard;
pub mod commands;
pub mod components;
pub mod dispatch;
pub mod dom;
pub mod download;
pub mod editor;
pub mod focus;
pub mod format;
pub mod kept_logs;
mod loader;
pub mod mailbox;
pub mod markdown;
mod measure;
pub mod protocol;
pub mod rule_change;
pub mod rule_text;
pub mod state;
pub mod storage;
pub mod wire;
pub mod words;
pub mod worker;
