//! Links and session files: what goes in comes out, and what strangers made of them does no harm.

use super::*;
use crate::{lessons, samples};
use event_table::DateTime;
use kql_engine::run::{Unpaced, block_on};
use proptest::prelude::*;

fn opened(id: &str) -> Session {
    let mut session = Session::new();
    session.load_sample(sample(id).unwrap());
    session.run_now(DateTime::MAX);
    session
}

fn save(session: &mut Session, request: &SaveRequest) -> SavedPreview {
    block_on(session.save(request, &Unpaced)).unwrap()
}

fn rows(choice: RowChoice) -> SaveRequest {
    SaveRequest { rows: Some(choice), marks: true, ..SaveRequest::default() }
}

fn result(session: &Session) -> Vec<String> {
    let relation = session.result().unwrap();
    let width = relation.columns().len();
    let row = |row: usize| format!("{:?}", (0..width).map(|c| relation.value(row, c).to_string()).collect::<Vec<_>>());
    let mut rows: Vec<String> = (0..relation.len()).map(row).collect();
    rows.sort();
    rows
}

#[test]
fn a_link_is_the_rule_alone_unless_more_is_asked_for() {
    let mut session = opened("fp-bots");
    let preview = save(&mut session, &SaveRequest::default());
    assert_eq!(preview.saved, Saved { version: 1, ..Saved::default() });
    assert!(preview.link_length < 40 && preview.rows == 0);
    session.set_query("DeviceProcessEvents | take 3");
    let link = save(&mut session, &SaveRequest::default()).link.unwrap();
    let saved = Saved::from_link(&link).unwrap();
    assert_eq!(saved.query.as_deref(), Some("DeviceProcessEvents | take 3"));
    assert!(saved.logs.is_empty() && saved.labels.is_empty());
}

#[test]
fn a_restored_session_gives_the_same_result() {
    for sample in samples() {
        for choice in [RowChoice::Alerts, RowChoice::AlertsAndNearMisses, RowChoice::All] {
            let mut session = opened(&sample.id);
            let first = RowRef { table: 0, row: 0 };
            session.set_pin(first, Some((Wanted::Silence, Some("GitPushToExternalRepo".to_owned()))));
            let preview = save(&mut session, &rows(choice));
            let saved = Saved::from_json(&preview.saved.to_json()).unwrap();
            assert_eq!(saved, preview.saved);
            if let Some(link) = &preview.link {
                assert_eq!(Saved::from_link(link).as_ref(), Ok(&saved));
            }
            let mut other = Session::new();
            other.restore(&saved).unwrap();
            other.run_now(DateTime::MAX);
            assert_eq!(result(&other), result(&session), "{} {choice:?}", sample.id);
            if choice == RowChoice::All {
                assert_eq!(other.marks.labels.len(), session.marks.labels.len(), "{}", sample.id);
                assert_eq!(other.pins().len(), 1);
                assert_eq!(preview.rows, session.tables().tables().iter().map(event_table::Table::len).sum::<usize>());
            }
        }
    }
}

#[test]
fn a_sample_travels_by_its_name_with_what_was_changed_about_it() {
    let mut session = opened("mixed-day");
    let row = session.labelled(Label::Malicious)[0];
    session.set_label(row, Some(Label::Benign));
    let other = session.labelled(Label::Malicious)[0];
    session.set_label(other, None);
    let request = SaveRequest { sample: Some("mixed-day".to_owned()), marks: true, ..SaveRequest::default() };
    let preview = save(&mut session, &request);
    let labels: Vec<Option<Label>> = preview.saved.labels.iter().map(|label| label.label).collect();
    assert_eq!((labels.len(), labels.contains(&None)), (2, true));
    let mut restored = Session::new();
    restored.restore(&Saved::from_link(&preview.link.unwrap()).unwrap()).unwrap();
    assert_eq!(restored.marks.labels, session.marks.labels);
}

#[test]
fn redacted_rows_name_nobody_and_alert_all_the_same() {
    for sample in samples() {
        let mut session = opened(&sample.id);
        let request = SaveRequest { redact: true, ..rows(RowChoice::All) };
        let preview = save(&mut session, &request);
        let text = preview.saved.to_json().to_lowercase();
        for replaced in preview.replaced.iter().filter(|r| r.from.chars().count() > 6) {
            let name = replaced.from.to_lowercase();
            assert!(!text.contains(&name.replace('\\', "\\\\")), "{}: {replaced:?}", sample.id);
        }
        assert!(!text.contains("ghp_"));
        let mut other = Session::new();
        other.restore(&preview.saved).unwrap();
        other.run_now(DateTime::MAX);
        let signals = |session: &Session| {
            let relation = session.result().unwrap();
            let at = relation.columns().iter().position(|column| &*column.name == "Signal").unwrap();
            let mut all: Vec<String> = (0..relation.len()).map(|row| relation.value(row, at).to_string()).collect();
            all.sort();
            all
        };
        assert_eq!(signals(&other), signals(&session), "{}", sample.id);
    }
}

#[test]
fn internal_addresses_do_not_travel_and_conditions_on_them_answer_the_same() {
    let log = "Timestamp,LocalIP,RemoteIP,InitiatingProcessCommandLine\n\
               2026-01-01T00:00:00Z,10.8.7.6,192.168.4.4,curl http://10.8.7.6:81/\n\
               2026-01-01T00:00:01Z,172.31.0.9,140.82.121.4,ping 140.82.121.4\n\
               2026-01-01T00:00:02Z,140.82.121.5,10.8.7.6,x\n";
    let query = "DeviceNetworkEvents | where ipv4_is_private(LocalIP) and not(ipv4_is_private(RemoteIP)) \
                 or InitiatingProcessCommandLine has LocalIP or RemoteIP startswith '10.'";
    let run = |session: &mut Session| {
        session.set_query(query);
        session.run_now(DateTime::MAX);
        session.result().unwrap().len()
    };
    let mut session = Session::new();
    session.load("DeviceNetworkEvents.csv", log.as_bytes(), crate::Options::default());
    assert_eq!(run(&mut session), 3);
    let preview = save(&mut session, &SaveRequest { redact: true, ..rows(RowChoice::All) });
    let text = preview.saved.to_json();
    for (address, travels) in
        [("10.8.7.6", false), ("192.168.4.4", false), ("172.31.0.9", false), ("140.82.121.4", true)]
    {
        assert_eq!(text.contains(address), travels, "{text}");
    }
    assert!(text.contains("curl http://10.0.0.1:81/"), "{text}");
    assert_eq!((preview.names, preview.shown.len()), (3, 3));
    let mut other = Session::new();
    other.restore(&preview.saved).unwrap();
    assert_eq!(run(&mut other), 3);
}

#[test]
fn a_lesson_travels_with_where_the_learner_is() {
    for lesson in lessons() {
        let mut session = Session::new();
        session.open_case(&lesson.case, &no_files).unwrap();
        session.set_query(lesson.case.solved().unwrap());
        let request = SaveRequest { lesson: Some(lesson.id.clone()), ..SaveRequest::default() };
        let link = save(&mut session, &request).link.unwrap();
        let mut other = Session::new();
        other.restore(&Saved::from_link(&link).unwrap()).unwrap();
        assert_eq!((other.query(), &other.clock), (session.query(), &session.clock), "{}", lesson.id);
        assert_eq!(other.sources().len(), session.sources().len());
        // As a trainer's own it travels whole.
        let own = Saved { version: 1, case: Some(Box::new(lesson.case.clone())), ..Saved::default() };
        let mut third = Session::new();
        third.restore(&Saved::from_link(&own.to_link().unwrap()).unwrap()).unwrap();
        assert_eq!(third.query(), lesson.case.start());
    }
}

#[test]
fn what_strangers_made_is_refused_in_words() {
    let good = Saved { version: 1, query: Some("T".to_owned()), ..Saved::default() };
    let link = good.to_link().unwrap();
    let packed = |json: &str| {
        let mut bytes = Vec::new();
        DeflateEncoder::new(json.as_bytes(), Compression::best()).read_to_end(&mut bytes).unwrap();
        format!("1.{}", URL_SAFE_NO_PAD.encode(bytes))
    };
    for (payload, words) in [
        (String::new(), "version"),
        ("2.AAAA".to_owned(), "version"),
        (link[..link.len() - 3].to_owned(), "damaged"),
        (format!("{link}!"), "damaged"),
        (packed("[]"), "no session of Exfil Playground: what stands at line 1, column"),
        (packed("{\"version\":1,"), "it is cut off, at line 1, column 13"),
        (packed("version 1"), "it is no JSON, from line 1, column 1 on"),
        (packed("{\"query\":\"T\"}"), "it has no field 'version'"),
        (packed("{\"exfil\":1}"), "it has a field 'exfil' that none has, at line 1, column 8"),
        (packed("{\"version\":2,\"more\":7}"), "newer Exfil Playground"),
        (packed("{\"version\":9}"), "Version 9"),
        (packed("{\"version\":1,\"script\":\"x\"}"), "script"),
        (packed("{\"version\":1,\"clock\":\"noon\"}"), "noon"),
        (packed("{\"version\":1,\"sample\":\"../x\"}"), "no sample"),
        (packed("{\"version\":1,\"lesson\":\"x\"}"), "no lesson"),
        (packed("{\"version\":1,\"logs\":[{\"file\":\"/etc/passwd\"}]}"), "holds its rows"),
        (packed("{\"version\":1,\"labels\":[{\"log\":\"a\",\"line\":0}]}"), "longer than is read"),
        (packed("{\"version\":1,\"case\":{\"version\":1,\"title\":\"\",\"logs\":[]}}"), "no title"),
        (packed(&format!("{{\"version\":1,\"query\":\"{}\"}}", "x".repeat(2 << 20))), "longer than is read"),
    ] {
        let error = Saved::from_link(&payload).unwrap_err();
        assert!(error.contains(words), "{}: {error}", &payload[..payload.len().min(40)]);
    }
    // Text without any pattern does not get shorter.
    let mut state = 1u64;
    let noise = (0..60_000).map(|_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'!' + (state >> 33) as u8 % 90)
    });
    let error = Saved { query: Some(noise.collect()), ..good }.to_link().unwrap_err();
    assert!(error.length > LINK_LENGTH);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_payload_makes_reading_panic(payload in "(1\\.)?[A-Za-z0-9_\\-]{0,80}|.{0,40}", bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Saved::from_link(&payload);
        let _ = Saved::from_link(&format!("1.{}", URL_SAFE_NO_PAD.encode(&bytes)));
        let _ = Saved::from_json(&payload);
    }

    #[test]
    fn any_query_comes_back(query in ".{0,300}") {
        let saved = Saved { version: 1, query: Some(query), ..Saved::default() };
        prop_assert_eq!(Saved::from_link(&saved.to_link().unwrap()).unwrap(), saved);
    }
}

#[test]
fn marks_go_by_the_places_of_their_records_without_what_samples_bring() {
    let mut session = opened("fp-bots");
    assert_eq!(session.saved_marks(&["fp-bots"]), SavedMarks::default());
    let labelled = session.labelled(Label::Benign);
    let (first, second) = (labelled[0], labelled[1]);
    session.set_label(first, None);
    session.set_label(second, Some(Label::Malicious));
    session.set_pin(second, Some((Wanted::Silence, None)));
    let marks = session.saved_marks(&["fp-bots"]);
    assert_eq!((marks.labels.len(), marks.pins.len()), (2, 1));
    let mut other = opened("fp-bots");
    other.apply_marks(&marks);
    assert_eq!((other.label(first), other.label(second)), (None, Some(Label::Malicious)));
    assert_eq!(other.pins().len(), 1);
    assert_eq!(other.saved_marks(&["fp-bots"]), marks);
    // Of logs that are not here nothing is said.
    let mut empty = Session::new();
    empty.apply_marks(&marks);
    assert!(empty.saved_marks(&[]).is_empty());
}

#[test]
fn a_mark_is_of_one_row_though_others_stand_on_its_line_or_in_a_log_of_its_name() {
    let row = |at: u32| {
        format!(
            "{{\"Timestamp\":\"2025-06-01T09:00:0{at}Z\",\"FileName\":\"{at}.exe\",\"ProcessCommandLine\":\"{at}\"}}"
        )
    };
    let in_one_line = format!("[{},{},{}]", row(1), row(2), row(3));
    let two_of_a_name = || {
        let mut session = Session::new();
        session.load("day.json", in_one_line.as_bytes(), event_logs::Options::default());
        session.load("day.json", format!("{}\n{}\n", row(4), row(5)).as_bytes(), event_logs::Options::default());
        session
    };
    let mut session = two_of_a_name();
    let all: Vec<RowRef> = session.all_rows().collect();
    assert_eq!(all.len(), 5);
    session.set_label(all[1], Some(Label::Benign));
    session.set_label(all[3], Some(Label::Malicious));
    session.set_pin(all[2], Some((Wanted::Alert, None)));
    let marks = session.saved_marks(&[]);
    let mut other = two_of_a_name();
    other.apply_marks(&marks);
    assert_eq!(
        all.iter().map(|row| other.label(*row)).collect::<Vec<_>>(),
        [None, Some(Label::Benign), None, Some(Label::Malicious), None]
    );
    assert_eq!(other.pins(), session.pins());
    assert_eq!(other.saved_marks(&[]), marks);
    // A mark that does not say which is of all that stand there, as in what was saved before.
    let labels = vec![SavedLabel { log: "day.json".into(), line: 1, row: None, label: Some(Label::Benign) }];
    let mut all_there = two_of_a_name();
    all_there.apply_marks(&SavedMarks { labels, pins: Vec::new() });
    assert_eq!(all_there.labelled(Label::Benign).len(), 4);
}
