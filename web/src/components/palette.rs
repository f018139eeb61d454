//! The command palette: a few letters find any command of the page.

use std::rc::Rc;

use gloo::utils::document;
use web_sys::{HtmlInputElement, KeyboardEvent, MouseEvent, ScrollIntoViewOptions, ScrollLogicalPosition};
use yew::prelude::*;

use super::dialog::{Dialog, close_open_dialog};
use crate::commands::{Effect, Found, Offer, find, offers};
use crate::dispatch::use_dispatch;
use crate::format::counted;
use crate::state::State;

/// What the commands depend on.
#[derive(Properties, PartialEq)]
pub struct PaletteProps {
    /// Everything.
    pub state: Rc<State>,
}

/// How far Page Up and Page Down go.
const PAGE: usize = 8;

/// The command palette.
#[component]
pub fn Palette(props: &PaletteProps) -> Html {
    let dispatch = use_dispatch();
    let typed = use_state_eq(String::new);
    let active = use_state_eq(|| 0usize);
    let offers: Rc<Vec<Offer>> = Rc::new(offers(&props.state));
    let found = find(&offers, &typed);
    let at = (*active).min(found.len().saturating_sub(1));
    use_effect_with((at, (*typed).clone()), |(at, _)| {
        if let Some(option) = document().get_element_by_id(&format!("offer-{at}")) {
            let options = ScrollIntoViewOptions::new();
            options.set_block(ScrollLogicalPosition::Nearest);
            option.scroll_into_view_with_scroll_into_view_options(&options);
        }
    });
    let give = {
        let (dispatch, state) = (dispatch.clone(), Rc::clone(&props.state));
        Callback::from(move |effect: Effect| {
            // First, so that the focus is where it was before the command moves it.
            close_open_dialog();
            dispatch.perform(&effect, &state);
        })
    };
    let on_input = {
        let (typed, active) = (typed.clone(), active.clone());
        Callback::from(move |event: InputEvent| {
            typed.set(event.target_unchecked_into::<HtmlInputElement>().value());
            active.set(0);
        })
    };
    let chosen = found.get(at).map(|found| offers[found.offer].effect.clone());
    let on_key = {
        let (active, give, count) = (active.clone(), give.clone(), found.len());
        Callback::from(move |event: KeyboardEvent| {
            let last = count.saturating_sub(1);
            match event.key().as_str() {
                "ArrowDown" => active.set(if at == last { 0 } else { at + 1 }),
                "ArrowUp" => active.set(if at == 0 { last } else { at - 1 }),
                "PageDown" => active.set((at + PAGE).min(last)),
                "PageUp" => active.set(at.saturating_sub(PAGE)),
                "Enter" => {
                    if let Some(effect) = chosen.clone() {
                        give.emit(effect);
                    }
                }
                "k" | "K" if event.ctrl_key() || event.meta_key() => close_open_dialog(),
                _ => return,
            }
            event.prevent_default();
        })
    };
    let option = |(place, found): (usize, &Found)| {
        let offer = &offers[found.offer];
        let is_active = place == at;
        let click = {
            let (give, effect) = (give.clone(), offer.effect.clone());
            Callback::from(move |_: MouseEvent| give.emit(effect.clone()))
        };
        html! {
            <li
                key={found.offer}
                id={format!("offer-{place}")}
                class="offer"
                role="option"
                aria-selected={if is_active { "true" } else { "false" }}
                // The focus stays in the field.
                onmousedown={|event: MouseEvent| event.prevent_default()}
                onclick={click}
            >
                <span class="offer-title">{ marked(&offer.title, &found.characters) }</span>
                <span class="offer-place">{ offer.place }</span>
                if let Some(keys) = offer.keys {
                    <span class="offer-keys">{ for keys.names().into_iter().map(|key| html! { <kbd>{ key }</kbd> }) }</span>
                }
            </li>
        }
    };
    html! {
        <Dialog title="Commands" class="palette">
            <input
                class="palette-input"
                type="text"
                role="combobox"
                aria-label="Find a command"
                aria-controls="offers"
                aria-expanded="true"
                aria-autocomplete="list"
                aria-activedescendant={(!found.is_empty()).then(|| format!("offer-{at}"))}
                placeholder="What do you want to do?"
                autofocus=true
                spellcheck="false"
                autocomplete="off"
                oninput={on_input}
                onkeydown={on_key}
            />
            <ul id="offers" class="offers" role="listbox" aria-label="Commands">
                { for found.iter().enumerate().map(option) }
            </ul>
            if found.is_empty() { <p class="soft">{ "No command fits." }</p> }
            <p class="aloud" role="status">{ if typed.is_empty() { String::new() } else { counted(found.len(), "command") } }</p>
        </Dialog>
    }
}

/// A title with the characters that were typed set apart.
fn marked(title: &str, characters: &[usize]) -> Html {
    let mut runs: Vec<(bool, String)> = Vec::new();
    for (place, character) in title.chars().enumerate() {
        let is_marked = characters.contains(&place);
        match runs.last_mut() {
            Some((marked, run)) if *marked == is_marked => run.push(character),
            _ => runs.push((is_marked, character.to_string())),
        }
    }
    let run = |(is_marked, run): (bool, String)| {
        if is_marked {
            html! { <b>{ run }</b> }
        } else {
            html! { { run } }
        }
    };
    html! { <>{ for runs.into_iter().map(run) }</> }
}
