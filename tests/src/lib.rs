//! What the tests of the whole system share.

#![expect(clippy::print_stderr, reason = "a failing test tells what it saw")]

pub mod bench;
pub mod browser;
pub mod generator;
