//! What must be known before the results are looked at.

use std::rc::Rc;

use detection::Clock;
use kql_syntax::Severity;
use yew::prelude::*;

use super::visible::visible;
use crate::address::Place;
use crate::dispatch::use_dispatch;
use crate::dom::click_first;
use crate::format::instant;
use crate::state::{Action, EngineState, Lost, State, VisitKind};
use crate::words;

/// Everything there is, of which a part is worth a notice.
#[derive(Properties, PartialEq)]
pub struct NoticesProps {
    /// The state.
    pub state: Rc<State>,
}

/// What must be known before the results are looked at.
#[component]
pub fn Notices(props: &NoticesProps) -> Html {
    let dispatch = use_dispatch();
    let state = &props.state;
    let mut notices = Vec::new();
    if !state.address_problems.is_empty() {
        notices.push(html! {
            <div class="notice" key="address">
                <p>{ for state.address_problems.iter().map(|problem| html! { <>{ visible(problem) }{ " " }</> }) }</p>
                <button onclick={dispatch.on(Action::AddressNoted)}>{ "Dismiss" }</button>
            </div>
        });
    }
    if let Some(visit) =
        state.visit.as_ref().filter(|visit| visit.case.is_none() && state.address.place == Place::Alone)
    {
        let how = if visit.kind == VisitKind::Link { "by a link" } else { "out of a file" };
        notices.push(html! {
            <div class="notice" key="visit">
                <p><strong>{ format!("This came {how}. ") }</strong>{ "Your own work waits, as you left it." }</p>
                <div class="row">
                    <button onclick={dispatch.on(Action::VisitKept)}>{ "Keep this in place of mine" }</button>
                    <button onclick={dispatch.on(Action::VisitLeft)}>{ "Back to mine" }</button>
                </div>
            </div>
        });
    }
    if let Some(trouble) = &state.kept.trouble {
        notices.push(html! { <div class="notice" key="not-kept"><p>{ trouble.clone() }</p></div> });
    }
    if !state.kept.missing.is_empty() && !state.kept.is_restoring() {
        notices.push(html! {
            <div class="notice" key="missing">
                <p>{ "Loaded on your last visit, and not kept: " }{ visible(&words::list(&state.kept.missing)) }{ "." }</p>
                <div class="row">
                    <button onclick={Callback::from(|_: MouseEvent| click_first("#log-files"))}>{ "Choose files" }</button>
                    <button onclick={dispatch.on(Action::MissingNoted)}>{ "Dismiss" }</button>
                </div>
            </div>
        });
    }
    if let EngineState::Failed { reason } = &state.engine {
        let files: Vec<String> = state.lost.iter().map(lost_name).collect();
        notices.push(html! {
            <div class="notice error" role="alert" key="engine">
                <p>
                    <strong>{ "The query engine stopped. " }</strong>
                    { "That is a fault of this page, not of yours. The query text is kept, and a new engine has been started." }
                </p>
                <p class="soft code">{ reason.clone() }</p>
                <div class="row">
                    if files.is_empty() {
                        <button class="primary" onclick={dispatch.on(Action::Restored)}>{ "Run again" }</button>
                    } else {
                        <button class="primary" onclick={dispatch.on(Action::Restored)}>{ format!("Load {} again", words::list(&files)) }</button>
                        <button onclick={dispatch.on(Action::LostForgotten)}>{ "Go on without" }</button>
                    }
                </div>
            </div>
        });
    }
    if let EngineState::Absent { reason } = &state.engine {
        notices.push(html! {
            <div class="notice error" role="alert" key="absent">
                <p><strong>{ "The query engine could not be started. " }</strong>{ "Reload the page to try again." }</p>
                <p class="soft code">{ reason.clone() }</p>
            </div>
        });
    }
    if let Some(failed) = state.run.failed() {
        let error = failed.findings.iter().find(|finding| finding.severity == Severity::Error);
        let reveal = error.map(|error| Action::Revealed { from: error.start as usize, to: error.end as usize });
        let version = state.rule.version;
        let mendable = state.findings().iter().find(|finding| finding.severity == Severity::Error);
        let fixes = mendable.map_or(&[][..], |error| &error.fixes);
        notices.push(html! {
            <div class="notice error" key="error">
                <p>
                    <strong>{ words::problems(failed) }</strong>
                    if let Some(hint) = error.and_then(|error| error.hint.clone()) { { " " }{ hint } }
                    if state.result.is_some() { <span class="soft">{ " The results below are of the query before." }</span> }
                </p>
                <div class="row">
                    { for fixes.iter().map(|fix| html! {
                        <button key={fix.title.clone()} onclick={dispatch.on(Action::Fixed { version, edits: fix.edits.clone() })}>{ &fix.title }</button>
                    }) }
                    if let Some(reveal) = reveal { <button onclick={dispatch.on(reveal)}>{ "Show it" }</button> }
                </div>
            </div>
        });
    }
    if let Some(result) = &state.result {
        for sentence in words::blind_spots(&result.report) {
            notices.push(html! {
                <div class="notice blind" key={sentence.clone()}><p><span aria-hidden="true">{ "⊘ " }</span>{ sentence }</p></div>
            });
        }
        let newest = result.report.newest.as_deref();
        if let Some(newest) = newest.filter(|_| state.clock != Clock::Newest && words::nothing_in_time(&result.report))
        {
            notices.push(html! {
                <div class="notice" key="clock">
                    <p>{ format!(
                        "No row is inside the look-back: now is {} UTC, the newest event is of {} UTC.",
                        instant(&result.report.now),
                        instant(newest)
                    ) }</p>
                    <button onclick={dispatch.on(Action::ClockSet(Clock::Newest))}>{ "Use the newest event as now" }</button>
                </div>
            });
        }
    }
    html! { <div class="notices">{ for notices }</div> }
}

fn lost_name(lost: &Lost) -> String {
    match lost {
        Lost::Sample(id) => format!("the sample {id}"),
        Lost::File(file) => file.name.clone(),
    }
}
