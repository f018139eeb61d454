//! The record of a row as it stands in the file that it was read from.

use std::cell::RefCell;
use std::rc::Rc;

use detection::{RecordPlace, RecordText};
use event_logs::{Encoding, Packing, RecordUnit};
use event_table::RowRef;
use web_sys::File;
use yew::prelude::*;

use super::asked::use_answer;
use super::dialog::Dialog;
use super::visible::{visible, visible_lines};
use crate::client::Client;
use crate::clipboard::copy;
use crate::dispatch::use_dispatch;
use crate::format::{bytes, grouped};
use crate::protocol::{Envelope, LoadId, OriginalText, ReaderRequest, Request, Response, Role};
use crate::words::encoding;

/// A longer record is shown up to here, in bytes: a record may be as long as a browser can hold, and not draw.
const SHOWN: usize = 32 << 10;

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct OriginalDialogProps {
    /// The row.
    pub record: RowRef,
}

/// The record of a row as it stands in its file.
#[component]
pub fn OriginalDialog(props: &OriginalDialogProps) -> Html {
    let asked = use_answer(props.record, |record| Some(Request::Original { record: *record }));
    let body = match asked.response.as_deref() {
        Some(Response::Original(Some(original))) => html! {
            <>
                { facts(&original.log, &original.place) }
                { match &original.text {
                    OriginalText::Here(text) => html! { <Record text={Rc::new(text.clone())} place={original.place.clone()} /> },
                    OriginalText::InFile(load) => html! { <InFile load={*load} place={original.place.clone()} /> },
                    OriginalText::Gone => html! { <p class="bad">{ "The file that this row was read from is not here." }</p> },
                } }
            </>
        },
        Some(_) => html! { <p class="bad">{ "It is not known where this row was read." }</p> },
        None => html! { <p class="soft">{ "…" }</p> },
    };
    html! { <Dialog title="The original record" class="wide">{ body }</Dialog> }
}

/// Where a record stands, in words.
fn facts(log: &str, place: &RecordPlace) -> Html {
    let end = place.span.offset + u64::from(place.span.len);
    let unit = match place.format.unit() {
        RecordUnit::Line => "Line",
        RecordUnit::Record => "Record",
    };
    html! {
        <dl class="facts">
            <dt>{ "Log" }</dt>
            <dd>{ visible(log) }</dd>
            if !place.packed.is_empty() {
                <dt>{ "Taken out of" }</dt>
                <dd>{ packed(&place.packed) }</dd>
            }
            <dt>{ "Form" }</dt>
            <dd>{ place.format.title() }if place.encoding != Encoding::Utf8 { { ", " }{ encoding(place.encoding) } }</dd>
            <dt>{ unit }</dt>
            <dd>{ grouped(place.span.line) }<span class="soft">{ format!(", bytes {} to {}", grouped(place.span.offset), grouped(end)) }</span></dd>
        </dl>
    }
}

/// What a log was taken out of, from the file inwards.
fn packed(packed: &[Packing]) -> String {
    let archive = |packing: &Packing| match packing {
        Packing::Gzip => "a gzip archive".to_owned(),
        Packing::Zip(member) => format!("a zip archive, its file {}", grouped(u64::from(*member) + 1)),
    };
    packed.iter().map(archive).collect::<Vec<_>>().join("; in that, ")
}

/// A record that stands in a file of the user's.
#[derive(Properties, PartialEq)]
struct InFileProps {
    load: LoadId,
    place: RecordPlace,
}

/// How far the search for it is.
#[derive(Clone, PartialEq)]
enum Search {
    Looking(u64),
    Found(Rc<RecordText>),
    Failed(AttrValue),
}

/// The search for a record. It ends with the dialog, however far it is.
#[component]
fn InFile(props: &InFileProps) -> Html {
    let file = use_dispatch().file;
    let search = use_state_eq(|| Search::Looking(0));
    let size = use_state_eq(|| 0u64);
    use_effect_with((props.load, props.place.clone()), {
        let (search, size) = (search.clone(), size.clone());
        move |(load, place)| {
            let reader = Rc::new(RefCell::new(None::<Client>));
            let started = Rc::clone(&reader);
            let place = place.clone();
            let given = Callback::from(move |file: Option<File>| {
                let Some(file) = file else {
                    search.set(Search::Failed(
                        "The file is no longer here. Give it once more to see its records.".into(),
                    ));
                    return;
                };
                size.set(file.size() as u64);
                let said = search.clone();
                let on_response = Callback::from(move |response: Envelope<Response>| match response.body {
                    Response::Looked { bytes } => said.set(Search::Looking(bytes)),
                    Response::Found(Ok(text)) => said.set(Search::Found(Rc::new(text))),
                    Response::Found(Err(why)) => said.set(Search::Failed(why.into())),
                    _ => {}
                });
                let failing = search.clone();
                let on_failure = Callback::from(move |why: String| {
                    failing.set(Search::Failed(format!("The browser's reader failed: {why}.").into()));
                });
                let client = Client::start(Role::Reader, on_response, on_failure);
                client.send(&ReaderRequest::Find(place.clone()), &[&file], &[]);
                started.replace(Some(client));
            });
            file.emit((*load, given));
            move || drop(reader.take())
        }
    });
    match &*search {
        Search::Looking(_) if props.place.packed.is_empty() || *size == 0 => html! { <p class="soft">{ "…" }</p> },
        Search::Looking(done) => html! {
            <p class="row">
                <progress max={size.to_string()} value={done.to_string()} aria-label="Looking through the archive" />
                <span class="soft">{ format!("Looked through {} of {}", bytes(*done), bytes(*size)) }</span>
            </p>
        },
        Search::Failed(why) => html! { <p class="bad">{ why }</p> },
        Search::Found(text) => html! { <Record text={Rc::clone(text)} place={props.place.clone()} /> },
    }
}

/// A record that is here.
#[derive(Properties, PartialEq)]
struct RecordProps {
    text: Rc<RecordText>,
    place: RecordPlace,
}

#[component]
fn Record(props: &RecordProps) -> Html {
    let act = use_dispatch().act;
    let text = &props.text.text;
    let shown = text.floor_char_boundary(SHOWN);
    let on_copy = {
        let record = Rc::clone(&props.text);
        Callback::from(move |_: MouseEvent| copy(&record.text, &act))
    };
    html! {
        <>
            if props.place.format.unit() == RecordUnit::Record {
                <p class="soft">{ "The log is binary: this is the record as XML." }</p>
            }
            if props.text.has_other_bytes {
                <p class="soft">{ "Bytes that are no text are shown as \u{FFFD}." }</p>
            }
            <pre class="text original" tabindex="0" aria-label="The record">{ visible_lines(&text[..shown]) }</pre>
            if shown < text.len() {
                <p class="soft">{ format!("These are the first {} of {}. Copying takes all of it.", bytes(shown as u64), bytes(text.len() as u64)) }</p>
            }
            <div class="actions">
                <button class="primary" onclick={on_copy}>{ "Copy the record" }</button>
            </div>
        </>
    }
}
