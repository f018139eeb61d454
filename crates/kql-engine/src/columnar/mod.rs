//! Evaluating expressions over many rows at once.
//!
//! [`select()`] finds the rows that satisfy a predicate, [`compute()`] makes a column. Both take short cuts where they
//! pay — an entry of a dictionary is looked at once, numbers are compared in a loop — and otherwise evaluate row
//! by row with [`crate::scalar::evaluate`], which defines what is right.

mod chunk;
mod compute;
pub(crate) mod numbering;
mod select;
mod vector;

pub use chunk::{Chunk, Origins, RowOrigin};
pub use compute::compute;
pub use select::select;
pub use vector::Vector;
