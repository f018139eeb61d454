//! What `now()` is: the newest event, the wall clock, or a chosen instant.

use std::rc::Rc;

use detection::{Clock, RunReport};
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use crate::dispatch::use_dispatch;
use crate::format::instant;
use crate::state::Action;

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct ClockFieldProps {
    /// What was chosen.
    pub clock: Clock,
    /// The report of the newest run, which names the instant.
    pub report: Option<Rc<RunReport>>,
}

/// What `now()` is.
#[component]
pub fn ClockField(props: &ClockFieldProps) -> Html {
    let dispatch = use_dispatch();
    let report = props.report.as_deref();
    let now = report.map(|report| report.now.clone()).unwrap_or_default();
    let newest = report.and_then(|report| report.newest.clone());
    let on_select = {
        let act = dispatch.act.clone();
        let start = newest.clone().unwrap_or_else(|| now.clone());
        Callback::from(move |event: Event| {
            let clock = match event.target_unchecked_into::<HtmlSelectElement>().value().as_str() {
                "wall" => Clock::Wall,
                "at" => Clock::parse(&start).unwrap_or_default(),
                _ => Clock::Newest,
            };
            act.emit(Action::ClockSet(clock));
        })
    };
    let on_instant = {
        let act = dispatch.act.clone();
        Callback::from(move |event: Event| {
            let text = event.target_unchecked_into::<HtmlInputElement>().value();
            // An unfinished date has no value.
            if let Ok(clock @ Clock::At(_)) = Clock::parse(&text) {
                act.emit(Action::ClockSet(clock));
            }
        })
    };
    let kind = match props.clock {
        Clock::Newest => "newest",
        Clock::Wall => "wall",
        Clock::At(_) => "at",
    };
    let option = |value: &'static str, text: &'static str| {
        html! { <option {value} selected={kind == value}>{ text }</option> }
    };
    html! {
        <div class="clock row">
            <label for="clock">{ "Now" }</label>
            <select id="clock" onchange={on_select}>
                { option("newest", "newest event") }
                { option("wall", "wall clock") }
                { option("at", "chosen instant") }
            </select>
            if let Clock::At(at) = &props.clock {
                <input
                    type="datetime-local"
                    step="1"
                    aria-label="The instant, UTC"
                    value={instant(at).replace(' ', "T")}
                    onchange={on_instant}
                />
                <span class="soft">{ "UTC" }</span>
            } else if !now.is_empty() {
                <span class="soft"><time datetime={now.clone()}>{ instant(&now) }</time>{ " UTC" }</span>
                if newest.is_none() && kind == "newest" { <span class="soft">{ "(no event has a time, so the wall clock)" }</span> }
            }
        </div>
    }
}
