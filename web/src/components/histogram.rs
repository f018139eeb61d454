//! The values of a column around a threshold of the query, and the threshold as a handle among them: what it lets
//! through, and what the score would be elsewhere, is told while it moves.

use std::rc::Rc;

use detection::{Bar, Histogram};
use kql_syntax::Span;
use web_sys::{KeyboardEvent, PointerEvent};
use yew::prelude::*;

use super::asked::use_answer;
use super::lanes::{Scale, lane};
use super::marker::signal_class;
use super::score::share;
use crate::dom::{hold_pointer, set_style, share_under};
use crate::format::{bytes, counted, grouped};
use crate::protocol::{Generation, Request, Response};

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct HistogramViewProps {
    /// Where the number stands.
    pub literal: Span,
    /// What it is called.
    pub title: AttrValue,
    /// Whether it counts bytes.
    pub counts_bytes: bool,
    /// The newest result, if it is of the text on screen.
    pub result: Option<Generation>,
    /// Another number.
    pub set: Callback<String>,
}

/// Where values stand along the lanes: bars on a logarithmic scale.
#[derive(Debug, Clone, PartialEq)]
struct Scaling {
    edges: Vec<f64>,
}

impl Scaling {
    fn of(bars: &[Bar]) -> Scaling {
        let edges = bars.iter().map(|bar| bar.from).chain(bars.last().map(|bar| bar.to));
        Scaling { edges: edges.collect() }
    }

    fn slots(&self) -> usize {
        self.edges.len().saturating_sub(1)
    }

    /// Where a value stands, in slots from the left.
    fn place(&self, value: f64) -> f64 {
        let after = self.edges.partition_point(|edge| *edge <= value);
        let Some(slot) = after.checked_sub(1) else { return 0.0 };
        let (Some(from), Some(to)) = (self.edges.get(slot), self.edges.get(slot + 1)) else {
            return self.slots() as f64;
        };
        let within = if *from > 0.0 { (value / from).ln() / (to / from).ln() } else { 0.0 };
        slot as f64 + within.clamp(0.0, 1.0)
    }

    /// The whole number at an edge.
    fn value(&self, edge: usize) -> f64 {
        self.edges.get(edge.min(self.slots())).copied().unwrap_or_default().max(0.0).round()
    }

    /// The edge to which a key moves a threshold that stands at a value; none for other keys.
    fn after(&self, key: &str, value: f64) -> Option<usize> {
        const FAR: usize = 4;
        // By the whole numbers: one at an edge may be less than the edge, and a key always moves.
        let wholes: Vec<f64> = (0..=self.slots()).map(|edge| self.value(edge)).collect();
        let below = wholes.partition_point(|whole| *whole < value).saturating_sub(1);
        let above = wholes.partition_point(|whole| *whole <= value);
        Some(match key {
            "ArrowRight" | "ArrowUp" => above,
            "ArrowLeft" | "ArrowDown" => below,
            "PageUp" => above + FAR - 1,
            "PageDown" => below.saturating_sub(FAR - 1),
            "Home" => 0,
            "End" => self.slots(),
            _ => return None,
        })
    }
}

/// The values of a column around a threshold.
#[component]
pub fn HistogramView(props: &HistogramViewProps) -> Html {
    let literal = props.literal;
    let asked = use_answer((props.result, literal), |(result, literal)| {
        result.map(|_| Request::Histogram { literal: *literal })
    });
    let node = use_node_ref();
    // Where the handle is while it is dragged.
    let dragged = use_state_eq(|| None::<f64>);
    let histogram: Option<Rc<Histogram>> = match asked.response.as_deref() {
        Some(Response::Histogram(Some(histogram))) => Some(Rc::new((**histogram).clone())),
        _ => None,
    };
    let scaling = histogram.as_ref().map_or(Scaling { edges: Vec::new() }, |found| Scaling::of(&found.bars));
    let value = dragged.or_else(|| histogram.as_ref().map(|found| found.threshold.value)).unwrap_or_default();
    let share_of_width = if scaling.slots() == 0 { 0.0 } else { scaling.place(value) / scaling.slots() as f64 };
    use_effect_with((share_of_width, histogram.is_some()), {
        let node = node.clone();
        move |(share, _)| set_style(&node, "--at", &format!("{}%", share * 100.0))
    });
    let Some(found) = histogram.filter(|found| !found.bars.is_empty()) else { return html! {} };
    let slots = scaling.slots();
    let under = {
        let (node, scaling) = (node.clone(), scaling.clone());
        move |event: &PointerEvent| Some(scaling.value((share_under(&node, event)? * slots as f64).round() as usize))
    };
    let on_down = {
        let (node, dragged, under) = (node.clone(), dragged.clone(), under.clone());
        Callback::from(move |event: PointerEvent| {
            let Some(value) = under(&event).filter(|_| event.button() == 0) else { return };
            event.prevent_default();
            hold_pointer(&node, &event);
            dragged.set(Some(value));
        })
    };
    let on_move = {
        let (dragged, under) = (dragged.clone(), under);
        Callback::from(move |event: PointerEvent| {
            if dragged.is_some() {
                dragged.set(under(&event));
            }
        })
    };
    let set = {
        let (set, now) = (props.set.clone(), found.threshold.value);
        move |value: f64| {
            if value != now {
                set.emit(format!("{value:.0}"));
            }
        }
    };
    // A drag is one edit, made when it ends.
    let on_up = {
        let (dragged, set) = (dragged.clone(), set.clone());
        Callback::from(move |_: PointerEvent| {
            if let Some(value) = *dragged {
                set(value);
                dragged.set(None);
            }
        })
    };
    let on_cancel = {
        let dragged = dragged.clone();
        Callback::from(move |_: PointerEvent| dragged.set(None))
    };
    let on_key = {
        let (scaling, dragged) = (scaling.clone(), dragged.clone());
        Callback::from(move |event: KeyboardEvent| {
            let key = event.key();
            if key == "Escape" && dragged.is_some() {
                dragged.set(None);
            } else if let Some(edge) = scaling.after(&key, value) {
                let next = scaling.value(edge);
                set(next);
            } else {
                return;
            }
            event.prevent_default();
            event.stop_propagation();
        })
    };
    let number = |value: f64| {
        let whole = value.max(0.0).round() as u64;
        if props.counts_bytes { bytes(whole) } else { grouped(whole) }
    };
    let outcome = outcome(&found, value);
    let counts = |count: fn(&Bar) -> usize| found.bars.iter().map(count).collect::<Vec<usize>>();
    let signal = found.threshold.signals.first().copied().map(signal_class);
    let has_labels = found.bars.iter().any(|bar| bar.malicious + bar.benign > 0);
    let label_lane = |name: &'static str, sign: &'static str, class: &'static str, of: fn(&Bar) -> usize| {
        let name = html! { <><span aria-hidden="true">{ sign }</span><span>{ name }</span></> };
        lane(name, classes!(class), &counts(of), Scale::Logarithmic)
    };
    html! {
        <div class="histogram">
            <div class="lanes">
                { lane(html! { <span>{ "All rows" }</span> }, classes!("is-events"), &counts(|bar| bar.rows), Scale::Logarithmic) }
                { lane(html! { <span title="Rows that pass every other condition">{ "It decides on" }</span> }, classes!(signal), &counts(|bar| bar.decided), Scale::Logarithmic) }
                if has_labels {
                    { label_lane("attack", "▲", "is-attack", |bar| bar.malicious) }
                    { label_lane("harmless", "○", "is-harmless", |bar| bar.benign) }
                }
                <div
                    ref={node}
                    class={classes!("threshold", if found.threshold.passes_above { "passes-above" } else { "passes-below" })}
                    onpointerdown={on_down}
                    onpointermove={on_move}
                    onpointerup={on_up}
                    onpointercancel={on_cancel}
                >
                    <div class="brush-out" />
                    <div
                        class="threshold-handle"
                        role="slider"
                        tabindex="0"
                        aria-label={format!("{} among the values of {}", props.title, found.threshold.column)}
                        aria-orientation="horizontal"
                        aria-valuemin={format!("{:.0}", scaling.value(0))}
                        aria-valuemax={format!("{:.0}", scaling.value(slots))}
                        aria-valuenow={format!("{value:.0}")}
                        aria-valuetext={format!("{}: {outcome}", number(value))}
                        onkeydown={on_key}
                    />
                </div>
                <div class="lane-times">
                    <span>{ number(scaling.value(0)) }</span>
                    <span>{ number(scaling.value(slots)) }</span>
                </div>
            </div>
            <p class="threshold-words">
                <strong>{ number(value) }</strong>{ ": " }{ outcome.clone() }
                if !found.all_places { <span class="soft">{ " (about)" }</span> }
            </p>
            <details class="figures-table">
                <summary>{ "Figures" }</summary>
                { figures(&found, has_labels, &number) }
            </details>
            if found.missing > 0 {
                <p class="soft">{ format!("{} of {} without a value", grouped(found.missing as u64), counted(found.rows, "row")) }</p>
            }
        </div>
    }
}

/// What comes of a threshold, in words.
fn outcome(found: &Histogram, value: f64) -> String {
    let Some(score) = found.at(value) else { return String::new() };
    // The threshold is one signal's, labels are judged by the whole rule: each figure says of which it is.
    let alerts = format!("{} of this signal", counted(score.alerts, "alert"));
    let precision = score.precision.map(|precision| format!("precision {}", share(Some(precision))));
    let recall = score.recall.map(|recall| format!("recall {}", share(Some(recall))));
    let of_rule: Vec<String> = precision.into_iter().chain(recall).collect();
    if of_rule.is_empty() { alerts } else { format!("{alerts}; the whole rule: {}", of_rule.join(", ")) }
}

fn figures(found: &Histogram, has_labels: bool, number: &dyn Fn(f64) -> String) -> Html {
    let cell = |count: usize| html! { <td class="num">{ grouped(count as u64) }</td> };
    let row = |bar: &Bar| {
        if bar.rows == 0 {
            return html! {};
        }
        html! {
            <tr key={bar.from.to_string()}>
                <th scope="row">{ if bar.to > bar.from { number(bar.from) } else { "0".to_owned() } }</th>
                { cell(bar.rows) }
                { cell(bar.decided) }
                { cell(bar.alerts) }
                if has_labels { <>{ cell(bar.malicious) }{ cell(bar.benign) }</> }
            </tr>
        }
    };
    let head = |text: &'static str| html! { <th scope="col" class="num">{ text }</th> };
    html! {
        <table aria-label={format!("Values of {}", found.threshold.column)}>
            <thead>
                <tr>
                    <th scope="col">{ "From" }</th>
                    { head("Rows") }
                    { head("Decided") }
                    { head("Alerts") }
                    if has_labels { <>{ head("Attack") }{ head("Harmless") }</> }
                </tr>
            </thead>
            <tbody>{ for found.bars.iter().map(row) }</tbody>
        </table>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scaling() -> Scaling {
        let bar = |from: f64, to: f64| Bar { from, to, ..Bar::default() };
        Scaling::of(&[bar(0.0, 0.0), bar(256.0, 512.0), bar(512.0, 1024.0)])
    }

    #[test]
    fn values_stand_between_the_edges_of_their_bar() {
        let scaling = scaling();
        assert_eq!(scaling.slots(), 3);
        for (value, place) in [(0.0, 0.0), (256.0, 1.0), (512.0, 2.0), (1024.0, 3.0), (9999.0, 3.0), (-1.0, 0.0)] {
            assert!((scaling.place(value) - place).abs() < 1e-9, "{value}: {}", scaling.place(value));
        }
        assert!((scaling.place(512.0 * 2f64.sqrt()) - 2.5).abs() < 1e-9);
    }

    #[test]
    fn keys_go_from_edge_to_edge() {
        let scaling = scaling();
        for (key, value, expected) in [
            ("ArrowRight", 512.0, Some(3)),
            ("ArrowLeft", 512.0, Some(1)),
            ("ArrowRight", 600.0, Some(3)),
            ("ArrowLeft", 600.0, Some(2)),
            ("Home", 600.0, Some(0)),
            ("End", 600.0, Some(3)),
            ("PageDown", 600.0, Some(0)),
            ("x", 600.0, None),
        ] {
            assert_eq!(scaling.after(key, value), expected, "{key} {value}");
        }
        assert_eq!(scaling.value(9), 1024.0);
    }

    #[test]
    fn keys_move_from_an_edge_between_whole_numbers() {
        let edges = (0..6).map(|step| 512.0 * 2f64.powf(f64::from(step) / 2.0)).collect();
        let scaling = Scaling { edges };
        let mut value = scaling.value(0);
        for edge in 1..=5 {
            assert_eq!(scaling.after("ArrowRight", value), Some(edge), "{value}");
            value = scaling.value(edge);
        }
        for edge in (0..5).rev() {
            assert_eq!(scaling.after("ArrowLeft", value), Some(edge), "{value}");
            value = scaling.value(edge);
        }
    }
}
