//! `find` over the two tables of its documentation's page, and what it refuses.

use event_table::{DateTime, TableSet};
use kql_engine::resolve::{Resolution, resolve};
use kql_engine::run::Runner;

/// The tables of the page.
const TABLES: &str = r#"
let EventsTable1 = datatable(Session_Id: string, Level: string, EventText: string, Version: string) [
    "acbd207d-51aa-4df7-bfa7-be70eb68f04e", "Information", "Some Text1", "v1.0.0",
    "acbd207d-51aa-4df7-bfa7-be70eb68f04e", "Error", "Some Text2", "v1.0.0",
    "28b8e46e-3c31-43cf-83cb-48921c3986fc", "Error", "Some Text3", "v1.0.1",
    "8f057b11-3281-45c3-a856-05ebb18a3c59", "Information", "Some Text4", "v1.1.0",
];
let EventsTable2 = datatable(Session_Id: string, Level: string, EventText: string, EventName: string) [
    "f7d5f95f-f580-4ea6-830b-5776c8d64fdd", "Information", "Some Other Text1", "Event1",
    "acbd207d-51aa-4df7-bfa7-be70eb68f04e", "Information", "Some Other Text2", "Event2",
    "acbd207d-51aa-4df7-bfa7-be70eb68f04e", "Error", "Some Other Text3", "Event3",
    "15eaeab5-8576-4b58-8fc6-478f75d8fee4", "Error", "Some Other Text4", "Event4",
];
let Sizes = datatable(Level: string, Size: long, Version: long) ["Error", 5, 1, "Debug", 7, 2];
"#;

fn resolved(query: &str) -> Resolution {
    let text = format!("{TABLES}{query}");
    let parsed = kql_syntax::parse(&text);
    assert_eq!(parsed.diagnostics(), [], "{query}");
    resolve(&parsed.document(), &TableSet::new(), DateTime::MIN)
}

/// The columns, and the rows as text with `|` between cells.
fn rows(query: &str) -> (String, Vec<String>) {
    let resolution = resolved(query);
    let plan = resolution.plan.unwrap_or_else(|| panic!("{query}: {:?}", resolution.diagnostics));
    let relation = Runner::new().run_now(&plan, &TableSet::new(), DateTime::MIN).expect("it runs").relation;
    let names: Vec<String> = relation.columns().iter().map(|c| c.name.to_string()).collect();
    let cell = |row: usize, column: usize| match relation.value(row, column) {
        value if value.is_null() => String::new(),
        value => value.to_string(),
    };
    let row = |row: usize| (0..names.len()).map(|column| cell(row, column)).collect::<Vec<_>>().join("|");
    ((names.join("|")), (0..relation.len()).map(row).collect())
}

/// Queries, their columns, their rows; the first four are the page's own, with its tables named.
const FOUND: &[(&str, &str, &[&str])] = &[
    (
        "find in (Events*) where Version == 'v1.0.0' or EventName == 'Event1' project Session_Id, EventText, Version, EventName",
        "source_|Session_Id|EventText|Version|EventName",
        &[
            "EventsTable1|acbd207d-51aa-4df7-bfa7-be70eb68f04e|Some Text1|v1.0.0|",
            "EventsTable1|acbd207d-51aa-4df7-bfa7-be70eb68f04e|Some Text2|v1.0.0|",
            "EventsTable2|f7d5f95f-f580-4ea6-830b-5776c8d64fdd|Some Other Text1||Event1",
        ],
    ),
    (
        "find in (EventsTable1, EventsTable2) where Session_Id == 'acbd207d-51aa-4df7-bfa7-be70eb68f04e'",
        "source_|Session_Id|Level|EventText|pack_",
        &[
            r#"EventsTable1|acbd207d-51aa-4df7-bfa7-be70eb68f04e|Information|Some Text1|{"Version":"v1.0.0"}"#,
            r#"EventsTable1|acbd207d-51aa-4df7-bfa7-be70eb68f04e|Error|Some Text2|{"Version":"v1.0.0"}"#,
            r#"EventsTable2|acbd207d-51aa-4df7-bfa7-be70eb68f04e|Information|Some Other Text2|{"EventName":"Event2"}"#,
            r#"EventsTable2|acbd207d-51aa-4df7-bfa7-be70eb68f04e|Error|Some Other Text3|{"EventName":"Event3"}"#,
        ],
    ),
    (
        "find in (EventsTable1, EventsTable2) where Session_Id == 'acbd207d-51aa-4df7-bfa7-be70eb68f04e' project pack_all()",
        "source_|pack_",
        &[
            r#"EventsTable1|{"Session_Id":"acbd207d-51aa-4df7-bfa7-be70eb68f04e","Level":"Information","EventText":"Some Text1","Version":"v1.0.0"}"#,
            r#"EventsTable1|{"Session_Id":"acbd207d-51aa-4df7-bfa7-be70eb68f04e","Level":"Error","EventText":"Some Text2","Version":"v1.0.0"}"#,
            r#"EventsTable2|{"Session_Id":"acbd207d-51aa-4df7-bfa7-be70eb68f04e","Level":"Information","EventText":"Some Other Text2","EventName":"Event2"}"#,
            r#"EventsTable2|{"Session_Id":"acbd207d-51aa-4df7-bfa7-be70eb68f04e","Level":"Error","EventText":"Some Other Text3","EventName":"Event3"}"#,
        ],
    ),
    (
        "let PartialEventsTable1 = view() { EventsTable1 | where Level == 'Error' };
         find in (PartialEventsTable1, EventsTable2) where Session_Id == 'acbd207d-51aa-4df7-bfa7-be70eb68f04e' project EventText",
        "source_|EventText",
        &["PartialEventsTable1|Some Text2", "EventsTable2|Some Other Text2", "EventsTable2|Some Other Text3"],
    ),
    // A term in any column; a condition beside it; a table with neither column is left out.
    ("find in (EventsTable1, EventsTable2) where 'Text4' | project source_, EventText", "source_|EventText", &["EventsTable1|Some Text4", "EventsTable2|Some Other Text4"]),
    ("find in (EventsTable1, EventsTable2) where * has 'other' and Level == 'Error' | count", "Count", &["2"]),
    (
        "find withsource=Table in (EventsTable1, EventsTable2, Sizes) where EventName in ('Event4', 'Event5')",
        "Table|Session_Id|Level|EventText|EventName",
        &["EventsTable2|15eaeab5-8576-4b58-8fc6-478f75d8fee4|Error|Some Other Text4|Event4"],
    ),
    // What a table lacks is missing in its rows, as in a union.
    (
        "find in (EventsTable1, EventsTable2) where Level == 'Error' and isempty(Version) | summarize count() by source_",
        "source_|count_",
        &["EventsTable2|2"],
    ),
    (
        "find in (EventsTable2, Sizes) where Size > 1 or EventName == 'Event1'",
        "source_|Level|Size|EventName|pack_",
        &[
            r#"EventsTable2|Information||Event1|{"Session_Id":"f7d5f95f-f580-4ea6-830b-5776c8d64fdd","EventText":"Some Other Text1"}"#,
            r#"Sizes|Error|5||{"Version":1}"#,
            r#"Sizes|Debug|7||{"Version":2}"#,
        ],
    ),
    (
        "find in ((EventsTable1 | where EventText has 'Text2'), Sizes) where Level == 'Error' project Version: string, Size",
        "source_|Version|Size",
        &["EventsTable1|v1.0.0|", "Sizes|1|5"],
    ),
    ("find in (Sizes) where Level == 'Error' project-smart", "source_|Level|Size|Version", &["Sizes|Error|5|1"]),
];

#[test]
fn rows_are_found_in_several_tables() {
    for (query, columns, expected) in FOUND {
        let (names, found) = rows(query);
        assert_eq!(
            (names.as_str(), found.iter().map(String::as_str).collect::<Vec<_>>()),
            (*columns, expected.to_vec()),
            "{query}"
        );
    }
}

#[test]
fn what_find_does_not_say_is_refused_at_its_place() {
    for (query, code, place) in [
        ("find in (EventsTable1, Sizes) where Version == 'x' project Level", "operand-types", "=="),
        ("find in (EventsTable1, Sizes) where Level == 'x' and isnotempty(Version)", "find-types", ""),
        ("find in (EventsTable1, Sizes) where Level == 'x' project Version", "find-types", ""),
        ("find in (EventsTable1) where Nope == 'x'", "unknown-column", "Nope"),
        ("find in (EventsTable1) where Level == 'x' project Nope", "unknown-column", "Nope"),
        ("find in (EventsTable1) where true", "find-everything", "true"),
        ("find in (Nope) where a == 1", "unknown-table", "Nope"),
        ("find in (Nope*) where a == 1", "unknown-table", "Nope*"),
        ("find in (EventsTable1) where Level == 'x' project Level, pack_all()", "unsupported", "pack_all()"),
        ("find withsource=Level in (EventsTable1) where Level == 'x'", "duplicate-column", ""),
        ("find Level == 'x'", "empty-search", "find"),
        ("EventsTable1 | find Level == 'x'", "source-operator", "find"),
    ] {
        let resolution = resolved(query);
        assert!(resolution.plan.is_none(), "{query}");
        let text = format!("{TABLES}{query}");
        let found: Vec<_> = resolution
            .diagnostics
            .iter()
            .map(|d| (d.code.as_str(), &text[d.span.start as usize..d.span.end as usize]))
            .collect();
        let place = if place.is_empty() { query } else { place };
        assert_eq!(found, [(code, place)], "{query}");
    }
}
