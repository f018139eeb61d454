//! The whole page below the app.

use std::rc::Rc;

use yew::prelude::*;

use super::author_dialog::AuthorDialog;
use super::columns::use_is_beside;
use super::drop_target::DropTarget;
use super::export_dialog::ExportDialog;
use super::header::Header;
use super::keys_dialog::KeysDialog;
use super::lesson_panel::LessonPanel;
use super::lessons_dialog::LessonsDialog;
use super::logs_bar::LogsBar;
use super::notices::Notices;
use super::original_dialog::OriginalDialog;
use super::palette::Palette;
use super::paste_dialog::PasteDialog;
use super::protected::Protected;
use super::rename_dialog::RenameDialog;
use super::report_dialog::ReportDialog;
use super::reset_dialog::ResetDialog;
use super::results::Results;
use super::rule_panel::RulePanel;
use super::samples_dialog::SamplesDialog;
use super::share_dialog::ShareDialog;
use super::shortcuts::Shortcuts;
use super::signals::Signals;
use super::timeline::TimelinePanel;
use super::visibility::Visibility;
use crate::address::Place;
use crate::editor::{Change, EditorSources, Handle};
use crate::state::{Dialog, RuleView, State};

/// What the page is drawn from.
#[derive(Properties, Clone, PartialEq)]
pub struct PageProps {
    /// Everything that it shows.
    pub state: Rc<State>,
    /// Every change of the query's text.
    pub on_change: Callback<Change>,
    /// Gives the editor once it is there.
    pub on_editor: Callback<Handle>,
    /// What answers the editor's questions.
    pub sources: EditorSources,
}

/// The whole page below the app.
#[component]
pub fn Page(props: &PageProps) -> Html {
    let state = &props.state;
    let is_beside = use_is_beside();
    let dialog = match state.dialog {
        None => html! {},
        Some(Dialog::Samples) => {
            let own = state.sources.iter().any(|source| matches!(source.origin, crate::protocol::Origin::Load(_)));
            html! { <SamplesDialog samples={Rc::clone(&state.samples)} open={state.sample.clone()} has_own_logs={own} /> }
        }
        Some(Dialog::Paste) => html! { <PasteDialog /> },
        Some(Dialog::Palette) => html! { <Palette state={Rc::clone(state)} /> },
        Some(Dialog::Export) => html! { <ExportDialog generation={state.run.generation} /> },
        Some(Dialog::Reset) => html! { <ResetDialog /> },
        Some(Dialog::Lessons) => {
            let open = state.open_case().and_then(|case| case.id.clone());
            html! { <LessonsDialog lessons={Rc::clone(&state.lessons)} solved={Rc::clone(&state.solved)} {open} problem={state.opening_problem.clone()} /> }
        }
        Some(Dialog::Share) => html! { <ShareDialog state={Rc::clone(state)} /> },
        Some(Dialog::Author) => html! { <AuthorDialog generation={state.run.generation} /> },
        Some(Dialog::Rename(at)) => {
            html! { <RenameDialog text={state.rule.text.clone()} version={state.rule.version} {at} /> }
        }
        Some(Dialog::Keys) => html! { <KeysDialog theme={state.theme} /> },
        Some(Dialog::Original(record)) => html! { <OriginalDialog {record} /> },
        Some(Dialog::Report(id)) => match state.sources.iter().find(|source| source.summary.id == id) {
            Some(source) => {
                let logs = state.sources.iter().filter(|other| other.origin == source.origin).count();
                html! { <ReportDialog source={source.clone()} {logs} result={state.result.clone()} /> }
            }
            None => html! {},
        },
    };
    let top = html! {
        <div class="area-top" key="top">
            <LogsBar
                sources={Rc::clone(&state.sources)}
                loads={state.loads.clone()}
                files={state.run.report.as_ref().map(|report| report.files.clone()).unwrap_or_default()}
                duplicates={state.result.as_ref().map(|result| result.report.duplicates).unwrap_or_default()}
                keeping={state.kept.keeping}
            />
            <Notices state={Rc::clone(state)} />
            <Protected result={state.result.clone()} can_undo={state.rule.can_undo} />
            <Signals
                result={state.result.clone()}
                names={Rc::clone(&state.rule.read)}
                is_stale={state.is_stale()}
                shown={state.table.kind}
            />
            <TimelinePanel result={state.result.clone()} time={state.table.view.time} />
        </div>
    };
    let results = html! {
        <Results
            key="results"
            result={state.result.clone()}
            run={state.run.clone()}
            pane={state.pane}
            versions={Rc::clone(&state.versions)}
            base={state.base}
            rule={state.rule.clone()}
            table={state.table.clone()}
            story={state.story.clone()}
            is_stale={state.is_stale()}
        />
    };
    let lesson = state.open_case().map(|case| {
        html! {
            <LessonPanel
                key="lesson"
                case={case.clone()}
                lessons={Rc::clone(&state.lessons)}
                result={state.result.clone()}
                has_errors={state.run.failed().is_some()}
                can_leave={state.address.place == Place::Alone}
            />
        }
    });
    let (lesson_beside, lesson_above) = if is_beside { (lesson, None) } else { (None, lesson) };
    let rule = html! {
        <div class="area-rule" key="rule">
            { for lesson_beside }
            <RulePanel
                key="panel"
                rule={state.rule.clone()}
                view={state.rule_view}
                clock={state.clock.clone()}
                run={state.run.clone()}
                result={state.result.clone()}
                on_change={props.on_change.clone()}
                on_editor={props.on_editor.clone()}
                sources={props.sources.clone()}
            />
            <Visibility key="visibility" result={state.result.clone()} />
        </div>
    };
    // All of them have keys, so that they move as they are: the editor has its history.
    let parts = if is_beside { [rule, top, results] } else { [top, results, rule] };
    html! {
        <>
            <a class="skip" href="#rule">{ "Skip to the rule" }</a>
            <a class="skip" href="#alerts">{ "Skip to the alerts" }</a>
            <Header address={Rc::clone(&state.address)} />
            <main class={(state.rule_view == RuleView::Kql).then_some("is-kql")}>
                { for lesson_above }
                { for parts }
            </main>
            <div class="aloud" role="status">{ state.said.clone() }</div>
            { dialog }
            <DropTarget />
            if !state.passing.1.is_empty() { <div class="toast" aria-hidden="true" key={state.passing.0}>{ state.passing.1.clone() }</div> }
            <Shortcuts state={Rc::clone(state)} />
        </>
    }
}
