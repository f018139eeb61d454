//! Exclusions that silence the false positives of the newest result and lose no alert that must stay.

use std::rc::Rc;

use detection::{Exclusion, TuningRequest};
use yew::prelude::*;

use super::asked::use_answer;
use super::suggestion::{Applied, SuggestionItem, use_applied};
use crate::format::{counted, grouped};
use crate::protocol::{Request, Response};
use crate::state::{Rule, RunResult};

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct ExclusionsProps {
    /// The newest result.
    pub result: Rc<RunResult>,
    /// The text, which may be newer.
    pub rule: Rule,
}

/// Exclusions, the best first.
#[component]
pub fn Exclusions(props: &ExclusionsProps) -> Html {
    let node = use_node_ref();
    let Applied { on_applied, undo } = use_applied(&node, props.rule.version);
    let asked = use_answer(props.result.generation, |_| Some(Request::Tuning(TuningRequest::default())));
    let is_current = asked.is_current && props.result.version == props.rule.version;
    let body = match asked.response.as_deref() {
        Some(Response::Tuning(tuning)) => html! {
            <>
                <p class="soft">{ format!(
                    "{} labelled harmless, or protected from alerting, are to go; {} must stay.",
                    counted(tuning.asked, "alert"),
                    grouped(tuning.kept as u64)
                ) }</p>
                <ul class="suggestions">
                    { for tuning.exclusions.iter().map(|exclusion| item(exclusion, tuning.asked, props, is_current, &on_applied)) }
                </ul>
                { for tuning.notes.iter().map(|note| html! { <p class="soft">{ note }</p> }) }
            </>
        },
        _ => html! { <p class="soft">{ "…" }</p> },
    };
    html! {
        <section ref={node} class={classes!("exclusions", (!is_current).then_some("is-stale"))} tabindex="-1" aria-label="Suggested exclusions" aria-busy={(!is_current).to_string()}>
            <h3>{ "Suggested exclusions" }</h3>
            { undo }
            { body }
        </section>
    }
}

fn item(
    exclusion: &Exclusion,
    asked: usize,
    props: &ExclusionsProps,
    is_current: bool,
    on_applied: &Callback<AttrValue>,
) -> Html {
    let risks = [
        (exclusion.others, "alert that nobody asked about goes too", "alerts that nobody asked about go too"),
        (exclusion.hidden.len(), "missed attack stays hidden by it", "missed attacks stay hidden by it"),
    ];
    let risk = |(count, one, more): (usize, &str, &str)| {
        (count > 0).then(|| format!("{} {}", grouped(count as u64), if count == 1 { one } else { more }))
    };
    let risks: Vec<String> = risks.into_iter().filter_map(risk).chain(exclusion.cautions.iter().cloned()).collect();
    html! {
        <>
            <SuggestionItem
                key={exclusion.suggestion.words.clone()}
                suggestion={exclusion.suggestion.clone()}
                text={props.rule.text.clone()}
                of={None::<Vec<event_table::RowRef>>}
                {is_current}
                on_applied={on_applied.clone()}
            />
            <li class="exclusion" key={format!("{} in detail", exclusion.suggestion.words)}>
                { for exclusion.clauses.iter().map(|clause| html! { <pre class="text">{ &clause.text }</pre> }) }
                <p class="soft">{ format!("Silences {} of {}.", grouped(exclusion.silenced as u64), counted(asked, "false positive")) }</p>
                { for risks.iter().map(|risk| html! { <p class="warn">{ risk }</p> }) }
            </li>
        </>
    }
}
