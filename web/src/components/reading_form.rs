//! How a log is read, where its own word is not to be taken: its form, its table, its times.

use detection::{ColumnMapping, LogColumns, Proposal};
use event_logs::{Code, DateOrder, Format, Options, is_table_name};
use event_table::schema;
use web_sys::{HtmlInputElement, HtmlSelectElement, SubmitEvent};
use yew::prelude::*;

use super::asked::use_answer;
use super::column_mapping::ColumnMappings;
use super::dialog::close_open_dialog;
use crate::dispatch::use_dispatch;
use crate::protocol::{LoadId, LoadedSource, Request, Response};
use crate::state::Action;

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct ReadingFormProps {
    /// The source.
    pub source: LoadedSource,
    /// The file that it was read from.
    pub load: LoadId,
    /// How many logs were read from that file.
    pub logs: usize,
    /// The columns that the rule's conditions read, by table.
    pub read_columns: Vec<(String, String)>,
}

/// How a log is read, to be changed.
#[component]
pub fn ReadingForm(props: &ReadingFormProps) -> Html {
    let act = use_dispatch().act;
    let summary = &props.source.summary;
    let before = &summary.report.options;
    let options = use_state_eq(|| before.clone());
    let set = |change: fn(&mut Options, String)| {
        let options = options.clone();
        move |value: String| {
            let mut next = (*options).clone();
            change(&mut next, value);
            options.set(next);
        }
    };
    let on_select = |set: Box<dyn Fn(String)>| {
        Callback::from(move |event: Event| set(event.target_unchecked_into::<HtmlSelectElement>().value()))
    };
    let on_format = on_select(Box::new(set(|options, value| {
        options.format = value.parse().ok().and_then(|place: usize| Format::CHOICES.get(place).copied());
    })));
    let on_zone = on_select(Box::new(set(|options, value| options.local_offset_minutes = value.parse().ok())));
    let on_order = on_select(Box::new(set(|options, value| {
        options.date_order = if value == "day" { DateOrder::DayFirst } else { DateOrder::MonthFirst };
    })));
    let on_table = {
        let set = set(|options, value| options.table = Some(value.trim().to_owned()).filter(|name| !name.is_empty()));
        Callback::from(move |event: InputEvent| set(event.target_unchecked_into::<HtmlInputElement>().value()))
    };
    let is_named = options.table.as_deref().is_none_or(is_table_name);
    let read = |options: Options| {
        let (act, load) = (act.clone(), props.load);
        move || {
            // First, so that the focus goes back to where it was.
            close_open_dialog();
            act.emit(Action::ReadAgain { load, options: options.clone() });
        }
    };
    let can_read = is_named && *options != *before;
    let on_submit = {
        let read = read((*options).clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if can_read {
                read();
            }
        })
    };
    let on_default = {
        let read = read(Options::default());
        Callback::from(move |_: MouseEvent| read())
    };
    let report = &summary.report;
    let asked = use_answer(summary.id, |source| Some(Request::LogColumns { source: *source }));
    let columns = match asked.response.as_deref() {
        Some(Response::LogColumns(columns)) => columns.clone(),
        _ => LogColumns::default(),
    };
    let on_columns = {
        let options = options.clone();
        Callback::from(move |columns: Vec<ColumnMapping>| {
            // What was never mapped is not mapped by an empty list: the next log may still be of a known shape.
            let columns = Some(columns).filter(|columns| !columns.is_empty() || options.columns.is_some());
            options.set(Options { columns, ..(*options).clone() });
        })
    };
    let on_proposal = {
        let options = options.clone();
        Callback::from(move |proposal: Proposal| {
            let (table, columns) = (Some(proposal.table), Some(proposal.columns));
            options.set(Options { table, columns, ..(*options).clone() });
        })
    };
    let table = options.table.clone().or_else(|| report.tables.first().map(|table| table.table.to_string()));
    let has_local_times =
        before.local_offset_minutes.is_some() || report.warnings.iter().any(|warning| warning.code == Code::LocalTime);
    let format = |(place, format): (usize, &Format)| {
        html! { <option value={place.to_string()} selected={options.format == Some(*format)}>{ format.title() }</option> }
    };
    let zone = |minutes: i32| {
        html! { <option value={minutes.to_string()} selected={options.local_offset_minutes == Some(minutes)}>{ zone_name(minutes) }</option> }
    };
    html! {
        <section aria-labelledby="reading-title">
            <h3 id="reading-title">{ "Read it otherwise" }</h3>
            <form class="reading" onsubmit={on_submit}>
                if report.recognition.format.is_text() {
                    <label for="reading-format">{ "Form" }</label>
                    <select id="reading-format" onchange={on_format}>
                        <option value="" selected={options.format.is_none()}>{ "As it looks" }</option>
                        { for Format::CHOICES.iter().enumerate().map(format) }
                    </select>
                }
                <label for="reading-table">{ "Table" }</label>
                <div>
                    <input
                        id="reading-table"
                        type="text"
                        list="reading-tables"
                        placeholder="As the log says"
                        autocomplete="off"
                        spellcheck="false"
                        value={options.table.clone().unwrap_or_default()}
                        oninput={on_table}
                        aria-invalid={(!is_named).to_string()}
                        aria-describedby="reading-table-words"
                    />
                    <datalist id="reading-tables">{ for schema::all().iter().map(|table| html! { <option value={table.name.to_string()} /> }) }</datalist>
                    <p id="reading-table-words" class="bad" role="status">
                        if !is_named { { "A table's name has letters, digits and underscores, and begins with no digit." } }
                    </p>
                </div>
                if has_local_times {
                    <label for="reading-zone">{ "Zone of [Local Time]" }</label>
                    <select id="reading-zone" onchange={on_zone}>
                        <option value="" selected={options.local_offset_minutes.is_none()}>{ "Not known: read as UTC" }</option>
                        { for zones().into_iter().map(zone) }
                    </select>
                }
                <label for="reading-order">{ "Dates such as 05/10/2023" }</label>
                <select id="reading-order" onchange={on_order}>
                    <option value="month" selected={options.date_order == DateOrder::MonthFirst}>{ "10 May: the month comes first" }</option>
                    <option value="day" selected={options.date_order == DateOrder::DayFirst}>{ "5 October: the day comes first" }</option>
                </select>
                if !columns.columns.is_empty() {
                    <ColumnMappings
                        columns={columns}
                        table={table.unwrap_or_default()}
                        mapped={options.columns.clone().unwrap_or_default()}
                        read_columns={props.read_columns.clone()}
                        {on_columns}
                        {on_proposal}
                    />
                }
                <div class="actions">
                    if props.logs > 1 { <span class="soft">{ format!("All {} logs of the file are read again.", props.logs) }</span> }
                    if *before != Options::default() { <button type="button" onclick={on_default}>{ "Read it as it looks" }</button> }
                    <button type="submit" class="primary" disabled={!can_read}>{ "Read it again" }</button>
                </div>
            </form>
        </section>
    }
}

/// The offsets from UTC that clocks are set to, in minutes: full and half hours, and the quarters that are in use.
fn zones() -> Vec<i32> {
    const QUARTERS: [i32; 4] = [345, 525, 765, 825];
    let mut zones: Vec<i32> = (-24..=28).map(|half| half * 30).chain(QUARTERS).collect();
    zones.sort_unstable();
    zones
}

fn zone_name(minutes: i32) -> String {
    let sign = if minutes < 0 { '−' } else { '+' };
    format!("UTC{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_offsets_in_order() {
        let zones = zones();
        assert!(zones.is_sorted() && zones.len() == 57);
        for (minutes, name) in [(-570, "UTC−09:30"), (0, "UTC+00:00"), (345, "UTC+05:45"), (840, "UTC+14:00")] {
            assert!(zones.contains(&minutes));
            assert_eq!(zone_name(minutes), name);
        }
    }
}
