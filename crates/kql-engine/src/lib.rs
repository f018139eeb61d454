//! KQL run over tables.
pub mod aggregates;
pub mod columnar;
pub mod expr;
pub mod facts;
pub mod functions;
mod keys;
pub mod plan;
pub mod regexes;
pub mod scalar;
pub mod sets;
pub mod text;
