//! Events and alerts over time. A stretch that is marked on it narrows the alerts.

use std::ops::Range;
use std::rc::Rc;

use detection::{TimeRange, Timeline};
use yew::prelude::*;

use super::asked::use_answer;
use super::brush::Brush;
use super::lanes::{Scale, lane};
use super::marker::{marker, signal_class};
use crate::dispatch::use_dispatch;
use crate::format::{counted, grouped, moment};
use crate::protocol::{Request, Response};
use crate::state::{Action, RunResult};

/// How many bars there is room for: on a phone they are two pixels wide.
const BARS: usize = 120;

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct TimelinePanelProps {
    /// The newest result.
    pub result: Option<Rc<RunResult>>,
    /// The stretch that is looked at.
    pub time: Option<TimeRange>,
}

/// Events and alerts over time.
#[component]
pub fn TimelinePanel(props: &TimelinePanelProps) -> Html {
    let dispatch = use_dispatch();
    let key = props.result.as_ref().map(|result| result.generation);
    let asked = use_answer(key, |key| key.map(|_| Request::Timeline { bars: BARS }));
    let Some(Response::Timeline(timeline)) = asked.response.as_deref() else { return html! {} };
    if timeline.extent.is_none() {
        return html! {};
    }
    let edges: Rc<Vec<AttrValue>> = Rc::new((0..=timeline.bars).map(|place| edge(timeline, place)).collect());
    let on_change = {
        let (act, start, width) = (dispatch.act.clone(), timeline.start, timeline.width);
        Callback::from(move |chosen: Option<Range<usize>>| {
            let time = |place: usize| start + place as i64 * width;
            let range = chosen.map(|chosen| TimeRange { from: time(chosen.start), to: time(chosen.end) });
            act.emit(Action::TimeChosen(range));
        })
    };
    let chosen = props.time.and_then(|range| slots(timeline, range));
    let mut events = vec![0; timeline.bars];
    for table in &timeline.tables {
        for (sum, count) in events.iter_mut().zip(&table.counts) {
            *sum += *count as usize;
        }
    }
    let signal_lane = |signal: &detection::SignalTimeline| {
        let counts: Vec<usize> = signal.counts.iter().map(|count| *count as usize).collect();
        let name = html! { <>{ marker(signal.signal) }<span title={signal.name.clone()}>{ &signal.name }</span></> };
        lane(name, classes!(signal_class(signal.signal)), &counts, Scale::Even)
    };
    let undated: usize = timeline.tables.iter().map(|table| table.undated).sum();
    let middle = edges.get(timeline.bars / 2).cloned().unwrap_or_default();
    html! {
        <section class="panel timeline" aria-label="Timeline">
            <div class="lanes">
                { lane(html! { <span>{ "Events" }</span> }, classes!("is-events"), &events, Scale::Even) }
                { for timeline.signals.iter().map(signal_lane) }
                <Brush label="Look only at the time" edges={Rc::clone(&edges)} {chosen} {on_change} />
                <div class="lane-times">
                    <span>{ edges.first().cloned().unwrap_or_default() }</span>
                    <span class="lane-middle">{ middle }</span>
                    <span>{ edges.last().cloned().unwrap_or_default() }{ " UTC" }</span>
                </div>
            </div>
            <div class="row timeline-foot">
                <details class="figures-table">
                    <summary>{ "Figures" }</summary>
                    { figures(timeline, &events, &edges) }
                </details>
                if undated > 0 { <span class="soft">{ format!("{} without a time", counted(undated, "row")) }</span> }
                if let Some(range) = props.time {
                    <span class="end soft">{ format!("Looking at {}", stretch(range)) }</span>
                    <button onclick={dispatch.on(Action::TimeChosen(None))}>{ "Look at all" }</button>
                }
            </div>
        </section>
    }
}

/// A stretch of time in words.
pub fn stretch(range: TimeRange) -> String {
    let width = range.to - range.from;
    format!("{} to {} UTC", moment(range.from, width), moment(range.to, width))
}

fn edge(timeline: &Timeline, place: usize) -> AttrValue {
    moment(timeline.start + place as i64 * timeline.width, timeline.width).into()
}

/// The bars that a stretch covers; none when it covers none of them, or all.
fn slots(timeline: &Timeline, range: TimeRange) -> Option<Range<usize>> {
    let bars = timeline.bars as i64;
    let place = |at: i64, up: i64| (at - timeline.start + up).div_euclid(timeline.width.max(1)).clamp(0, bars) as usize;
    let slots = place(range.from, 0)..place(range.to, timeline.width - 1);
    (!slots.is_empty() && slots != (0..timeline.bars)).then_some(slots)
}

fn figures(timeline: &Timeline, events: &[usize], edges: &[AttrValue]) -> Html {
    let number = |count: usize| html! { <td class="num">{ grouped(count as u64) }</td> };
    let row = |place: usize| {
        let counts: Vec<usize> = timeline.signals.iter().map(|signal| signal.counts[place] as usize).collect();
        if events[place] == 0 && counts.iter().all(|count| *count == 0) {
            return html! {};
        }
        html! {
            <tr key={place}>
                <th scope="row">{ edges[place].clone() }</th>
                { number(events[place]) }
                { for counts.into_iter().map(number) }
            </tr>
        }
    };
    html! {
        <table aria-label="Events and alerts over time">
            <thead>
                <tr>
                    <th scope="col">{ "From, UTC" }</th>
                    <th scope="col" class="num">{ "Events" }</th>
                    { for timeline.signals.iter().map(|signal| html! { <th scope="col" class="num">{ &signal.name }</th> }) }
                </tr>
            </thead>
            <tbody>{ for (0..timeline.bars).map(row) }</tbody>
        </table>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_covers_bars_only_where_it_is_not_all_of_them() {
        let timeline = Timeline { start: 1_000, width: 10, bars: 4, ..Timeline::default() };
        for (from, to, expected) in [
            (1_010, 1_020, Some(1..2)),
            (1_005, 1_021, Some(0..3)),
            (0, 5_000, None),
            (0, 900, None),
            (2_000, 3_000, None),
        ] {
            assert_eq!(slots(&timeline, TimeRange { from, to }), expected, "{from} {to}");
        }
    }

    #[test]
    fn a_stretch_is_told_as_finely_as_it_is() {
        let day = 1_792_627_200_000; // 2026-10-22
        let minute = 60_000;
        assert_eq!(stretch(TimeRange { from: day, to: day + 90 * minute }), "2026-10-22 00:00 to 2026-10-22 01:30 UTC");
        assert_eq!(stretch(TimeRange { from: day, to: day + 5_000 }), "2026-10-22 00:00:00 to 2026-10-22 00:00:05 UTC");
    }
}
