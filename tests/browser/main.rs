//! The built page in headless Chromium.

mod editor;
mod engine;
mod hostile;
mod logs;
mod looks;
mod results;
mod rule;
mod screen;
mod smoke;
mod tuning;
