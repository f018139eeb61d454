//! What became of a table's rows: how many each condition left. Each can be asked which rows fell there.

use detection::{Funnel, FunnelStep};
use yew::prelude::*;

use super::bar::bar;
use crate::dispatch::{Dispatch, use_dispatch};
use crate::format::{counted, grouped};
use crate::protocol::TableKind;
use crate::state::Action;

/// What a funnel shows.
#[derive(Properties, PartialEq)]
pub struct FunnelViewProps {
    /// The signal, by position.
    pub signal: usize,
    /// What became of its rows.
    pub funnel: Funnel,
    /// The condition whose fallen rows are being looked at.
    pub open: Option<usize>,
}

/// How many rows each condition left.
#[component]
pub fn FunnelView(props: &FunnelViewProps) -> Html {
    let dispatch = use_dispatch();
    let funnel = &props.funnel;
    let steps = funnel.steps.iter().enumerate().map(|(place, found)| {
        let before = place.checked_sub(1).map_or(funnel.rows, |before| funnel.steps[before].left);
        let is_open = props.open == Some(place);
        step(&dispatch, props.signal, place, found, before, funnel.rows, is_open)
    });
    html! {
        <ol class="funnel" aria-label="Rows left after each condition">
            <li class="step">
                <span class="step-text">{ bar(funnel.rows, funnel.rows) }<span>{ &funnel.table }</span></span>
                <span class="step-count">{ grouped(funnel.rows as u64) }</span>
            </li>
            { for steps }
        </ol>
    }
}

fn step(
    dispatch: &Dispatch,
    signal: usize,
    place: usize,
    step: &FunnelStep,
    before: usize,
    rows: usize,
    is_open: bool,
) -> Html {
    let fell = before - step.left.min(before);
    let kind = if is_open { TableKind::Result } else { TableKind::Fallen { signal, step: place } };
    let show = dispatch.on::<MouseEvent>(Action::TableShown(kind));
    let label = format!(
        "{}: {} left of {}, {} fell here",
        step.text,
        grouped(step.left as u64),
        grouped(before as u64),
        grouped(fell as u64)
    );
    let title = format!("{}\n{} fell here: show them", step.text, counted(fell, "row"));
    html! {
        <li class="step" key={place}>
            <button
                class="step-text"
                onclick={show}
                aria-label={label}
                aria-pressed={if is_open { "true" } else { "false" }}
                title={title}
                disabled={fell == 0}
            >
                { bar(step.left, rows) }<span>{ &step.text }</span>
            </button>
            <span class="step-count" aria-hidden="true">{ grouped(step.left as u64) }</span>
        </li>
    }
}
