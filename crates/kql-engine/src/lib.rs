//! KQL with Kusto's own meaning, over columnar tables.
//!
//! [`resolve::resolve`] turns the shape of a query (from `kql-syntax`) into a [`plan::Plan`] or findings;
//! [`run::Runner`] runs the plan over an `event_table::TableSet`, and after an edit only what the edit touches.
//! What an operator means stands in [`scalar`] for one row and in [`text`] for text; [`columnar`] does the same
//! for many rows at once and is held to it by tests. [`facts`] lists what the language has.
//!
//! **Invariant:** this crate knows no detection rule, log format, file or screen, and reads no clock: the instant
//! that is now is a parameter.

pub mod aggregates;
pub mod assist;
pub mod columnar;
pub mod explain;
pub mod expr;
pub mod facts;
pub mod functions;
pub mod ip;
mod keys;
pub mod keyvalue;
mod memory;
pub mod plan;
pub mod regexes;
pub mod resolve;
pub mod run;
pub mod scalar;
pub mod sets;
pub mod text;
