//! Another name for something that the query declares.

use std::rc::Rc;

use kql_engine::assist::OwnName;
use web_sys::{HtmlInputElement, HtmlSelectElement, SubmitEvent};
use yew::prelude::*;

use super::asked::use_answer;
use super::dialog::{Dialog, close_open_dialog};
use super::visible::visible;
use crate::dispatch::use_dispatch;
use crate::editor::Version;
use crate::format::counted;
use crate::protocol::{Request, Response};
use crate::state::Action;

/// The text, and where in it a name is meant.
#[derive(Properties, PartialEq)]
pub struct RenameDialogProps {
    /// The query.
    pub text: AttrValue,
    /// Its version.
    pub version: Version,
    /// The place of the name, in bytes; none when it is to be chosen.
    pub at: Option<usize>,
}

/// Another name for something that the query declares.
#[component]
pub fn RenameDialog(props: &RenameDialogProps) -> Html {
    let text = props.text.clone();
    let names = use_answer(text.clone(), |text| Some(Request::OwnNames { text: text.to_string() }));
    let body = match names.response.as_deref() {
        Some(Response::OwnNames(Some(found))) if !found.is_empty() => {
            let names: Rc<Vec<OwnName>> = Rc::new(found.clone());
            html! { <RenameForm {text} version={props.version} at={props.at} {names} /> }
        }
        Some(Response::OwnNames(Some(_))) => html! { <p>{ "The query declares no name by let, and no function." }</p> },
        Some(Response::OwnNames(None)) => {
            html! { <p role="alert">{ "The query has a mistake, which has to be mended first." }</p> }
        }
        _ => html! { <p class="soft" role="status">{ "…" }</p> },
    };
    html! { <Dialog title="Rename">{ body }</Dialog> }
}

#[derive(Properties, PartialEq)]
struct RenameFormProps {
    text: AttrValue,
    version: Version,
    at: Option<usize>,
    names: Rc<Vec<OwnName>>,
}

/// The name that stands at a place, by position.
fn name_at(names: &[OwnName], at: usize) -> Option<usize> {
    let stands = |name: &OwnName| {
        let mut places = std::iter::once(&name.declared).chain(&name.uses);
        places.any(|place| place.start as usize <= at && at <= place.end as usize)
    };
    names.iter().position(stands)
}

#[component]
fn RenameForm(props: &RenameFormProps) -> Html {
    let dispatch = use_dispatch();
    let names = &props.names;
    let meant = props.at.and_then(|at| name_at(names, at));
    let chosen = use_state_eq(|| meant.unwrap_or_default());
    let typed =
        use_state_eq(|| names.get(meant.unwrap_or_default()).map_or_else(String::new, |name| name.name.clone()));
    let field = use_node_ref();
    let name = names.get(*chosen);
    use_effect_with(*chosen, {
        let field = field.clone();
        move |_| {
            if let Some(field) = field.cast::<HtmlInputElement>() {
                // What is there is written over by typing. A field that is shown takes the focus.
                let _ = field.focus();
                field.select();
            }
        }
    });
    let key = name.map(|name| (props.text.clone(), name.declared, (*typed).clone()));
    let asked = use_answer(key, |key| {
        let (text, declared, to) = key.as_ref()?;
        Some(Request::Rename { text: text.to_string(), declared: *declared, to: to.clone() })
    });
    let renamed = match asked.response.as_deref() {
        Some(Response::Renamed(renamed)) if asked.is_current => Some(renamed),
        _ => None,
    };
    let edits = renamed.and_then(|renamed| renamed.as_ref().ok()).filter(|edits| !edits.is_empty());
    let on_choose = {
        let (chosen, typed, names) = (chosen.clone(), typed.clone(), Rc::clone(names));
        Callback::from(move |event: Event| {
            let place = event.target_unchecked_into::<HtmlSelectElement>().selected_index().max(0) as usize;
            if let Some(name) = names.get(place) {
                typed.set(name.name.clone());
                chosen.set(place);
            }
        })
    };
    let on_input = {
        let typed = typed.clone();
        Callback::from(move |event: InputEvent| typed.set(event.target_unchecked_into::<HtmlInputElement>().value()))
    };
    let on_submit = {
        let (edits, act, version) = (edits.cloned(), dispatch.act.clone(), props.version);
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if let Some(edits) = edits.clone() {
                close_open_dialog();
                act.emit(Action::Fixed { version, edits });
            }
        })
    };
    let line = |name: &OwnName| {
        props.text.get(..name.declared.start as usize).map_or(0, |before| before.matches('\n').count()) + 1
    };
    let option = |(place, name): (usize, &OwnName)| {
        html! {
            <option selected={place == *chosen}>
                { format!("{} (line {}, used {})", name.name, line(name), counted(name.uses.len(), "time")) }
            </option>
        }
    };
    html! {
        <form class="rename" onsubmit={on_submit}>
            if props.at.is_some() && meant.is_none() {
                <p class="soft">{ "No name of the query's own stands at the cursor." }</p>
            }
            <label class="author-field">
                { "Name" }
                <select onchange={on_choose}>{ for names.iter().enumerate().map(option) }</select>
            </label>
            <label class="author-field">
                { "New name" }
                <input
                    ref={field}
                    type="text"
                    maxlength="200"
                    spellcheck="false"
                    autocomplete="off"
                    value={(*typed).clone()}
                    oninput={on_input}
                    aria-describedby="rename-outcome"
                />
            </label>
            <p id="rename-outcome" role="status" class={classes!(matches!(renamed, Some(Err(_))).then_some("bad"))}>
                { match renamed {
                    Some(Err(why)) => visible(why),
                    Some(Ok(edits)) if edits.is_empty() => html! { "It has this name." },
                    Some(Ok(edits)) => {
                        html! { { format!("Changes {} in the text, as one step to undo.", counted(edits.len(), "place")) } }
                    }
                    None => html! { "…" },
                } }
            </p>
            <div class="actions">
                <button class="primary" type="submit" disabled={edits.is_none()}>{ "Rename" }</button>
            </div>
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kql_syntax::Span;

    #[test]
    fn a_name_is_found_by_its_declaration_and_by_its_uses() {
        let own = |name: &str, declared, uses: Vec<Span>| OwnName { name: name.into(), declared, uses };
        let names = [own("a", Span::new(4, 5), vec![Span::new(20, 21)]), own("b", Span::new(12, 13), Vec::new())];
        for (at, found) in [(4, Some(0)), (5, Some(0)), (21, Some(0)), (12, Some(1)), (6, None), (99, None)] {
            assert_eq!(name_at(&names, at), found, "{at}");
        }
    }
}
