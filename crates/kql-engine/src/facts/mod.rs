//! What the language has: one table of facts that drives resolution, completion, hover and the generated docs.
//!
//! A function that stands here without an implementation is known, and refused by name.

mod functions;
mod operators;

pub use functions::{
    ArgumentKind, Function, FunctionKind, Naming, ParamKind, Parameter, Repeat, Returns, Signature, all, find,
};
pub use operators::{OperatorFact, OperatorPlace, operators};

/// What a function is for, in a sentence; empty when nothing is known of it.
#[must_use]
pub fn description(_name: &str, _kind: FunctionKind) -> &'static str {
    ""
}

/// Whether a function runs here. One that does not is known, and refused by name.
#[must_use]
pub fn runs(function: &Function) -> bool {
    let current = function.replaced_by.unwrap_or(function.name);
    match function.kind {
        // The resolver itself makes these.
        FunctionKind::Scalar if matches!(current, "not" | "column_ifexists" | "toscalar") => true,
        FunctionKind::Scalar => crate::functions::implementation(current).is_some(),
        FunctionKind::Aggregate => {
            matches!(current, "percentile" | "percentiles") || crate::aggregates::Aggregate::named(current).is_some()
        }
    }
}
