//! Every literal of the query as a control: lists as chips, numbers, durations and texts as fields.

use std::rc::Rc;

use detection::ConditionContribution;
use kql_syntax::literals::LiteralValue;
use yew::prelude::*;

use super::asked::use_answer;
use super::list_field::ListField;
use super::marker::marker;
use super::scalar_field::ScalarField;
use crate::protocol::{Request, Response};
use crate::rule_text::{Comparison, Entry, RuleText};
use crate::state::RunResult;

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct ListsViewProps {
    /// What stands in the text.
    pub read: Rc<RuleText>,
    /// The text.
    pub text: AttrValue,
    /// The newest result, if it is of this text.
    pub result: Option<Rc<RunResult>>,
    /// Whether it is looked at.
    pub is_shown: bool,
}

/// Every literal of the query as a control.
#[component]
pub fn ListsView(props: &ListsViewProps) -> Html {
    let read = &props.read;
    // What they do is found out while somebody looks.
    let key = props.result.as_ref().filter(|_| props.is_shown).map(|result| result.generation);
    let asked = use_answer(key, |key| key.map(|_| Request::Contributions));
    let found: Rc<Vec<ConditionContribution>> = match (asked.response.as_deref(), asked.is_current && key.is_some()) {
        (Some(Response::Contributions(found)), true) => Rc::new(found.clone()),
        _ => Rc::default(),
    };
    if read.entries.is_empty() {
        return html! { <p class="soft">{ "This query compares nothing with a list, a number or a text." }</p> };
    }
    let field = |(place, entry): (usize, &Entry)| {
        let entry = entry.clone();
        let text = props.text.clone();
        match &entry.literal.value {
            LiteralValue::List { .. } => {
                let (found, names) = (Rc::clone(&found), Rc::clone(&props.read));
                html! { <ListField key={place} {entry} {text} {found} {names} /> }
            }
            LiteralValue::Scalar(_) => html! { <ScalarField key={place} {entry} {text} result={key} /> },
        }
    };
    // Fields of a line each stand side by side; a list takes the width.
    let mut groups: Vec<(bool, Vec<Html>)> = Vec::new();
    for (place, entry) in read.entries.iter().enumerate() {
        let drawn = field((place, entry));
        match groups.last_mut() {
            Some((is_list, fields)) if *is_list == entry.is_list() => fields.push(drawn),
            _ => groups.push((entry.is_list(), vec![drawn])),
        }
    }
    let group = |(is_list, fields): (bool, Vec<Html>)| {
        html! { <div class={if is_list { "list-fields" } else { "scalar-fields" }}>{ for fields }</div> }
    };
    html! {
        <div class="lists">
            { for groups.into_iter().map(group) }
            <p class="soft legend" hidden={found.is_empty()}>{ "Beside each value: the rows that have it, and marked the alerts that hang on it alone." }</p>
        </div>
    }
}

/// What a literal is compared with, each with the signs of its signals. One without a name is called by its comparison,
/// of which only the signs are left to show.
pub fn comparisons(entry: &Entry) -> Html {
    let uses = &entry.uses;
    let is_named = entry.literal.name.is_some();
    if uses.is_empty() {
        return html! { <span class="soft">{ "compared with nothing" }</span> };
    }
    let one = |used: &Comparison| {
        let names: Vec<String> = used.signals.iter().map(|signal| (signal + 1).to_string()).collect();
        let aloud = match names.len() {
            0 => String::new(),
            1 => format!(", signal {}", names[0]),
            _ => format!(", signals {}", names.join(", ")),
        };
        html! {
            <span class="use">
                { for used.signals.iter().map(|signal| marker(*signal)) }
                if is_named { <code>{ &used.subject }</code>{ " " }<span>{ &used.operator }</span> }
                <span class="aloud">{ aloud }</span>
            </span>
        }
    };
    html! { <span class="uses">{ for uses.iter().map(one) }</span> }
}
