//! Can this rule see anything? For each column that it reads, in how many rows there is a value.

use std::rc::Rc;

use detection::ColumnVisibility;
use event_table::ColumnOrigin;
use yew::prelude::*;

use super::bar::bar;
use super::marker::marker;
use super::visible::visible;
use crate::format::{grouped, percent};
use crate::state::RunResult;

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct VisibilityProps {
    /// The newest result.
    pub result: Option<Rc<RunResult>>,
}

/// For each column that the rule reads, in how many rows there is a value.
#[component]
pub fn Visibility(props: &VisibilityProps) -> Html {
    let Some(result) = &props.result else { return html! {} };
    let columns = &result.report.visibility;
    if columns.is_empty() {
        return html! {};
    }
    let mut tables: Vec<&str> = Vec::new();
    for column in columns {
        if !tables.contains(&column.table.as_str()) {
            tables.push(&column.table);
        }
    }
    let table = |table: &&str| {
        let of_it = columns.iter().filter(|column| column.table == **table);
        html! {
            <tbody key={*table}>
                <tr><th colspan="3" scope="rowgroup">{ *table }</th></tr>
                { for of_it.map(row) }
            </tbody>
        }
    };
    html! {
        <section class="panel visibility" aria-labelledby="visibility-title">
            <h2 id="visibility-title">{ "Can this rule see anything?" }</h2>
            <table>
                <caption class="aloud">{ "Rows with a value in each column that the rule reads" }</caption>
                { for tables.iter().map(table) }
            </table>
        </section>
    }
}

fn row(column: &ColumnVisibility) -> Html {
    let is_empty = column.filled == 0;
    let origin = match column.origin {
        ColumnOrigin::Extension => Some("Not in Microsoft's table: some organisations add it when they ingest."),
        ColumnOrigin::Log => Some("A column of this log's own."),
        ColumnOrigin::Published | ColumnOrigin::Sentinel => None,
    };
    let uneven = column.sources.len() > 1 && column.sources.iter().any(|source| source.filled != source.rows);
    html! {
        <>
            <tr class={classes!(is_empty.then_some("is-empty"))}>
                <th scope="row">
                    { for column.signals.iter().map(|signal| marker(*signal)) }
                    { " " }<code>{ &column.column }</code>
                    if let Some(origin) = origin { <span class="tag" title={origin}>{ "added" }</span> }
                </th>
                <td class="bar-cell">{ bar(column.filled, column.rows) }</td>
                <td class="num">
                    if is_empty { <span aria-hidden="true">{ "⊘ " }</span> }
                    { format!("{} of {}", grouped(column.filled as u64), grouped(column.rows as u64)) }
                    <span class="soft">{ format!(" {}", percent(column.filled, column.rows)) }</span>
                </td>
            </tr>
            if uneven {
                { for column.sources.iter().map(|source| html! {
                    <tr class="of-source">
                        <th scope="row">{ visible(&source.name) }</th>
                        <td class="bar-cell">{ bar(source.filled, source.rows) }</td>
                        <td class="num">{ format!("{} of {}", grouped(source.filled as u64), grouped(source.rows as u64)) }</td>
                    </tr>
                }) }
            }
        </>
    }
}
