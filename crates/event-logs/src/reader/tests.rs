//! Whatever the bytes and however they are cut: the same rows, the same report, and no panic.

use super::*;
use event_table::ColumnIndex;
use proptest::prelude::*;

/// Everything that reading a source gives, as text.
fn outcome<'a>(name: &str, options: &Options, chunks: impl Iterator<Item = &'a [u8]>) -> String {
    let mut tables = TableSet::new();
    // A short head, so that the cuts fall into what is read and not into what is recognised.
    let mut reader = Reader { head: 64, ..Reader::new(SourceId(7), name, options.clone()) };
    chunks.for_each(|chunk| reader.feed(chunk, &mut tables));
    let report = reader.finish(&mut tables);
    let mut out = format!("{report:#?}\n");
    for table in tables.tables() {
        out += &format!("{} {:?}\n", table.name(), table.schema().columns);
        for row in 0..table.len() {
            let (batch, at) = table.locate(row).unwrap();
            let value = |c| table.value(row, ColumnIndex::from(c)).to_string();
            let cells: Vec<String> = (0..table.schema().columns.len()).map(value).collect();
            out += &format!("{:?} {}\n", batch.record(at), cells.join("|"));
        }
    }
    out
}

/// Bytes that print as text.
#[derive(Clone)]
struct Log(Vec<u8>);

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", String::from_utf8_lossy(&self.0))
    }
}

fn log() -> impl Strategy<Value = Log> {
    prop_oneof![lines_of_csv(), records_of_json(), events_of_xml()].prop_map(Log)
}

/// Fails with the first line that differs.
fn same(found: &str, expected: &str) -> Result<(), TestCaseError> {
    let differs = found.lines().zip(expected.lines()).find(|(a, b)| a != b);
    prop_assert!(found == expected, "{:?}", differs);
    Ok(())
}

/// The bytes, cut at the given places.
fn cut<'a>(bytes: &'a [u8], places: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> = places.iter().map(|p| p.index(bytes.len() + 1)).collect();
    places.extend([0, bytes.len()]);
    places.sort_unstable();
    places.windows(2).map(|w| &bytes[w[0]..w[1]]).collect()
}

fn lines_of_csv() -> impl Strategy<Value = Vec<u8>> {
    let header = prop_oneof![
        Just("Timestamp,DeviceName,RemoteUrl,BytesSent,Note"),
        Just("Timestamp [Local Time],Type,RemoteUrl,BytesSent,Note"),
        Just("TimeGenerated [UTC],ActionType,FileName,RemotePort,FolderPath"),
        Just("\u{FEFF}Timestamp;DeviceName;RemoteUrl;BytesSent;Note"),
        Just("timestamp,timestamp,,BytesSent,Note"),
    ];
    let good = (0u32..60, "[a-cé]{0,3}", "[a-z:/.]{0,30}", any::<i64>(), "[x ]{0,5}")
        .prop_map(|(s, a, b, n, c)| format!("2025-06-01T09:30:{s:02}Z,{a},{b},{n},{c}").into_bytes());
    let typed =
        prop::sample::select(&["DeviceProcessEvents", "DeviceNetworkEvents", "ConnectionSuccess", "FileCreated"][..])
            .prop_map(|t| format!("\"10/25/2023, 9:43:21.994 AM\",{t},x,n/a,y").into_bytes());
    const FIXED: [&[u8]; 12] = [
        b"2025-06-01T09:30:35Z,\"a\r\nb\",\"say \"\"x\"\"\",5,",
        b"yesterday,a,b,n/a,c",
        b"too,few",
        b"one,too,many,cells,here,x",
        b"empties,at,the,end,here,,",
        b"x,\"stray,b,5,c",
        b"x,\"git.exe\" push,b,5,c",
        b"x,\xFF\xFE,b,5,\0",
        b"",
        b"Timestamp,DeviceName,RemoteUrl,BytesSent,Note",
        b"2025-06-01T09:30:35Z;a;b;5;c",
        b"\"",
    ];
    let fixed = prop::sample::select(&FIXED[..]).prop_map(<[u8]>::to_vec);
    let long = (200usize..1200).prop_map(|n| [&b"2025-06-01T09:30:35Z,a,"[..], &vec![b'u'; n][..], b",5,c"].concat());
    let line = prop_oneof![6 => good, 2 => typed, 4 => fixed, 1 => long];
    let end = prop::sample::select(&["\n", "\n", "\r\n", "\r"][..]);
    (header, proptest::collection::vec((line, end), 0..40), any::<bool>()).prop_map(|(header, lines, cut_off)| {
        let mut out = format!("{header}\n").into_bytes();
        for (line, end) in &lines {
            out.extend_from_slice(line);
            out.extend_from_slice(end.as_bytes());
        }
        if cut_off {
            out.truncate(out.len() - out.len().min(9));
        }
        out
    })
}

fn records_of_json() -> impl Strategy<Value = Vec<u8>> {
    let good = (0u32..60, "[a-cé\"\\\\]{0,3}", any::<i64>(), "[a-c]{1}").prop_map(|(s, name, n, key)| {
        let name = serde_json::to_string(&name).unwrap();
        format!(
            "{{\"Timestamp\":\"2025-06-01T09:30:{s:02}Z\",\"DeviceName\":{name},\"RemotePort\":{n},\"{key}\":{s}.5}}"
        )
        .into_bytes()
    });
    const FIXED: [&[u8]; 16] = [
            br#"{"Timestamp":"2025-06-01T09:30:35Z","AdditionalFields":{"a":[1,{"b":"}"}]},"a":true}"#,
            b"{\"Timestamp\" : \"2025-06-01T09:30:35Z\",\n  \"RemoteUrl\": \"x\",\n  \"b\": [\n    {\"Timestamp\": 1}\n  ]\n}",
            br#"{"time":"2025-06-01T09:30:35Z","category":"AdvancedHunting-DeviceEvents","properties":{"a":1}}"#,
            br#"{"Timestamp":"x","Timestamp":"y","RemoteUrl":""}"#,
            br#"{"Timestamp":"2025-06-01T09:30:35Z","RemoteUrl":"x""RemotePort":1}"#,
            br#"{"Timestamp":"2025-06-01T09:30:35Z","RemoteUrl":"unclosed}"#,
            br#"{"Timestamp":"2025-06-01T09:30:35Z","RemoteUrl":{"a":1"#,
            br#"{"Timestamp":"2025-06-01T09:30:35Z","RemoteUrl":"C:\Program Files"}"#,
            b"{\"Timestamp\":\"2025-06-01T09:30:35Z\",\"a\":\"\xFF\0\"}",
            b"INFO not json at all",
            b"17",
            b"[1,2]",
            b"{}",
            b"}]",
            br#"{"Schema":[{"Name":"a","Type":"Int32"}],"Results":[{"a":1},{"a":2}]}"#,
            br#"{"tables":[{"name":"T","columns":[{"name":"a","type":"int"}],"rows":[[1],[2,3],["x"]]}]}"#,
        ];
    let fixed = prop::sample::select(&FIXED[..]).prop_map(<[u8]>::to_vec);
    let long = (200usize..1200)
        .prop_map(|n| [&b"{\"Timestamp\":\"2025-06-01T09:30:35Z\",\"a\":\""[..], &vec![b'u'; n][..], b"\"}"].concat());
    let record = prop_oneof![5 => good, 5 => fixed, 1 => long];
    let between = prop::sample::select(&["\n", "\n", ",", ",\n", " ", ""][..]);
    let around = prop::sample::select(
        &[
            ("", ""),
            ("", ""),
            ("[", "]"),
            ("[\n", "\n]\n"),
            ("{\"records\":[", "]}"),
            ("{\"Stats\":{\"a\":[1]},\"Results\":[\n", "],\"x\":1}"),
            (
                "{\"tables\":[{\"name\":\"PrimaryResult\",\"columns\":[{\"name\":\"a\",\"type\":\"int\"}],\"rows\":[",
                "]}]}",
            ),
        ][..],
    );
    (around, proptest::collection::vec((record, between), 0..20), any::<bool>()).prop_map(
        |(around, records, cut_off)| {
            let mut out = around.0.as_bytes().to_vec();
            for (record, between) in &records {
                out.extend_from_slice(record);
                out.extend_from_slice(between.as_bytes());
            }
            out.extend_from_slice(around.1.as_bytes());
            if cut_off {
                out.truncate(out.len() - out.len().min(9));
            }
            out
        },
    )
}

fn events_of_xml() -> impl Strategy<Value = Vec<u8>> {
    let good = (0u32..60, prop::sample::select(&[1, 3, 11, 22, 255][..]), "[a-cé ]{0,3}").prop_map(|(s, id, name)| {
        format!(
            "<Event xmlns='x'><System><Provider Name='Microsoft-Windows-Sysmon'/><EventID>{id}</EventID>\
             <TimeCreated SystemTime='2025-06-01T09:30:{s:02}Z'/><Computer>{name}</Computer></System><EventData>\
             <Data Name='Image'>C:\\{name}.exe</Data><Data Name='ProcessId'>{s}</Data></EventData></Event>"
        )
        .into_bytes()
    });
    const FIXED: [&[u8]; 10] = [
        b"<Event><System><EventID>1</EventID>",
        b"<Event><System></Event>",
        b"<Event/>",
        b"</Event>",
        b"<Event",
        b"Jun 1 host text &lt;Event> ",
        b"<Event><System><EventID>1</EventID></System><EventData><Data>\xFF\0</Data></EventData></Event>",
        b"<!-- <Event> --><![CDATA[<Event>]]>",
        b"<Event><System><EventID>104</EventID></System><UserData><a><b>1</b></a></UserData></Event>",
        b"<EventData><Events>",
    ];
    let fixed = prop::sample::select(&FIXED[..]).prop_map(<[u8]>::to_vec);
    let event = prop_oneof![3 => good, 2 => fixed];
    let between = prop::sample::select(&["\n", "", "\r\n  "][..]);
    (any::<bool>(), proptest::collection::vec((event, between), 0..20), any::<bool>()).prop_map(
        |(is_wrapped, events, cut_off)| {
            let mut out = if is_wrapped { b"<?xml version='1.0'?><Events>".to_vec() } else { b"<Event>".to_vec() };
            for (event, between) in &events {
                out.extend_from_slice(event);
                out.extend_from_slice(between.as_bytes());
            }
            if cut_off {
                out.truncate(out.len() - out.len().min(9));
            }
            out
        },
    )
}

/// UTF-16 of bytes that may be no text.
fn utf16(bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    [0xFFFEu16].into_iter().map(u16::swap_bytes).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

fn options() -> impl Strategy<Value = Options> {
    prop_oneof![
        Just(Options::default()),
        Just(Options { max_record_bytes: 300, ..Options::default() }),
        Just(Options { table: Some("Chosen".into()), local_offset_minutes: Some(120), ..Options::default() }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(700))]

    #[test]
    fn cuts_do_not_change_what_is_read(
        log in log(),
        wide in prop::bool::weighted(0.2),
        places in proptest::collection::vec(any::<prop::sample::Index>(), 0..12),
        options in options(),
    ) {
        let bytes = if wide { utf16(&log.0) } else { log.0 };
        let whole = outcome("a.log", &options, [&bytes[..]].into_iter());
        same(&outcome("a.log", &options, cut(&bytes, &places).into_iter()), &whole)?;
        same(&outcome("a.log", &options, bytes.chunks(1)), &whole)?;
    }

    #[test]
    fn nothing_makes_it_panic(
        log in log(),
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0u8..4), 0..20),
        options in options(),
    ) {
        let mut bytes = log.0;
        for (place, byte, edit) in edits {
            let at = place.index(bytes.len() + 1);
            match edit {
                0 => bytes.insert(at, byte),
                1 => bytes.truncate(at.max(60)),
                2 if at < bytes.len() => { bytes.remove(at); }
                _ if at < bytes.len() => bytes[at] = b"\"\\{}[],:\n\r;\t"[usize::from(byte) % 12],
                _ => {}
            }
        }
        let text = outcome("a.log", &options, bytes.chunks(97));
        prop_assert!(!text.is_empty());
    }
}

/// The DeviceName of every row that is read.
fn device_names(bytes: &[u8]) -> Vec<String> {
    let mut tables = TableSet::new();
    let _ = read_bytes(SourceId(1), "a.log", bytes, Options::default(), &mut tables);
    let names = tables.tables().iter().flat_map(|table| {
        let column = table.schema().position("DeviceName");
        (0..table.len()).filter_map(move |row| column.map(|c| table.value(row, c).to_string()))
    });
    names.collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn good_rows_of_csv_survive_broken_lines(
        lines in proptest::collection::vec(prop::option::of(prop::sample::select(&[
            "x,\"stray,b,5,c", "\"", "x,\"git.exe\" push,b,5,c", "too,few", "one,too,many,cells,here,x", "x,y\"z,b,5,c", "\"\"\"", ",,\"", "a,\"b\"\"",
        ][..])), 1..30),
        is_quoted in any::<bool>(),
    ) {
        let row = |i: usize| {
            let cells = ["2025-06-01T09:30:35Z".to_owned(), format!("pc{i}"), "git push".to_owned(), "5".to_owned(), "c".to_owned()];
            if is_quoted { cells.map(|c| format!("\"{c}\"")).join(",") } else { cells.join(",") }
        };
        let mut log = "Timestamp,DeviceName,ProcessCommandLine,ProcessId,Note\n".to_owned();
        for (i, line) in lines.iter().enumerate() {
            log += &line.map_or_else(|| row(i), str::to_owned);
            log.push('\n');
        }
        let found = device_names(log.as_bytes());
        for (i, _) in lines.iter().enumerate().filter(|(_, line)| line.is_none()) {
            prop_assert!(found.contains(&format!("pc{i}")), "pc{} is lost in\n{}", i, log);
        }
    }

    #[test]
    fn good_events_survive_broken_ones(
        events in proptest::collection::vec(prop::option::of(prop::sample::select(&[
            "<Event><System><EventID>1", "<Event><System></Event>", "<Event/>", "</Event>", "<Event", "<Event a='", "text <", "<![CDATA[",
            "<Event><System><EventID>1</EventID></System><EventData><Data Name='", "<!--", "<Event><EventData></System>", "<Event></System></Event\t>", "</Event ", "</Event \n",
        ][..])), 1..30),
        between in prop::sample::select(&["\n", "", " text "][..]),
    ) {
        let row = |i: usize| format!(
            "<Event><System><Provider Name='Microsoft-Windows-Sysmon'/><EventID>11</EventID><Computer>pc{i}</Computer></System></Event>"
        );
        let texts: Vec<String> = events.iter().enumerate().map(|(i, e)| e.map_or_else(|| row(i), str::to_owned)).collect();
        let log = format!("{}{between}{}", row(999), texts.join(between));
        let found = device_names(log.as_bytes());
        for (i, _) in events.iter().enumerate().filter(|(_, e)| e.is_none()) {
            prop_assert!(found.contains(&format!("pc{i}")), "pc{} is lost in\n{}", i, log);
        }
    }

    #[test]
    fn good_records_of_json_survive_broken_ones(
        records in proptest::collection::vec(prop::option::of(prop::sample::select(&[
            r#"{"Timestamp":"x","RemoteUrl":"x""RemotePort":1}"#, r#"{"Timestamp":"x","RemoteUrl":"unclosed}"#,
            r#"{"Timestamp":"x","RemoteUrl":{"a":1"#, r#"{"Timestamp":"C:\Program Files"}"#, "INFO text", r#"{"Timestamp":"#,
            r#"{"Timestamp":[{"x":"#, "\"", "[[", "[", r#"["Timestamp","#,
        ][..])), 1..30),
        // On lines of their own; or all on one line, where a record that is not closed has no end.
        (before, between, after) in prop::sample::select(&[("", "\n", "\n"), ("[", ",\n", "]"), ("{\"Results\":[\n", ",\n", "\n]}")][..]),
    ) {
        let row = |i: usize| format!("{{\"Timestamp\":\"2025-06-01T09:30:35Z\",\"DeviceName\":\"pc{i}\",\"RemoteUrl\":\"x\"}}");
        let texts: Vec<String> = records.iter().enumerate().map(|(i, r)| r.map_or_else(|| row(i), str::to_owned)).collect();
        let log = format!("{before}{}{between}{}{after}", row(999), texts.join(between));
        let found = device_names(log.as_bytes());
        for (i, _) in records.iter().enumerate().filter(|(_, r)| r.is_none()) {
            prop_assert!(found.contains(&format!("pc{i}")), "pc{} is lost in\n{}", i, log);
        }
    }
}
