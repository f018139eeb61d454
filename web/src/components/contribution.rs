//! What a value of a list does: in how many rows it is found, and how many alerts hang on it alone.

use detection::ConditionContribution;
use yew::prelude::*;

use crate::format::{counted, grouped};
use crate::rule_text::Entry;

/// What a value of a list does, in all conditions that the list stands in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contribution {
    /// Rows that have it.
    pub rows: usize,
    /// Alerts that have it.
    pub alerts: usize,
    /// Alerts that have no other value of the list.
    pub alone: usize,
    /// The same by signal, by position.
    pub signals: Vec<(usize, usize, usize)>,
}

/// What a value of a list does; none when it was not found out.
pub fn contribution(entry: &Entry, value: &str, found: &[ConditionContribution]) -> Option<Contribution> {
    let of_list = found.iter().filter(|condition| {
        let span = condition.span;
        entry.literal.uses.iter().any(|used| span.start <= used.predicate.start && used.predicate.end <= span.end)
    });
    let mut sum: Option<Contribution> = None;
    for condition in of_list {
        let Some(literal) = condition.literals.iter().find(|literal| literal.literal == value) else { continue };
        let sum = sum.get_or_insert_default();
        sum.rows += literal.rows;
        sum.alerts += literal.alerts;
        sum.alone += literal.alone;
        sum.signals.push((condition.signal, literal.rows, literal.alone));
    }
    sum
}

/// A value's figures, for a chip. The place for them is there before they are: what stands beside it keeps the focus.
pub fn figures(contribution: Option<&Contribution>, names: &[String]) -> Html {
    let Some(Contribution { rows, alerts, alone, signals }) = contribution else {
        return html! { <span class="figures" /> };
    };
    let name = |signal: usize| names.get(signal).cloned().unwrap_or_else(|| format!("signal {}", signal + 1));
    let by_signal = signals.iter().map(|(signal, rows, alone)| {
        format!("\n{}: {}, {} on it alone", name(*signal), counted(*rows, "row"), counted(*alone, "alert"))
    });
    let words = in_words(*rows, *alerts, *alone);
    let title = format!("{words}{}", if signals.len() > 1 { by_signal.collect::<String>() } else { String::new() });
    html! {
        <span class={classes!("figures", (*rows == 0).then_some("is-zero"))} {title}>
            <span aria-hidden="true">
                { grouped(*rows as u64) }
                if *rows > 0 { <span class={classes!("alone", (*alone == 0).then_some("is-zero"))}>{ grouped(*alone as u64) }</span> }
            </span>
            <span class="aloud">{ words }</span>
        </span>
    }
}

fn in_words(rows: usize, alerts: usize, alone: usize) -> String {
    match (rows, alerts) {
        (0, _) => "in no row".to_owned(),
        (_, 0) => format!("in {}, no alert has it", counted(rows, "row")),
        (_, _) => format!(
            "in {}; {} of its {} {} on it alone",
            counted(rows, "row"),
            grouped(alone as u64),
            counted(alerts, "alert"),
            if alone == 1 { "hangs" } else { "hang" }
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule_text::RuleText;
    use detection::{Options, Session};
    use event_table::DateTime;

    /// Worked out by hand: two rows have `a.com`, one of them has `b.com` too, and all three are alerts of the second
    /// signal; the first signal's table has one row.
    #[test]
    fn a_list_of_two_signals_adds_up_what_its_values_do() {
        let mut session = Session::new();
        let log = "Timestamp,DeviceName,FileName,ProcessCommandLine\n2025-06-01T10:00:00Z,d,git.exe,push a.com\n\
                   2025-06-01T10:00:01Z,d,git.exe,push a.com b.com\n2025-06-01T10:00:02Z,d,git.exe,push x\n";
        session.load("log.csv", log.as_bytes(), Options::default());
        let text = "let L = dynamic(['a.com', 'b.com', 'c.com']);\nlet A = DeviceProcessEvents | where FileName has_any (L);\n\
                    let B = DeviceProcessEvents | where ProcessCommandLine has_any (L);\nunion A, B";
        session.set_query(text);
        session.run_now(DateTime::MAX);
        let found = session.contributions();
        let entry = RuleText::read(text).entries.remove(0);
        for (value, rows, alerts, alone) in [("a.com", 2, 2, 1), ("b.com", 1, 1, 0), ("c.com", 0, 0, 0)] {
            let sum = contribution(&entry, value, &found).unwrap();
            assert_eq!((sum.rows, sum.alerts, sum.alone, sum.signals.len()), (rows, alerts, alone, 2), "{value}");
        }
        assert_eq!(contribution(&entry, "z.com", &found), None);
    }

    #[test]
    fn figures_are_said_in_words() {
        for (figures, words) in [
            ((0, 0, 0), "in no row"),
            ((1_448, 0, 0), "in 1,448 rows, no alert has it"),
            ((20, 2, 1), "in 20 rows; 1 of its 2 alerts hangs on it alone"),
            ((20, 2, 0), "in 20 rows; 0 of its 2 alerts hang on it alone"),
        ] {
            assert_eq!(in_words(figures.0, figures.1, figures.2), words);
        }
    }
}
