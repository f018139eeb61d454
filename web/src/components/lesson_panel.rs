//! The open lesson: what to reach, how far it is, questions and hints. Checked whenever the query or an answer changes.

use std::rc::Rc;

use detection::{CaseReport, GoalReport};
use event_table::RowRef;
use web_sys::{HtmlInputElement, MouseEvent};
use yew::prelude::*;

use super::asked::use_answer;
use super::visible::visible;
use crate::dispatch::{Dispatch, use_dispatch};
use crate::protocol::{LessonSummary, Opening, Request, Response};
use crate::state::{Action, OpenCase, RunResult};

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct LessonPanelProps {
    /// The lesson.
    pub case: OpenCase,
    /// All lessons, in the order to take them.
    pub lessons: Rc<Vec<LessonSummary>>,
    /// The newest result.
    pub result: Option<Rc<RunResult>>,
    /// Whether the query on screen has errors.
    pub has_errors: bool,
    /// Whether it can be left: within another page there is nothing to go back to.
    pub can_leave: bool,
}

/// The open lesson.
#[component]
pub fn LessonPanel(props: &LessonPanelProps) -> Html {
    let dispatch = use_dispatch();
    let case = &props.case;
    let text = &case.text;
    let key = (props.result.as_ref().map(|result| result.generation), Rc::clone(&case.answers), props.has_errors);
    let asked = use_answer(key.clone(), |(result, answers, has_errors)| {
        let wants = result.is_some() && !has_errors;
        wants.then(|| Request::Check { answers: (**answers).clone() })
    });
    let report: Option<&CaseReport> = match asked.response.as_deref() {
        Some(Response::Checked(Some(report))) if report.title == text.title => Some(report),
        _ => None,
    };
    let is_solved = asked.is_current && !props.has_errors && report.is_some_and(|report| report.passed);
    use_effect_with((is_solved, text.title.clone()), {
        let act = dispatch.act.clone();
        move |(is_solved, _)| {
            if *is_solved {
                act.emit(Action::LessonSolved);
            }
        }
    });
    let place = case.id.as_ref().and_then(|id| props.lessons.iter().position(|lesson| lesson.id == *id));
    let which = match place {
        Some(place) => format!("Lesson {} of {}", place + 1, props.lessons.len()),
        None if text.goal.is_empty() => "Test".to_owned(),
        None => "Lesson".to_owned(),
    };
    let next = place.and_then(|place| props.lessons.get(place + 1));
    let met = report.map_or(0, |report| report.goals.iter().filter(|goal| goal.met).count());
    html! {
        <section
            id="lesson"
            tabindex="-1"
            class={classes!("panel", "lesson", is_solved.then_some("is-solved"))}
            aria-labelledby="lesson-title"
            aria-busy={(!asked.is_current).to_string()}
        >
            <div class="panel-head">
                <span class="tag">{ which }</span>
                if props.can_leave {
                    <button class="quiet" onclick={dispatch.on(Action::VisitLeft)}>{ "Leave" }</button>
                }
            </div>
            <h2 id="lesson-title">{ visible(&text.title) }</h2>
            { for paragraphs(&text.about).map(|part| html! { <p>{ visible(&part) }</p> }) }
            if !text.goal.is_empty() { <p class="goal"><strong>{ "Goal: " }</strong>{ visible(&text.goal) }</p> }
            if let Some(report) = report {
                <p class="soft">{ format!("{met} of {} met", report.goals.len()) }</p>
                <ul class="goals" aria-label="Goals">
                    { for report.goals.iter().enumerate().map(|(place, goal)| goal_item(place, goal, case, &dispatch)) }
                </ul>
            }
            if is_solved {
                <div class="solved">
                    <p><strong class="ok"><span aria-hidden="true">{ "✓ " }</span>{ "Solved." }</strong>{ " " }{ visible(&text.takeaway) }</p>
                    if let Some(next) = next {
                        <button class="primary" data-focus-after="#lesson" onclick={dispatch.on(Action::VisitBegun(Opening::Lesson(next.id.clone())))}>
                            { format!("Next: {}", next.title) }
                        </button>
                    }
                </div>
            }
            if case.hints > 0 {
                <ol class="hints" aria-label="Hints">
                    { for text.hints.iter().take(case.hints).map(|hint| html! { <li>{ visible(hint) }</li> }) }
                </ol>
            }
            <div class="row">
                if case.hints < text.hints.len() {
                    <button onclick={dispatch.on(Action::HintShown)}>{ format!("Show a hint ({} of {})", case.hints + 1, text.hints.len()) }</button>
                }
                <button class="quiet" onclick={dispatch.on(Action::LessonRestarted)}>{ "Start again" }</button>
            </div>
        </section>
    }
}

/// The paragraphs of a text, which blank lines part; how its lines are broken does not matter.
fn paragraphs(text: &str) -> impl Iterator<Item = String> {
    let one = |part: &str| part.split_whitespace().collect::<Vec<_>>().join(" ");
    text.split("\n\n").map(one).filter(|part| !part.is_empty())
}

/// A goal: whether it is met, why not, the question's field, the way to its rows.
fn goal_item(place: usize, goal: &GoalReport, case: &OpenCase, dispatch: &Dispatch) -> Html {
    let (class, sign, state) = if goal.met { ("ok", "✓", "met: ") } else { ("no", "✗", "not met: ") };
    let id = format!("goal-{place}");
    let field = goal.question.map(|question| {
        let act = dispatch.act.clone();
        let on_change = Callback::from(move |event: Event| {
            let answer = event.target_unchecked_into::<HtmlInputElement>().value();
            act.emit(Action::Answered { question, answer });
        });
        let value = case.answers.get(question).cloned().unwrap_or_default();
        html! {
            <input class="answer" type="text" maxlength="500" aria-labelledby={id.clone()} placeholder="Your answer" autocomplete="off" spellcheck="false" {value} onchange={on_change} />
        }
    });
    let rows: Vec<RowRef> = goal.rows.iter().take(3).copied().collect();
    let open = |record: RowRef| {
        let open = dispatch.on::<MouseEvent>(Action::RecordOpened { record, signal: None });
        html! { <button class="quiet link" onclick={open} aria-describedby={id.clone()}>{ "Show the row" }</button> }
    };
    html! {
        <li key={place}>
            <span class={class} aria-hidden="true">{ sign }</span>
            <div>
                <span id={id.clone()}><span class="aloud">{ state }</span>{ visible(&goal.words) }</span>
                if let Some(why) = goal.why.as_ref().filter(|_| !goal.met) { <span class="soft goal-why">{ visible(why) }</span> }
                { field }
                { for rows.into_iter().map(open) }
            </div>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::paragraphs;

    #[test]
    fn a_text_falls_into_paragraphs_whatever_its_lines() {
        let text = "One\nline  and\r\nanother.\n\n\n\nTwo.\n";
        assert_eq!(paragraphs(text).collect::<Vec<_>>(), ["One line and another.", "Two."]);
    }
}
