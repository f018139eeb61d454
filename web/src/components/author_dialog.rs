//! A lesson or a test of what is on screen: its rows, its query, and what protected rows and labels ask for.

use std::rc::Rc;

use detection::{AuthorRequest, LessonText, Limits, RowChoice};
use web_sys::{HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement, MouseEvent};
use yew::prelude::*;

use super::asked::use_answer;
use super::dialog::Dialog;
use super::share_dialog::link_to;
use crate::clipboard::copy;
use crate::dispatch::use_dispatch;
use crate::download::download;
use crate::format::{bytes, counted};
use crate::protocol::{Authored, Generation, Request, Response};

/// The rows that can go with it.
const ROWS: [(&str, RowChoice); 3] = [
    ("Rows that alert or nearly do", RowChoice::AlertsAndNearMisses),
    ("Rows that alert", RowChoice::Alerts),
    ("All rows", RowChoice::All),
];

/// What it is made of.
#[derive(Properties, PartialEq)]
pub struct AuthorDialogProps {
    /// The newest run.
    pub generation: Generation,
}

/// What is typed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Typed {
    is_test: bool,
    title: String,
    about: String,
    goal: String,
    hints: String,
    takeaway: String,
    rows: usize,
}

impl Typed {
    fn request(&self) -> AuthorRequest {
        let lesson = (!self.is_test).then(|| LessonText {
            goal: self.goal.trim().to_owned(),
            hints: self.hints.lines().map(str::trim).filter(|hint| !hint.is_empty()).map(str::to_owned).collect(),
            limits: Limits::default(),
            takeaway: self.takeaway.trim().to_owned(),
        });
        let rows = ROWS[self.rows.min(ROWS.len() - 1)].1;
        AuthorRequest { title: self.title.trim().to_owned(), about: self.about.trim().to_owned(), rows, lesson }
    }

    /// What is still to be typed.
    fn lacks(&self) -> Option<&'static str> {
        match (self.title.trim().is_empty(), !self.is_test && self.goal.trim().is_empty()) {
            (true, _) => Some("It needs a title."),
            (false, true) => Some("A lesson needs a goal."),
            (false, false) => None,
        }
    }
}

/// A lesson or a test of what is on screen.
#[component]
pub fn AuthorDialog(props: &AuthorDialogProps) -> Html {
    let typed = use_state_eq(Typed::default);
    let lacks = typed.lacks();
    let key = (props.generation, lacks.is_none().then(|| typed.request()));
    let asked = use_answer(key, |(_, request)| request.clone().map(|request| Request::Author { request }));
    let made = match asked.response.as_deref() {
        Some(Response::Authored(made)) if asked.is_current && lacks.is_none() => Some(made),
        _ => None,
    };
    let change = |set: fn(&mut Typed, String)| {
        let typed = typed.clone();
        Callback::from(move |value: String| {
            let mut next = (*typed).clone();
            set(&mut next, value);
            typed.set(next);
        })
    };
    let field = |label: &'static str, value: &str, set: fn(&mut Typed, String)| {
        let on_input =
            change(set).reform(|event: InputEvent| event.target_unchecked_into::<HtmlInputElement>().value());
        html! { <label class="author-field">{ label }<input type="text" maxlength="500" value={value.to_owned()} oninput={on_input} /></label> }
    };
    let area = |label: &'static str, value: &str, set: fn(&mut Typed, String)| {
        let on_input =
            change(set).reform(|event: InputEvent| event.target_unchecked_into::<HtmlTextAreaElement>().value());
        html! { <label class="author-field">{ label }<textarea rows="3" value={value.to_owned()} oninput={on_input} /></label> }
    };
    let kind = |label: &'static str, is_test: bool| {
        let typed = typed.clone();
        let checked = typed.is_test == is_test;
        let on_change = Callback::from(move |_: Event| typed.set(Typed { is_test, ..(*typed).clone() }));
        html! { <label class="check"><input type="radio" name="author-kind" {checked} onchange={on_change} />{ label }</label> }
    };
    let on_rows = {
        let typed = typed.clone();
        Callback::from(move |event: Event| {
            let rows = event.target_unchecked_into::<HtmlSelectElement>().selected_index().max(0) as usize;
            typed.set(Typed { rows, ..(*typed).clone() });
        })
    };
    html! {
        <Dialog title="Write a lesson or a test" class="wide author">
            <div class="row" role="radiogroup" aria-label="What it is to be">
                { kind("A lesson: what is protected or labelled is to be reached", false) }
                { kind("A test: what alerts now is expected", true) }
            </div>
            { field("Title", &typed.title, |typed, value| typed.title = value) }
            { area("What it is about", &typed.about, |typed, value| typed.about = value) }
            if !typed.is_test {
                { field("Goal", &typed.goal, |typed, value| typed.goal = value) }
                { area("Hints, one on a line", &typed.hints, |typed, value| typed.hints = value) }
                { area("What to take away, shown when it is solved", &typed.takeaway, |typed, value| typed.takeaway = value) }
            }
            <div class="row">
                <label for="author-rows">{ "Rows that go with it" }</label>
                <select id="author-rows" onchange={on_rows}>
                    { for ROWS.iter().enumerate().map(|(place, (name, _))| html! { <option selected={place == typed.rows}>{ *name }</option> }) }
                </select>
            </div>
            { match (lacks, made) {
                (Some(lacks), _) => html! { <p class="soft">{ lacks }</p> },
                (None, Some(Ok(_))) => html! { <AuthoredText response={asked.response.clone()} /> },
                (None, Some(Err(why))) => html! { <p class="bad" role="alert">{ why.clone() }</p> },
                (None, None) => html! { <p class="soft" role="status">{ "…" }</p> },
            } }
        </Dialog>
    }
}

#[derive(Properties, Clone, PartialEq)]
struct AuthoredTextProps {
    /// The answer that it is in: its rows can be long, and are not copied.
    response: Option<Rc<Response>>,
}

impl AuthoredTextProps {
    fn made(&self) -> Option<&Authored> {
        match self.response.as_deref() {
            Some(Response::Authored(Ok(made))) => Some(made),
            _ => None,
        }
    }
}

#[component]
fn AuthoredText(props: &AuthoredTextProps) -> Html {
    const FILE_NAME: &str = "exfil-case.json";
    let dispatch = use_dispatch();
    let Some(made) = props.made() else { return html! {} };
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
    let expects = made.alert + made.silent > 0;
    html! {
        <>
            <p>{ format!("{} must alert, {} must not.", counted(made.alert, "row"), counted(made.silent, "row")) }</p>
            if !expects { <p class="warn">{ "It asks for nothing: protect rows, or label them, and it will." }</p> }
            <div class="row">
                <button class="primary" onclick={on_download}>{ "Download the file" }</button>
                <span class="soft">{ bytes(made.file.len() as u64) }</span>
                if link.is_some() { <button onclick={on_copy}>{ "Copy a link to it" }</button> }
                else { <span class="soft">{ "Too long for a link." }</span> }
            </div>
            <p class="soft">{ "Opens here by Lessons, and runs as " }<code>{ "exfil test exfil-case.json" }</code>{ " in a terminal." }</p>
        </>
    }
}
