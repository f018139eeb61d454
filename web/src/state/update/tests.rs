//! Stories of what happens to the state, told by actions.

use super::*;
use crate::protocol::{
    CaseText, Direction, Keep, MarkChange, Opened, RowName, Sort, TableRow, TableView, Timings, ValueFilter, Window,
};
use crate::state::{Keeping, Load, RuleView, Selected};
use crate::storage::Saved;
use detection::{Clock, Options, Session};
use event_table::{DateTime, RowRef};

fn opened() -> State {
    let mut state = State::new(Saved::default());
    update(&mut state, Action::Opened(Screen::Narrow));
    state
}

fn sent(commands: &[Command]) -> Vec<&Request> {
    let request = |command| match command {
        &Command::Send(Envelope { ref body, .. }) | &Command::Read { request: Envelope { ref body, .. }, .. } => {
            Some(body)
        }
        _ => None,
    };
    commands.iter().filter_map(request).collect()
}

fn run_request(commands: &[Command]) -> &RunRequest {
    let runs: Vec<&RunRequest> = sent(commands)
        .into_iter()
        .filter_map(|request| match request {
            Request::Run(run) => Some(run),
            _ => None,
        })
        .collect();
    assert_eq!(runs.len(), 1, "{commands:?}");
    runs[0]
}

fn runs(commands: &[Command]) -> bool {
    sent(commands).iter().any(|request| matches!(request, Request::Run(_)))
}

fn say(state: &mut State, generation: Generation, body: Response) -> Vec<Command> {
    update(state, Action::Said { response: Envelope { generation, body }, now: 0.0 })
}

fn change(text: &str, version: u32) -> Change {
    Change { text: text.to_owned(), version, can_undo: true, can_redo: false }
}

fn edit(state: &mut State, text: &str, pace: Pace) -> Vec<Command> {
    let version = state.rule.version + 1;
    update(state, Action::Edited { change: change(text, version), pace })
}

/// A session that stands in for the engine.
fn session() -> Session {
    let mut session = Session::new();
    let log = "Timestamp,DeviceName,FileName,ProcessCommandLine\n2025-06-01T10:00:00Z,a,git.exe,x\n\
               2025-06-01T10:00:01Z,b,cmd.exe,y\n";
    session.load("log.csv", log.as_bytes(), Options::default());
    session
}

/// Answers the run that the state waits for, as an engine would.
fn answer(state: &mut State, session: &mut Session) -> Vec<Command> {
    session.set_query(state.rule.text.to_string());
    session.set_clock(state.clock.clone());
    let report = session.run_now(DateTime::from_date(2031, 1, 1).unwrap());
    let rows = session.rows(0..100).into_iter().map(|row| TableRow {
        row: row.row,
        record: session.result().and_then(|result| result.origin(row.row)).map(|origin| origin.row),
        cells: row.cells,
        cut: Vec::new(),
        signal: row.signal,
        label: None,
    });
    let rows: Vec<TableRow> = rows.collect();
    let window = (!report.has_errors()).then(|| Window {
        columns: report.columns.clone(),
        total: rows.len(),
        shown: rows.len(),
        start: 0,
        rows,
        found: None,
    });
    let body = Response::Ran(Box::new(RunAnswer { report, window, pins: Vec::new(), timings: Timings::default() }));
    let generation = state.run.generation;
    say(state, generation, body)
}

fn sources(session: &Session, origin: &Origin) -> Vec<LoadedSource> {
    session.sources().into_iter().map(|summary| LoadedSource { summary, origin: origin.clone() }).collect()
}

#[test]
fn the_page_opens_with_a_sample_and_runs_the_rule_once_its_logs_are_there() {
    let mut state = State::new(Saved::default());
    let commands = update(&mut state, Action::Opened(Screen::Narrow));
    assert_eq!(sent(&commands), [&Request::LoadSample { id: "mixed-day".into(), others: Others::Removed }]);
    let loaded = sources(&session(), &Origin::Sample("mixed-day".into()));
    let commands = say(&mut state, Generation(1), Response::Sources(loaded));
    assert_eq!(run_request(&commands).query, detection::rule::TEXT);
}

#[test]
fn typing_waits_for_the_keys_to_rest_and_lists_do_not() {
    let mut state = opened();
    let commands = edit(&mut state, "T", Pace::Typing);
    assert!(!runs(&commands));
    let Some(Command::RunLater { edit: first }) = commands.last() else { panic!("{commands:?}") };
    edit(&mut state, "T |", Pace::Typing);
    assert!(!runs(&update(&mut state, Action::RunDue { edit: *first })), "the keys did not rest");
    let commands = edit(&mut state, "T | count", Pace::AtOnce);
    assert_eq!(run_request(&commands).query, "T | count");
    let due = Action::RunDue { edit: first + 1 };
    assert!(!runs(&update(&mut state, due)), "that edit has been run");
}

#[test]
fn an_answer_to_an_older_run_changes_nothing() {
    let mut state = opened();
    let mut session = session();
    edit(&mut state, "DeviceProcessEvents", Pace::AtOnce);
    let old = state.run.generation;
    edit(&mut state, "DeviceProcessEvents | count", Pace::AtOnce);
    let before = state.clone();
    say(&mut state, old, Response::Running { done: 1, total: 2 });
    say(&mut state, old, Response::CalledOff);
    assert_eq!(state, before);
    answer(&mut state, &mut session);
    assert_eq!(state.table.rows[0].cells, ["2"]);
}

#[test]
fn while_a_query_has_errors_the_result_before_stays() {
    let mut state = opened();
    let mut session = session();
    edit(&mut state, "DeviceProcessEvents", Pace::AtOnce);
    answer(&mut state, &mut session);
    let (result, table) = (state.result.clone(), state.table.clone());
    edit(&mut state, "DeviceProcessEvents | where Nope == 1", Pace::AtOnce);
    let commands = answer(&mut state, &mut session);
    assert!(state.is_stale());
    assert_eq!((&state.result, &state.table.rows), (&result, &table.rows));
    let told = commands.iter().any(|command| {
        matches!(command, Command::Editor(EditorCommand::Diagnose(2, found)) if found[0].message.contains("Nope"))
    });
    assert!(told, "{commands:?}");
    edit(&mut state, "DeviceProcessEvents", Pace::AtOnce);
    answer(&mut state, &mut session);
    assert!(!state.is_stale());
}

#[test]
fn a_signal_shows_how_the_last_edit_changed_it_but_not_what_other_logs_did() {
    let mut state = opened();
    let mut session = session();
    edit(&mut state, "DeviceProcessEvents | where FileName == 'git.exe'", Pace::AtOnce);
    answer(&mut state, &mut session);
    assert_eq!(state.result.as_ref().unwrap().changes, [None]);
    edit(&mut state, "DeviceProcessEvents | where FileName in ('git.exe', 'cmd.exe')", Pace::AtOnce);
    answer(&mut state, &mut session);
    assert_eq!(state.result.as_ref().unwrap().changes, [Some(1)]);
    let more = "Timestamp,DeviceName,FileName,ProcessCommandLine\n2025-06-01T10:00:00Z,c,git.exe,z\n";
    session.load("more.csv", more.as_bytes(), Options::default());
    update(&mut state, Action::RunNow);
    answer(&mut state, &mut session);
    assert_eq!(state.result.as_ref().unwrap().changes, [None]);
}

#[test]
fn findings_are_for_the_version_that_was_run() {
    let mut state = opened();
    let mut session = session();
    edit(&mut state, "Nope", Pace::AtOnce);
    edit(&mut state, "Nope ", Pace::Typing);
    session.set_query("Nope");
    let commands = answer(&mut state, &mut session);
    assert!(commands.iter().any(|c| matches!(c, Command::Editor(EditorCommand::Diagnose(1, _)))), "{commands:?}");
}

#[test]
fn fixes_are_offered_for_the_text_as_it_stands_and_for_no_other() {
    let mut state = opened();
    let mut session = session();
    let offered = |state: &State| -> Vec<Action> {
        let offers = crate::commands::offers(state).into_iter().filter(|offer| offer.place == "Fix");
        let acts = offers.filter_map(|offer| match offer.effect {
            crate::commands::Effect::Act(action) => Some(action),
            _ => None,
        });
        acts.collect()
    };
    edit(&mut state, "DeviceProcessEvents\n| where FileNam == 'git.exe'", Pace::AtOnce);
    assert_eq!(offered(&state), []);
    let commands = answer(&mut state, &mut session);
    let told = commands.iter().find_map(|command| match command {
        Command::Editor(EditorCommand::Diagnose(1, found)) => Some(found[0].fixes.clone()),
        _ => None,
    });
    let edit_of = Edit { from: 28, to: 35, insert: "FileName".into() };
    assert_eq!(told, Some(vec![Fix { title: "Write `FileName`".into(), edits: vec![edit_of] }]));
    let [action] = &offered(&state)[..] else { panic!("{:?}", offered(&state)) };
    let commands = update(&mut state, action.clone());
    let [Command::Editor(EditorCommand::Apply(1, edits))] = &commands[..] else { panic!("{commands:?}") };
    let mended = kql_syntax::edit::apply(&state.rule.text, edits).unwrap();
    assert_eq!(mended, "DeviceProcessEvents\n| where FileName == 'git.exe'");
    edit(&mut state, "DeviceProcessEvents\n| where FileNam == 'git'", Pace::Typing);
    assert_eq!(offered(&state), []);
}

fn receive(load: u32, name: &str) -> Request {
    receive_under(detection::rule::TEXT, load, name)
}

/// The request to read a file while this is the query.
fn receive_under(query: &str, load: u32, name: &str) -> Request {
    Request::Receive {
        load: LoadId(load),
        name: name.into(),
        options: Options::default(),
        replaces: None,
        known: Vec::new(),
        query: query.into(),
    }
}

fn given(load: u32) -> GivenFile {
    GivenFile { load: LoadId(load), name: format!("{load}.csv"), size: 100, options: Options::default() }
}

fn loads(state: &State) -> Vec<(u32, &str)> {
    let name = |load: &Load| match load.state {
        LoadState::Waiting => "waits",
        LoadState::Reading { .. } => "is read",
        LoadState::Failed { .. } => "failed",
    };
    state.loads.iter().map(|load| (load.id.0, name(load))).collect()
}

#[test]
fn files_are_read_one_after_the_other() {
    let mut state = opened();
    let commands = update(&mut state, Action::FilesGiven(vec![given(1), given(2)]));
    assert_eq!(sent(&commands), [&receive(1, "1.csv")]);
    assert_eq!(loads(&state), [(1, "is read"), (2, "waits")]);
    let loaded = sources(&session(), &Origin::Load(LoadId(1)));
    let commands = say(&mut state, Generation(0), Response::Sources(loaded));
    assert!(runs(&commands) && commands.contains(&Command::StopReading(LoadId(1))));
    assert_eq!(loads(&state), [(2, "is read")]);
    let reason = "It is gone.".to_owned();
    say(&mut state, Generation(0), Response::NotRead { load: LoadId(2), reason });
    assert_eq!(loads(&state), [(2, "failed")]);
    update(&mut state, Action::LoadDismissed(LoadId(2)));
    assert_eq!(loads(&state), []);
}

#[test]
fn a_log_that_is_cancelled_is_taken_out_and_the_next_one_is_read() {
    let mut state = opened();
    update(&mut state, Action::FilesGiven(vec![given(1), given(2), given(3)]));
    update(&mut state, Action::LoadDismissed(LoadId(3)));
    let commands = update(&mut state, Action::LoadDismissed(LoadId(1)));
    assert_eq!(sent(&commands), [&Request::Abandon { load: LoadId(1) }, &receive(2, "2.csv")]);
    assert!(commands.contains(&Command::StopReading(LoadId(1))) && commands.contains(&Command::ForgetFile(LoadId(1))));
    assert_eq!(loads(&state), [(2, "is read")]);
}

#[test]
fn opening_a_sample_in_place_of_the_logs_ends_what_is_being_read() {
    let mut state = opened();
    update(&mut state, Action::FilesGiven(vec![given(1), given(2)]));
    let choose = |others| Action::SampleChosen { id: "evasion".into(), others };
    update(&mut state, choose(Others::Kept));
    assert_eq!(loads(&state), [(1, "is read"), (2, "waits")]);
    let commands = update(&mut state, choose(Others::Removed));
    assert_eq!(sent(&commands)[0], &Request::Abandon { load: LoadId(1) });
    assert_eq!((loads(&state), state.saved().sample), (vec![], Some("evasion".to_owned())));
}

/// Rows as a window of a long table.
fn window(range: std::ops::Range<usize>, shown: usize) -> Window {
    let row = |place: usize| TableRow {
        row: place,
        cells: vec![place.to_string()],
        cut: Vec::new(),
        signal: Some(0),
        record: Some(RowRef { table: 0, row: place as u32 }),
        label: None,
    };
    let columns = vec![detection::ColumnReport { name: "n".into(), ty: None }];
    Window { columns, total: shown, shown, start: range.start, rows: range.map(row).collect(), found: None }
}

fn with_rows() -> State {
    let mut state = opened();
    let mut session = session();
    edit(&mut state, "DeviceProcessEvents", Pace::AtOnce);
    answer(&mut state, &mut session);
    state.table.take(window(0..80, 10_000));
    state
}

#[test]
fn rows_are_asked_for_only_when_some_in_sight_are_not_there() {
    let mut state = with_rows();
    assert_eq!(sent(&update(&mut state, Action::Scrolled { first: 30, count: 20 })), [] as [&Request; 0]);
    let commands = update(&mut state, Action::Scrolled { first: 70, count: 20 });
    let Request::Rows(asked) = sent(&commands)[0] else { panic!("{commands:?}") };
    assert_eq!((asked.range.clone(), asked.table), (30..130, TableKind::Result));
    let old = state.table.request;
    update(&mut state, Action::Scrolled { first: 5_000, count: 20 });
    say(&mut state, old, Response::Rows(Some(window(30..130, 10_000))));
    assert_eq!(state.table.start, 0, "an older answer came late");
    let newest = state.table.request;
    say(&mut state, newest, Response::Rows(Some(window(4_960..5_060, 10_000))));
    assert_eq!((state.table.start, state.table.row(5_000).unwrap().row), (4_960, 5_000));
}

#[test]
fn the_marked_row_is_looked_for_after_an_edit_and_its_story_goes_on() {
    let mut state = with_rows();
    update(&mut state, Action::RowSelected(3));
    let commands = update(&mut state, Action::StoryOpened);
    let record = RowRef { table: 0, row: 3 };
    assert_eq!(sent(&commands), [&Request::Story { record }]);
    let name = Some(RowName { record, signal: Some(0) });
    let commands = edit(&mut state, "DeviceProcessEvents | sort by DeviceName", Pace::AtOnce);
    assert_eq!(run_request(&commands).find, name);
    let moved = Window { found: Some(7), ..window(0..80, 10_000) };
    let report = state.result.as_ref().unwrap().report.clone();
    let body =
        RunAnswer { report: (*report).clone(), window: Some(moved), pins: Vec::new(), timings: Timings::default() };
    let generation = state.run.generation;
    let commands = say(&mut state, generation, Response::Ran(Box::new(body)));
    assert_eq!(state.table.selected.unwrap().place, 7);
    assert!(sent(&commands).contains(&&Request::Story { record }));
}

#[test]
fn a_marked_row_that_is_filtered_out_is_no_longer_marked() {
    let mut state = with_rows();
    update(&mut state, Action::RowSelected(3));
    let commands = update(&mut state, Action::Filtered("x".into()));
    let Request::Rows(asked) = sent(&commands)[0] else { panic!("{commands:?}") };
    assert_eq!(asked.view, TableView { text: "x".into(), ..TableView::default() });
    let newest = state.table.request;
    say(&mut state, newest, Response::Rows(Some(window(0..2, 2))));
    assert_eq!(state.table.selected, None::<Selected>);
}

#[test]
fn sorting_goes_up_then_down_then_back_to_the_query() {
    let mut state = with_rows();
    let mut sort = || {
        update(&mut state, Action::Sorted("n".into()));
        state.table.view.sort.clone().map(|Sort { direction, .. }| direction)
    };
    assert_eq!([sort(), sort(), sort()], [Some(Direction::Ascending), Some(Direction::Descending), None]);
}

#[test]
fn filters_and_order_of_a_column_go_with_the_column() {
    let mut state = with_rows();
    let filter = |column: &str| ValueFilter { column: column.into(), value: "1".into(), keep: Keep::Equal };
    update(&mut state, Action::FilterAdded(filter("n")));
    update(&mut state, Action::FilterAdded(filter("n")));
    update(&mut state, Action::FilterAdded(filter("gone")));
    update(&mut state, Action::Sorted("gone".into()));
    state.table.take(window(0..2, 2));
    assert_eq!(state.table.view, TableView { filters: vec![filter("n")], ..TableView::default() });
    update(&mut state, Action::FilterRemoved(0));
    assert_eq!(state.table.view, TableView::default());
}

#[test]
fn fallen_rows_are_another_table_and_the_filter_waits_for_the_way_back() {
    let mut state = with_rows();
    update(&mut state, Action::Filtered("x".into()));
    let fallen = TableKind::Fallen { signal: 0, step: 0 };
    let commands = update(&mut state, Action::TableShown(fallen));
    let Request::Rows(asked) = sent(&commands)[0] else { panic!("{commands:?}") };
    assert_eq!((asked.table, &asked.view), (fallen, &TableView::default()));
    let commands = update(&mut state, Action::TableShown(TableKind::Result));
    let Request::Rows(asked) = sent(&commands)[0] else { panic!("{commands:?}") };
    assert_eq!((asked.table, &*asked.view.text), (TableKind::Result, "x"));
}

#[test]
fn fallen_rows_close_when_their_condition_is_gone() {
    let mut state = opened();
    let mut session = session();
    edit(&mut state, "DeviceProcessEvents | where FileName == 'git.exe'", Pace::AtOnce);
    answer(&mut state, &mut session);
    update(&mut state, Action::TableShown(TableKind::Fallen { signal: 0, step: 0 }));
    edit(&mut state, "DeviceProcessEvents | where FileName == 'cmd.exe'", Pace::AtOnce);
    answer(&mut state, &mut session);
    assert_eq!(state.table.kind, TableKind::Fallen { signal: 0, step: 0 });
    edit(&mut state, "DeviceProcessEvents", Pace::AtOnce);
    answer(&mut state, &mut session);
    assert_eq!(state.table.kind, TableKind::Result);
}

#[test]
fn taking_a_source_out_closes_what_was_said_of_its_rows() {
    let mut state = with_rows();
    let mut session = session();
    state.sources = Rc::new(sources(&session, &Origin::Load(LoadId(1))));
    update(&mut state, Action::RowSelected(0));
    update(&mut state, Action::StoryOpened);
    let source = state.sources[0].summary.id;
    let commands = update(&mut state, Action::SourceRemoved(source));
    assert!(commands.contains(&Command::ForgetFile(LoadId(1))));
    assert_eq!(sent(&commands), [&Request::Remove { source }]);
    session.remove(source);
    let commands = say(&mut state, Generation(0), Response::Sources(Vec::new()));
    assert!(runs(&commands) && state.story.is_none() && state.table.selected.is_none());
}

#[test]
fn the_file_of_an_archive_is_held_as_long_as_one_of_its_logs_is_there() {
    let mut state = with_rows();
    let mut session = session();
    session.load("other.csv", b"Timestamp,DeviceName,RemoteUrl\n", Options::default());
    state.sources = Rc::new(sources(&session, &Origin::Load(LoadId(1))));
    let [first, second] = [0, 1].map(|place| state.sources[place].summary.id);
    let commands = update(&mut state, Action::SourceRemoved(first));
    assert!(!commands.contains(&Command::ForgetFile(LoadId(1))));
    session.remove(first);
    say(&mut state, Generation(0), Response::Sources(sources(&session, &Origin::Load(LoadId(1)))));
    let commands = update(&mut state, Action::SourceRemoved(second));
    assert!(commands.contains(&Command::ForgetFile(LoadId(1))));
}

#[test]
fn a_log_that_is_read_otherwise_takes_its_own_place_once_that_is_done() {
    let mut state = with_rows();
    let mut session = session();
    update(&mut state, Action::FilesGiven(vec![given(1)]));
    state.next_load = 1;
    say(&mut state, Generation(0), Response::Sources(sources(&session, &Origin::Load(LoadId(1)))));
    let options = Options { table: Some("DeviceFileEvents".into()), ..Options::default() };
    let again = |options: &Options| Action::ReadAgain { load: LoadId(1), options: options.clone() };
    let commands = update(&mut state, again(&options));
    assert!(commands.contains(&Command::CopyFile { from: LoadId(1), to: LoadId(2) }));
    let wanted = Request::Receive {
        load: LoadId(2),
        name: "1.csv".into(),
        options: options.clone(),
        replaces: Some(LoadId(1)),
        known: Vec::new(),
        query: "DeviceProcessEvents".into(),
    };
    assert_eq!(sent(&commands), [&wanted]);
    assert!(!commands.contains(&Command::ForgetFile(LoadId(1))), "it may be called off");

    // Called off: nothing has changed.
    let commands = update(&mut state, Action::LoadDismissed(LoadId(2)));
    assert_eq!(sent(&commands), [&Request::Abandon { load: LoadId(2) }]);
    assert!(commands.contains(&Command::ForgetFile(LoadId(2))) && state.loads.is_empty());
    assert_eq!((state.sources.len(), state.readings()), (1, Vec::new()));

    // Asked for twice: the last counts.
    update(&mut state, again(&Options::default()));
    let commands = update(&mut state, again(&options));
    assert!(sent(&commands).contains(&&Request::Abandon { load: LoadId(3) }) && state.loads.len() == 1);
    session.remove(state.sources[0].summary.id);
    session.load("1.csv", b"Timestamp,FileName\n2025-06-01T10:00:00Z,x\n", options.clone());
    let commands = say(&mut state, Generation(0), Response::Sources(sources(&session, &Origin::Load(LoadId(4)))));
    assert!(commands.contains(&Command::ForgetFile(LoadId(1))) && state.loads.is_empty());
    let kept = state.saved().readings;
    assert_eq!((kept.len(), &*kept[0].name, &kept[0].options), (1, "1.csv", &options));

    // On the next visit the file comes out of the database and is read so again.
    let saved = Saved { keeping: Keeping::On, readings: kept, ..Saved::default() };
    let mut state = State::new(saved);
    update(&mut state, Action::Opened(Screen::Narrow));
    let commands = update(&mut state, Action::FilesGiven(vec![given(1)]));
    let wanted = Request::Receive {
        load: LoadId(1),
        name: "1.csv".into(),
        options,
        replaces: None,
        known: Vec::new(),
        query: detection::rule::TEXT.into(),
    };
    assert!(sent(&commands).contains(&&wanted), "{commands:?}");
    update(&mut state, Action::LogsRestored(1));
    state.loads.clear();
    let commands = update(&mut state, Action::FilesGiven(vec![given(2)]));
    assert!(!commands.is_empty() && sent(&commands).contains(&&receive(2, "2.csv")), "another file speaks for itself");
}

#[test]
fn the_original_record_is_that_of_the_row_that_is_looked_at() {
    let mut state = with_rows();
    let mut session = session();
    state.sources = Rc::new(sources(&session, &Origin::Load(LoadId(1))));
    update(&mut state, Action::RowSelected(0));
    let marked = state.looked_at_record();
    assert!(marked.is_some());
    let other = RowRef { table: 0, row: 1 };
    update(&mut state, Action::RecordOpened { record: other, signal: None });
    assert_eq!(state.looked_at_record(), Some(other));
    update(&mut state, Action::DialogOpened(Dialog::Original(other)));
    // Rows are named by their place: once a log is gone, that is another's.
    session.remove(state.sources[0].summary.id);
    say(&mut state, Generation(0), Response::Sources(Vec::new()));
    assert_eq!((state.dialog, state.looked_at_record()), (None, None));
}

#[test]
fn a_report_stays_open_while_other_logs_come_and_go() {
    let mut state = with_rows();
    let mut session = session();
    let all = |session: &Session| sources(session, &Origin::Load(LoadId(1)));
    say(&mut state, Generation(0), Response::Sources(all(&session)));
    let first = state.sources[0].summary.id;
    update(&mut state, Action::DialogOpened(Dialog::Report(first)));
    session.load("other.csv", b"Timestamp,DeviceName\n2026-11-05T10:00:00Z,a\n", Default::default());
    say(&mut state, Generation(0), Response::Sources(all(&session)));
    assert_eq!(state.dialog, Some(Dialog::Report(first)));
    session.remove(first);
    say(&mut state, Generation(0), Response::Sources(all(&session)));
    assert_eq!(state.dialog, None);
}

#[test]
fn when_the_engine_fails_the_text_is_kept_and_the_logs_are_offered_again() {
    let mut state = opened();
    say(&mut state, Generation(0), Response::Ready { samples: Vec::new(), lessons: Vec::new() });
    let session = session();
    let mut loaded = sources(&session, &Origin::Sample("mixed-day".into()));
    loaded.extend(sources(&session, &Origin::Sample("mixed-day".into())));
    // Two logs of one archive, which is read again once.
    loaded.extend(sources(&session, &Origin::Load(LoadId(7))));
    loaded.extend(sources(&session, &Origin::Load(LoadId(7))));
    let archive = GivenFile { name: "case.zip".into(), ..given(7) };
    update(&mut state, Action::FilesGiven(vec![archive.clone()]));
    state.loads.clear();
    state.sources = Rc::new(loaded);
    update(&mut state, Action::FilesGiven(vec![given(8)]));
    edit(&mut state, "T", Pace::Typing);
    let commands = update(&mut state, Action::EngineFailed("unreachable".into()));
    assert!(commands.contains(&Command::RestartEngine) && commands.contains(&Command::StopReading(LoadId(8))));
    assert_eq!((&*state.rule.text, state.sources.len(), state.loads.len()), ("T", 0, 0));
    assert_eq!(state.lost, [Lost::Sample("mixed-day".into()), Lost::File(archive), Lost::File(given(8))]);

    say(&mut state, Generation(0), Response::Ready { samples: Vec::new(), lessons: Vec::new() });
    assert!(!runs(&update(&mut state, Action::RunNow)), "what made it fail may do so again");
    let commands = update(&mut state, Action::Restored);
    assert_eq!(
        sent(&commands),
        [&Request::LoadSample { id: "mixed-day".into(), others: Others::Removed }, &receive_under("T", 7, "case.zip")]
    );
    assert_eq!((&state.engine, state.lost.len()), (&EngineState::Ready, 0));
}

#[test]
fn an_engine_that_never_started_is_not_started_again() {
    let mut state = opened();
    let commands = update(&mut state, Action::EngineFailed("HTTP 404".into()));
    assert!(!commands.contains(&Command::RestartEngine));
    assert!(matches!(&state.engine, EngineState::Absent { reason } if reason == "HTTP 404"));
}

#[test]
fn a_new_query_and_a_place_to_look_at_show_the_text() {
    let mut state = opened();
    let commands = update(&mut state, Action::Cleared);
    assert!(commands.contains(&Command::Editor(EditorCommand::SetText(String::new()))));
    assert_eq!(state.rule_view, RuleView::Kql);
    update(&mut state, Action::RuleViewSet(RuleView::Lists));
    let commands = update(&mut state, Action::Revealed { from: 3, to: 5 });
    assert!(commands.contains(&Command::Editor(EditorCommand::Reveal { from: 3, to: 5 })));
    assert_eq!(state.rule_view, RuleView::Kql);
}

#[test]
fn what_is_kept_opens_again() {
    let mut state = opened();
    edit(&mut state, "T | take 1", Pace::AtOnce);
    let commands = update(&mut state, Action::ClockSet(Clock::Wall));
    assert!(commands.contains(&Command::Save) && runs(&commands));
    let again = State::new(state.saved());
    assert_eq!((&*again.rule.text, &again.clock), ("T | take 1", &Clock::Wall));
    update(&mut state, Action::Reset);
    edit(&mut state, detection::rule::TEXT, Pace::AtOnce);
    assert_eq!(state.saved().query, None, "a later version's rule is to be seen");
}

#[test]
fn on_a_wide_screen_the_first_alert_tells_its_story_at_once() {
    for (screen, is_open) in [(Screen::Wide, true), (Screen::Narrow, false)] {
        let mut state = State::new(Saved::default());
        update(&mut state, Action::Opened(screen));
        edit(&mut state, "DeviceProcessEvents", Pace::AtOnce);
        answer(&mut state, &mut session());
        assert_eq!((state.table.selected.map(|s| s.place), state.story.is_some()), (Some(0), is_open));
    }
}

#[test]
fn tables_and_panes_stand_in_the_same_place() {
    let (mut state, mut session) = (opened(), session());
    answer(&mut state, &mut session);
    assert_eq!(update(&mut state, Action::PaneShown(Pane::NearMisses)), []);
    assert_eq!(state.pane, Pane::NearMisses);
    // A bar of a funnel is clicked meanwhile.
    let commands = update(&mut state, Action::TableShown(TableKind::Fallen { signal: 0, step: 0 }));
    assert!(matches!(sent(&commands)[..], [Request::Rows(_)]));
    assert_eq!(state.pane, Pane::Rows);
}

#[test]
fn a_row_is_opened_wherever_it_is_named_and_what_is_said_of_it_is_judged_at_once() {
    let (mut state, mut session) = (opened(), session());
    answer(&mut state, &mut session);
    let record = RowRef { table: 0, row: 1 };
    let commands = update(&mut state, Action::RecordOpened { record, signal: Some(1) });
    assert_eq!(sent(&commands), [&Request::Story { record }]);
    assert_eq!(state.story.as_ref().map(|open| (open.record, open.signal)), Some((Some(record), Some(1))));
    let change = MarkChange::Pin(Some(detection::Wanted::Alert));
    let commands = update(&mut state, Action::Marked { record, change });
    assert_eq!(sent(&commands)[0], &Request::Mark { record, change });
    assert!(runs(&commands));
}

#[test]
fn an_edit_that_breaks_a_protected_row_is_named_until_it_holds_again() {
    let (mut state, mut session) = (opened(), session());
    let ours = "DeviceProcessEvents | where FileName in ('git.exe', 'x')";
    edit(&mut state, ours, Pace::AtOnce);
    session.set_pin(RowRef { table: 0, row: 0 }, Some((detection::Wanted::Alert, None)));
    answer(&mut state, &mut session);
    let broken = |state: &State| {
        let pin = state.result.as_ref().unwrap().pins[0].clone();
        (pin.report.holds, pin.broken_since.map(|words| words.to_string()))
    };
    assert_eq!(broken(&state), (true, None));
    edit(&mut state, &ours.replace("'git.exe', ", ""), Pace::AtOnce);
    answer(&mut state, &mut session);
    assert_eq!(broken(&state), (false, Some("'git.exe' was taken out of FileName in".to_owned())));
    edit(&mut state, ours, Pace::AtOnce);
    answer(&mut state, &mut session);
    assert_eq!(broken(&state), (true, None));
}

#[test]
fn a_kept_version_is_compared_with_until_it_is_forgotten() {
    let (mut state, mut session) = (opened(), session());
    edit(&mut state, "DeviceProcessEvents | take 1", Pace::AtOnce);
    answer(&mut state, &mut session);
    update(&mut state, Action::VersionKept("mine".to_owned()));
    assert_eq!((&*state.versions[0].name, &*state.versions[0].text), ("mine", "DeviceProcessEvents | take 1"));
    assert_eq!(state.base, Base::Kept(0));
    update(&mut state, Action::VersionForgotten(7));
    assert_eq!(state.versions.len(), 1);
    update(&mut state, Action::VersionForgotten(0));
    assert_eq!((state.versions.len(), state.base), (0, Base::Shipped));
}

fn ready(state: &mut State, samples: &[&str]) -> Vec<Command> {
    let summary = |id: &&str| crate::protocol::SampleSummary {
        id: (*id).to_owned(),
        group: "scenario".into(),
        title: String::new(),
        look_for: String::new(),
    };
    say(
        state,
        Generation::default(),
        Response::Ready { samples: samples.iter().map(summary).collect(), lessons: Vec::new() },
    )
}

#[test]
fn the_address_names_the_sample_that_is_opened() {
    for (search, opened, problems) in
        [("?sample=evasion", "evasion", 0), ("?sample=none", "mixed-day", 1), ("?sample=", "mixed-day", 1)]
    {
        let mut state = State::new(Saved::default());
        update(&mut state, Action::Addressed(crate::address::Address::read(search, "")));
        let mut commands = update(&mut state, Action::Opened(Screen::Narrow));
        commands.extend(ready(&mut state, &["mixed-day", "evasion"]));
        let expected = Request::LoadSample { id: opened.into(), others: Others::Removed };
        assert_eq!(sent(&commands), [&expected], "{search}");
        assert_eq!(state.address_problems.len(), problems, "{search}");
        update(&mut state, Action::AddressNoted);
        assert!(state.address_problems.is_empty());
    }
}

#[test]
fn the_same_words_pass_by_again() {
    let mut state = opened();
    update(&mut state, Action::Announced("Copied.".into()));
    let first = state.passing.clone();
    update(&mut state, Action::Announced("Copied.".into()));
    assert_ne!(state.passing, first);
    assert_eq!((&*state.passing.1, &*state.said), ("Copied.", "Copied."));
}

fn kept(commands: &[Command]) -> Option<&[LoadId]> {
    commands.iter().find_map(|command| match command {
        Command::KeepLogs(loads) => Some(&**loads),
        _ => None,
    })
}

#[test]
fn the_samples_of_the_last_visit_are_opened_again() {
    for (samples, opened) in [
        (None, vec![("evasion", Others::Removed)]),
        (Some(vec![]), vec![("evasion", Others::Removed)]),
        (Some(vec!["a", "b"]), vec![("a", Others::Removed), ("b", Others::Kept)]),
    ] {
        let samples = samples.map(|ids| ids.into_iter().map(str::to_owned).collect());
        let mut state = State::new(Saved { sample: Some("evasion".into()), samples, ..Saved::default() });
        let commands = update(&mut state, Action::Opened(Screen::Narrow));
        let expected: Vec<Request> =
            opened.into_iter().map(|(id, others)| Request::LoadSample { id: id.into(), others }).collect();
        assert_eq!(sent(&commands), expected.iter().collect::<Vec<_>>());
    }
}

#[test]
fn kept_logs_come_back_before_anything_is_kept_anew() {
    let saved =
        Saved { keeping: Keeping::On, samples: Some(Vec::new()), logs: vec!["own.csv".into()], ..Saved::default() };
    let mut state = State::new(saved.clone());
    assert_eq!(sent(&update(&mut state, Action::Opened(Screen::Narrow))), [] as [&Request; 0]);
    let commands = say(&mut state, Generation(1), Response::Sources(Vec::new()));
    assert_eq!(kept(&commands), None, "that would forget them");
    let load = LoadId(1);
    update(
        &mut state,
        Action::FilesGiven(vec![GivenFile { load, name: "own.csv".into(), size: 9, options: Options::default() }]),
    );
    update(&mut state, Action::LogsRestored(1));
    let loaded = sources(&session(), &Origin::Load(load));
    let commands = say(&mut state, Generation(1), Response::Sources(loaded));
    assert_eq!(kept(&commands), Some([load].as_slice()));
    assert!(state.kept.missing.is_empty());
    assert_eq!(state.saved().logs, ["log.csv"]);
    // Where nothing came, the page does not stay empty, and says what is missing.
    let mut state = State::new(saved);
    update(&mut state, Action::Opened(Screen::Narrow));
    let commands = update(&mut state, Action::LogsRestored(0));
    assert_eq!(sent(&commands), [&Request::LoadSample { id: "mixed-day".into(), others: Others::Removed }]);
    assert_eq!(state.kept.missing, ["own.csv"]);
}

#[test]
fn logs_are_kept_only_where_that_was_asked_for() {
    let mut state = opened();
    let load = LoadId(1);
    let loaded = sources(&session(), &Origin::Load(load));
    assert_eq!(kept(&say(&mut state, Generation(1), Response::Sources(loaded))), None);
    assert_eq!(kept(&update(&mut state, Action::KeepingSet(Keeping::On))), Some([load].as_slice()));
    update(&mut state, Action::NotKept("full".into()));
    assert_eq!(kept(&update(&mut state, Action::KeepingSet(Keeping::Off))), Some([].as_slice()));
    assert_eq!(state.kept.trouble, None);
}

#[test]
fn a_sample_that_is_no_longer_known_gives_way_to_the_first() {
    for saved in [
        Saved { samples: Some(vec!["gone".into()]), ..Saved::default() },
        Saved { sample: Some("gone".into()), ..Saved::default() },
    ] {
        let mut state = State::new(saved);
        update(&mut state, Action::Opened(Screen::Narrow));
        let commands = ready(&mut state, &["mixed-day", "evasion"]);
        assert_eq!(sent(&commands), [&Request::LoadSample { id: "mixed-day".into(), others: Others::Removed }]);
    }
}

fn opened_case(query: &str, questions: usize) -> Opened {
    let text = CaseText {
        title: "A lesson".into(),
        start: query.into(),
        questions,
        hints: vec!["h".into()],
        ..CaseText::default()
    };
    Opened {
        query: query.into(),
        clock: Clock::Newest,
        sources: sources(&session(), &Origin::Opened),
        has_logs: true,
        sample: None,
        lesson: Some("whole-terms".into()),
        case: Some(text),
        versions: Vec::new(),
    }
}

/// The engine answers the newest request.
fn say_opened(state: &mut State, opened: Opened) -> Vec<Command> {
    let asked = state.last;
    say(state, asked, Response::Opened(Ok(Box::new(opened))))
}

/// The text of the editor's newest command.
fn set_text(commands: &[Command]) -> Option<&str> {
    commands.iter().rev().find_map(|command| match command {
        Command::Editor(EditorCommand::SetText(text)) => Some(text.as_str()),
        _ => None,
    })
}

const SAMPLE: fn() -> Request = || Request::LoadSample { id: "mixed-day".into(), others: Others::Removed };

#[test]
fn a_lesson_puts_the_users_own_work_aside_and_gives_it_back() {
    let mut state = opened();
    say(&mut state, Generation(0), Response::Sources(sources(&session(), &Origin::Sample("mixed-day".into()))));
    let before = state.saved();
    update(&mut state, Action::VisitBegun(Opening::Lesson("whole-terms".into())));
    let commands = say_opened(&mut state, opened_case("Lesson | take 1", 2));
    assert_eq!(set_text(&commands), Some("Lesson | take 1"));
    for action in [
        Action::Answered { question: 1, answer: "a".into() },
        Action::HintShown,
        Action::HintShown,
        Action::LessonSolved,
    ] {
        update(&mut state, action);
    }
    let kept = state.saved();
    assert_eq!((&kept.samples, &kept.logs, &kept.query), (&before.samples, &before.logs, &before.query));
    let lesson = kept.lesson.unwrap();
    assert_eq!((lesson.id.as_str(), lesson.answers, lesson.hints), ("whole-terms", vec![String::new(), "a".into()], 1));
    assert_eq!(kept.solved, ["whole-terms"]);
    let commands = update(&mut state, Action::VisitLeft);
    assert!(sent(&commands).contains(&&Request::Back), "{commands:?}");
    assert_eq!((state.visit.is_none(), state.saved().samples), (true, before.samples));
}

#[test]
fn what_cannot_be_opened_is_told_and_the_page_opens_as_before() {
    let mut state = State::new(Saved::default());
    update(&mut state, Action::Addressed(crate::address::Address::read("", "#1.AAAA")));
    let commands = update(&mut state, Action::Opened(Screen::Narrow));
    assert_eq!(sent(&commands), [&Request::Open { opening: Opening::Link("1.AAAA".into()) }]);
    let asked = state.last;
    let commands = say(&mut state, asked, Response::Opened(Err("It is damaged.".into())));
    assert_eq!(state.address_problems, ["It is damaged."]);
    assert_eq!(sent(&commands), [&SAMPLE()]);
}

#[test]
fn a_rule_without_logs_is_run_on_the_users_own() {
    let mut state = State::new(Saved::default());
    update(&mut state, Action::Addressed(crate::address::Address::read("", "#1.AAAA")));
    update(&mut state, Action::Opened(Screen::Narrow));
    let alone = Opened { has_logs: false, sources: Vec::new(), case: None, lesson: None, ..opened_case("T", 0) };
    let commands = say_opened(&mut state, alone);
    assert!(sent(&commands).contains(&&SAMPLE()), "{commands:?}");
    say(&mut state, Generation(0), Response::Sources(sources(&session(), &Origin::Sample("mixed-day".into()))));
    update(&mut state, Action::VisitLeft);
    assert_eq!((state.sources.len(), state.saved().query), (session().sources().len(), None));
}

#[test]
fn marks_of_own_logs_are_not_lost_while_a_rule_without_logs_is_looked_at() {
    let record = RowRef { table: 0, row: 1 };
    let mut session = session();
    session.set_pin(record, Some((detection::Wanted::Alert, None)));
    let marks = session.saved_marks(&[]);
    let mut state = State::new(Saved { marks: marks.clone(), ..Saved::default() });
    update(&mut state, Action::Addressed(crate::address::Address::read("", "#1.AAAA")));
    update(&mut state, Action::Opened(Screen::Narrow));
    let alone = Opened { has_logs: false, sources: Vec::new(), case: None, lesson: None, ..opened_case("T", 0) };
    say_opened(&mut state, alone);
    let own = sources(&session, &Origin::Sample("mixed-day".into()));
    let commands = say(&mut state, Generation(0), Response::Sources(own));
    assert!(sent(&commands).contains(&&Request::RestoreMarks { marks: marks.clone() }), "{commands:?}");
    let commands = update(&mut state, Action::Marked { record, change: MarkChange::Pin(None) });
    assert!(sent(&commands).contains(&&Request::KeepMarks), "{commands:?}");
    assert_eq!(state.saved().marks, marks);
    // Those of a lesson are not the user's.
    update(&mut state, Action::VisitBegun(Opening::Lesson("whole-terms".into())));
    say_opened(&mut state, opened_case("T", 1));
    let commands = update(&mut state, Action::Marked { record, change: MarkChange::Pin(None) });
    assert!(!sent(&commands).contains(&&Request::KeepMarks), "{commands:?}");
    assert_eq!(state.saved().marks, marks);
}

#[test]
fn nothing_else_is_opened_while_something_is_on_its_way() {
    let mut state = opened();
    update(&mut state, Action::VisitBegun(Opening::Lesson("whole-terms".into())));
    let asked = state.last;
    let commands = update(&mut state, Action::VisitBegun(Opening::File(LoadId(7))));
    assert_eq!(commands, [Command::ForgetFile(LoadId(7))]);
    say(&mut state, asked, Response::Opened(Ok(Box::new(opened_case("T", 1)))));
    assert!(state.open_case().is_some());
}

#[test]
fn a_lesson_is_opened_again_after_the_engine_failed() {
    let mut state = opened();
    say(&mut state, Generation(0), Response::Sources(sources(&session(), &Origin::Sample("mixed-day".into()))));
    say(&mut state, Generation(0), Response::Ready { samples: Vec::new(), lessons: Vec::new() });
    update(&mut state, Action::VisitBegun(Opening::Lesson("whole-terms".into())));
    say_opened(&mut state, opened_case("T", 1));
    update(&mut state, Action::EngineFailed("fault".into()));
    assert!(state.lost.is_empty());
    let commands = update(&mut state, Action::Restored);
    assert_eq!(sent(&commands), [&Request::Open { opening: Opening::Lesson("whole-terms".into()) }]);
    assert_eq!(set_text(&say_opened(&mut state, opened_case("T", 1))), None);
    // What waited is gone with the engine, and is read again.
    let commands = update(&mut state, Action::VisitLeft);
    assert!(sent(&commands).contains(&&SAMPLE()), "{commands:?}");
}

#[test]
fn what_is_said_of_rows_is_kept_and_said_again_of_the_logs_of_the_next_visit() {
    let mut state = opened();
    let record = RowRef { table: 0, row: 1 };
    let commands =
        update(&mut state, Action::Marked { record, change: MarkChange::Pin(Some(detection::Wanted::Alert)) });
    assert!(sent(&commands).contains(&&Request::KeepMarks));
    let mut session = session();
    session.set_pin(record, Some((detection::Wanted::Alert, None)));
    let marks = session.saved_marks(&[]);
    let commands = say(&mut state, Generation(0), Response::KeptMarks(marks.clone()));
    assert!(commands.contains(&Command::Save));
    let mut next = State::new(state.saved());
    update(&mut next, Action::Opened(Screen::Narrow));
    let commands = say(&mut next, Generation(0), Response::Sources(sources(&session, &Origin::Load(LoadId(1)))));
    let asked = sent(&commands);
    let (restores, runs) = (
        asked.iter().position(|request| **request == Request::RestoreMarks { marks: marks.clone() }),
        asked.iter().position(|request| matches!(request, Request::Run(_))),
    );
    assert!(restores.is_some() && restores < runs, "{commands:?}");
}

#[test]
fn a_session_given_as_a_log_is_opened_and_one_given_among_logs_is_told() {
    let what = detection::OwnFile::Session;
    let mut state = with_rows();
    update(&mut state, Action::FilesGiven(vec![given(1)]));
    let commands = say(&mut state, Generation(0), Response::OwnFile { load: LoadId(1), what });
    assert!(state.loads.is_empty() && commands.contains(&Command::StopReading(LoadId(1))));
    assert!(sent(&commands).contains(&&Request::Open { opening: Opening::File(LoadId(1)) }));
    assert!(!commands.contains(&Command::ForgetFile(LoadId(1))), "it is still to be opened");
    let asked = state.last;
    say(&mut state, asked, Response::Opened(Err("It is damaged.".into())));
    assert_eq!(state.address_problems, ["It is damaged."]);

    let mut state = with_rows();
    update(&mut state, Action::FilesGiven(vec![given(1), given(2)]));
    let commands = say(&mut state, Generation(0), Response::OwnFile { load: LoadId(1), what });
    assert!(sent(&commands).iter().all(|request| !matches!(request, Request::Open { .. })), "{commands:?}");
    let told = state.loads.iter().find(|load| load.id == LoadId(1)).unwrap();
    assert!(matches!(&told.state, LoadState::Failed { reason } if reason.contains("by itself")), "{told:?}");
}

#[test]
fn what_is_wrong_with_a_chosen_file_is_told_in_the_dialog_that_it_was_chosen_in() {
    let mut state = with_rows();
    update(&mut state, Action::DialogOpened(Dialog::Share));
    for why in ["The first.", "The second."] {
        update(&mut state, Action::VisitBegun(Opening::File(LoadId(9))));
        let asked = state.last;
        say(&mut state, asked, Response::Opened(Err(why.into())));
        assert_eq!((state.dialog, state.opening_problem.as_deref()), (Some(Dialog::Share), Some(why)));
    }
    assert!(state.address_problems.is_empty());
    update(&mut state, Action::DialogClosed);
    assert!(state.opening_problem.is_none());
}

#[test]
fn a_file_that_the_query_reads_by_name_is_held_kept_and_taken_out_by_its_name() {
    let mut state = with_rows();
    state.kept.keeping = Keeping::On;
    update(&mut state, Action::FilesGiven(vec![given(1)]));
    let commands = say(&mut state, Generation(0), Response::FileKept { load: LoadId(1) });
    assert!(state.loads.is_empty() && commands.contains(&Command::StopReading(LoadId(1))));
    assert!(commands.contains(&Command::KeepLogs(vec![LoadId(1)])), "{commands:?}");
    assert!(sent(&commands).iter().any(|request| matches!(request, Request::Run(_))));
    // Another of the same name takes its place.
    update(&mut state, Action::FilesGiven(vec![GivenFile { name: "1.csv".into(), ..given(2) }]));
    let commands = say(&mut state, Generation(0), Response::FileKept { load: LoadId(2) });
    assert!(commands.contains(&Command::ForgetFile(LoadId(1))));
    assert!(commands.contains(&Command::KeepLogs(vec![LoadId(2)])));
    // It comes back with what was lost with the engine.
    say(&mut state, Generation(0), Response::Ready { samples: Vec::new(), lessons: Vec::new() });
    update(&mut state, Action::EngineFailed("gone".into()));
    assert!(state.lost.iter().any(|lost| matches!(lost, Lost::File(file) if file.load == LoadId(2))));
    let mut state = with_rows();
    update(&mut state, Action::FilesGiven(vec![given(1)]));
    say(&mut state, Generation(0), Response::FileKept { load: LoadId(1) });
    let commands = update(&mut state, Action::FileRemoved("1.csv".into()));
    assert!(commands.contains(&Command::ForgetFile(LoadId(1))));
    assert!(sent(&commands).contains(&&Request::RemoveFile { name: "1.csv".into() }));
}

#[test]
fn how_a_log_was_mapped_is_kept_for_its_shape_until_its_columns_are_its_own_again() {
    for own in [Options::default(), Options { columns: Some(Vec::new()), ..Options::default() }] {
        let mut state = with_rows();
        let mut session = Session::new();
        let log = b"cs-host,cs-bytes\ngithub.com,900000\n";
        session.load("1.csv", log, Options::default());
        update(&mut state, Action::FilesGiven(vec![given(1)]));
        state.next_load = 1;
        say(&mut state, Generation(0), Response::Sources(sources(&session, &Origin::Load(LoadId(1)))));
        let host = detection::ColumnMapping { from: "cs-host".into(), to: "RemoteUrl".into() };
        let mapped =
            Options { table: Some("DeviceNetworkEvents".into()), columns: Some(vec![host]), ..Options::default() };
        update(&mut state, Action::ReadAgain { load: LoadId(1), options: mapped.clone() });
        session.remove(state.sources[0].summary.id);
        session.load("1.csv", log, mapped.clone());
        say(&mut state, Generation(0), Response::Sources(sources(&session, &Origin::Load(LoadId(2)))));
        let kept = state.saved().mappings;
        assert_eq!((kept.len(), &kept[0].options), (1, &mapped));
        assert_eq!(kept[0].shape, ["cs-bytes", "cs-host"]);
        // The next one is read by it, by the engine.
        let commands = update(&mut state, Action::FilesGiven(vec![given(9)]));
        let known = sent(&commands).iter().find_map(|request| match request {
            Request::Receive { known, .. } => Some(known.clone()),
            _ => None,
        });
        assert_eq!(known, Some(kept));
        update(&mut state, Action::ReadAgain { load: LoadId(2), options: own });
        assert_eq!(state.saved().mappings, []);
    }
}
