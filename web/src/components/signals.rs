//! A card for each signal: what it did, how often, and what became of the rows on the way.

use std::rc::Rc;

use detection::{SignalReport, SignalState};
use yew::prelude::*;

use super::funnel::FunnelView;
use super::marker::{marker, signal_class};
use crate::format::grouped;
use crate::protocol::TableKind;
use crate::rule_text::RuleText;
use crate::state::RunResult;
use crate::words;

/// What the cards show.
#[derive(Properties, PartialEq)]
pub struct SignalsProps {
    /// The newest result.
    pub result: Option<Rc<RunResult>>,
    /// What the text calls the signals, before there is a result.
    pub names: Rc<RuleText>,
    /// Whether the result is of an older text.
    pub is_stale: bool,
    /// The table that is looked at.
    pub shown: TableKind,
}

/// A card for each signal.
#[component]
pub fn Signals(props: &SignalsProps) -> Html {
    let cards: Vec<Html> = match &props.result {
        Some(result) => {
            let changes = result.changes.iter().copied().chain(std::iter::repeat(None));
            let card = |(place, (signal, change)): (usize, (&SignalReport, Option<i64>))| {
                card(place, signal, change, props.shown)
            };
            result.report.signals.iter().zip(changes).enumerate().map(card).collect()
        }
        None => props.names.signals.iter().enumerate().map(|(place, name)| waiting(place, name)).collect(),
    };
    if cards.is_empty() {
        return html! {};
    }
    html! {
        <section class={classes!("signals", props.is_stale.then_some("is-stale"))} aria-label="Signals" data-count={cards.len().to_string()}>
            { for cards }
        </section>
    }
}

fn waiting(place: usize, name: &str) -> Html {
    html! {
        <article class={classes!("card", "panel", signal_class(place))} key={place}>
            <div class="card-head">{ marker(place) }<h2>{ name }</h2></div>
            <p class="figure"><span class="big">{ "…" }</span></p>
        </article>
    }
}

fn card(place: usize, signal: &SignalReport, change: Option<i64>, shown: TableKind) -> Html {
    let (class, state, sign) = match signal.state {
        SignalState::Fired => ("fired", "fired", "●"),
        SignalState::Quiet => ("quiet", "quiet", "○"),
        SignalState::NotEvaluable => ("blind", "not evaluable", "⊘"),
    };
    let noun = match (&signal.funnel, signal.alerts) {
        (Some(_), 1) => "alert",
        (Some(_), _) => "alerts",
        (None, 1) => "row",
        (None, _) => "rows",
    };
    let open = match shown {
        TableKind::Fallen { signal, step } if signal == place => Some(step),
        _ => None,
    };
    html! {
        <article class={classes!("card", "panel", class, signal_class(place))} key={place} aria-label={signal.name.clone()}>
            <div class="card-head">
                { marker(place) }
                <h2 title={signal.name.clone()}>{ &signal.name }</h2>
            </div>
            <p class="figure">
                if signal.state == SignalState::NotEvaluable {
                    <span class="why">{ format!("No value in {}", words::list(&signal.missing_columns)) }</span>
                } else {
                    <span class="big">{ grouped(signal.alerts as u64) }</span>{ " " }
                    <span class="soft">{ noun }</span>
                    if let Some(change) = change {
                        <span title="by the last edit" class={classes!("change", if change > 0 { "more" } else { "less" })}>{ change_in_words(change) }<span class="aloud">{ " by the last edit" }</span></span>
                    }
                }
                <span class="state"><span aria-hidden="true">{ sign }{ " " }</span>{ state }</span>
            </p>
            if let Some(funnel) = &signal.funnel {
                <FunnelView signal={place} funnel={funnel.clone()} {open} />
            } else {
                <p class="soft">{ "Its rows are computed from several, so there is no way of single rows to show." }</p>
            }
        </article>
    }
}

fn change_in_words(change: i64) -> String {
    let sign = if change > 0 { "+" } else { "−" };
    format!("{sign}{}", grouped(change.unsigned_abs()))
}
