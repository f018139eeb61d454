//! Every command of the page, in one table: the palette finds in it, the shortcuts listen by it, the list of keys is
//! written from it.

use detection::{Clock, Finding};
use kql_syntax::Fix;
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::address::Place;
use crate::protocol::{Others, TableKind};
use crate::state::{Action, Dialog, EngineState, Keeping, Pane, RuleView, State, Theme};

/// A command of the page.
pub struct Command {
    /// What it does, as a user would ask for it.
    pub title: &'static str,
    /// What it is about.
    pub place: &'static str,
    /// The keys that do it from anywhere.
    pub keys: Option<Keys>,
    /// Whether it would do something now.
    pub is_available: fn(&State) -> bool,
    /// What it does.
    pub effect: fn(&State) -> Effect,
}

/// A command that can be given now.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// What it does.
    pub title: String,
    /// What it is about.
    pub place: &'static str,
    /// The keys that do it from anywhere.
    pub keys: Option<Keys>,
    /// What it does.
    pub effect: Effect,
}

/// What a command does.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Something happens to the state.
    Act(Action),
    /// The first element of a selector gets the focus.
    Focus(&'static str),
    /// Something happens, and then the focus is in the rows, or in what stands in their place.
    ActAndFocusResults(Action),
    /// Something happens, and then the focus moves.
    ActAndFocus(Action, &'static str),
    /// The first element of a selector is clicked: for what only a click may do, such as choosing files.
    Click(&'static str),
    /// The marked row goes to the clipboard.
    CopyRow,
    /// Why the marked row fired, or did not, goes to the clipboard.
    CopyExplanation,
}

/// Keys that are pressed together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// One key by itself.
    Plain(&'static str),
    /// A key with Ctrl, or Command.
    Ctrl(&'static str),
}

impl Keys {
    /// Whether a key that is pressed is this one. `text` is whether it would otherwise be typed into a field.
    pub fn is_pressed(self, key: &str, modifier: Modifier, text: bool) -> bool {
        match self {
            Keys::Ctrl(own) => modifier == Modifier::Ctrl && own.eq_ignore_ascii_case(key),
            // Keys without a character do no harm in a field.
            Keys::Plain(own) => modifier == Modifier::None && own == key && (!text || own.chars().count() > 1),
        }
    }

    /// The keys, one by one, as they are called.
    pub fn names(self) -> Vec<&'static str> {
        let named = |key| match key {
            "Escape" => "Esc",
            "k" => "K",
            key => key,
        };
        match self {
            Keys::Plain(key) => vec![named(key)],
            Keys::Ctrl(key) => vec!["Ctrl", named(key)],
        }
    }
}

/// What is held down with a key; Shift is part of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Modifier {
    /// Nothing.
    None,
    /// Ctrl, or Command.
    Ctrl,
    /// Anything else.
    Other,
}

const fn always(_: &State) -> bool {
    true
}

fn is_alone(state: &State) -> bool {
    state.address.place == Place::Alone
}

fn has_mark(state: &State) -> bool {
    state.table.selected.is_some_and(|selected| state.table.row(selected.place).is_some())
}

/// Opens the original record of the row that is looked at.
fn open_original(state: &State) -> Action {
    state.looked_at_record().map_or(Action::DialogClosed, |record| Action::DialogOpened(Dialog::Original(record)))
}

fn has_marked_record(state: &State) -> bool {
    state.table.selected.is_some_and(|selected| selected.name.is_some())
}

fn is_filtered(state: &State) -> bool {
    let view = &state.table.view;
    !view.text.is_empty() || !view.filters.is_empty() || view.time.is_some()
}

/// Every command but those that go by what is there, such as opening one of the samples.
pub const COMMANDS: &[Command] = &[
    Command {
        title: "Find a command",
        place: "Page",
        keys: Some(Keys::Ctrl("k")),
        // It is what one is in.
        is_available: |state| state.dialog != Some(Dialog::Palette),
        effect: |_| Effect::Act(Action::DialogOpened(Dialog::Palette)),
    },
    Command {
        title: "Run now",
        place: "Rule",
        keys: Some(Keys::Ctrl("Enter")),
        is_available: |state| state.engine == EngineState::Ready,
        effect: |_| Effect::Act(Action::RunNow),
    },
    Command {
        title: "Undo the last change",
        place: "Rule",
        keys: None,
        is_available: |state| state.rule.can_undo,
        effect: |_| Effect::Act(Action::Undo),
    },
    Command {
        title: "Redo the change that was undone",
        place: "Rule",
        keys: None,
        is_available: |state| state.rule.can_redo,
        effect: |_| Effect::Act(Action::Redo),
    },
    Command {
        title: "Back to the shipped rule",
        place: "Rule",
        keys: None,
        is_available: |state| !state.rule.is_shipped(),
        effect: |_| Effect::Act(Action::Reset),
    },
    Command {
        title: "New query",
        place: "Rule",
        keys: None,
        is_available: always,
        effect: |_| Effect::Act(Action::Cleared),
    },
    Command {
        title: "Show the lists",
        place: "Rule",
        keys: None,
        is_available: |state| state.rule_view != RuleView::Lists,
        effect: |_| Effect::ActAndFocus(Action::RuleViewSet(RuleView::Lists), "#lists-tab"),
    },
    Command {
        title: "Show the KQL",
        place: "Rule",
        keys: None,
        is_available: |state| state.rule_view != RuleView::Kql,
        effect: |_| Effect::ActAndFocus(Action::RuleViewSet(RuleView::Kql), "#kql-tab"),
    },
    Command {
        title: "Go to the rule",
        place: "Rule",
        keys: None,
        is_available: always,
        effect: |_| Effect::Focus("#rule"),
    },
    Command {
        title: "Now is the newest event",
        place: "Clock",
        keys: None,
        is_available: |state| state.clock != Clock::Newest,
        effect: |_| Effect::Act(Action::ClockSet(Clock::Newest)),
    },
    Command {
        title: "Now is the wall clock",
        place: "Clock",
        keys: None,
        is_available: |state| state.clock != Clock::Wall,
        effect: |_| Effect::Act(Action::ClockSet(Clock::Wall)),
    },
    Command {
        title: "Filter the alerts",
        place: "Alerts",
        keys: Some(Keys::Plain("/")),
        is_available: |state| state.pane == Pane::Rows && state.table.kind == TableKind::Result,
        effect: |_| Effect::Focus("#filter"),
    },
    Command {
        title: "Take the filters off",
        place: "Alerts",
        keys: None,
        is_available: is_filtered,
        effect: |_| Effect::Act(Action::FiltersCleared),
    },
    Command {
        title: "Go to the alerts",
        place: "Alerts",
        keys: None,
        is_available: |state| !state.table.columns.is_empty(),
        effect: |_| Effect::ActAndFocusResults(Action::TableShown(TableKind::Result)),
    },
    Command {
        title: "Near misses",
        place: "Alerts",
        keys: None,
        is_available: |state| state.pane != Pane::NearMisses,
        effect: |_| Effect::ActAndFocus(Action::PaneShown(Pane::NearMisses), "#near-tab"),
    },
    Command {
        title: "Score by the labels",
        place: "Alerts",
        keys: None,
        is_available: |state| state.pane != Pane::Score,
        effect: |_| Effect::ActAndFocus(Action::PaneShown(Pane::Score), "#score-tab"),
    },
    Command {
        title: "Open the story of the marked row",
        place: "Alerts",
        keys: None,
        is_available: |state| has_mark(state) && state.story.is_none(),
        effect: |_| Effect::ActAndFocusResults(Action::StoryOpened),
    },
    Command {
        title: "Show the original record",
        place: "Alerts",
        keys: Some(Keys::Plain("o")),
        is_available: |state| state.looked_at_record().is_some(),
        effect: |state| Effect::Act(open_original(state)),
    },
    Command {
        title: "Close the story",
        place: "Alerts",
        keys: Some(Keys::Plain("Escape")),
        is_available: |state| state.story.is_some(),
        effect: |_| Effect::ActAndFocusResults(Action::StoryClosed),
    },
    Command {
        title: "Copy the marked row as Markdown",
        place: "Alerts",
        keys: None,
        is_available: has_mark,
        effect: |_| Effect::CopyRow,
    },
    Command {
        title: "Copy the explanation of the marked row as Markdown",
        place: "Alerts",
        keys: None,
        is_available: has_marked_record,
        effect: |_| Effect::CopyExplanation,
    },
    Command {
        title: "Choose files",
        place: "Logs",
        keys: None,
        is_available: always,
        effect: |_| Effect::Click("#log-files"),
    },
    Command {
        title: "Paste a log",
        place: "Logs",
        keys: None,
        is_available: always,
        effect: |_| Effect::Act(Action::DialogOpened(Dialog::Paste)),
    },
    Command {
        title: "Samples",
        place: "Logs",
        keys: None,
        is_available: always,
        effect: |_| Effect::Act(Action::DialogOpened(Dialog::Samples)),
    },
    Command {
        title: "Colours as the system",
        place: "Page",
        keys: None,
        is_available: |state| state.theme != Theme::System,
        effect: |_| Effect::Act(Action::ThemeSet(Theme::System)),
    },
    Command {
        title: "Light colours",
        place: "Page",
        keys: None,
        is_available: |state| state.theme != Theme::Light,
        effect: |_| Effect::Act(Action::ThemeSet(Theme::Light)),
    },
    Command {
        title: "Dark colours",
        place: "Page",
        keys: None,
        is_available: |state| state.theme != Theme::Dark,
        effect: |_| Effect::Act(Action::ThemeSet(Theme::Dark)),
    },
    Command {
        title: "Export the rule or the alerts",
        place: "Page",
        keys: None,
        is_available: |state| state.result.is_some(),
        effect: |_| Effect::Act(Action::DialogOpened(Dialog::Export)),
    },
    Command {
        title: "Format the query",
        place: "Rule",
        keys: None,
        is_available: always,
        effect: |_| Effect::Act(Action::Formatted),
    },
    Command {
        title: "Rename a let or a parameter",
        place: "Rule",
        keys: None,
        is_available: |state| state.engine == EngineState::Ready,
        effect: |_| Effect::Act(Action::DialogOpened(Dialog::Rename(None))),
    },
    Command {
        title: "Share a link, or keep a session file",
        place: "Page",
        keys: None,
        is_available: is_alone,
        effect: |_| Effect::Act(Action::DialogOpened(Dialog::Share)),
    },
    Command {
        title: "Lessons",
        place: "Page",
        keys: None,
        is_available: is_alone,
        effect: |_| Effect::Act(Action::DialogOpened(Dialog::Lessons)),
    },
    Command {
        title: "Write a lesson or a test of what is on screen",
        place: "Page",
        keys: None,
        is_available: |state| state.result.is_some(),
        effect: |_| Effect::Act(Action::DialogOpened(Dialog::Author)),
    },
    Command {
        title: "Go to the lesson",
        place: "Lesson",
        keys: None,
        is_available: |state| state.open_case().is_some(),
        effect: |_| Effect::Focus("#lesson"),
    },
    Command {
        title: "Show a hint",
        place: "Lesson",
        keys: None,
        is_available: |state| state.open_case().is_some_and(|case| case.hints < case.text.hints.len()),
        effect: |_| Effect::Act(Action::HintShown),
    },
    Command {
        title: "Start the lesson again",
        place: "Lesson",
        keys: None,
        is_available: |state| state.open_case().is_some(),
        effect: |_| Effect::Act(Action::LessonRestarted),
    },
    Command {
        title: "Back to my own work",
        place: "Lesson",
        keys: None,
        is_available: |state| state.visit.is_some() && is_alone(state),
        effect: |_| Effect::Act(Action::VisitLeft),
    },
    Command {
        title: "Narrow the time",
        place: "Alerts",
        keys: None,
        is_available: |state| state.result.is_some(),
        effect: |_| Effect::Focus(".timeline [role=slider]"),
    },
    Command {
        title: "Keep my logs in this browser",
        place: "Logs",
        keys: None,
        is_available: |state| state.kept.keeping == Keeping::Off && !state.own_logs().is_empty(),
        effect: |_| Effect::Act(Action::KeepingSet(Keeping::On)),
    },
    Command {
        title: "Keep my logs no longer",
        place: "Logs",
        keys: None,
        is_available: |state| state.kept.keeping == Keeping::On,
        effect: |_| Effect::Act(Action::KeepingSet(Keeping::Off)),
    },
    Command {
        title: "Reset the page",
        place: "Page",
        keys: None,
        is_available: always,
        effect: |_| Effect::Act(Action::DialogOpened(Dialog::Reset)),
    },
    Command {
        title: "Keys and colours",
        place: "Page",
        keys: Some(Keys::Plain("?")),
        is_available: always,
        effect: |_| Effect::Act(Action::DialogOpened(Dialog::Keys)),
    },
];

/// The commands that can be given now, in the order to show them.
pub fn offers(state: &State) -> Vec<Offer> {
    let fixed = COMMANDS.iter().filter(|command| (command.is_available)(state)).map(|command| Offer {
        title: command.title.to_owned(),
        place: command.place,
        keys: command.keys,
        effect: (command.effect)(state),
    });
    let samples = state.samples.iter().map(|sample| Offer {
        title: format!("Open the sample {}", sample.title),
        place: "Logs",
        keys: None,
        effect: Effect::Act(Action::SampleChosen { id: sample.id.clone(), others: Others::Removed }),
    });
    fixed.chain(fixes(state)).chain(samples).collect()
}

/// What mends the findings of the query as it stands.
fn fixes(state: &State) -> Vec<Offer> {
    let offer = |line: u32, fix: &Fix| Offer {
        title: format!("{} in line {line}", fix.title),
        place: "Fix",
        keys: None,
        effect: Effect::Act(Action::Fixed { version: state.rule.version, edits: fix.edits.clone() }),
    };
    let of = |finding: &Finding| finding.fixes.iter().map(|fix| offer(finding.line, fix)).collect::<Vec<_>>();
    state.findings().iter().flat_map(of).collect()
}

/// An offer that fits what is typed, and which characters of its title do.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The offer's place among all.
    pub offer: usize,
    /// The places of the characters, in order.
    pub characters: Vec<usize>,
}

/// The offers that fit what is typed, the best first; all of them in their order when nothing is.
pub fn find(offers: &[Offer], typed: &str) -> Vec<Found> {
    let typed = typed.trim();
    let pattern = Pattern::parse(typed, CaseMatching::Ignore, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut buffer = Vec::new();
    let mut found: Vec<(u32, Found)> = Vec::new();
    for (offer, command) in offers.iter().enumerate() {
        // What it is about can be typed as well, but titles count first.
        let length = command.title.chars().count();
        let text = format!("{} {}", command.title, command.place);
        let mut places = Vec::new();
        let haystack = Utf32Str::new(&text, &mut buffer);
        let Some(score) = pattern.indices(haystack, &mut matcher, &mut places) else { continue };
        places.sort_unstable();
        places.dedup();
        let characters = places.into_iter().map(|place| place as usize).filter(|place| *place < length).collect();
        found.push((score, Found { offer, characters }));
    }
    if !typed.is_empty() {
        // Equals stay in the table's order.
        found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    }
    found.into_iter().map(|(_, found)| found).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::Saved;

    fn titles(typed: &str) -> Vec<String> {
        let state = State::new(Saved::default());
        let offers = offers(&state);
        find(&offers, typed).into_iter().map(|found| offers[found.offer].title.clone()).collect()
    }

    #[test]
    fn no_two_commands_have_the_same_title_or_keys() {
        for (place, command) in COMMANDS.iter().enumerate() {
            for other in &COMMANDS[..place] {
                assert_ne!(command.title, other.title);
                assert!(command.keys.is_none() || command.keys != other.keys, "{}, {}", command.title, other.title);
            }
        }
    }

    #[test]
    fn a_few_letters_find_a_command() {
        for (typed, first) in [
            ("dark", "Dark colours"),
            ("kql", "Show the KQL"),
            ("nq", "New query"),
            ("FILES", "Choose files"),
            ("wall clock", "Now is the wall clock"),
            ("clock wall", "Now is the wall clock"),
        ] {
            assert_eq!(titles(typed).first().map(String::as_str), Some(first), "{typed}");
        }
        assert!(titles("zzzz").is_empty());
    }

    #[test]
    fn without_a_letter_all_stand_in_their_order() {
        assert_eq!(titles("  "), titles(""));
        let state = State::new(Saved::default());
        assert_eq!(titles("").len(), offers(&state).len());
        assert_eq!(titles("")[0], COMMANDS[0].title);
    }

    #[test]
    fn the_letters_that_fit_are_told_within_the_title() {
        let offer =
            |title: &str| Offer { title: title.to_owned(), place: "Rule", keys: None, effect: Effect::Focus("#rule") };
        let found = find(&[offer("Éa dark"), offer("x")], "dark rule");
        assert_eq!(found, [Found { offer: 0, characters: vec![3, 4, 5, 6] }]);
    }

    #[test]
    fn what_would_do_nothing_is_not_offered() {
        let state = State::new(Saved::default());
        let titles: Vec<String> = offers(&state).into_iter().map(|offer| offer.title).collect();
        for title in ["Undo the last change", "Back to the shipped rule", "Close the story", "Show the lists"] {
            assert!(!titles.iter().any(|offered| offered == title), "{title}");
        }
    }

    #[test]
    fn keys_with_a_character_are_left_to_fields() {
        for (keys, key, modifier, text, pressed) in [
            (Keys::Plain("/"), "/", Modifier::None, false, true),
            (Keys::Plain("/"), "/", Modifier::None, true, false),
            (Keys::Plain("/"), "/", Modifier::Ctrl, false, false),
            (Keys::Plain("Escape"), "Escape", Modifier::None, true, true),
            (Keys::Ctrl("k"), "k", Modifier::Ctrl, true, true),
            (Keys::Ctrl("k"), "K", Modifier::Ctrl, true, true),
            (Keys::Ctrl("k"), "k", Modifier::None, false, false),
            (Keys::Ctrl("k"), "k", Modifier::Other, false, false),
        ] {
            assert_eq!(keys.is_pressed(key, modifier, text), pressed, "{keys:?} {key} {modifier:?} {text}");
        }
    }
}
