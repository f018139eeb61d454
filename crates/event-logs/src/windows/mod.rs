//! Windows events: what every format that holds them says, and the rows they become.
//!
//! A format fills a [`WindowsEvent`]; the sink hands it to [`Windows`], which finds its table and columns in
//! `mapping.txt`: Defender's tables for what Microsoft publishes a table for, the event's own table for the rest.

mod event;
mod mapping;
mod own;
mod rows;
pub(crate) mod text;
mod values;
pub(crate) mod xml;

pub(crate) use event::{System, WindowsEvent};
pub(crate) use rows::Windows;
