//! The built page in headless Chromium.

mod address;
mod commands;
mod editor;
mod engine;
mod export;
mod focus;
mod hostile;
mod keeping;
mod lessons;
mod logs;
mod looks;
mod original;
mod reading;
mod results;
mod rule;
mod screen;
mod share;
mod smoke;
mod timeline;
mod tuning;
