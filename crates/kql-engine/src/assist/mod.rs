//! What an editor asks while a query is written: what could stand here, and what is this.
//!
//! Answers come from the facts that resolution goes by, so nothing is offered that does not run.

mod complete;
mod context;
mod hover;
mod named_items;
mod rename;

pub use complete::{Completion, CompletionKind, complete};
pub use hover::{Hover, Signature, hover, signature};
pub use rename::{OwnName, RenameError, own_names, rename};
