//! A table of any length, of which only what is in sight is drawn.
//!
//! It is one stop for the Tab key; arrows move a mark through rows, columns and headings (`aria-activedescendant`), so
//! that rows can come and go without taking the focus with them.

use std::collections::HashMap;
use std::rc::Rc;

use detection::{ColumnReport, Label};
use event_table::ColumnType;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::prelude::Closure;
use web_sys::{HtmlElement, KeyboardEvent, MouseEvent, PointerEvent, ResizeObserver};
use yew::prelude::*;

use super::cell_menu::{CellMenu, MenuFor};
use super::marker::{marker, signal_class};
use super::visible::visible;
use crate::dispatch::use_dispatch;
use crate::dom::{focus, focus_first, set_style};
use crate::format::{grouped, instant};
use crate::protocol::{Direction, TableKind, TableRow};
use crate::state::{Action, Table};

/// The height of a row in CSS pixels; the styles hold rows to it.
const ROW: f64 = 30.0;

/// The tallest that a browser can be asked to scroll; beyond it places are scaled.
const TALLEST: f64 = 12_000_000.0;

/// Narrowest and widest column, and how far a key moves its edge.
const NARROWEST: f64 = 48.0;
const WIDEST: f64 = 1_600.0;
const NUDGE: f64 = 24.0;

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct GridProps {
    /// The rows.
    pub table: Table,
    /// The names of the signals.
    pub signals: Rc<Vec<String>>,
    /// What the table is called.
    pub label: AttrValue,
    /// Whether the story of the marked row is open.
    pub has_story: bool,
}

/// How the place of rows and the place of the scroll bar go together.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Geometry {
    rows: usize,
    height: f64,
}

impl Geometry {
    fn whole(self) -> f64 {
        self.rows as f64 * ROW
    }

    /// How tall the canvas is.
    fn canvas(self) -> f64 {
        self.whole().min(TALLEST)
    }

    /// What a pixel of the scroll bar is in pixels of rows.
    fn scale(self) -> f64 {
        let (canvas, whole) = (self.canvas() - self.height, self.whole() - self.height);
        if canvas > 0.0 && whole > canvas { whole / canvas } else { 1.0 }
    }

    /// The first row in sight.
    fn first(self, top: f64) -> usize {
        ((top * self.scale() / ROW) as usize).min(self.rows.saturating_sub(1))
    }

    fn count(self) -> usize {
        (self.height / ROW).ceil() as usize + 1
    }

    /// Where a row is drawn on the canvas, for a place of the scroll bar.
    fn place(self, row: usize, top: f64) -> f64 {
        row as f64 * ROW - top * self.scale() + top
    }

    /// The place of the scroll bar that rows are drawn for: where nothing is scaled, one for each row will do.
    fn drawn_for(self, top: f64) -> f64 {
        if self.scale() == 1.0 { (top / ROW).floor() * ROW } else { top }
    }

    /// The place of the scroll bar at which a row is wholly in sight, the nearest to where it is now.
    fn reveal(self, row: usize, top: f64) -> f64 {
        let (scale, at) = (self.scale(), row as f64 * ROW);
        let shown = top * scale;
        if at < shown {
            at / scale
        } else if at + ROW > shown + self.height {
            (at + ROW - self.height) / scale
        } else {
            top
        }
    }
}

/// Where the mark is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    Heading,
    Row,
}

/// A table of any length.
#[component]
pub fn Grid(props: &GridProps) -> Html {
    let dispatch = use_dispatch();
    let table = &props.table;
    let columns = Rc::clone(&table.columns);
    let (scroller, canvas, window) = (use_node_ref(), use_node_ref(), use_node_ref());
    let top = use_state_eq(|| 0.0f64);
    let height = use_state_eq(|| 300.0f64);
    let widths = use_state(HashMap::<String, f64>::new);
    let column = use_state_eq(|| 0usize);
    let line = use_state_eq(|| Line::Row);
    let menu = use_state_eq(|| None::<MenuFor>);
    let geometry = Geometry { rows: table.shown, height: *height };
    let current = (*column).min(columns.len().saturating_sub(1));

    // The height of the body follows the element's.
    use_effect_with((), {
        let (scroller, height) = (scroller.clone(), height.clone());
        move |()| {
            let element = scroller.cast::<HtmlElement>();
            let measuring = element.clone();
            let measure = Closure::<dyn Fn()>::new(move || {
                if let Some(element) = &measuring {
                    height.set((f64::from(element.client_height()) - ROW).max(ROW));
                }
            });
            let observer = ResizeObserver::new(measure.as_ref().unchecked_ref()).ok();
            if let (Some(observer), Some(element)) = (&observer, &element) {
                observer.observe(element);
            }
            move || {
                if let Some(observer) = observer {
                    observer.disconnect();
                }
                drop(measure);
            }
        }
    });

    // Another table, or another view of it, is looked at from its top.
    use_effect_with((table.kind, table.view.clone()), {
        let (scroller, top) = (scroller.clone(), top.clone());
        move |_| {
            if let Some(element) = scroller.cast::<HtmlElement>() {
                element.set_scroll_top(0);
            }
            top.set(0.0);
        }
    });

    let first = geometry.first(*top);
    use_effect_with((first, geometry.count(), table.shown, table.kind), {
        let act = dispatch.act.clone();
        move |(first, count, ..)| act.emit(Action::Scrolled { first: *first, count: *count })
    });

    let template = {
        let mut template = String::new();
        for (place, column) in columns.iter().enumerate() {
            let width = widths.get(&column.name).copied().unwrap_or_else(|| natural_width(place, column, &table.rows));
            template.push_str(&format!("{width}px "));
        }
        template
    };
    // Places and widths are set as styles of the elements, since style attributes are forbidden.
    let drawn_from = table.start;
    use_effect_with((template, geometry.canvas(), geometry.place(drawn_from, *top)), {
        let (canvas, window, scroller) = (canvas.clone(), window.clone(), scroller.clone());
        move |(template, tall, place): &(String, f64, f64)| {
            set_style(&scroller, "--columns", template);
            set_style(&canvas, "height", &format!("{tall}px"));
            set_style(&window, "transform", &format!("translateY({place}px)"));
        }
    });

    let on_scroll = {
        let (top, menu) = (top.clone(), menu.clone());
        Callback::from(move |event: Event| {
            let at = f64::from(event.target_unchecked_into::<HtmlElement>().scroll_top());
            top.set(geometry.drawn_for(at));
            menu.set(None);
        })
    };
    let resize = {
        let (widths, columns, rows) = (widths.clone(), Rc::clone(&columns), Rc::clone(&table.rows));
        Callback::from(move |(place, by): (usize, f64)| {
            let Some(column) = columns.get(place) else { return };
            let mut next = (*widths).clone();
            let width = next.get(&column.name).copied().unwrap_or_else(|| natural_width(place, column, &rows));
            next.insert(column.name.clone(), (width + by).clamp(NARROWEST, WIDEST));
            widths.set(next);
        })
    };
    let reveal = {
        let scroller = scroller.clone();
        Callback::from(move |row: usize| {
            if let Some(element) = scroller.cast::<HtmlElement>() {
                let top = f64::from(element.scroll_top());
                let next = geometry.reveal(row, top);
                if next != top {
                    element.set_scroll_top(next.round() as i32);
                }
            }
        })
    };
    let selected = table.selected.map(|selected| selected.place);
    let open_menu = {
        let (menu, table) = (menu.clone(), table.clone());
        Callback::from(move |(place, column, at): (usize, usize, (f64, f64))| {
            if let (Some(row), Some(report)) = (table.row(place), table.columns.get(column)) {
                menu.set(Some(MenuFor {
                    place,
                    row: row.row,
                    column,
                    name: report.name.clone(),
                    value: row.cells.get(column).cloned().unwrap_or_default(),
                    is_cut: row.cut.contains(&column),
                    is_result: table.kind == TableKind::Result,
                    at,
                }));
            }
        })
    };

    let on_key = {
        let (act, column, line, scroller) = (dispatch.act.clone(), column.clone(), line.clone(), scroller.clone());
        let (columns, resize, reveal, open_menu) =
            (Rc::clone(&columns), resize.clone(), reveal.clone(), open_menu.clone());
        let (shown, has_story) = (table.shown, props.has_story);
        Callback::from(move |event: KeyboardEvent| {
            if event.alt_key() || event.meta_key() {
                return;
            }
            let page = (geometry.count().saturating_sub(2)).max(1);
            let at = selected.unwrap_or(0);
            let last = shown.saturating_sub(1);
            let is_heading = *line == Line::Heading;
            let go = |row: usize| {
                if shown == 0 {
                    return;
                }
                line.set(Line::Row);
                act.emit(Action::RowSelected(row));
                reveal.emit(row);
            };
            let across = |to: usize| {
                column.set(to);
                reveal_column(&scroller, to);
            };
            match event.key().as_str() {
                "ArrowRight" if event.shift_key() => resize.emit((current, NUDGE)),
                "ArrowLeft" if event.shift_key() => resize.emit((current, -NUDGE)),
                "F10" if event.shift_key() => open_menu.emit((at, current, place_of(&scroller, at, current))),
                "ContextMenu" => open_menu.emit((at, current, place_of(&scroller, at, current))),
                "ArrowRight" => across((current + 1).min(columns.len().saturating_sub(1))),
                "ArrowLeft" => across(current.saturating_sub(1)),
                "ArrowDown" if is_heading => go(first),
                "ArrowDown" => go(if selected.is_some() { (at + 1).min(last) } else { 0 }),
                "ArrowUp" if at == 0 || is_heading => line.set(Line::Heading),
                "ArrowUp" => go(at - 1),
                "PageDown" => go((at + page).min(last)),
                "PageUp" => go(at.saturating_sub(page)),
                "Home" => go(0),
                "End" => go(last),
                "Enter" | " " if is_heading => {
                    if let Some(report) = columns.get(current) {
                        act.emit(Action::Sorted(report.name.clone()));
                    }
                }
                "Enter" if event.ctrl_key() => return,
                "Enter" | " " if shown == 0 => {}
                "Enter" | " " if has_story => focus_first(".story"),
                "Enter" | " " => {
                    if selected.is_none() {
                        act.emit(Action::RowSelected(0));
                    }
                    act.emit(Action::StoryOpened);
                }
                _ => return,
            }
            event.prevent_default();
        })
    };

    let heading = |(place, column): (usize, &ColumnReport)| {
        let sorted =
            table.view.sort.as_ref().filter(|sort| sort.column == column.name && table.kind == TableKind::Result);
        let (aria, sign) = match sorted.map(|sort| sort.direction) {
            Some(Direction::Ascending) => ("ascending", " ▲"),
            Some(Direction::Descending) => ("descending", " ▼"),
            None => ("none", ""),
        };
        let is_time = column.ty == Some(ColumnType::DateTime);
        let sort = dispatch.on::<MouseEvent>(Action::Sorted(column.name.clone()));
        let is_marked = *line == Line::Heading && place == current;
        html! {
            <div
                key={column.name.clone()}
                id={format!("heading-{place}")}
                class={classes!("heading", is_number(column).then_some("is-number"), is_marked.then_some("is-marked"))}
                role="columnheader"
                aria-sort={aria}
                aria-colindex={(place + 1).to_string()}
                title={column.ty.map(ColumnType::name)}
                onclick={sort}
            >
                <span class="heading-text">{ &column.name }if is_time { <span class="soft">{ " UTC" }</span> }{ sign }</span>
                <Edge resize={resize.reform(move |by| (place, by))} />
            </div>
        }
    };
    let row = |(index, row): (usize, &TableRow)| {
        let place = table.start + index;
        let is_selected = selected == Some(place);
        let select = {
            let (act, column, line, scroller) = (dispatch.act.clone(), column.clone(), line.clone(), scroller.clone());
            Callback::from(move |event: MouseEvent| {
                if let Some(to) = column_under(&event) {
                    column.set(to);
                }
                line.set(Line::Row);
                focus(&scroller);
                act.emit(Action::RowSelected(place));
                act.emit(Action::StoryOpened);
            })
        };
        let on_menu = {
            let (act, column, open_menu) = (dispatch.act.clone(), column.clone(), open_menu.clone());
            Callback::from(move |event: MouseEvent| {
                if let Some(to) = column_under(&event) {
                    event.prevent_default();
                    column.set(to);
                    act.emit(Action::RowSelected(place));
                    open_menu.emit((place, to, (f64::from(event.client_x()), f64::from(event.client_y()))));
                }
            })
        };
        let cell = |(at, report): (usize, &ColumnReport)| {
            let text = row.cells.get(at).map_or("", String::as_str);
            let is_marked = is_selected && *line == Line::Row && at == current;
            html! {
                <div
                    key={at}
                    id={format!("cell-{place}-{at}")}
                    class={classes!("cell", cell_class(report), is_marked.then_some("is-marked"))}
                    role="gridcell"
                    aria-colindex={(at + 1).to_string()}
                >
                    if at == 0 { { label_sign(row.label) } }
                    { cell_content(report, text, row, &props.signals) }
                    if row.cut.contains(&at) { <span class="soft">{ "…" }</span> }
                </div>
            }
        };
        html! {
            <div
                key={place}
                class={classes!("grid-row", is_selected.then_some("is-selected"), row.signal.map(|signal| signal_class(usize::from(signal))))}
                role="row"
                aria-rowindex={(place + 2).to_string()}
                aria-selected={if is_selected { "true" } else { "false" }}
                onclick={select}
                oncontextmenu={on_menu}
            >
                { for columns.iter().enumerate().map(cell) }
            </div>
        }
    };
    let marked = match (*line, selected) {
        (Line::Heading, _) => Some(format!("heading-{current}")),
        (Line::Row, Some(place)) if table.row(place).is_some() => Some(format!("cell-{place}-{current}")),
        (Line::Row, _) => None,
    };
    let close_menu = {
        let (menu, scroller) = (menu.clone(), scroller.clone());
        Callback::from(move |()| {
            menu.set(None);
            focus(&scroller);
        })
    };
    html! {
        <>
            <div
                ref={scroller.clone()}
                class="grid"
                role="grid"
                tabindex="0"
                aria-label={props.label.clone()}
                aria-rowcount={(table.shown + 1).to_string()}
                aria-colcount={columns.len().to_string()}
                aria-activedescendant={marked}
                onscroll={on_scroll}
                onkeydown={on_key}
            >
                <div class="grid-head" role="rowgroup">
                    <div class="grid-row" role="row" aria-rowindex="1">{ for columns.iter().enumerate().map(heading) }</div>
                </div>
                <div ref={canvas} class="grid-canvas" role="rowgroup">
                    <div ref={window} class="grid-window" role="presentation">
                        { for table.rows.iter().enumerate().map(row) }
                    </div>
                </div>
            </div>
            if let Some(cell) = &*menu {
                <CellMenu cell={cell.clone()} table={table.clone()} on_close={close_menu} />
            }
        </>
    }
}

fn is_number(column: &ColumnReport) -> bool {
    column.ty.is_some_and(ColumnType::is_numeric)
}

fn cell_class(column: &ColumnReport) -> Classes {
    let is_code = ["CommandLine", "Url"].iter().any(|part| column.name.contains(part));
    classes!(is_number(column).then_some("is-number"), is_code.then_some("is-code"))
}

fn cell_content(column: &ColumnReport, text: &str, row: &TableRow, signals: &[String]) -> Html {
    let signal = row.signal.map(usize::from);
    match column.ty {
        Some(ColumnType::DateTime) => html! { { instant(text) } },
        // A port or an id is a name made of digits.
        Some(ColumnType::Int | ColumnType::Long) if !is_name_of_digits(&column.name) => match text.parse::<u64>() {
            Ok(number) => html! { { grouped(number) } },
            Err(_) => html! { { text } },
        },
        _ if signal.is_some_and(|signal| signals.get(signal).is_some_and(|name| name == text)) => {
            html! { <>{ marker(signal.unwrap_or_default()) }{ " " }{ text }</> }
        }
        _ => visible(text),
    }
}

/// The sign of a row's label, before its first cell.
fn label_sign(label: Option<Label>) -> Html {
    let (class, sign, words) = match label {
        None => return html! {},
        Some(Label::Malicious) => ("label-sign bad", "▲", "labelled attack: "),
        Some(Label::Benign) => ("label-sign ok", "○", "labelled harmless: "),
    };
    html! { <span {class} title={words.trim_end_matches(": ")}><span aria-hidden="true">{ sign }</span><span class="aloud">{ words }</span></span> }
}

fn is_name_of_digits(name: &str) -> bool {
    ["Port", "Id", "ID", "Pid"].iter().any(|end| name.ends_with(end))
}

/// A width that shows most of the rows that are here.
fn natural_width(place: usize, column: &ColumnReport, rows: &[TableRow]) -> f64 {
    const CHARACTER: f64 = 7.4;
    const BOLD: f64 = 8.2;
    const MARGIN: f64 = 26.0;
    let heading = column.name.chars().count() as f64 * BOLD + MARGIN;
    let content = match column.ty {
        Some(ColumnType::DateTime) => 19.0,
        _ => {
            let mut lengths: Vec<usize> =
                rows.iter().filter_map(|row| row.cells.get(place)).map(|cell| cell.chars().take(80).count()).collect();
            lengths.sort_unstable();
            let most = lengths.get(lengths.len() * 9 / 10).copied().unwrap_or(0) as f64;
            // Numbers further down may have more digits, and commas between them.
            if is_number(column) { most.max(9.0) } else { most }
        }
    };
    let most = if cell_class(column).contains("is-code") { 420.0 } else { 260.0 };
    let is_labelled = place == 0 && rows.iter().any(|row| row.label.is_some());
    let sign = if column.name == "Signal" || is_labelled { 18.0 } else { 0.0 };
    (content * CHARACTER + MARGIN + sign).min(most).max(heading.min(220.0)).round()
}

/// The column of the cell that an event happened on.
fn column_under(event: &MouseEvent) -> Option<usize> {
    let element = event.target()?.dyn_into::<web_sys::Element>().ok()?;
    let cell = element.closest("[aria-colindex]").ok().flatten()?;
    cell.get_attribute("aria-colindex")?.parse::<usize>().ok()?.checked_sub(1)
}

/// Where a cell is on screen.
fn place_of(scroller: &NodeRef, row: usize, column: usize) -> (f64, f64) {
    let cell = gloo::utils::document().get_element_by_id(&format!("cell-{row}-{column}"));
    let found = cell.or_else(|| scroller.cast::<web_sys::Element>());
    found.map_or((0.0, 0.0), |element| {
        let place = element.get_bounding_client_rect();
        (place.left() + 8.0, place.bottom())
    })
}

/// Scrolls sideways until a heading, and the column below it, is in sight.
fn reveal_column(scroller: &NodeRef, column: usize) {
    let heading = gloo::utils::document().get_element_by_id(&format!("heading-{column}"));
    let heading = heading.and_then(|heading| heading.dyn_into::<HtmlElement>().ok());
    let (Some(element), Some(heading)) = (scroller.cast::<HtmlElement>(), heading) else { return };
    let (left, right) = (heading.offset_left(), heading.offset_left() + heading.offset_width());
    if left < element.scroll_left() {
        element.set_scroll_left(left);
    } else if right > element.scroll_left() + element.client_width() {
        element.set_scroll_left(right - element.client_width());
    }
}

/// The edge of a heading, by which its column is made wider.
#[derive(Properties, PartialEq)]
struct EdgeProps {
    resize: Callback<f64>,
}

#[component]
fn Edge(props: &EdgeProps) -> Html {
    let from = use_mut_ref(|| None::<i32>);
    let on_down = {
        let from = Rc::clone(&from);
        Callback::from(move |event: PointerEvent| {
            event.prevent_default();
            let element: HtmlElement = event.target_unchecked_into();
            // Without it the drag ends at the element's border: a nuisance, no fault.
            let _ = element.set_pointer_capture(event.pointer_id());
            from.replace(Some(event.client_x()));
        })
    };
    let on_move = {
        let (from, resize) = (Rc::clone(&from), props.resize.clone());
        Callback::from(move |event: PointerEvent| {
            let before = *from.borrow();
            if let Some(before) = before {
                resize.emit(f64::from(event.client_x() - before));
                from.replace(Some(event.client_x()));
            }
        })
    };
    let on_up = Callback::from(move |_: PointerEvent| {
        from.replace(None);
    });
    // A click on the edge is no click on the heading.
    let on_click = Callback::from(|event: MouseEvent| event.stop_propagation());
    html! {
        <span
            class="edge"
            aria-hidden="true"
            onpointerdown={on_down}
            onpointermove={on_move}
            onpointerup={on_up.clone()}
            onpointercancel={on_up}
            onclick={on_click}
        />
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_table_scrolls_pixel_by_pixel() {
        let geometry = Geometry { rows: 100, height: 300.0 };
        assert_eq!((geometry.canvas(), geometry.scale()), (3_000.0, 1.0));
        assert_eq!((geometry.first(0.0), geometry.first(29.0), geometry.first(30.0)), (0, 0, 1));
        assert_eq!(geometry.place(7, 60.0), 210.0);
        assert_eq!(
            (geometry.reveal(1, 60.0), geometry.reveal(5, 60.0), geometry.reveal(20, 60.0)),
            (30.0, 60.0, 330.0)
        );
    }

    #[test]
    fn every_row_of_a_table_too_tall_for_a_browser_can_be_scrolled_to() {
        let geometry = Geometry { rows: 3_000_000, height: 300.0 };
        assert_eq!(geometry.canvas(), TALLEST);
        let bottom = geometry.canvas() - geometry.height;
        assert_eq!(geometry.first(bottom), 3_000_000 - 10);
        let last = geometry.reveal(2_999_999, 0.0);
        assert!((last - bottom).abs() < 1.0, "{last}");
        // The first row in sight is drawn at the top of what is in sight.
        let top = 5_000_000.0;
        assert!((geometry.place(geometry.first(top), top) - top).abs() <= ROW);
    }
}
