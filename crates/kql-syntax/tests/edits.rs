//! Edits of literals: exactly one literal changes, every other byte and comment stays, and the text still parses.

use kql_syntax::edit::{TextEdit, add_item, apply, remove_item, set_scalar};
use kql_syntax::literals::{Item, ListForm, Literal, LiteralValue, Scalar, literals};
use kql_syntax::{Parse, Span, SyntaxKind, parse};
use proptest::prelude::*;

/// Texts whose lists and scalars are written in many ways.
const TEXTS: &[&str] = &[
    include_str!("queries/rule.kql"),
    include_str!("queries/hunting.kql"),
    r#"T | where a in ("x") and b in ('y','z') or c in~ ( @"v" , h'w' ) and d == "q" and e > 1 and f < -1.5"#,
    "T | where a has_any (\n    \"x\", // one\n    \"y\",\n    // between\n    \"z\" // last\n    // end\n) | take 5",
    "T | where a in (\r\n\t'x',\r\n\t'y'\r\n) and t > ago(24h) and u == datetime(2024-01-01) and v == true",
    "let L = dynamic([]); let M = dynamic([ // none\n]); T | where a in (L) and b in (M)",
    "let L = dynamic([ 'a' , \"b\",\n'c' ]); T | where a in (L)",
    "let L = datatable(d: string) [\n  'a', // one\n  ```b```,\n  ~~~c~~~,\n]; T | where a in (L)",
    "T | where a in (1, 2,3) and b == int(4) and c == real(1.5) and d in (dynamic([-1, 2.5])) and x=='p'and y",
    "T | where a in (y, \"x\", toupper(\"z\")) and b !has ```two\nlines``` and c == h@\"d\" and d != 'a' \"b\"",
    "T | where n between (1..2) and m between (-5 .. +5) and s > timespan(1.00:00:00) and g > time(5)",
    "T | where a ==\u{feff}5\u{feff}and b == 'ä'\u{a0}or c == 1d",
];

fn clean(text: &str) -> Parse {
    let parsed = parse(text);
    assert_eq!(parsed.diagnostics(), [], "{text}");
    parsed
}

/// The values of all literals, without their places.
fn values(parsed: &Parse) -> Vec<(Option<String>, Vec<Scalar>)> {
    let of = |literal: Literal| {
        let values = match literal.value {
            LiteralValue::Scalar(scalar) => vec![scalar],
            LiteralValue::List { items, .. } => items.into_iter().map(|item| item.value).collect(),
        };
        (literal.name, values)
    };
    literals(parsed).into_iter().map(of).collect()
}

fn comments(parsed: &Parse) -> Vec<String> {
    let tokens = parsed.syntax().descendants_with_tokens().filter_map(|element| element.into_token());
    tokens.filter(|token| token.kind() == SyntaxKind::Comment).map(|token| token.text().to_owned()).collect()
}

/// Makes the edits, and checks that they stay inside a span, lose no comment and leave a text that parses.
fn edited(text: &str, inside: Span, edits: &[TextEdit]) -> Parse {
    for edit in edits {
        assert!(inside.start <= edit.span.start && edit.span.end <= inside.end, "{edit:?} in {inside:?}");
    }
    let new = apply(text, edits).expect("edits that fit");
    let (start, end) = (inside.start as usize, inside.end as usize);
    assert!(new.starts_with(&text[..start]) && new.ends_with(&text[end..]));
    let parsed = clean(&new);
    assert_eq!(comments(&parsed), comments(&parse(text)), "{new}");
    parsed
}

/// The texts that have a literal with a value.
fn texts_with_values() -> impl Strategy<Value = &'static str> {
    let has_values = |text: &&str| values(&clean(text)).iter().any(|(_, values)| !values.is_empty());
    let with: Vec<&str> = TEXTS.iter().copied().filter(has_values).collect();
    prop::sample::select(with)
}

/// The texts that have a list.
fn texts_with_lists() -> impl Strategy<Value = &'static str> {
    let with: Vec<&str> = TEXTS.iter().copied().filter(|text| !lists(&clean(text)).is_empty()).collect();
    prop::sample::select(with)
}

/// The texts that have a list with something in it.
fn texts_with_items() -> impl Strategy<Value = &'static str> {
    let has_items = |text: &&str| lists(&clean(text)).iter().any(|(_, _, _, items)| !items.is_empty());
    let with: Vec<&str> = TEXTS.iter().copied().filter(has_items).collect();
    prop::sample::select(with)
}

/// Texts that an analyst might paste into a chip, and some that nobody would.
fn any_string() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-z.\"'\\\\`~@ \n\r\t]{0,12}",
        Just("```".to_owned()),
        Just("~~~'\"".to_owned()),
        Just("ends with \\".to_owned()),
        Just("// no comment".to_owned()),
    ]
}

fn any_scalar() -> impl Strategy<Value = Scalar> {
    prop_oneof![
        any_string().prop_map(Scalar::String),
        any::<i64>().prop_map(|n| Scalar::Number(n.to_string())),
        (0_u32..10_000, 0_u32..100).prop_map(|(whole, part)| Scalar::Number(format!("{whole}.{part}"))),
        (1_u32..500, prop::sample::select(&["d", "h", "m", "s", "ms"][..]))
            .prop_map(|(n, unit)| Scalar::TimeSpan(format!("{n}{unit}"))),
        Just(Scalar::TimeSpan("1.02:03:04.5".into())),
        Just(Scalar::DateTime("2024-02-29 10:00:00.5".into())),
        Just(Scalar::Bool("false".into())),
    ]
}

fn lists(parsed: &Parse) -> Vec<(usize, Span, ListForm, Vec<Item>)> {
    let found = literals(parsed).into_iter().enumerate();
    found
        .filter_map(|(at, literal)| match literal.value {
            LiteralValue::List { form, items } => Some((at, literal.span, form, items)),
            LiteralValue::Scalar(_) => None,
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn adding_an_item_adds_exactly_it(text in texts_with_lists(), list in any::<prop::sample::Index>(), value in any_scalar()) {
        let before = clean(text);
        let lists = lists(&before);
        let (at, span, _, _) = &lists[list.index(lists.len())];
        let edits = add_item(&before, *span, &value);
        // Only a number with a fraction does not fit after `int(…)`.
        let Ok(edits) = edits else { panic!("{value:?} into {}", span.of(text)) };
        let mut expected = values(&before);
        expected[*at].1.push(value);
        prop_assert_eq!(values(&edited(text, *span, &edits)), expected);
    }

    #[test]
    fn removing_an_item_removes_exactly_it(text in texts_with_items(), list in any::<prop::sample::Index>(), item in any::<prop::sample::Index>()) {
        let before = clean(text);
        let lists: Vec<_> = lists(&before).into_iter().filter(|(_, _, _, items)| !items.is_empty()).collect();
        let (at, span, _, items) = &lists[list.index(lists.len())];
        let item = item.index(items.len());
        let edits = remove_item(&before, *span, items[item].span).expect("an edit");
        let mut expected = values(&before);
        expected[*at].1.remove(item);
        let mut after = values(&edited(text, *span, &edits));
        // Parentheses that hold no literal any more, only names, are no list for the view.
        if expected[*at].1.is_empty() && after.len() < expected.len() {
            after.insert(*at, (None, Vec::new()));
        }
        prop_assert_eq!(after, expected);
    }

    #[test]
    fn setting_a_scalar_changes_exactly_it(text in texts_with_values(), literal in any::<prop::sample::Index>(), value in any_scalar()) {
        let before = clean(text);
        let found = literals(&before);
        let scalars: Vec<(usize, usize, Span)> = found.iter().enumerate().flat_map(|(at, literal)| match &literal.value {
            LiteralValue::Scalar(_) => vec![(at, 0, literal.span)],
            LiteralValue::List { items, .. } => items.iter().enumerate().map(|(i, item)| (at, i, item.span)).collect(),
        }).collect();
        let (at, item, span) = scalars[literal.index(scalars.len())];
        let Ok(edits) = set_scalar(&before, span, &value) else {
            // `int(4)` cannot become `int(4.5)`.
            prop_assert!(span.of(text).starts_with("int(") && matches!(&value, Scalar::Number(n) if n.contains('.')));
            return Ok(());
        };
        let mut expected = values(&before);
        expected[at].1[item] = value;
        prop_assert_eq!(values(&edited(text, span, &edits)), expected);
    }

    #[test]
    fn lists_can_be_emptied_and_filled_again(text in texts_with_items(), list in any::<prop::sample::Index>(), filling in prop::collection::vec(any_string(), 1..5)) {
        let before = clean(text);
        let lists: Vec<_> = lists(&before).into_iter().filter(|(_, _, _, items)| !items.is_empty()).collect();
        let (at, _, _, _) = lists[list.index(lists.len())];
        let mut now = text.to_owned();
        let list_of = |text: &str| match literals(&parse(text)).into_iter().nth(at) {
            Some(Literal { span, value: LiteralValue::List { items, .. }, .. }) => Some((span, items)),
            _ => None,
        };
        while let Some((span, items)) = list_of(&now).filter(|(_, items)| items.len() > usize::from(text.contains("(y,"))) {
            let edits = remove_item(&parse(&now), span, items[0].span).expect("an edit");
            now = apply(&now, &edits).expect("a fit");
            clean(&now);
        }
        let kept = list_of(&now).expect("the list").1;
        for value in &filling {
            let (span, _) = list_of(&now).expect("the list");
            let edits = add_item(&parse(&now), span, &Scalar::String(value.clone())).expect("an edit");
            now = apply(&now, &edits).expect("a fit");
            clean(&now);
        }
        let (_, items) = list_of(&now).expect("the list");
        let added: Vec<&Scalar> = items.iter().skip(kept.len()).map(|item| &item.value).collect();
        let expected: Vec<Scalar> = filling.into_iter().map(Scalar::String).collect();
        prop_assert_eq!(added, expected.iter().collect::<Vec<_>>());
    }

    #[test]
    fn edits_that_do_not_fit_are_refused(text in any_string(), places in prop::collection::vec((0_u32..20, 0_u32..20), 0..4)) {
        let edits: Vec<TextEdit> = places
            .iter()
            .map(|(start, end)| TextEdit { span: Span::new(*start, *end), insert: "x".into() })
            .collect();
        if let Ok(new) = apply(&text, &edits) {
            let gone: usize = edits.iter().map(|edit| edit.span.len() as usize).sum();
            prop_assert_eq!(new.len(), text.len() - gone + edits.len());
        }
    }
}

#[test]
fn the_threshold_and_the_list_of_the_rule_are_edited_in_place() {
    let text = include_str!("queries/rule.kql");
    let parsed = clean(text);
    let found = literals(&parsed);
    let named = |name: &'static str| found.iter().filter(move |literal| literal.name.as_deref() == Some(name));

    let domains = named("CodeRepoDomains").next().expect("the list");
    let uses: Vec<(&str, &str, Option<&str>)> =
        domains.uses.iter().map(|u| (u.subject.as_str(), u.operator.as_str(), u.within.as_deref())).collect();
    assert_eq!(
        uses,
        [("RemoteUrl", "has_any", Some("NetworkSignal")), ("ProcessCommandLine", "has_any", Some("GitPushSignal")),]
    );
    let edits = add_item(&parsed, domains.span, &Scalar::String("git.example".into())).expect("an edit");
    let new = apply(text, &edits).expect("a fit");
    assert_eq!(new, text.replace("    'codeberg.org'\n", "    'codeberg.org',\n    'git.example'\n"));

    let threshold: Vec<&str> = named("UploadThreshold").map(|literal| literal.span.of(text)).collect();
    assert_eq!(threshold, ["512", "1024"]);
    let lookback = named("Lookback").next().expect("the look-back");
    assert_eq!(lookback.uses.len(), 3);
    let edits = set_scalar(&parsed, lookback.span, &Scalar::TimeSpan("7d".into())).expect("an edit");
    assert_eq!(apply(text, &edits).expect("a fit"), text.replace("Lookback = 24h", "Lookback = 7d"));
}
