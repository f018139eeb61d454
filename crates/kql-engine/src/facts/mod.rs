//! What the language has: one table of facts that drives resolution, completion, hover and the generated docs.
//!
//! A function that stands here without an implementation is known, and refused by name.

mod functions;

pub use functions::{
    ArgumentKind, Function, FunctionKind, Naming, ParamKind, Parameter, Repeat, Returns, Signature, all, find,
};
