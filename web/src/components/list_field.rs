//! A list of the query as chips: each can be changed and taken out, others put in.

use std::cell::Cell;
use std::rc::Rc;

use detection::ConditionContribution;
use kql_syntax::edit::{TextEdit, remove_item, set_scalar};
use kql_syntax::literals::{Item, LiteralValue};
use kql_syntax::parse;
use wasm_bindgen::JsCast as _;
use web_sys::{HtmlElement, HtmlInputElement, KeyboardEvent, MouseEvent};
use yew::prelude::*;

use super::contribution::{contribution, figures};
use super::lists_view::comparisons;
use super::visible::visible;
use crate::dispatch::{NewText, TextChange, use_dispatch};
use crate::format::grouped;
use crate::rule_text::{Entry, RuleText, like_items, scalar_text, with_items, with_text};

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct ListFieldProps {
    /// The list.
    pub entry: Entry,
    /// The text that it stands in.
    pub text: AttrValue,
    /// What the values do, once that is found out.
    pub found: Rc<Vec<ConditionContribution>>,
    /// What the text calls the signals.
    pub names: Rc<RuleText>,
}

/// What is being typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Typing {
    Nothing,
    /// Another value for the item at a place.
    Item(usize),
    /// A new item.
    New,
}

/// Where the focus is to go once the list is drawn again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Goal {
    /// The item at a place, or what is nearest to it.
    Item(usize),
    /// The button that adds.
    Add,
}

/// Longer lists are shown up to here at first.
const SHOWN: usize = 200;

/// A list of the query as chips.
#[component]
pub fn ListField(props: &ListFieldProps) -> Html {
    let dispatch = use_dispatch();
    let typing = use_state_eq(|| Typing::Nothing);
    let error = use_state_eq(AttrValue::default);
    let is_whole = use_state_eq(|| false);
    let node = use_node_ref();
    let goal = use_mut_ref(|| Cell::new(None::<Goal>));
    // What had the focus may be gone with what was drawn before.
    use_effect({
        let (node, goal) = (node.clone(), Rc::clone(&goal));
        move || {
            if let Some(goal) = goal.borrow().take() {
                move_focus(&node, goal);
            }
        }
    });
    let LiteralValue::List { items, .. } = &props.entry.literal.value else { return html! {} };
    let items = Rc::new(items.clone());
    let span = props.entry.literal.span;
    let title = props.entry.title();

    // Each of these makes one step of the history, or says why not.
    let make = {
        let (change_text, error, of) = (dispatch.change_text.clone(), error.clone(), props.text.clone());
        move |to: Result<NewText, String>| match to {
            Ok(to) => {
                error.set(AttrValue::default());
                change_text.emit(TextChange { of: of.clone(), to });
                true
            }
            Err(reason) => {
                error.set(reason.into());
                false
            }
        }
    };
    let remove = {
        let (make, items, text, goal) = (make.clone(), Rc::clone(&items), props.text.clone(), Rc::clone(&goal));
        Callback::from(move |place: usize| {
            goal.borrow().set(Some(Goal::Item(place)));
            make(edits(remove_item(&parse(&text), span, items[place].span)));
        })
    };
    let change = {
        let (make, items, text, goal, typing) =
            (make.clone(), Rc::clone(&items), props.text.clone(), Rc::clone(&goal), typing.clone());
        Callback::from(move |(place, typed): (usize, String)| {
            let item = &items[place];
            let unchanged = scalar_text(&item.value) == typed;
            let value = with_text(&item.value, typed);
            if unchanged || make(edits(set_scalar(&parse(&text), item.span, &value))) {
                goal.borrow().set(Some(Goal::Item(place)));
                typing.set(Typing::Nothing);
            }
        })
    };
    let add = {
        let (make, items, text) = (make.clone(), Rc::clone(&items), props.text.clone());
        Callback::from(move |typed: Vec<String>| {
            let values: Vec<_> = typed.iter().map(|typed| like_items(typed, &items)).collect();
            make(with_items(&text, span, &values).map(NewText::Text).map_err(|error| error.to_string()))
        })
    };
    let stop = {
        let (typing, error, goal) = (typing.clone(), error.clone(), Rc::clone(&goal));
        Callback::from(move |to: Goal| {
            goal.borrow().set(Some(to));
            error.set(AttrValue::default());
            typing.set(Typing::Nothing);
        })
    };

    let chip = |(place, item): (usize, &Item)| {
        let text = scalar_text(&item.value).to_owned();
        if *typing == Typing::Item(place) {
            let change = change.reform(move |typed| (place, typed));
            let stop = stop.reform(move |()| Goal::Item(place));
            return html! {
                <li key={place}><ItemInput label={format!("Another value for {text}")} value={text} done={change} {stop} /></li>
            };
        }
        let begin = {
            let typing = typing.clone();
            Callback::from(move |_: MouseEvent| typing.set(Typing::Item(place)))
        };
        let on_key = {
            let remove = remove.clone();
            Callback::from(move |event: KeyboardEvent| {
                if matches!(event.key().as_str(), "Delete" | "Backspace") {
                    event.prevent_default();
                    remove.emit(place);
                }
            })
        };
        let on_remove = remove.reform(move |_: MouseEvent| place);
        let does = contribution(&props.entry, &text, &props.found);
        html! {
            <li class={classes!("chip", does.as_ref().is_some_and(|does| does.rows == 0).then_some("is-zero"))} key={place}>
                <button class="chip-text" onclick={begin} onkeydown={on_key} title="Change">
                    if text.is_empty() { <span class="soft">{ "empty text" }</span> } else { { visible(&text) } }
                </button>
                { figures(does.as_ref(), &props.names.signals) }
                <button class="chip-remove" tabindex="-1" aria-label={format!("Remove {text}")} title="Remove" onclick={on_remove}>{ "×" }</button>
            </li>
        }
    };
    let shown = if *is_whole { items.len() } else { items.len().min(SHOWN) };
    let show_all = {
        let is_whole = is_whole.clone();
        Callback::from(move |_: MouseEvent| is_whole.set(true))
    };
    let begin_new = {
        let typing = typing.clone();
        Callback::from(move |_: MouseEvent| typing.set(Typing::New))
    };
    html! {
        <div ref={node} class="list-field" role="group" aria-label={title.clone()}>
            <div class="field-head">
                <h3>{ title.clone() }</h3><span class="count">{ grouped(items.len() as u64) }</span>
                { comparisons(&props.entry) }
            </div>
            <ul class="chips">
                { for items.iter().enumerate().take(shown).map(chip) }
                if shown < items.len() {
                    <li key="rest">
                        <button class="chip-add" onclick={show_all}>{ format!("show {} more", grouped((items.len() - shown) as u64)) }</button>
                    </li>
                }
                <li key="new">
                    if *typing == Typing::New {
                        <NewInput label={format!("Add to {title}")} {add} stop={stop.reform(|()| Goal::Add)} />
                    } else {
                        <button class="chip-add" onclick={begin_new} aria-label={format!("Add to {title}")}>{ "+ add" }</button>
                    }
                </li>
            </ul>
            if items.is_empty() { <p class="soft">{ "The list is empty: nothing matches it." }</p> }
            if !error.is_empty() { <p class="bad" role="alert">{ (*error).clone() }</p> }
        </div>
    }
}

fn edits(edits: Result<Vec<TextEdit>, kql_syntax::edit::EditError>) -> Result<NewText, String> {
    edits.map(|edits| NewText::Edits(Rc::new(edits))).map_err(|error| error.to_string())
}

fn move_focus(node: &NodeRef, goal: Goal) {
    let Some(field) = node.cast::<HtmlElement>() else { return };
    let Ok(all) = field.query_selector_all(".chip-text, .chip-add, .new-item") else { return };
    let last = all.length().saturating_sub(1);
    let place = match goal {
        Goal::Item(place) => (place as u32).min(last),
        Goal::Add => last,
    };
    if let Some(target) = all.item(place).and_then(|node| node.dyn_into::<HtmlElement>().ok()) {
        let _ = target.focus();
    }
}

/// A field for another value of an item.
#[derive(Properties, PartialEq)]
struct ItemInputProps {
    label: AttrValue,
    value: AttrValue,
    done: Callback<String>,
    stop: Callback<()>,
}

#[component]
fn ItemInput(props: &ItemInputProps) -> Html {
    let node = use_node_ref();
    use_effect_with((), {
        let node = node.clone();
        move |()| {
            if let Some(input) = node.cast::<HtmlInputElement>() {
                let _ = input.focus();
                input.select();
            }
        }
    });
    let on_key = {
        let (done, stop) = (props.done.clone(), props.stop.clone());
        Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
            "Enter" if !event.ctrl_key() && !event.meta_key() => {
                event.prevent_default();
                done.emit(event.target_unchecked_into::<HtmlInputElement>().value());
            }
            "Escape" => {
                event.prevent_default();
                event.stop_propagation();
                stop.emit(());
            }
            _ => {}
        })
    };
    html! {
        <input ref={node} class="chip-input" aria-label={props.label.clone()} value={props.value.clone()} spellcheck="false" autocomplete="off" onkeydown={on_key} />
    }
}

/// A field for new items, which stays for the next one.
#[derive(Properties, PartialEq)]
struct NewInputProps {
    label: AttrValue,
    add: Callback<Vec<String>, bool>,
    stop: Callback<()>,
}

#[component]
fn NewInput(props: &NewInputProps) -> Html {
    let node = use_node_ref();
    use_effect_with((), {
        let node = node.clone();
        move |()| crate::dom::focus(&node)
    });
    let take = {
        let (node, add) = (node.clone(), props.add.clone());
        Callback::from(move |()| {
            let Some(input) = node.cast::<HtmlInputElement>() else { return true };
            // A column of a sheet, or lines, come as several.
            let typed: Vec<String> = input
                .value()
                .split(['\n', '\t'])
                .map(str::trim)
                .filter(|item| !item.is_empty())
                .map(str::to_owned)
                .collect();
            let taken = typed.is_empty() || add.emit(typed);
            if taken {
                input.set_value("");
            }
            taken
        })
    };
    let on_key = {
        let (take, stop, node) = (take.clone(), props.stop.clone(), node.clone());
        Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
            "Enter" if !event.ctrl_key() && !event.meta_key() => {
                event.prevent_default();
                let is_empty = node.cast::<HtmlInputElement>().is_none_or(|input| input.value().trim().is_empty());
                if is_empty {
                    stop.emit(());
                } else {
                    take.emit(());
                }
            }
            "Escape" => {
                event.prevent_default();
                event.stop_propagation();
                stop.emit(());
            }
            _ => {}
        })
    };
    html! {
        <input ref={node} class="chip-input new-item" aria-label={props.label.clone()} placeholder="new value" spellcheck="false" autocomplete="off" onkeydown={on_key} />
    }
}
