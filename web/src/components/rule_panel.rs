//! The rule: two views of one text, the ways back, and the clock.

use std::rc::Rc;

use detection::Clock;
use web_sys::MouseEvent;
use yew::prelude::*;

use super::clock_field::ClockField;
use super::lists_view::ListsView;
use super::tabs::{Tab, Tabs};
use crate::dispatch::use_dispatch;
use crate::editor::{Change, Editor, EditorSources, Handle};
use crate::state::{Action, Dialog, Rule, RuleView, Run, RunResult};

/// What the panel shows.
#[derive(Properties, PartialEq)]
pub struct RulePanelProps {
    /// The text and what stands in it.
    pub rule: Rule,
    /// Which view is shown.
    pub view: RuleView,
    /// What is now.
    pub clock: Clock,
    /// The newest run.
    pub run: Run,
    /// The newest result.
    pub result: Option<Rc<RunResult>>,
    /// Every change of the text.
    pub on_change: Callback<Change>,
    /// Gives the editor once it is there.
    pub on_editor: Callback<Handle>,
    /// What answers the editor's questions.
    pub sources: EditorSources,
}

/// The rule.
#[component]
pub fn RulePanel(props: &RulePanelProps) -> Html {
    let dispatch = use_dispatch();
    let rule = &props.rule;
    let on = |action: Action| dispatch.on::<MouseEvent>(action);
    let is_shipped = rule.is_shipped();
    let errors = props.run.failed().map_or(0, |report| {
        report.findings.iter().filter(|finding| finding.severity == kql_syntax::Severity::Error).count().max(1)
    });
    let tabs = vec![
        Tab { name: "lists", panel: "lists-panel", label: html! { "Lists" } },
        Tab {
            name: "kql",
            panel: "kql-panel",
            label: html! {
                <>
                    { "KQL" }
                    if errors > 0 {
                        <span class="count bad">{ errors }<span class="aloud">{ if errors == 1 { " error" } else { " errors" } }</span></span>
                    }
                </>
            },
        },
    ];
    let on_select =
        dispatch.act.reform(|place| Action::RuleViewSet(if place == 0 { RuleView::Lists } else { RuleView::Kql }));
    let is_kql = props.view == RuleView::Kql;
    let own_result = props.result.clone().filter(|result| result.version == rule.version);
    html! {
        <section class={classes!("panel", "rule", is_kql.then_some("is-kql"))} id="rule" tabindex="-1" aria-labelledby="rule-title">
            <div class="panel-head">
                <h2 id="rule-title">{ "Rule" }</h2>
                <span class="soft">{ if is_shipped { "as shipped" } else { "changed" } }</span>
                <div class="row end" role="group" aria-label="History of the rule">
                    <button class="quiet" onclick={on(Action::Undo)} aria-disabled={(!rule.can_undo).to_string()} aria-label="Undo" title="Undo (Ctrl Z in the text)">{ "↶" }</button>
                    <button class="quiet" onclick={on(Action::Redo)} aria-disabled={(!rule.can_redo).to_string()} aria-label="Redo" title="Redo (Ctrl Y in the text)">{ "↷" }</button>
                    <button onclick={on(Action::Reset)} aria-disabled={is_shipped.to_string()} title="Back to the shipped rule">{ "Reset" }</button>
                    <button onclick={on(Action::Cleared)} title="An empty query">{ "New" }</button>
                </div>
            </div>
            <ClockField clock={props.clock.clone()} report={props.run.report.clone()} />
            <Tabs label="Views of the rule" {tabs} selected={usize::from(is_kql)} {on_select} />
            <div id="lists-panel" role="tabpanel" aria-labelledby="lists-tab" hidden={is_kql}>
                <ListsView read={Rc::clone(&rule.read)} text={rule.text.clone()} result={own_result} is_shown={!is_kql} />
            </div>
            <div id="kql-panel" class="kql" role="tabpanel" aria-labelledby="kql-tab" hidden={!is_kql}>
                <div class="row kql-tools">
                    <button class="quiet" onclick={on(Action::Formatted)} title="Gives the query its usual layout; comments stay">{ "Format" }</button>
                </div>
                <Editor
                    label="KQL query"
                    text={rule.text.clone()}
                    on_ready={props.on_editor.clone()}
                    on_change={props.on_change.clone()}
                    on_run={dispatch.on(Action::RunNow)}
                    on_rename={dispatch.act.reform(|at| Action::DialogOpened(Dialog::Rename(Some(at))))}
                    complete={Some(props.sources.complete.clone())}
                    hover={Some(props.sources.hover.clone())}
                />
            </div>
        </section>
    }
}
