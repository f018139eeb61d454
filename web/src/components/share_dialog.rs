//! What is there as a link or a file: the rule alone, or with rows after a look at what would travel.

use std::rc::Rc;

use detection::{NameKind, RowChoice, SaveRequest, SavedVersion};
use gloo::utils::window;
use web_sys::{HtmlInputElement, MouseEvent};
use yew::prelude::*;

use super::asked::use_answer;
use super::dialog::{Dialog, close_open_dialog};
use super::open_file::OpenFile;
use super::sent_rows::SentRows;
use super::visible::visible;
use crate::clipboard::copy;
use crate::dispatch::use_dispatch;
use crate::download::download;
use crate::format::{bytes, counted, grouped};
use crate::protocol::{Request, Response, SavedText};
use crate::state::{Action, Dialog as Which, State};
use crate::words;

/// Longer links are cut by some programs, in characters.
const LONG: usize = 2_000;

/// What the name of a session file ends with.
const FILE_NAME: &str = "exfil-session.json";

/// The rows that can go with the rule.
const ROWS: [(&str, Option<RowChoice>); 4] = [
    ("No rows: the rule alone", None),
    ("Rows that alert", Some(RowChoice::Alerts)),
    ("Rows that alert or nearly do", Some(RowChoice::AlertsAndNearMisses)),
    ("All rows", Some(RowChoice::All)),
];

/// What is shared.
#[derive(Properties, PartialEq)]
pub struct ShareDialogProps {
    /// Everything, of which a part travels.
    pub state: Rc<State>,
}

/// What is there as a link or a file.
#[component]
pub fn ShareDialog(props: &ShareDialogProps) -> Html {
    let dispatch = use_dispatch();
    let state = &props.state;
    let rows = use_state_eq(|| None::<RowChoice>);
    let redacts = use_state_eq(|| true);
    let marks = use_state_eq(|| false);
    // A lesson of the program goes by its name, and its logs with it.
    let lesson = state.open_case().and_then(|case| case.id.clone());
    let sample = state.only_sample();
    let by_name = match (&lesson, &sample, *rows) {
        (Some(id), ..) => Some(format!("the lesson {id}")),
        (None, Some(id), None) => Some(format!("the sample {id}")),
        _ => None,
    };
    let own = if lesson.is_some() { state.given_logs() } else { state.own_logs() };
    let request = SaveRequest {
        sample,
        lesson: lesson.clone(),
        rows: *rows,
        redact: *redacts,
        marks: *marks,
        versions: state
            .versions
            .iter()
            .map(|kept| SavedVersion { name: kept.name.to_string(), query: kept.text.to_string() })
            .collect(),
    };
    let asked =
        use_answer((state.run.generation, request), |(_, request)| Some(Request::Save { request: request.clone() }));
    let made = match asked.response.as_deref() {
        Some(Response::Saved(made)) if asked.is_current => Some(made),
        _ => None,
    };
    let choose = |(place, (name, choice)): (usize, &(&'static str, Option<RowChoice>))| {
        let (rows, choice) = (rows.clone(), *choice);
        let checked = *rows == choice;
        let on_change = Callback::from(move |_: Event| rows.set(choice));
        html! { <label class="check" key={place}><input type="radio" name="share-rows" {checked} onchange={on_change} />{ *name }</label> }
    };
    let flag = |flag: &UseStateHandle<bool>, words: &'static str| {
        let set = flag.clone();
        let on_change =
            Callback::from(move |event: Event| set.set(event.target_unchecked_into::<HtmlInputElement>().checked()));
        html! { <label class="check"><input type="checkbox" checked={**flag} onchange={on_change} />{ words }</label> }
    };
    let reset = {
        let act = dispatch.act.clone();
        Callback::from(move |_: MouseEvent| {
            // First, so that the focus goes back to where it was.
            close_open_dialog();
            act.emit(Action::DialogOpened(Which::Reset));
        })
    };
    html! {
        <Dialog title="Share and keep" class="wide share">
            if lesson.is_none() {
                <fieldset class="share-rows">
                    <legend>{ "What goes with the rule" }</legend>
                    { for ROWS.iter().enumerate().map(choose) }
                    if rows.is_some() { { flag(&redacts, "Replace accounts, devices, internal IP addresses and secrets") } }
                    { flag(&marks, "Labels and protected rows") }
                </fieldset>
            }
            { match made {
                Some(Ok(_)) => html! { <SharedText response={asked.response.clone()} {by_name} /> },
                Some(Err(why)) => html! { <p class="bad" role="alert">{ why.clone() }</p> },
                None => html! { <p class="soft" role="status">{ "…" }</p> },
            } }
            if rows.is_none() && !own.is_empty() {
                <p><strong>{ "Not your logs: " }</strong>{ visible(&words::list(&own)) }{ if own.len() == 1 { " stays here." } else { " stay here." } }</p>
            }
            <section aria-labelledby="share-keep">
                <h3 id="share-keep">{ "In this browser" }</h3>
                <p class="soft">{ "Your query, kept versions, the clock, samples, filters and lessons are here again on your next visit; your logs too, where you asked for it." }</p>
                <div class="row">
                    <OpenFile label="Open a session file" problem={state.opening_problem.clone()} />
                    <button onclick={reset}>{ "Reset the page…" }</button>
                </div>
            </section>
        </Dialog>
    }
}

/// What would travel.
#[derive(Properties, Clone, PartialEq)]
struct SharedTextProps {
    /// The answer that it is in: a session can be long, and is not copied.
    response: Option<Rc<Response>>,
    /// What is in it by its name alone.
    by_name: Option<String>,
}

impl SharedTextProps {
    fn made(&self) -> Option<&SavedText> {
        match self.response.as_deref() {
            Some(Response::Saved(Ok(made))) => Some(made),
            _ => None,
        }
    }
}

#[component]
fn SharedText(props: &SharedTextProps) -> Html {
    let dispatch = use_dispatch();
    let Some(SavedText { file, preview: made }) = props.made() else { return html! {} };
    let on_download = {
        let (props, act) = (props.clone(), dispatch.act.clone());
        Callback::from(move |_: MouseEvent| {
            if let Some(made) = props.made() {
                download(FILE_NAME, "application/json", &made.file, &act);
            }
        })
    };
    let link = made.link.as_deref().map(link_to);
    let on_copy = {
        let (link, act) = (link.clone().unwrap_or_default(), dispatch.act.clone());
        Callback::from(move |_: MouseEvent| copy(&link, &act))
    };
    let replaced = |name: &detection::Replaced| {
        let kind = match name.kind {
            NameKind::Account => "account",
            NameKind::Device => "device",
            NameKind::Domain => "domain",
            NameKind::Address => "address",
        };
        html! { <tr><td>{ kind }</td><td>{ visible(&name.from) }</td><td>{ visible(&name.to) }</td></tr> }
    };
    html! {
        <>
            <section class="will-it-run" aria-label="What travels">
                <h3>{ "What travels" }</h3>
                <ul class="plain">
                    <li>{ if made.rows == 0 { "The rule and the clock. No row of any log.".to_owned() } else { format!("The rule, the clock and {}.", counted(made.rows, "row")) } }</li>
                    if let Some(name) = &props.by_name { <li>{ "By its name, of which the page has the logs: " }{ name.clone() }</li> }
                    if made.left_out > 0 { <li class="warn">{ format!("{} had no room.", counted(made.left_out, "row")) }</li> }
                    if made.names + made.secrets > 0 {
                        <li>
                            <details class="figures-table">
                                <summary>{ format!("{} and {} are replaced", if made.names == 1 { "1 name or address".to_owned() } else { format!("{} names and addresses", grouped(made.names as u64)) }, counted(made.secrets, "secret")) }</summary>
                                <table>
                                    <thead><tr><th scope="col">{ "Kind" }</th><th scope="col">{ "Here" }</th><th scope="col">{ "What travels" }</th></tr></thead>
                                    <tbody>{ for made.replaced.iter().map(replaced) }</tbody>
                                </table>
                            </details>
                        </li>
                    }
                    { for made.notes.iter().map(|note| html! { <li class="soft">{ visible(note) }</li> }) }
                </ul>
            </section>
            if !made.shown.is_empty() { <SentRows rows={made.shown.clone()} all={made.rows} /> }
            <section aria-labelledby="share-link">
                <h3 id="share-link">{ "Link" }</h3>
                if let Some(link) = link {
                    <div class="row">
                        <input class="share-link" type="text" readonly=true aria-label="The link" value={link.clone()} />
                        <button class="primary" onclick={on_copy}>{ "Copy the link" }</button>
                    </div>
                    <p class="soft">
                        { format!("{} characters. What stands behind the # is sent to no server.", grouped(link.len() as u64)) }
                        if link.len() > LONG { { " Some programs cut links as long as this: a file goes anywhere." } }
                    </p>
                } else {
                    <p>{ format!("Too much for a link: it would have {} characters. The file below has room.", grouped(made.link_length as u64)) }</p>
                }
            </section>
            <section aria-labelledby="share-file">
                <h3 id="share-file">{ "Session file" }</h3>
                <div class="row">
                    <button onclick={on_download}>{ "Download the session" }</button>
                    <span class="soft">{ bytes(file.len() as u64) }</span>
                </div>
            </section>
        </>
    }
}

/// The address of this page with something behind the `#`.
pub fn link_to(payload: &str) -> String {
    let href = window().location().href().unwrap_or_default();
    let page = href.split(['?', '#']).next().unwrap_or(&href);
    format!("{page}#{payload}")
}
