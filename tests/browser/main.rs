//! The built page in headless Chromium.

mod editor;
mod smoke;
