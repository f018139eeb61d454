//! The lessons, in the order to take them, and the way to one of a trainer's own.

use std::collections::BTreeSet;
use std::rc::Rc;

use web_sys::MouseEvent;
use yew::prelude::*;

use super::dialog::{Dialog, close_open_dialog};
use super::open_file::OpenFile;
use crate::dispatch::use_dispatch;
use crate::protocol::{LessonSummary, Opening};
use crate::state::{Action, Dialog as Which};

/// The lessons.
#[derive(Properties, PartialEq)]
pub struct LessonsDialogProps {
    /// All of them.
    pub lessons: Rc<Vec<LessonSummary>>,
    /// The short names of those that were solved.
    pub solved: Rc<BTreeSet<String>>,
    /// The short name of the one that is open.
    pub open: Option<String>,
    /// What was wrong with the lesson file that was chosen last.
    pub problem: Option<AttrValue>,
}

/// The lessons, in the order to take them.
#[component]
pub fn LessonsDialog(props: &LessonsDialogProps) -> Html {
    let dispatch = use_dispatch();
    let next = props.lessons.iter().find(|lesson| !props.solved.contains(&lesson.id)).map(|lesson| lesson.id.clone());
    let item = |(place, lesson): (usize, &LessonSummary)| {
        let (act, id) = (dispatch.act.clone(), lesson.id.clone());
        let choose = Callback::from(move |_: MouseEvent| {
            close_open_dialog();
            act.emit(Action::VisitBegun(Opening::Lesson(id.clone())));
        });
        let is_solved = props.solved.contains(&lesson.id);
        let is_open = props.open.as_ref() == Some(&lesson.id);
        html! {
            <li key={lesson.id.clone()}>
                <button class="sample" onclick={choose} aria-current={is_open.then_some("true")} autofocus={next.as_ref() == Some(&lesson.id)}>
                    <strong>{ format!("{}. {}", place + 1, lesson.title) }</strong>
                    if is_solved { <span class="tag ok">{ "✓ solved" }</span> }
                    if is_open { <span class="tag">{ "open" }</span> }
                    <span class="sample-text">{ &lesson.goal }</span>
                </button>
            </li>
        }
    };
    let author = {
        let act = dispatch.act.clone();
        Callback::from(move |_: MouseEvent| {
            // First, so that the focus goes back to where it was.
            close_open_dialog();
            act.emit(Action::DialogOpened(Which::Author));
        })
    };
    let solved = props.lessons.iter().filter(|lesson| props.solved.contains(&lesson.id)).count();
    html! {
        <Dialog title="Lessons" class="wide">
            <p class="soft">{ format!("{solved} of {} solved. Your own rule and logs wait meanwhile, and are there again when you leave.", props.lessons.len()) }</p>
            <ol class="samples">{ for props.lessons.iter().enumerate().map(item) }</ol>
            <div class="row">
                <OpenFile label="Open a lesson file" problem={props.problem.clone()} />
                <button onclick={author}>{ "Write one of what is on screen…" }</button>
            </div>
        </Dialog>
    }
}
