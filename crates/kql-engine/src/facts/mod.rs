//! What the language has: one table of facts that drives resolution, completion, hover and the generated docs.
//!
//! A function that stands here without an implementation is known, and refused by name.

mod descriptions;
mod functions;
mod operators;

pub use functions::{
    ArgumentKind, Function, FunctionKind, Naming, ParamKind, Parameter, Repeat, Returns, Signature, all, find,
};
pub use operators::{OperatorFact, OperatorPlace, operators};

/// What a function is for, in a sentence; empty when it does not run here.
#[must_use]
pub fn description(name: &str, kind: FunctionKind) -> &'static str {
    find(name, kind).map_or("", |function| descriptions::of(function.replaced_by.unwrap_or(function.name)))
}

/// Whether a function runs here. One that does not is known, and refused by name.
#[must_use]
pub fn runs(function: &Function) -> bool {
    let current = function.replaced_by.unwrap_or(function.name);
    match function.kind {
        // The resolver itself makes these.
        FunctionKind::Scalar if matches!(current, "not" | "column_ifexists" | "toscalar" | "pack_all") => true,
        FunctionKind::Scalar if matches!(current, "next" | "prev" | "row_cumsum" | "row_number" | "row_rank_dense") => {
            true
        }
        FunctionKind::Scalar if matches!(current, "row_rank_min" | "row_window_session") => true,
        FunctionKind::Scalar => crate::functions::implementation(current).is_some(),
        FunctionKind::Aggregate => {
            matches!(current, "percentile" | "percentiles" | "percentilesw")
                || crate::aggregates::Aggregate::named(current).is_some()
        }
    }
}
