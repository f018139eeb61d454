//! What the language has: one table of facts that drives resolution, completion, hover and the generated docs.
//!
//! A function that stands here without an implementation is known, and refused by name.

pub(crate) mod elsewhere;
mod functions;
mod operators;
mod sentences;

pub use functions::{
    ArgumentKind, Function, FunctionKind, Naming, ParamKind, Parameter, Repeat, Returns, Signature, all, find,
};
pub use operators::{OperatorFact, OperatorPlace, operators};
pub(crate) use sentences::of_a_service;
pub use sentences::{choices, differing_examples, instead, refusals};

/// What a function is for, in a sentence; empty when it does not run here.
#[must_use]
pub fn description(name: &str, kind: FunctionKind) -> &'static str {
    find(name, kind).map_or("", |function| sentences::description(function.replaced_by.unwrap_or(function.name)))
}

/// Whether a function runs here. One that does not is known, and refused by name.
#[must_use]
pub fn runs(function: &Function) -> bool {
    let current = function.replaced_by.unwrap_or(function.name);
    match function.kind {
        FunctionKind::Scalar if RESOLVED.contains(&current) => true,
        FunctionKind::Scalar => crate::functions::implementation(current).is_some(),
        FunctionKind::Aggregate => {
            matches!(current, "percentile" | "percentiles" | "percentilesw")
                || crate::aggregates::Aggregate::named(current).is_some()
        }
    }
}

/// Functions that the resolver itself makes something of.
const RESOLVED: [&str; 18] = [
    "bag_pack_columns",
    "bin_auto",
    "column_ifexists",
    "estimate_data_size",
    "geo_info_from_ip_address",
    "iscolumnexists",
    "new_guid",
    "next",
    "not",
    "pack_all",
    "prev",
    "rand",
    "row_cumsum",
    "row_number",
    "row_rank_dense",
    "row_rank_min",
    "row_window_session",
    "toscalar",
];
