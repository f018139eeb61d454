//! A number, duration or text of the query as a field.

use std::rc::Rc;

use kql_syntax::edit::set_scalar;
use kql_syntax::literals::{LiteralValue, Scalar};
use kql_syntax::parse;
use web_sys::{HtmlInputElement, KeyboardEvent, MouseEvent};
use yew::prelude::*;

use super::histogram::HistogramView;
use super::lists_view::comparisons;
use crate::dispatch::{NewText, TextChange, use_dispatch};
use crate::format::{bytes, grouped, parse_bytes};
use crate::protocol::Generation;
use crate::rule_text::{Entry, scalar_text, with_text};

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct ScalarFieldProps {
    /// The value.
    pub entry: Entry,
    /// The text that it stands in.
    pub text: AttrValue,
    /// The newest result, if it is of this text and somebody looks.
    pub result: Option<Generation>,
}

/// Spans that are often looked back over.
const SPANS: [&str; 6] = ["1h", "12h", "24h", "7d", "14d", "30d"];

/// A number, duration or text of the query as a field.
#[component]
pub fn ScalarField(props: &ScalarFieldProps) -> Html {
    let dispatch = use_dispatch();
    let error = use_state_eq(AttrValue::default);
    let node = use_node_ref();
    let LiteralValue::Scalar(value) = props.entry.literal.value.clone() else { return html! {} };
    let shown = scalar_text(&value).to_owned();
    // What was typed and not taken gives way to a change from elsewhere.
    use_effect_with(shown.clone(), {
        let node = node.clone();
        move |shown| {
            if let Some(input) = node.cast::<HtmlInputElement>() {
                input.set_value(shown);
            }
        }
    });
    let counts_bytes = props.entry.counts_bytes() && matches!(value, Scalar::Number(_));
    let set = {
        let (change_text, error, text, value) =
            (dispatch.change_text.clone(), error.clone(), props.text.clone(), value.clone());
        let span = props.entry.literal.span;
        Callback::from(move |typed: String| {
            let typed = typed.trim();
            let typed = match &value {
                Scalar::Number(_) if counts_bytes => {
                    parse_bytes(typed).map_or_else(|| typed.to_owned(), |number| number.to_string())
                }
                Scalar::Number(_) => typed.replace([',', '_', ' '], ""),
                _ => typed.to_owned(),
            };
            if scalar_text(&value) == typed {
                error.set(AttrValue::default());
                return;
            }
            match set_scalar(&parse(&text), span, &with_text(&value, typed)) {
                Ok(edits) => {
                    error.set(AttrValue::default());
                    change_text.emit(TextChange { of: text.clone(), to: NewText::Edits(Rc::new(edits)) });
                }
                Err(reason) => error.set(reason.to_string().into()),
            }
        })
    };
    let on_change = set.reform(|event: Event| event.target_unchecked_into::<HtmlInputElement>().value());
    let on_key = {
        let set = set.clone();
        let shown = shown.clone();
        let error = error.clone();
        Callback::from(move |event: KeyboardEvent| {
            let input: HtmlInputElement = event.target_unchecked_into();
            match event.key().as_str() {
                "Enter" if !event.ctrl_key() && !event.meta_key() => set.emit(input.value()),
                "Escape" if input.value() != shown => {
                    event.prevent_default();
                    event.stop_propagation();
                    input.set_value(&shown);
                    error.set(AttrValue::default());
                }
                _ => {}
            }
        })
    };
    let number = shown.parse::<u64>().ok().filter(|_| matches!(value, Scalar::Number(_)));
    let nudge = |label: &'static str, title: &'static str, to: Option<u64>| {
        let set = set.clone();
        let click = Callback::from(move |_: MouseEvent| {
            if let Some(to) = to {
                set.emit(to.to_string());
            }
        });
        html! { <button class="nudge" title={title} aria-label={title} aria-disabled={to.is_none().to_string()} onclick={click}>{ label }</button> }
    };
    let helper = match (&value, number) {
        (Scalar::Number(_), Some(number)) if counts_bytes => html! {
            <>
                { nudge("½", "Half of it", Some(number / 2)) }
                { nudge("×2", "Twice as much", number.checked_mul(2).filter(|twice| *twice <= i64::MAX as u64)) }
                <span class="soft">{ format!("{} bytes, {}", grouped(number), bytes(number)) }</span>
            </>
        },
        (Scalar::Number(_), Some(number)) if number >= 10_000 => {
            html! { <span class="soft">{ grouped(number) }</span> }
        }
        (Scalar::TimeSpan(text), _) => html! {
            if let Some(words) = span_in_words(text) { <span class="soft">{ words }</span> }
        },
        _ => html! {},
    };
    let id = format!("scalar-{}", props.entry.literal.span.start);
    let spans = matches!(value, Scalar::TimeSpan(_)).then(|| format!("{id}-spans"));
    let class = match value {
        Scalar::Number(_) | Scalar::TimeSpan(_) => "short",
        _ => "long",
    };
    html! {
        <div class={classes!("scalar-field", class)}>
            <div class="field-head"><label for={id.clone()}>{ props.entry.title() }</label>{ comparisons(&props.entry) }</div>
            <div class="row">
                <input
                    ref={node}
                    {id}
                    list={spans.clone()}
                    inputmode={matches!(value, Scalar::Number(_)).then_some("numeric")}
                    aria-invalid={(!error.is_empty()).then_some("true")}
                    spellcheck="false"
                    autocomplete="off"
                    onchange={on_change}
                    onkeydown={on_key}
                />
                if let Some(spans) = spans {
                    <datalist id={spans}>{ for SPANS.iter().map(|span| html! { <option value={*span} /> }) }</datalist>
                }
                { helper }
            </div>
            if !error.is_empty() { <p class="bad" role="alert">{ (*error).clone() }</p> }
            if matches!(value, Scalar::Number(_)) {
                <HistogramView literal={props.entry.literal.span} title={props.entry.title()} {counts_bytes} result={props.result} {set} />
            }
        </div>
    }
}

/// A duration such as `24h` in words.
fn span_in_words(text: &str) -> Option<String> {
    let unit_at = text.find(|c: char| c.is_ascii_alphabetic())?;
    let number: f64 = text[..unit_at].parse().ok()?;
    let (unit, seconds) = match &text[unit_at..] {
        "d" => ("day", 86_400.0),
        "h" => ("hour", 3_600.0),
        "m" => ("minute", 60.0),
        "s" => ("second", 1.0),
        _ => return None,
    };
    let plural = |number: f64, unit: &str| format!("{number} {unit}{}", if number == 1.0 { "" } else { "s" });
    let days = number * seconds / 86_400.0;
    let words = plural(number, unit);
    Some(if unit == "hour" && days >= 1.0 && days.fract() == 0.0 {
        format!("{words}, {}", plural(days, "day"))
    } else {
        words
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_said_in_words() {
        for (text, words) in [
            ("24h", Some("24 hours, 1 day")),
            ("1h", Some("1 hour")),
            ("36h", Some("36 hours")),
            ("7d", Some("7 days")),
            ("1.5h", Some("1.5 hours")),
            ("100ms", None),
            ("1.02:00:00", None),
        ] {
            assert_eq!(span_in_words(text).as_deref(), words, "{text}");
        }
    }
}
