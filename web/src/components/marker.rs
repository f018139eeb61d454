//! The sign of a signal: a shape and a colour, so that neither is needed alone.

use yew::prelude::*;

/// How many colours there are before they come again.
const COLOURS: usize = 6;

/// The class that sets a signal's colours.
pub fn signal_class(signal: usize) -> String {
    format!("s{}", signal % COLOURS + 1)
}

/// The sign of a signal, by its position.
pub fn marker(signal: usize) -> Html {
    let shape = match signal % 4 {
        0 => html! { <circle cx="6" cy="6" r="5" /> },
        1 => html! { <path d="M6 0.5 11.5 6 6 11.5 0.5 6Z" /> },
        2 => html! { <path d="M1.5 1.5h9v9h-9Z" /> },
        _ => html! { <path d="M6 1 11.5 11H0.5Z" /> },
    };
    html! {
        <svg class={classes!("marker", signal_class(signal))} viewBox="0 0 12 12" aria-hidden="true">{ shape }</svg>
    }
}
