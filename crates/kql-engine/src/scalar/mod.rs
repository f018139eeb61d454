//! What one value, or two, mean to Kusto: conversion, arithmetic, comparison, order.
//!
//! Everything that evaluates — row by row, column by column, or to explain — goes through these.

mod arithmetic;
mod compare;
pub mod convert;
mod evaluate;
mod parse_time;

pub use arithmetic::{Arithmetic, arithmetic, negate};
pub use compare::{Comparison, compare, equal, order, plain, same_key};
pub use evaluate::{Row, Trace, evaluate, traced, truth};
pub use parse_time::{parse_datetime, parse_timespan};
