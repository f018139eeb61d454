//! Tests of text: the `has` family, `contains`, `startswith`, `endswith`, `=~` and their lists.
//!
//! One [`Matcher`] serves running and explaining: [`Matcher::matches`] says whether, [`Matcher::find`] where and
//! by which literal.

mod fold;
mod matcher;
mod scan;

pub use fold::{equal_ignoring_case, fold, fold_char, is_term_char};
pub use matcher::{Found, Matcher, MatcherError, Quantifier, TextMode, Unbounded};
