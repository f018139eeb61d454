//! Text from logs, as text: nothing in it acts, and nothing in it hides.

use yew::prelude::*;

use crate::format::{Piece, pieces};

/// Text from a log on lines of its own, for where line feeds are drawn: each is shown, and ends its line.
pub fn visible_lines(text: &str) -> Html {
    let line = |line: &str| html! { <>{ visible(line) }if line.ends_with('\n') { { "\n" } }</> };
    text.split_inclusive('\n').map(line).collect()
}

/// Text from a log: what would not be seen, or would turn the writing round, is shown as a sign.
pub fn visible(text: &str) -> Html {
    let pieces = pieces(text);
    if let [Piece::Text(only)] = pieces.as_slice() {
        return html! { { *only } };
    }
    let piece = |piece: Piece<'_>| match piece {
        Piece::Text(text) => html! { { text } },
        Piece::Hidden { sign, name } => html! { <span class="hidden-sign" title={name}>{ sign }</span> },
    };
    pieces.into_iter().map(piece).collect()
}
