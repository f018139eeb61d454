//! A stretch of a row of slots, chosen by pointer or by two handles that keys move.

use std::ops::Range;
use std::rc::Rc;

use web_sys::{KeyboardEvent, MouseEvent, PointerEvent};
use yew::prelude::*;

use crate::dom::{hold_pointer, set_style, share_under};

/// What is chosen from.
#[derive(Properties, PartialEq)]
pub struct BrushProps {
    /// What is chosen, for screen readers.
    pub label: AttrValue,
    /// What stands at each edge: one more than there are slots.
    pub edges: Rc<Vec<AttrValue>>,
    /// The slots that are chosen; none when all are.
    pub chosen: Option<Range<usize>>,
    /// Another choice.
    pub on_change: Callback<Option<Range<usize>>>,
}

/// How far Page Up and Page Down move a handle: one slot of so many.
const PAGES: usize = 10;

/// An end of the stretch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    From,
    To,
}

/// A stretch with one of its ends elsewhere; none when it is all there is.
fn moved(chosen: Range<usize>, end: End, to: usize, slots: usize) -> Option<Range<usize>> {
    let next = match end {
        End::From => to.min(chosen.end.saturating_sub(1))..chosen.end,
        End::To => chosen.start..to.clamp(chosen.start + 1, slots),
    };
    (next != (0..slots)).then_some(next)
}

/// Where a key moves an end that stands at a place.
fn place_after(key: &str, at: usize, slots: usize) -> Option<usize> {
    let page = (slots / PAGES).max(1);
    Some(match key {
        "ArrowRight" | "ArrowUp" => at + 1,
        "ArrowLeft" | "ArrowDown" => at.saturating_sub(1),
        "PageUp" => at + page,
        "PageDown" => at.saturating_sub(page),
        "Home" => 0,
        "End" => slots,
        _ => return None,
    })
}

/// The slot under a pointer.
fn slot_at(node: &NodeRef, event: &PointerEvent, slots: usize) -> Option<usize> {
    let share = share_under(node, event)?;
    Some(((share * slots as f64) as usize).min(slots.saturating_sub(1)))
}

/// A stretch of a row of slots.
#[component]
pub fn Brush(props: &BrushProps) -> Html {
    let node = use_node_ref();
    let slots = props.edges.len().saturating_sub(1);
    let all = 0..slots;
    let chosen = props.chosen.clone().unwrap_or(all);
    // The slot where the pointer went down.
    let anchor = use_mut_ref(|| None::<usize>);
    use_effect_with((chosen.clone(), slots), {
        let node = node.clone();
        move |(chosen, slots)| {
            let share = |at: usize| format!("{}%", at as f64 * 100.0 / (*slots).max(1) as f64);
            set_style(&node, "--from", &share(chosen.start));
            set_style(&node, "--to", &share(chosen.end));
        }
    });
    let choose = {
        let (on_change, before) = (props.on_change.clone(), props.chosen.clone());
        move |next: Option<Range<usize>>| {
            if next != before {
                on_change.emit(next);
            }
        }
    };
    let on_down = {
        let (node, anchor, choose) = (node.clone(), Rc::clone(&anchor), choose.clone());
        Callback::from(move |event: PointerEvent| {
            let Some(slot) = slot_at(&node, &event, slots).filter(|_| event.button() == 0) else { return };
            event.prevent_default();
            *anchor.borrow_mut() = Some(slot);
            hold_pointer(&node, &event);
            choose((slots > 1).then_some(slot..slot + 1));
        })
    };
    let on_move = {
        let (node, anchor, choose) = (node.clone(), Rc::clone(&anchor), choose.clone());
        Callback::from(move |event: PointerEvent| {
            let Some(anchor) = *anchor.borrow() else { return };
            let Some(slot) = slot_at(&node, &event, slots) else { return };
            let next = anchor.min(slot)..anchor.max(slot) + 1;
            choose((next != (0..slots)).then_some(next));
        })
    };
    let on_up = {
        let anchor = Rc::clone(&anchor);
        Callback::from(move |_: PointerEvent| *anchor.borrow_mut() = None)
    };
    let clear = {
        let choose = choose.clone();
        Callback::from(move |_: MouseEvent| choose(None))
    };
    let handle = |end: End| {
        let (at, name, class) = match end {
            End::From => (chosen.start, "from", "is-from"),
            End::To => (chosen.end, "to", "is-to"),
        };
        let on_key = {
            let (choose, chosen) = (choose.clone(), chosen.clone());
            Callback::from(move |event: KeyboardEvent| {
                let key = event.key();
                if key == "Escape" && chosen != (0..slots) {
                    choose(None);
                } else if let Some(place) = place_after(&key, at, slots) {
                    choose(moved(chosen.clone(), end, place, slots));
                } else {
                    return;
                }
                event.prevent_default();
                event.stop_propagation();
            })
        };
        html! {
            <div
                class={classes!("brush-handle", class)}
                role="slider"
                tabindex="0"
                aria-label={format!("{}, {name}", props.label)}
                aria-orientation="horizontal"
                aria-valuemin="0"
                aria-valuemax={slots.to_string()}
                aria-valuenow={at.to_string()}
                aria-valuetext={props.edges.get(at).cloned()}
                onkeydown={on_key}
            />
        }
    };
    html! {
        <div
            ref={node}
            class={classes!("brush", props.chosen.is_some().then_some("is-narrowed"))}
            onpointerdown={on_down}
            onpointermove={on_move}
            onpointerup={on_up.clone()}
            onpointercancel={on_up}
            ondblclick={clear}
        >
            <div class="brush-out is-before" />
            <div class="brush-out is-after" />
            { handle(End::From) }
            { handle(End::To) }
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_moves_within_the_other_and_all_is_no_choice() {
        for (chosen, end, to, expected) in [
            (0..10, End::From, 3, Some(3..10)),
            (3..10, End::From, 0, None),
            (3..5, End::From, 9, Some(4..5)),
            (3..5, End::To, 0, Some(3..4)),
            (3..5, End::To, 99, Some(3..10)),
            (0..5, End::To, 10, None),
        ] {
            assert_eq!(moved(chosen.clone(), end, to, 10), expected, "{chosen:?} {end:?} {to}");
        }
    }

    #[test]
    fn keys_move_by_a_slot_by_a_tenth_and_to_the_ends() {
        for (key, expected) in [
            ("ArrowRight", Some(6)),
            ("ArrowLeft", Some(4)),
            ("PageUp", Some(9)),
            ("PageDown", Some(1)),
            ("Home", Some(0)),
            ("End", Some(48)),
            ("x", None),
        ] {
            assert_eq!(place_after(key, 5, 48), expected, "{key}");
        }
        assert_eq!(place_after("ArrowLeft", 0, 48), Some(0));
    }
}
