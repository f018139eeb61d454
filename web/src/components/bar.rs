//! A share as a bar, for the eye; the figures stand beside it.

use yew::prelude::*;

/// A bar filled to a share. Drawn with attributes alone, since the page's policy forbids style attributes.
pub fn bar(part: usize, whole: usize) -> Html {
    let share = if whole == 0 { 0.0 } else { part as f64 * 100.0 / whole as f64 };
    // What is there is seen, however little it is.
    let width = if part > 0 { share.max(0.6) } else { 0.0 };
    html! {
        <svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
            <rect width={format!("{width:.2}")} height="1" />
        </svg>
    }
}
