//! The keys, and light or dark.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::dialog::Dialog;
use crate::commands::COMMANDS;
use crate::dispatch::use_dispatch;
use crate::state::{Action, Theme};

/// Keys within one part of the page. Those that work anywhere are the commands' own.
const KEYS: &[(&str, &[(&str, &str)])] = &[
    (
        "Alerts",
        &[
            ("↑ ↓ Page Up Page Down Home End", "move through the rows"),
            ("← →", "move through the columns"),
            ("Enter", "open the story; again: go into it"),
            ("↑ on the first row", "go to the headings, where Enter sorts"),
            ("Shift ← →", "make a column narrower or wider"),
            ("Shift F10", "what can be done with a cell"),
        ],
    ),
    (
        "Lists",
        &[
            ("Enter on a value", "change it"),
            ("Delete on a value", "take it out"),
            ("Enter in the field", "add what is typed, and go on"),
        ],
    ),
    (
        "KQL",
        &[
            ("Ctrl Space", "complete"),
            ("Shift F1", "help for the word at the cursor"),
            ("F8", "go to the next problem"),
            ("Ctrl . or Alt Enter", "go to what mends it; Enter does it"),
            ("F2", "rename the name at the cursor"),
            ("Ctrl Shift M", "list the problems"),
            ("Ctrl Z, Ctrl Y", "undo, redo"),
            ("Esc, then Tab", "leave the field"),
        ],
    ),
];

const THEMES: [(Theme, &str); 3] = [(Theme::System, "As the system"), (Theme::Light, "Light"), (Theme::Dark, "Dark")];

/// The keys, and light or dark.
#[derive(Properties, PartialEq)]
pub struct KeysDialogProps {
    /// Light or dark.
    pub theme: Theme,
}

/// The keys, and light or dark.
#[component]
pub fn KeysDialog(props: &KeysDialogProps) -> Html {
    let dispatch = use_dispatch();
    let theme = |(theme, name): (Theme, &'static str)| {
        let act = dispatch.act.clone();
        let chosen = Callback::from(move |event: Event| {
            if event.target_unchecked_into::<HtmlInputElement>().checked() {
                act.emit(Action::ThemeSet(theme));
            }
        });
        html! {
            <label class="check">
                <input type="radio" name="theme" checked={props.theme == theme} onchange={chosen} />{ name }
            </label>
        }
    };
    let key = |(key, what): &(&'static str, &'static str)| html! { <><dt>{ *key }</dt><dd>{ *what }</dd></> };
    let anywhere = COMMANDS.iter().filter_map(|command| Some((command.keys?, command.title))).map(|(keys, title)| {
        html! { <><dt>{ keys.names().join(" ") }</dt><dd>{ title }</dd></> }
    });
    html! {
        <Dialog title="Keys and colours" class="wide">
            <fieldset class="row">
                <legend>{ "Colours" }</legend>
                { for THEMES.into_iter().map(theme) }
            </fieldset>
            <div class="keys">
                <section>
                    <h3>{ "Anywhere" }</h3>
                    <dl>{ for anywhere }</dl>
                    <p class="soft">{ "On a Mac, ⌘ in place of Ctrl." }</p>
                </section>
                { for KEYS.iter().map(|(title, keys)| html! {
                    <section><h3>{ *title }</h3><dl>{ for keys.iter().map(key) }</dl></section>
                }) }
            </div>
        </Dialog>
    }
}
