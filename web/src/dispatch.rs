//! What every component can ask of the app.

use std::rc::Rc;

use kql_syntax::edit::TextEdit;
use web_sys::File;
use yew::prelude::*;

use crate::clipboard::{copy_explanation, copy_row};
use crate::commands::Effect;
use crate::dom::{click_first, focus_first, focus_results};
use crate::protocol::{LoadId, Request, Response};
use crate::state::{Action, State};

/// The ways from a component to the app.
#[derive(Clone, PartialEq)]
pub struct Dispatch {
    /// Something happened.
    pub act: Callback<Action>,
    /// The user gave files to read.
    pub give_files: Callback<Vec<File>>,
    /// The user gave a session, lesson or test file to open.
    pub open_file: Callback<File>,
    /// The query's text is to be changed, outside the editor.
    pub change_text: Callback<TextChange>,
    /// The engine is to be asked, and what to do with its answer.
    pub ask: Callback<(Request, Callback<Response>)>,
    /// A file that the user gave is wanted, and what to do with it; none when it is no longer here.
    pub file: Callback<(LoadId, Callback<Option<File>>)>,
}

/// A change of the query's text that is one step of its history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextChange {
    /// The text that it was made for. A key may be pressed before what the one before did is drawn: a change of a text
    /// that is no longer there is not made.
    pub of: AttrValue,
    /// What is to change.
    pub to: NewText,
}

/// What is to become of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewText {
    /// The text with edits.
    Edits(Rc<Vec<TextEdit>>),
    /// Another text.
    Text(String),
}

impl Dispatch {
    /// A callback for a click and the like that comes to one action.
    pub fn on<E: 'static>(&self, action: Action) -> Callback<E> {
        self.act.reform(move |_| action.clone())
    }

    /// Does what a command does.
    pub fn perform(&self, effect: &Effect, state: &State) {
        let marked = state.table.selected.map(|selected| selected.place);
        match effect {
            Effect::Act(action) => self.act.emit(action.clone()),
            Effect::Focus(selector) => focus_first(selector),
            Effect::ActAndFocus(action, selector) => {
                self.act.emit(action.clone());
                focus_first(selector);
            }
            Effect::ActAndFocusResults(action) => {
                self.act.emit(action.clone());
                focus_results();
            }
            Effect::Click(selector) => click_first(selector),
            Effect::CopyRow => {
                if let Some(place) = marked {
                    copy_row(place, &state.table, self);
                }
            }
            Effect::CopyExplanation => {
                if let Some(place) = marked {
                    copy_explanation(place, &state.table, self);
                }
            }
        }
    }
}

/// The ways to the app, from anywhere below it.
///
/// # Panics
/// When a component stands outside the app.
#[hook]
pub fn use_dispatch() -> Dispatch {
    use_context::<Dispatch>().unwrap_or_else(|| panic!("this component stands outside the app"))
}
