//! Examples of the documentation's pages, with the output that the pages print.

use event_table::{DateTime, TableSet};
use kql_engine::resolve::resolve;
use kql_engine::run::{RunError, Runner};

/// The rows as text: cells with `|` between them, null as nothing.
fn rows(query: &str) -> Vec<String> {
    let parsed = kql_syntax::parse(query);
    assert_eq!(parsed.diagnostics(), [], "{query}");
    let resolution = resolve(&parsed.document(), &TableSet::new(), DateTime::MIN);
    let plan = resolution.plan.unwrap_or_else(|| panic!("{query}: {:?}", resolution.diagnostics));
    let relation = Runner::new().run_now(&plan, &TableSet::new(), DateTime::MIN).expect("it runs").relation;
    let cell = |row: usize, column: usize| match relation.value(row, column) {
        value if value.is_null() => String::new(),
        value => value.to_string(),
    };
    let row = |row: usize| (0..relation.columns().len()).map(|column| cell(row, column)).collect::<Vec<_>>().join("|");
    (0..relation.len()).map(row).collect()
}

fn first_code(query: &str) -> Option<String> {
    let parsed = kql_syntax::parse(query);
    let resolution = resolve(&parsed.document(), &TableSet::new(), DateTime::MIN);
    resolution.diagnostics.first().map(|d| d.code.clone())
}

/// The traces of `parse-operator` and `parse-where-operator`, two of their rows.
const TRACES: &str = r#"
let Traces = datatable(EventText: string) [
    "Event: NotifySliceRelease (resourceName=PipelineScheduler, totalSlices=27, sliceNumber=23, lockTime=02/17/2016 08:40:01, releaseTime=02/17/2016 08:40:01, previousLockTime=02/17/2016 08:39:01)",
    "Event: NotifySliceRelease (resourceName=PipelineScheduler, totalSlices=27, sliceNumber=15, lockTime=02/17/2016 08:40:00, releaseTime=02/17/2016 08:40:00, previousLockTime=02/17/2016 08:39:00)",
];
let OnLines = datatable(EventText: string) [
    "Event: NotifySliceRelease (resourceName=PipelineScheduler\ntotalSlices=27\nsliceNumber=23\nlockTime=02/17/2016 08:40:01\nreleaseTime=02/17/2016 08:40:01\npreviousLockTime=02/17/2016 08:39:01)",
];
let SomeWrong = datatable(EventText: string) [
    "Event: NotifySliceRelease (resourceName=PipelineScheduler, totalSlices=non_valid_integer, sliceNumber=11, lockTime=02/17/2016 08:40:01)",
    "Event: NotifySliceRelease (resourceName=PipelineScheduler, totalSlices=27, sliceNumber=15, lockTime=02/17/2016 08:40:00)",
];
"#;

/// Pipelines over the traces, and their rows.
const PARSED: &[(&str, &[&str])] = &[
    (
        r#"Traces | parse kind=regex EventText with "(.*?)[a-zA-Z]*=" resourceName @", totalSlices=\s*\d+\s*.*?sliceNumber=" sliceNumber: long ".*?(previous)?lockTime=" lockTime ".*?releaseTime=" releaseTime ".*?previousLockTime=" previousLockTime: date "\\)" | project resourceName, sliceNumber, lockTime, releaseTime, previousLockTime"#,
        &[
            "PipelineScheduler|23|02/17/2016 08:40:01, |02/17/2016 08:40:01, |2016-02-17T08:39:01.0000000Z",
            "PipelineScheduler|15|02/17/2016 08:40:00, |02/17/2016 08:40:00, |2016-02-17T08:39:00.0000000Z",
        ],
    ),
    (
        r#"Traces | parse kind=regex EventText with * "resourceName=" resourceName ',' * | project resourceName"#,
        &[
            "PipelineScheduler, totalSlices=27, sliceNumber=23, lockTime=02/17/2016 08:40:01, releaseTime=02/17/2016 08:40:01",
            "PipelineScheduler, totalSlices=27, sliceNumber=15, lockTime=02/17/2016 08:40:00, releaseTime=02/17/2016 08:40:00",
        ],
    ),
    (
        r#"Traces | parse kind=regex flags=Ui EventText with * "RESOURCENAME=" resourceName ',' * | project resourceName"#,
        &["PipelineScheduler", "PipelineScheduler"],
    ),
    (
        r#"OnLines | parse kind=regex flags=s EventText with * "resourceName=" resourceName: string "(.*?)totalSlices=" totalSlices: long "(.*?)lockTime=" lockTime: datetime "(.*?)releaseTime=" releaseTime: datetime "(.*?)previousLockTime=" previousLockTime: datetime "\\)" | project-away EventText"#,
        &[
            "PipelineScheduler\n|27|2016-02-17T08:40:01.0000000Z|2016-02-17T08:40:01.0000000Z|2016-02-17T08:39:01.0000000Z",
        ],
    ),
    // Without the flag a run ends with its line.
    (
        r#"OnLines | parse-where kind=regex EventText with * "resourceName=" resourceName: string "(.*?)totalSlices=" totalSlices: long * | project totalSlices"#,
        &[],
    ),
    (
        r#"SomeWrong | parse-where kind = regex EventText with * "RESOURCENAME=" resourceName "," * "totalSlices=" totalSlices: long "," * | project resourceName, totalSlices"#,
        &[],
    ),
    (
        r#"SomeWrong | parse-where kind = regex flags=i EventText with * "RESOURCENAME=" resourceName "," * "totalSlices=" totalSlices: long "," * | project resourceName, totalSlices"#,
        &["PipelineScheduler|27"],
    ),
];

#[test]
fn text_is_parsed_as_the_pages_of_parse_show() {
    for (pipeline, expected) in PARSED {
        assert_eq!(rows(&format!("{TRACES}{pipeline}")), *expected, "{pipeline}");
    }
    // Flags belong to regular expressions, and there are four.
    for wrong in
        ["print t = 'a' | parse flags=i t with * 'A' x", "print t = 'a' | parse kind=regex flags=ix t with * 'A' x"]
    {
        assert_eq!(first_code(wrong).as_deref(), Some("unknown-word"), "{wrong}");
    }
}

/// From `make-series-operator`.
#[test]
fn a_series_of_no_rows_is_there_when_asked_for() {
    let series = |kind: &str, by: &str| {
        rows(&format!(
            "datatable(timestamp: datetime, metric: real) [datetime(2017-01-01), 4] | take 0 \
             | make-series {kind} avg(metric) default=1.0 on timestamp from datetime(2017-01-01) to datetime(2017-01-03) step 1d {by}"
        ))
    };
    let days = r#"["2017-01-01T00:00:00.0000000Z","2017-01-02T00:00:00.0000000Z"]"#;
    assert_eq!(series("kind=nonempty", ""), [format!("[1.0,1.0]|{days}")]);
    assert_eq!(series("", ""), [""; 0]);
    assert_eq!(series("kind=nonempty", "by metric"), [""; 0]);
    let wrong = "datatable(t: datetime) [] | make-series kind=other count() on t from now() to now() step 1d";
    assert_eq!(first_code(wrong).as_deref(), Some("unknown-word"));
}

/// From the table of `search-operator`, what each form means, and rows made for it.
#[test]
fn what_search_takes_for_a_pattern() {
    let found = |pattern: &str| {
        let table = r#"datatable(a: string) ["x LabMyPC y", "LabPC", "Lab my PCs", "Lab", "xLabPC", "lab-pc"]"#;
        rows(&format!("{table} | search {pattern} | project a"))
    };
    assert_eq!(found("\"Lab*PC\""), ["x LabMyPC y", "LabPC"]);
    assert_eq!(found("\"*Lab*PC\""), ["x LabMyPC y", "LabPC", "xLabPC"]);
    assert_eq!(found("\"Lab*PC*\""), ["x LabMyPC y", "LabPC", "Lab my PCs"]);
    assert_eq!(found("\"lab\""), ["Lab my PCs", "Lab", "lab-pc"]);
    assert_eq!(found("\"lab*\""), ["x LabMyPC y", "LabPC", "Lab my PCs", "Lab", "lab-pc"]);
    assert_eq!(found("a matches regex \"^x\""), ["x LabMyPC y", "xLabPC"]);
}

/// From `join-innerunique`: a condition on the left side decides which of its rows of one key is kept.
#[test]
fn a_condition_behind_a_unique_join_comes_before_it() {
    let tables = "let t1 = datatable(key: long, value: string) [1, 'val1.1', 1, 'val1.2']; \
                  let t2 = datatable(key: long, value: string) [1, 'val1.3', 1, 'val1.4'];";
    for (pipeline, expected) in [
        ("t1 | join kind = innerunique t2 on key", &["1|val1.1|1|val1.3", "1|val1.1|1|val1.4"][..]),
        (
            "t1 | join kind = innerunique t2 on key | where value == 'val1.2'",
            &["1|val1.2|1|val1.3", "1|val1.2|1|val1.4"],
        ),
        ("t1 | join t2 on key | where value1 == 'val1.4' and value == 'val1.2'", &["1|val1.2|1|val1.4"]),
        ("t1 | join t2 on key | where value1 == 'val1.4' | where value endswith '2'", &["1|val1.2|1|val1.4"]),
        ("let j = t1 | join t2 on key; j | where value == 'val1.2' | count", &["2"]),
        ("let j = materialize(t1 | join t2 on key); j | where value == 'val1.2' | count", &["0"]),
        // A condition on the right side, or on both, does not change which row of the left side is kept.
        ("t1 | join t2 on key | where value1 == 'val1.4'", &["1|val1.1|1|val1.4"]),
        ("t1 | join t2 on key | where value == 'val1.2' or value1 == 'val1.9' | count", &["0"]),
        ("t1 | join kind=inner t2 on key | where value == 'val1.2' | count", &["2"]),
    ] {
        assert_eq!(rows(&format!("{tables}{pipeline}")), *expected, "{pipeline}");
    }
}

/// From the table of `sort-operator`: null and what is no number stand together, at either end.
#[test]
fn null_and_nan_stand_together_in_a_sort() {
    let sorted = |order: &str| {
        let table = "datatable(x: real) [0, real(nan), 5, real(null), real(-inf), real(+inf), -5]";
        rows(&format!("{table} | sort by x {order}")).join(" ")
    };
    for (order, expected) in [
        ("asc nulls first", " NaN -Infinity -5.0 0.0 5.0 Infinity"),
        ("desc nulls first", " NaN Infinity 5.0 0.0 -5.0 -Infinity"),
        ("asc nulls last", "-Infinity -5.0 0.0 5.0 Infinity NaN "),
        ("desc nulls last", "Infinity 5.0 0.0 -5.0 -Infinity NaN "),
        ("asc", " NaN -Infinity -5.0 0.0 5.0 Infinity"),
        ("desc", "Infinity 5.0 0.0 -5.0 -Infinity NaN "),
    ] {
        assert_eq!(sorted(order), expected, "{order}");
    }
    assert_eq!(rows("datatable(x: real) [real(nan), 1, 2] | top 2 by x desc"), ["2.0", "1.0"]);
}

/// From `union-operator` and `let-statement`: views are found by a pattern, other functions are not.
#[test]
fn views_of_the_query_are_found_by_patterns() {
    let views = "let View_1 = view () { print x=1 }; let View_2 = view () { print x=1 }; \
                 let OtherView_1 = view () { print x=1 }; let ViewNot = () { print x=1 };";
    for (query, count) in [
        ("union isfuzzy=true View*, SomeView*, OtherView* | count", "3"),
        ("union View* | count", "2"),
        ("search in (View*) x == 1 | count", "2"),
        ("find in (*View_1) where x == 1 | count", "2"),
        ("search x == 1 | count", "3"),
        ("find x == 1 | count", "3"),
    ] {
        assert_eq!(rows(&format!("{views}{query}")), [count], "{query}");
    }
    let wrong = format!("{views} union View*, SomeView* | count");
    assert_eq!(first_code(&wrong).as_deref(), Some("unknown-table"));
    let ranges = "let Range10 = view () { range MyColumn from 1 to 10 step 1 }; \
                  let Range20 = view () { range MyColumn from 1 to 20 step 1 };";
    assert_eq!(rows(&format!("{ranges} search MyColumn == 5")), ["Range10|5", "Range20|5"]);
}

/// From `bag-unpack-plugin` and `pivot-plugin`: `*` stands for the columns that are kept.
#[test]
fn a_plugin_gives_the_columns_that_are_declared() {
    let bags = r#"datatable(d: dynamic, Description: string) [
        dynamic({"Name": "John", "Age": 20, "height": 180}), "Student",
        dynamic({"Name": "Dave", "Age": 40, "height": 160}), "Teacher",
    ]"#;
    for (plugin, expected) in [
        ("bag_unpack(d) : (*, Name: string, Age: long)", &["Student|John|20", "Teacher|Dave|40"][..]),
        ("bag_unpack(d) : (Age: long)", &["20", "40"]),
        ("bag_unpack(d) : (*)", &["Student", "Teacher"]),
    ] {
        assert_eq!(rows(&format!("{bags} | evaluate {plugin}")), *expected, "{plugin}");
    }
    let table = "datatable(City: string, State: string, N: long) ['A', 'x', 1, 'A', 'y', 2, 'B', 'x', 5, 'A', 'x', 7]";
    for (plugin, expected) in [
        ("pivot(State, sum(N), City)", &["A|8|2", "B|5|0"][..]),
        ("pivot(State, sum(N), City) : (*, y: long, x: long)", &["A|2|8", "B|0|5"]),
        ("pivot(State, sum(N), City) : (City: string, y: long)", &["A|2", "B|0"]),
        ("pivot(State, sum(N), City) : (x: long, City: string)", &["8|A", "5|B"]),
        ("pivot(State, sum(N), City) : (City: string, z: long)", &["A|0", "B|0"]),
    ] {
        assert_eq!(rows(&format!("{table} | evaluate {plugin}")), *expected, "{plugin}");
    }
    let wrong = format!("{table} | evaluate pivot(State, sum(N), City) : (City: string, x: string)");
    assert_eq!(first_code(&wrong).as_deref(), Some("declared-type"));
}

/// From `estimate-data-size-function` and `estimate-table-size`: a long takes 8 bytes, an int 4, a datetime 8, a text its
/// length, also in columns without values. The other widths are our choice.
#[test]
fn the_size_of_a_row_is_that_of_its_columns() {
    let page = "range x from 1 to 10 step 1 | extend Text = '1234567890' | summarize Total=sum(estimate_data_size(*))";
    assert_eq!(rows(page), ["180"]);
    let table = "datatable(a: long, b: int, c: datetime, d: string, e: bool, f: real, g: decimal, h: guid, i: timespan, j: dynamic) \
        [1, int(2), datetime(2020-01-01), 'é', true, 1.5, decimal(1), guid(74be27de-1e4e-49d9-b579-fe0b331d3642), 1h, dynamic(1), \
        long(null), int(null), datetime(null), '', bool(null), real(null), decimal(null), guid(null), timespan(null), dynamic(null)]";
    for (columns, expected) in [
        ("a", ["8", "8"]),
        ("b", ["4", "4"]),
        ("c", ["8", "8"]),
        ("d", ["2", "0"]),
        ("a, b, d", ["14", "12"]),
        ("e, f, g, h, i", ["49", "49"]),
    ] {
        let query = format!("{table} | project estimate_data_size({columns})");
        assert_eq!(rows(&query), expected, "{columns}");
    }
    assert_eq!(rows(&format!("{table} | project-away j | project estimate_data_size(*)")), ["71", "69"]);
    for (wrong, code) in [
        ("estimate_data_size(*)", "unsupported"),
        ("estimate_data_size(a, j)", "unsupported"),
        ("estimate_data_size(*, a)", "column-expected"),
        ("estimate_data_size(a + 1)", "column-expected"),
        ("estimate_data_size(aa)", "unknown-column"),
        ("estimate_data_size()", "arguments"),
    ] {
        assert_eq!(first_code(&format!("{table} | extend x = {wrong}")).as_deref(), Some(code), "{wrong}");
    }
}

/// From `rows-near-plugin`, and edges worked out by hand.
#[test]
fn the_rows_around_some_are_kept() {
    let table = r#"datatable (Timestamp: datetime, Value: long, State: string) [
        datetime(2021-06-01), 1, "Success", datetime(2021-06-02), 4, "Success", datetime(2021-06-03), 3, "Success",
        datetime(2021-06-04), 11, "Success", datetime(2021-06-05), 15, "Success", datetime(2021-06-06), 2, "Success",
        datetime(2021-06-07), 19, "Error", datetime(2021-06-08), 12, "Success", datetime(2021-06-09), 7, "Success",
        datetime(2021-06-10), 9, "Success", datetime(2021-06-11), 4, "Success", datetime(2021-06-12), 1, "Success",
    ] | sort by Timestamp asc"#;
    for (arguments, expected) in [
        (r#"State == "Error", 2"#, "15 2 19 12 7"),
        (r#"State == "Error", 2, 0"#, "15 2 19"),
        (r#"State == "Error", 0, 1"#, "19 12"),
        ("Value == 4, 1", "1 4 3 9 4 1"),
        ("Value == 1, 1, 100", "1 4 3 11 15 2 19 12 7 9 4 1"),
        ("Value == 1, 1, 0", "1 4 1"),
        ("Value > 100, 3", ""),
        ("Value == 19 and bool(null), 3", ""),
    ] {
        let found = rows(&format!("{table} | evaluate rows_near({arguments}) | project Value"));
        assert_eq!(found.join(" "), expected, "{arguments}");
    }
    for (wrong, code) in [
        ("rows_near(State == 'Error')", "arguments"),
        ("rows_near(Value, 1)", "not-bool"),
        ("rows_near(Value == 1, Value)", "unknown-column"),
        ("rows_near(Value == 1, 'a')", "row-count"),
        ("narrow(Value)", "arguments"),
    ] {
        assert_eq!(first_code(&format!("{table} | evaluate {wrong}")).as_deref(), Some(code), "{wrong}");
    }
}

/// From `narrow-plugin`: row, column and value, row after row and column after column.
#[test]
fn a_row_for_each_cell() {
    let table = "datatable(a: long, b: string, c: bool) [1, 'x', true, long(null), '', false]";
    let expected = ["0|a|1", "0|b|x", "0|c|true", "1|a|", "1|b|", "1|c|false"];
    assert_eq!(rows(&format!("{table} | evaluate narrow()")), expected);
    assert_eq!(rows(&format!("{table} | take 0 | evaluate narrow()")), [""; 0]);
    assert_eq!(rows("range x from 0 to 69999 step 1 | evaluate narrow() | where Row != tolong(Value) | count"), ["0"]);
}

/// From `ipv6-lookup-plugin` and `ipv4-lookup-plugin`.
#[test]
fn addresses_are_looked_up_in_networks() {
    let data = r#"
        let IP_Data = datatable(network: string, continent_code: string, country_name: string) [
            "2001:0db8:85a3::/48", "NA", "United States", "2404:6800:4001::/48", "AS", "Japan",
            "2a00:1450:4001::/48", "EU", "Germany", "2a02:26f0:4001::/48", "EU", "France",
        ];
        let IPs = datatable(ip: string) [
            "2001:0db8:85a3:0000:0000:8a2e:0370:7334", "2404:6800:4001:0001:0000:8a2e:0370:7334",
            "2a02:26f0:4001:0006:0000:8a2e:0370:7334", "a5e:f127:8a9d:146d:e102:b5d3:c755:abcd", "no address",
        ];
        let V4 = datatable(network: string, site: string, name: string) [
            "10.0.0.0/8", "x", "ten", "10.1.0.0/16", "y", "ten-one",
        ];"#;
    let found = [
        "2001:0db8:85a3:0000:0000:8a2e:0370:7334|2001:0db8:85a3::/48|NA|United States",
        "2404:6800:4001:0001:0000:8a2e:0370:7334|2404:6800:4001::/48|AS|Japan",
        "2a02:26f0:4001:0006:0000:8a2e:0370:7334|2a02:26f0:4001::/48|EU|France",
    ];
    let others = ["a5e:f127:8a9d:146d:e102:b5d3:c755:abcd|||", "no address|||"];
    let all: Vec<&str> = found.into_iter().chain(others).collect();
    for (lookup, expected) in [
        ("IPs | evaluate ipv6_lookup(IP_Data, ip, network)", &found[..]),
        ("IPs | evaluate ipv6_lookup(IP_Data, ip, network, false)", &found),
        ("IPs | evaluate ipv6_lookup(IP_Data, ip, network, true)", &all),
        ("IPs | evaluate ipv6_lookup(IP_Data, ip, network, return_unmatched = true)", &all),
        (
            "print ip = '10.1.2.3', site = 'y' | evaluate ipv4_lookup(V4, ip, network)",
            &["10.1.2.3|y|10.0.0.0/8|x|ten", "10.1.2.3|y|10.1.0.0/16|y|ten-one"],
        ),
        // A further key is one column.
        (
            "print ip = '10.1.2.3', site = 'y' | evaluate ipv4_lookup(V4, ip, network, site)",
            &["10.1.2.3|y|10.1.0.0/16|ten-one"],
        ),
        ("print ip = '10.1.2.3', site = 'z' | evaluate ipv4_lookup(V4, ip, network, site, true)", &["10.1.2.3|z||"]),
        ("print ip = '10.0.0.0/9' | evaluate ipv4_lookup(V4, ip, network)", &["10.0.0.0/9|10.0.0.0/8|x|ten"]),
    ] {
        assert_eq!(rows(&format!("{data} {lookup}")), expected, "{lookup}");
    }
    for (wrong, code) in [
        ("ipv6_lookup(IP_Data, ip)", "arguments"),
        ("ipv6_lookup(IP_Data, ip, network, continent_code)", "arguments"),
        ("ipv6_lookup(IP_Data, ip, network, keep = true)", "unknown-word"),
        ("ipv6_lookup(IP_Data, ip, network, return_unmatched = 1)", "argument-type"),
        ("ipv6_lookup(IP_Data, ip, ip)", "unknown-column"),
    ] {
        assert_eq!(first_code(&format!("{data} IPs | evaluate {wrong}")).as_deref(), Some(code), "{wrong}");
    }
}

/// From `partition-operator`: a query in braces has rows of its own and knows the key alone, by its name or in toscalar.
#[test]
fn a_partition_may_have_rows_of_its_own() {
    let events = "let Events = datatable(InjuriesIndirect: int, x: long) [int(1), 7, int(2), 1, int(2), 8, int(3), 2];";
    for (query, expected) in [
        (
            "range x from 1 to 2 step 1 | partition hint.strategy=legacy by x {Events | where toscalar(x) == InjuriesIndirect} | count",
            &["3"][..],
        ),
        ("range k from 1 to 2 step 1 | partition by k {Events | where k == InjuriesIndirect}", &["1|7", "2|1", "2|8"]),
        // A column of the rows comes before the key, and toscalar means the key.
        ("range x from 1 to 2 step 1 | partition by x {Events | where x == InjuriesIndirect}", &[""; 0]),
        ("range x from 1 to 2 step 1 | partition by x {Events | where x == toscalar(x) | project x}", &["1", "2"]),
        ("range x from 1 to 2 step 1 | extend k = 3 - x | partition by k {print k}", &["2", "1"]),
        ("range x from 1 to 64 step 1 | partition by x (count) | count", &["64"]),
        ("range x from 1 to 65 step 1 | partition hint.strategy=native by x (count) | count", &["65"]),
    ] {
        assert_eq!(rows(&format!("{events} {query}")), expected, "{query}");
    }
    for (wrong, code) in [
        (
            "range x from 1 to 2 step 1 | extend z = 1 | partition by x {Events | where InjuriesIndirect == z}",
            "unknown-column",
        ),
        ("range x from 1 to 2 step 1 | partition hint.strategy=native by x {print x}", "unknown-word"),
    ] {
        assert_eq!(first_code(&format!("{events} {wrong}")).as_deref(), Some(code), "{wrong}");
    }
    let parsed = kql_syntax::parse("range x from 1 to 65 step 1 | partition by x (count)");
    let plan = resolve(&parsed.document(), &TableSet::new(), DateTime::MIN).plan.expect("it resolves");
    let refused = Runner::new().run_now(&plan, &TableSet::new(), DateTime::MIN).err();
    assert!(
        matches!(&refused, Some(RunError::TooLarge(words)) if words.contains("64 different values")),
        "{refused:?}"
    );
}

/// From `parse-user-agent-function`: what is looked for is one of three words, or several of them.
#[test]
fn only_what_a_user_agent_tells_is_looked_for() {
    let query = "print ua = 'curl/8.5.0' | extend x = parse_user_agent(ua, 'browser') | project x.Browser.Family, x.Browser.MajorVersion";
    assert_eq!(rows(query), ["curl|8"]);
    for (look_for, code) in [
        ("'engine'", Some("unknown-word")),
        ("dynamic(['os', 'engine'])", Some("unknown-word")),
        ("dynamic(['os', 1])", Some("unknown-word")),
        ("dynamic(['os', 'Device'])", None),
        ("1", Some("argument-type")),
    ] {
        let query = format!("print parse_user_agent('curl/8.5.0', {look_for})");
        assert_eq!(first_code(&query).as_deref(), code, "{look_for}");
    }
    assert_eq!(first_code("print parse_user_agent('curl/8.5.0')").as_deref(), Some("arguments"));
}

/// The columns and rows of a query: names with `,` between them before the rows.
fn columns_and_rows(query: &str) -> Vec<String> {
    let parsed = kql_syntax::parse(query);
    let resolution = resolve(&parsed.document(), &TableSet::new(), DateTime::MIN);
    let names: Vec<&str> = resolution.columns.iter().map(|column| &*column.name).collect();
    std::iter::once(names.join(",")).chain(rows(query)).collect()
}

/// From `array-sort-asc-function`, and what Microsoft's analyzer says of the columns.
#[test]
fn sorted_arrays_are_as_many_columns() {
    let lists = "print a = dynamic([2, 1, null]), b = dynamic(['x', 'y', 'z'])";
    for (query, expected) in [
        ("print array_sort_asc(dynamic([null, 'b', 'a']))", ["print_0", r#"["a","b",null]"#]),
        ("print array_sort_asc(dynamic([null, 'b', 'a']), false)", ["print_0", r#"[null,"a","b"]"#]),
        ("print array_sort_asc(dynamic([null, 'b', 'a']), 1 == 2)", ["print_0", r#"[null,"a","b"]"#]),
        ("let end = false; print r = array_sort_asc(dynamic([null, 'b', 'a']), end)", ["r", r#"[null,"a","b"]"#]),
        (
            "let a = dynamic([2, 1]); let b = dynamic([3, 4]); print array_sort_asc(a, b)",
            ["a_sorted,b_sorted", "[1,2]|[4,3]"],
        ),
        ("let a = dynamic([2, 1]); let b = dynamic([3, 4]); print r = array_sort_asc(a, b)", ["r", "[1,2]"]),
        ("L | project array_sort_asc(a, b)", ["a_sorted,b_sorted", r#"[1,2,null]|["y","x","z"]"#]),
        ("L | project r = array_sort_asc(a, b)", ["r,b_sorted", r#"[1,2,null]|["y","x","z"]"#]),
        ("L | project (r, s) = array_sort_asc(a, b, 1 > 2)", ["r,s", r#"[null,1,2]|["z","y","x"]"#]),
    ] {
        let query = query.replace("L |", &format!("{lists} |"));
        assert_eq!(columns_and_rows(&query), expected, "{query}");
    }
    let wrong = format!("{lists} | project (r, s, t) = array_sort_asc(a, b)");
    assert_eq!(first_code(&wrong).as_deref(), Some("too-many-names"));
}

/// From `bag-unpack-plugin`: a column of a property's name stands where the property would.
#[test]
fn a_conflict_of_names_is_settled_in_the_place_of_the_property() {
    let bags = r#"datatable(Name: string, d: dynamic) ['Old_name', dynamic({"Name": "John", "Age": 20})]"#;
    for (conflict, expected) in [("replace_source", "20|John"), ("keep_source", "20|Old_name")] {
        let query = format!("{bags} | evaluate bag_unpack(d, columnsConflict = '{conflict}')");
        assert_eq!(columns_and_rows(&query), ["Age,Name", expected]);
    }
}

/// What Defender and Sentinel have beside the language (`advanced-hunting-fileprofile-function` and its like, watchlists,
/// the parsers of ASIM), plugins, and tables without a schema: each is named, with what to use instead.
#[test]
fn what_is_not_here_is_told_by_name() {
    for (query, code, words) in [
        ("DeviceInfo | invoke SeenBy()", "unsupported", "`SeenBy`"),
        ("print SHA1 = 'a' | where SHA1 in (_GetWatchlist('x') | project SearchKey)", "unsupported", "`_GetWatchlist`"),
        ("let w = _GetWatchlist('x'); w | project SearchKey", "unsupported", "`_GetWatchlist`"),
        ("_Im_Dns(starttime = ago(1d)) | take 1", "unsupported", "`_Im_Dns`"),
        ("_Im_Dns | take 1", "unsupported", "`_Im_Dns`"),
        ("print a = 1 | evaluate autocluster()", "unsupported", "`autocluster`"),
        ("print a = 1 | evaluate bag_unpak(a)", "unknown-function", "'bag_unpak'"),
        ("SigninLogs | take 1", "unknown-table", "'SigninLogs'"),
        (
            "print s = dynamic([1]) | extend (a, b) = series_decompose_anomalies(s)",
            "unsupported",
            "`series_decompose_anomalies()`",
        ),
        ("print s = dynamic([1]) | extend (a, b) = array_length(s)", "several-names", "several names"),
    ] {
        let parsed = kql_syntax::parse(query);
        let resolution = resolve(&parsed.document(), &TableSet::new(), DateTime::MIN);
        let found = &resolution.diagnostics[0];
        assert_eq!(found.code, code, "{query}");
        assert!(found.message.contains(words), "{query}: {}", found.message);
        assert!(found.hint.is_some() || code == "several-names", "{query}");
    }
}

/// What an error says of a name that stands nowhere: what it is called now (`advanced-hunting-schema-changes`,
/// `advanced-hunting-migrate-from-mde`), or whose table it is.
#[test]
fn a_name_of_another_time_or_place_is_told_for_what_it_is() {
    let sentinel = "It is a table of Microsoft Sentinel";
    for (query, expected) in [
        ("AppFileEvents | take 1", &[("'AppFileEvents'", "It is called `CloudAppEvents` now.")][..]),
        ("DeviceAlertEvents | take 1", &[("'DeviceAlertEvents'", "`AlertInfo` and `AlertEvidence` have its rows now")]),
        ("SigninLogs | take 1", &[("'SigninLogs'", sentinel)]),
        ("Sigma_CL | take 1", &[("'Sigma_CL'", "It is a custom table of Log Analytics")]),
        ("EmailEvents | where FinalEmailAction == 'a'", &[("'FinalEmailAction'", "It is called `EmailAction` now.")]),
        ("EmailEvents | where PhishFilterVerdict == 'a'", &[("'PhishFilterVerdict'", "`ThreatTypes` has what it had")]),
        // Every table that is missing is told, not just the first.
        (
            "SigninLogs | join (AuditLogs | where A == 1) on A | where B in (Syslog | project B) | union Usage",
            &[("'SigninLogs'", sentinel), ("'AuditLogs'", sentinel), ("'Syslog'", sentinel), ("'Usage'", sentinel)],
        ),
        // What depends on an error is no error of its own.
        (
            "print s = dynamic([1]) | extend (a, b) = series_decompose_anomalies(s) | mv-expand a, b | where a > 1",
            &[("`series_decompose_anomalies()`", "")],
        ),
        // Which columns there are is not known without rows.
        (
            "print a = '{}' | where a == '' | extend b = parse_json(a) | evaluate bag_unpack(b) | where c == 1",
            &[("'c'", "`bag_unpack` makes columns of the rows before it; there are none: load a log.")],
        ),
    ] {
        let found = resolve(&kql_syntax::parse(query).document(), &TableSet::new(), DateTime::MIN).diagnostics;
        assert_eq!(found.len(), expected.len(), "{query}: {found:#?}");
        for (found, (message, hint)) in found.iter().zip(expected) {
            let told = found.hint.as_deref().unwrap_or_default();
            assert!(found.message.contains(message) && told.contains(hint), "{query}: {found:#?}");
        }
    }
}

/// From `advanced-hunting-fileprofile-function`: the columns and their types, which column and how many files it takes, and
/// that a file which is not looked up has an empty availability.
#[test]
fn a_file_profile_has_its_columns_and_knows_nothing() {
    let added = "SHA256,MD5,FileSize,GlobalPrevalence,GlobalFirstSeen,GlobalLastSeen,Signer,Issuer,SignerHash,\
                 IsCertificateValid,IsRootSignerMicrosoft,SignatureState,IsExecutable,ThreatName,Publisher,SoftwareName,\
                 ProfileAvailability";
    for call in ["FileProfile()", "FileProfile(SHA1)", "FileProfile('SHA1', 1000)"] {
        let found = columns_and_rows(&format!("print SHA1 = 'a' | invoke {call}"));
        assert_eq!(found[0], format!("SHA1,{added}"), "{call}");
    }
    let types = "print SHA1 = 'a' | invoke FileProfile() | getschema | summarize take_any(ColumnName) by ColumnType | sort by ColumnType asc | project ColumnType";
    assert_eq!(columns_and_rows(types)[1..], ["bool", "datetime", "int", "string"]);
    let kept = "print SHA1 = 'a', Signer = 's' | invoke FileProfile() | project Signer, ProfileAvailability, known = isnotnull(GlobalPrevalence)";
    assert_eq!(columns_and_rows(kept), ["Signer,ProfileAvailability,known", "s||false"]);
    for (call, code) in [
        ("FileProfile()", "no-file-profiles"),
        ("FileProfile(MD5)", "unknown-word"),
        ("FileProfile(SHA256)", "unknown-column"),
        ("FileProfile(SHA1, 1001)", "argument-type"),
        ("FileProfile(SHA1, 1, 2)", "arguments"),
    ] {
        assert_eq!(first_code(&format!("print SHA1 = 'a' | invoke {call}")).as_deref(), Some(code), "{call}");
    }
    assert_eq!(first_code("print a = 1 | invoke FileProfile()").as_deref(), Some("column-expected"));
}

/// From `ingestiontime-function`: null without the policy that notes it. A log has none.
#[test]
fn that_no_log_says_when_it_was_taken_in_is_told_where_it_matters() {
    let query = "DeviceProcessEvents | where ingestion_time() >= ago(1d)";
    let found = resolve(&kql_syntax::parse(query).document(), &TableSet::new(), DateTime::MIN).diagnostics;
    assert_eq!(found.iter().map(|d| &*d.code).collect::<Vec<_>>(), ["no-ingestion-time"]);
    let edit = &found[0].fixes[0].edits[0];
    assert_eq!((edit.span.of(query), &*edit.insert), ("ingestion_time()", "TimeGenerated"));
    let found = resolve(&kql_syntax::parse("print a = 1; print b = 2").document(), &TableSet::new(), DateTime::MIN);
    assert_eq!(found.diagnostics.iter().map(|d| &*d.code).collect::<Vec<_>>(), ["earlier-query"]);
}

/// From `column-ifexists-function`, in a function whose parameter names the column; as Microsoft's analyzer has it.
#[test]
fn a_parameter_may_name_the_column_that_may_exist() {
    let query = "let f = (Name: string) { print a = 1, b = 'x' | project c = column_ifexists(Name, 'none') };";
    assert_eq!(columns_and_rows(&format!("{query} f('a')")), ["c", "1"]);
    assert_eq!(columns_and_rows(&format!("{query} f('b')")), ["c", "x"]);
    assert_eq!(columns_and_rows(&format!("{query} f('d')")), ["c", "none"]);
    assert_eq!(
        first_code("let f = (N: long) { print a = 1 | project c = column_ifexists(N, 1) }; f(1)").as_deref(),
        Some("argument-type")
    );
}

/// From `series-stats-function` and `series-fit-line-function`; names and types as Microsoft's analyzer has them.
#[test]
fn a_function_of_a_series_gives_several_columns() {
    let series = "print x = dynamic([23, 46, 23, 87, 4, 8, 3, 75, 2, 56, 13, 75, 32, 16, 29])";
    let names = "series_stats_x_min,series_stats_x_min_idx,series_stats_x_max,series_stats_x_max_idx,series_stats_x_avg,series_stats_x_stdev,series_stats_x_variance";
    let values = "2.0|8|87.0|3|32.8|28.50363385354827|812.4571428571429";
    assert_eq!(columns_and_rows(&format!("{series} | project series_stats(x)")), [names, values]);
    let renamed = names.replace("series_stats_x_min,series_stats_x_min_idx", "least,place");
    let query = format!("{series} | extend (least, place) = series_stats(x) | project-away x");
    assert_eq!(columns_and_rows(&query), [&*renamed, values]);
    for (query, expected) in [
        ("print a = series_stats(dynamic([1, 2]))", ["a", "1.0"]),
        (
            "print x = dynamic([1, 2, 4]) | project y = series_stats(x)[3], z = (series_fit_line(x)[1])",
            ["y,z", "2|1.5"],
        ),
        (
            "print x = dynamic([1, 3]) | extend (RSquare, Slope, Variance, RVariance, Interception, LineFit) = series_fit_line(x) | project-away x",
            ["RSquare,Slope,Variance,RVariance,Interception,LineFit", "1.0|2.0|2.0|0.0|-1.0|[1.0,3.0]"],
        ),
        (
            "print x = dynamic([1, 3]) | project series_fit_line(series_add(x, x))",
            [
                "series_fit_line__rsquare,series_fit_line__slope,series_fit_line__variance,series_fit_line__rvariance,series_fit_line__interception,series_fit_line__line_fit",
                "1.0|4.0|8.0|0.0|-2.0|[2.0,6.0]",
            ],
        ),
        (
            "print x = dynamic([1, 3]) | project series_stats_dynamic(x).max, series_fit_line_dynamic(x).slope",
            ["series_stats_dynamic_max,series_fit_line_dynamic_slope", "3.0|2.0"],
        ),
    ] {
        let found = columns_and_rows(query);
        if query.contains("_dynamic") {
            assert_eq!(found[1], expected[1], "{query}");
        } else {
            assert_eq!(found, expected, "{query}");
        }
    }
    for (wrong, code) in [
        ("print x = dynamic([1]) | where series_stats(x) > 0", "several-values"),
        ("print x = dynamic([1]) | summarize make_list(series_fit_line(x))", "several-values"),
        ("print x = dynamic([1]) | extend y = tostring(series_fit_line(x))", "several-values"),
        ("print x = dynamic([1]) | extend y = series_stats(x)[7]", "index-type"),
        ("print x = dynamic([1]) | extend y = series_stats(series_stats(x))[0]", "several-values"),
        ("print geo_distance_2points(1, 2, 3, 4, true)", "unsupported"),
    ] {
        assert_eq!(first_code(wrong).as_deref(), Some(code), "{wrong}");
    }
    assert_eq!(
        rows("print geo_distance_2points(-122.407628, 47.578557, -118.275287, 34.019056, false)"),
        ["1546754.3519738095"]
    );
}

/// What Microsoft's analyzer says of a name before a function's first argument; the first query is that of a published
/// rule (Azure-Sentinel, detect-exfiltration-after-termination).
#[test]
fn a_name_before_an_argument_names_the_column() {
    for (query, expected) in [
        (
            "print t = datetime(2020-01-01 00:07) | summarize n = count() by bin(5Minutebin=t, 5m) | project 5Minutebin, n",
            ["5Minutebin,n", "2020-01-01T00:05:00.0000000Z|1"],
        ),
        ("print a = 7 | extend bin(b=a, 5)", ["a,b", "7|5"]),
        ("print a = 7 | project tostring(b=a), tostring(a)", ["b,a", "7|7"]),
        ("print a = 7 | summarize sum(x=a), make_set(y=a + 1), take_any(z=a)", ["sum_x,set_y,z", "7|[8]|7"]),
        ("print a = 7 | extend n = bin(b=a, 5)", ["a,n", "7|5"]),
        ("print tostring(x=1)", ["print_0", "1"]),
    ] {
        assert_eq!(columns_and_rows(query), expected, "{query}");
    }
}

/// As Microsoft's analyzer: an aggregate that gives several columns wants an argument too.
#[test]
fn an_aggregate_of_nothing_is_refused() {
    for aggregate in ["arg_max()", "arg_min()", "take_any()", "percentiles()"] {
        let query = format!("print a = 1 | summarize {aggregate} by a");
        assert_eq!(first_code(&query).as_deref(), Some("arguments"), "{aggregate}");
    }
    for aggregate in ["arg_max(*)", "arg_min(*, b)", "percentile(*, 50)"] {
        let query = format!("print a = 1, b = 2 | summarize {aggregate} by a");
        assert_eq!(first_code(&query).as_deref(), Some("argument-type"), "{aggregate}");
    }
    assert_eq!(columns_and_rows("print a = 1 | summarize take_any(*) by a"), ["a", "1"]);
}

/// Sentences and examples of `parse-operator` (relaxed), `row-window-session-function`, `pack-array-function`,
/// `mv-expand-operator`, `invoke-operator`, `scalar-data-types/datetime`, `consume-operator` and `extend` as Microsoft's
/// analyzer has it.
#[test]
fn sentences_of_the_pages_hold() {
    let session = |times: &str, between: &str| {
        let list = times
            .split(' ')
            .map(|t| if t == "-" { "datetime(null)".into() } else { format!("datetime(2024-01-01 {t})") });
        let list = list.collect::<Vec<String>>().join(", ");
        rows(&format!(
            "datatable(t: datetime) [{list}] | serialize s = row_window_session(t, 1h, {between}) | project format_datetime(s, 'HH:mm')"
        ))
    };
    assert_eq!(session("10:00 10:05 10:08", "5m"), ["10:00", "10:05", "10:05"]);
    assert_eq!(session("10:00 10:30 11:00", "45m"), ["10:00", "10:00", "11:00"]);
    assert_eq!(session("10:00 10:04 - 10:08", "5m"), ["10:00", "10:00", "", "10:08"]);
    let clipped = "let clipped_average = (T: (x: long), lowPercentile: double, upPercentile: double) {
        let high = toscalar(T | summarize percentiles(x, upPercentile));
        let low = toscalar(T | summarize percentiles(x, lowPercentile));
        T | where x > low and x < high | summarize avg(x)
    };
    range x from 1 to 100 step 1 | invoke clipped_average(5, 99)";
    for (query, expected) in [
        ("print s = 'n=5, k=7' | parse kind=relaxed s with 'n=' a: long * 'k=' b: long", "n=5, k=7|5|7"),
        ("print s = 'n=x, k=7' | parse kind=relaxed s with 'n=' a: long * 'k=' b: long", "n=x, k=7||7"),
        ("print s = 'n=5, k=1.5x' | parse kind=relaxed s with 'n=' a: long ',' * 'k=' b: real *", "n=5, k=1.5x|5|1.5"),
        ("print x = 1, y = 'a' | extend p = pack_array(*)", "1|a|[1,\"a\"]"),
        ("print x = 1, y = 'a' | extend p = pack_array(*) | mv-expand p | summarize make_list(p)", "[1,\"a\"]"),
        (
            "print x = dynamic([2.5, true, '1', 7]) | mv-expand x to typeof(long) | summarize make_list(coalesce(x, -1))",
            "[-1,-1,-1,7]",
        ),
        ("print x = dynamic(['2020-01-01', 7]) | mv-expand x to typeof(datetime) | summarize countif(isnull(x))", "2"),
        (
            "range t from datetime(2020-01-01) to datetime(2020-01-02) step 1d | summarize x = make_list(t) | mv-expand x to typeof(datetime) | summarize countif(isnotnull(x))",
            "2",
        ),
        (clipped, "52.0"),
        ("let f = (r: string, s: string) { extract(r, 0, s) }; print f('b.', 'abc')", "bc"),
        ("let f = (c: string) { print a = 1 | project column_ifexists(c, 2) }; f('a')", "1"),
        ("print datetime() == now()", "true"),
        ("print a = 1.5 | extend todecimal(a), a | project gettype(a)", "decimal"),
    ] {
        assert_eq!(rows(query), [expected], "{query}");
    }
    assert!(rows("print a = 1 | consume").is_empty());
    for (wrong, code) in [
        // `user-defined-functions`: what gives rows cannot depend on a row of the call.
        (
            "let f = (q: long) { toscalar(range x from 1 to 3 step 1 | where x == q) }; print a = 1 | extend f(a)",
            "row-dependent",
        ),
        ("let f = (q: long) { let r = q + 1; toscalar(print r) }; print a = 1 | extend f(a)", "row-dependent"),
        ("let f = (r: string) { extract(r, 0, 'a') }; print a = 'a' | extend f(a)", "not-constant"),
        ("let f = (p: string) { datetime_part(p, now()) }; print f('year')", "argument-type"),
        ("print a = 1 | summarize pack_array(*)", "not-aggregated"),
    ] {
        assert_eq!(first_code(wrong).as_deref(), Some(code), "{wrong}");
    }
    assert_eq!(rows("let f = (q: long) { toscalar(range x from 1 to 3 step 1 | where x == q) }; print f(2)"), ["2"]);
}

/// `window-functions`: they are for serialized rows.
#[test]
fn a_window_function_over_rows_in_no_order_is_warned_of() {
    for (query, warned) in [
        ("range x from 1 to 3 step 1 | extend n = row_number()", false),
        ("range x from 1 to 3 step 1 | summarize by x | extend n = row_number()", true),
        ("range x from 1 to 3 step 1 | distinct x | where prev(x) == 1", true),
        ("range x from 1 to 3 step 1 | distinct x | sort by x asc | where x > 0 | extend n = row_number()", false),
        ("range x from 1 to 3 step 1 | distinct x | serialize n = row_number()", false),
        ("range x from 1 to 3 step 1 | distinct x | serialize | where x > 0 | extend n = row_number()", false),
        ("range x from 1 to 3 step 1 | distinct x | extend n = rand()", false),
        ("range x from 1 to 3 step 1 | union (print x = 7) | project n = next(x)", true),
    ] {
        let found = resolve(&kql_syntax::parse(query).document(), &TableSet::new(), DateTime::MIN).diagnostics;
        assert_eq!(found.iter().any(|d| d.code == "not-serialized"), warned, "{query}: {found:?}");
    }
}

/// What stands on no parameter is told where a function is defined, even if nobody calls it.
#[test]
fn a_function_that_nobody_calls_is_told_what_is_no_constant() {
    for (body, told) in [
        ("T | summarize percentile(x, x)", true),
        ("T | summarize percentile(x, p)", false),
        ("T | extend y = extract(tostring(x), 0, 'a')", true),
        ("T | extend y = extract(tostring(p), 0, 'a')", false),
    ] {
        let query = format!("let f = (T: (x: long), p: long) {{ {body} }}; print 1");
        assert_eq!(first_code(&query).as_deref(), told.then_some("not-constant"), "{body}");
    }
}
