//! A run that would hold more than it may ends with words that name the operator, and long work can be called off.

use event_table::{DateTime, TableSet};
use kql_engine::plan::Plan;
use kql_engine::resolve::{resolve, resolve_paced};
use kql_engine::run::{Cancelled, Pace, Progress, RunError, Runner, block_on};
use std::cell::Cell;
use std::pin::Pin;

fn plan(text: &str) -> Plan {
    let parsed = kql_syntax::parse(text);
    let resolution = resolve(&parsed.document(), &TableSet::new(), DateTime::MIN);
    resolution.plan.unwrap_or_else(|| panic!("{text}: {:?} {:?}", parsed.diagnostics(), resolution.diagnostics))
}

fn run_within(text: &str, bytes: usize) -> Result<usize, RunError> {
    let mut runner = Runner::new();
    runner.set_memory(bytes);
    runner.run_now(&plan(text), &TableSet::new(), DateTime::MIN).map(|outcome| outcome.relation.len())
}

const MEBIBYTE: usize = 1 << 20;

/// A query, the operator that meets a bound of 4 MiB, and the rows that come out where there is room.
const HUNGRY: &[(&str, &str, usize)] = &[
    ("range x from 1 to 2000000 step 1", "`range`", 2_000_000),
    (
        "range x from 1 to 1000 step 1 | extend k = 1 | join kind=inner (range y from 1 to 1000 step 1 | extend k = 1) on k",
        "`join`",
        1_000_000,
    ),
    ("range x from 1 to 300000 step 1 | summarize make_list(x)", "`summarize`", 1),
    ("range x from 1 to 300000 step 1 | summarize make_set(x)", "`summarize`", 1),
    ("range x from 1 to 300000 step 1 | summarize make_list(pack_array(x, x)) by x % 2", "`summarize`", 2),
    ("range x from 1 to 300000 step 1 | summarize dcount(x)", "`summarize`", 1),
    ("range x from 1 to 300000 step 1 | summarize count() by x", "`summarize`", 300_000),
    ("range x from 1 to 300000 step 1 | summarize percentile(x, 50)", "`summarize`", 1),
    ("range x from 1 to 200000 step 1 | distinct x", "`distinct`", 200_000),
    ("range x from 1 to 200000 step 1 | sort by x desc, x asc", "`sort`", 200_000),
    ("range x from 1 to 200000 step 1 | top 10 by x", "`top`", 10),
    ("print a = range(1, 200000, 1) | mv-expand a", "`mv-expand`", 200_000),
    (
        "range x from 1 to 20 step 1 | extend a = range(1, 20000, 1) | mv-expand a to typeof(string)",
        "`mv-expand`",
        400_000,
    ),
    ("range x from 1 to 1000 step 1 | make-series count() on x from 1 to 1000 step 1 by k = x", "`make-series`", 999),
    ("range x from 1 to 300000 step 1 | serialize n = row_number()", "`serialize`", 300_000),
    // Values that grow from row to row, or within one expression.
    (
        "range x from 1 to 10000 step 1 | extend s = strrep(tostring(x), 1000)",
        "Computing columns (`extend`, `project`)",
        10_000,
    ),
    (
        "range x from 1 to 8 step 1 | extend s = strrep(strrep(tostring(x), 1000), 1000)",
        "Computing columns (`extend`, `project`)",
        8,
    ),
    ("range x from 1 to 30 step 1 | extend a = repeat(x, 10000)", "Computing columns (`extend`, `project`)", 30),
    (
        "range x from 1 to 4 step 1 | extend s = strrep(strcat('a', x), 1000) | extend t = replace_string(s, 'a', s)",
        "Computing columns (`extend`, `project`)",
        4,
    ),
    (
        "range x from 1 to 4 step 1 | extend s = strcat_array(repeat(strrep(tostring(x), 1000), 1000), strrep('-', 1000))",
        "Computing columns (`extend`, `project`)",
        4,
    ),
];

#[test]
fn each_operator_that_holds_too_much_is_named_with_what_to_do() {
    for (text, operator, rows) in HUNGRY {
        let words = match run_within(text, 4 * MEBIBYTE) {
            Err(RunError::TooLarge(words)) => words,
            other => panic!("{text}: {other:?}"),
        };
        let begins = format!("{operator} needs more than the 4 MiB of memory that a run may take. ");
        assert!(words.strip_prefix(&begins).is_some_and(|advice| advice.ends_with('.')), "{text}: {words}");
        assert_eq!(run_within(text, 1 << 30), Ok(*rows), "{text}");
    }
}

#[test]
fn values_that_double_at_each_step_end_in_words_and_not_in_the_machine() {
    let doubled = " | extend s = strcat(s, s)".repeat(60);
    let packed = " | extend s = pack_array(s, s)".repeat(60);
    for text in [
        format!("range x from 1 to 1 step 1 | extend s = tostring(x){doubled}"),
        format!("range x from 1 to 1 step 1 | extend s = pack_array(x){packed}"),
    ] {
        assert!(matches!(run_within(&text, 64 * MEBIBYTE), Err(RunError::TooLarge(_))), "{text}");
    }
    // Constants are computed before the run.
    let text = "print s = strrep(strrep(strrep(strrep('x', 1024), 1024), 1024), 1024)";
    let found = resolve(&kql_syntax::parse(text).document(), &TableSet::new(), DateTime::MIN);
    let found: Vec<&str> = found.diagnostics.iter().map(|d| d.code.as_str()).collect();
    assert_eq!(found, ["too-large"]);
}

#[test]
fn what_a_part_took_is_given_back_before_the_next() {
    let text = "range x from 1 to 200 step 1 | extend a = range(1, 1000, 1) | mv-apply a to typeof(long) on (summarize sum(a))";
    assert_eq!(run_within(text, 16 * MEBIBYTE), Ok(200));
}

/// Counts how often it is asked, and calls the work off after so many times.
struct Counting {
    asked: Cell<usize>,
    patience: usize,
}

impl Pace for Counting {
    fn checkpoint(&self, _: Progress) -> Pin<Box<dyn Future<Output = Result<(), Cancelled>> + '_>> {
        self.asked.set(self.asked.get() + 1);
        let goes_on = self.asked.get() <= self.patience;
        Box::pin(std::future::ready(if goes_on { Ok(()) } else { Err(Cancelled) }))
    }
}

#[test]
fn long_work_asks_again_and_again_whether_it_is_still_wanted() {
    for (text, least) in [
        // A million pairs of one key, in one chunk of rows.
        ("print k = 1 | join kind=inner (range y from 1 to 1000000 step 1 | extend k = 1) on k", 12),
        ("print a = range(1, 1000000, 1) | extend b = pack_array(a) | mv-expand b to typeof(dynamic) | mv-expand a", 1),
        ("range x from 1 to 20 step 1 | extend a = range(1, 60000, 1) | mv-expand a to typeof(long)", 10),
        ("range x from 1 to 1000000 step 1 | sort by x % 7 asc, x desc", 20),
        ("range x from 1 to 400000 step 1 | serialize n = row_number()", 6),
        ("range x from 1 to 400000 step 1 | distinct x", 2),
        (
            "range x from 1 to 100000 step 1 | extend ip = '10.0.0.1' | evaluate ipv4_lookup((datatable(n: string)['10.0.0.0/8', '11.0.0.0/8']), ip, n)",
            4,
        ),
        ("range x from 1 to 300000 step 1 | sort by x | extend y = x + 1 | count", 5),
    ] {
        let plan = plan(text);
        let counting = |patience| Counting { asked: Cell::new(0), patience };
        let willing = counting(usize::MAX);
        let tables = TableSet::new();
        let outcome = block_on(Runner::new().run(&plan, &tables, DateTime::MIN, &willing));
        assert!(outcome.is_ok(), "{text}: {:?}", outcome.err());
        assert!(willing.asked.get() >= least, "{text}: asked {} times", willing.asked.get());
        let last = counting(willing.asked.get() - 1);
        let outcome = block_on(Runner::new().run(&plan, &tables, DateTime::MIN, &last));
        assert_eq!(outcome.err(), Some(RunError::Cancelled), "{text}");
    }
}

#[test]
fn rows_sorted_in_runs_are_in_order_and_equal_ones_as_they_came() {
    let text = "range x from 1 to 700000 step 1 | extend k = x % 7, c = 1 | sort by k asc, c asc | serialize d = iff(k > prev(k, 1, -1) or (k == prev(k) and x > prev(x)), 0, 1) | where d == 1 | count";
    let outcome = Runner::new().run_now(&plan(text), &TableSet::new(), DateTime::MIN).expect("a right query");
    assert_eq!(outcome.relation.value(0, 0).to_string(), "0");
}

#[test]
fn top_nested_asks_in_its_loops_and_ends_in_words_where_it_holds_too_much() {
    for text in [
        // One large group at each level, then many small ones.
        "range x from 1 to 400000 step 1 | top-nested 1 of y = x % 1 by sum(x), top-nested 1 of z = x % 2 by sum(x)",
        "range x from 1 to 200000 step 1 | top-nested of y = x by sum(x)",
    ] {
        let (plan, plan_of) = (plan(text), plan);
        let tables = TableSet::new();
        let input = Counting { asked: Cell::new(0), patience: usize::MAX };
        let source = text.split(" | ").next().unwrap_or_default();
        assert!(block_on(Runner::new().run(&plan_of(source), &tables, DateTime::MIN, &input)).is_ok());
        let willing = Counting { asked: Cell::new(0), patience: usize::MAX };
        assert!(block_on(Runner::new().run(&plan, &tables, DateTime::MIN, &willing)).is_ok());
        assert!(willing.asked.get() >= input.asked.get() + 8, "{text}: asked {} times", willing.asked.get());
        for patience in (input.asked.get()..willing.asked.get()).step_by(3) {
            let last = Counting { asked: Cell::new(0), patience };
            let outcome = block_on(Runner::new().run(&plan, &tables, DateTime::MIN, &last));
            assert_eq!(outcome.err(), Some(RunError::Cancelled), "{text}");
        }
    }
    let text = "range x from 1 to 200000 step 1 | top-nested of y = x by sum(x)";
    match run_within(text, 8 * MEBIBYTE) {
        Err(RunError::TooLarge(words)) => {
            assert!(words.starts_with("`top-nested` needs more than the 8 MiB"), "{words}")
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn rows_that_the_columns_of_a_plugin_depend_on_are_run_with_pauses() {
    for (text, plugin, columns) in [
        (
            "range x from 1 to 300000 step 1 | extend b = bag_pack('k', x) | evaluate bag_unpack(b) | summarize sum(k)",
            "bag_unpack",
            &["sum_k"][..],
        ),
        (
            "range x from 1 to 300000 step 1 | project k = tostring(x % 2), y = x % 3 | evaluate pivot(k)",
            "pivot",
            &["y", "0", "1"][..],
        ),
        // The columns of the second depend on those of the first.
        (
            "range x from 1 to 100000 step 1 | extend b = bag_pack('k', bag_pack('n', x)) | evaluate bag_unpack(b) | evaluate bag_unpack(k) | summarize max(n)",
            "bag_unpack",
            &["max_n"][..],
        ),
    ] {
        let parsed = kql_syntax::parse(text);
        let tables = TableSet::new();
        let resolved = |patience: usize| {
            let pace = Counting { asked: Cell::new(0), patience };
            let outcome = block_on(resolve_paced(&parsed.document(), &tables, DateTime::MIN, &pace));
            (outcome, pace.asked.get())
        };
        let (outcome, asked) = resolved(usize::MAX);
        let resolution = outcome.expect("a patient run");
        let names: Vec<&str> = resolution.columns.iter().map(|c| &*c.name).collect();
        assert_eq!((names, resolution.diagnostics.len()), (columns.to_vec(), 0), "{text}");
        // The same as without pauses.
        let plain = resolve(&parsed.document(), &tables, DateTime::MIN);
        assert_eq!(plain.columns, resolution.columns, "{text}");
        let both = [plain.plan, resolution.plan].map(|plan| plan.map(|plan| plan.fingerprint()));
        assert_eq!(both[0], both[1], "{text}");
        assert!(asked >= 5, "{text}: asked {asked} times");
        for patience in (0..asked).step_by(3) {
            assert_eq!(resolved(patience).0.err(), Some(Cancelled), "{text}: {patience} of {asked}");
        }
        // Nor may there be more than a run may make, and the plugin is told that it stands behind.
        let arguments = if plugin == "pivot" { "k" } else { "b" };
        let hungry = format!(
            "range x from 1 to 20000000 step 1 | extend b = bag_pack('k', x), k = 'a' | evaluate {plugin}({arguments})"
        );
        let found = resolve(&kql_syntax::parse(&hungry).document(), &tables, DateTime::MIN).diagnostics;
        assert!(
            found.iter().any(|d| d.code.as_str() == "too-large" && d.message.contains(&format!("`{plugin}`"))),
            "{found:?}"
        );
    }
}
