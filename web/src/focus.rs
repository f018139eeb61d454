//! The focus is never lost. Where what has it goes away by the use made of it (an undo that is done, a source that is
//! removed, a notice that is dismissed), browsers drop it to the page's beginning; here its nearest neighbour that is
//! still there gets it. One keeper does that for the whole page. It only ever acts when the element that had the focus
//! is gone and nothing else has it: who clicked beside everything has let go of it, and stays so.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::events::EventListener;
use gloo::utils::document;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, FocusOptions, HtmlElement, MutationObserver, MutationObserverInit, Node};

/// What the Tab key stops at.
const STOPS: &str = "a[href], button, input, select, textarea, summary, [contenteditable=true], [tabindex='0']";

/// A part of the page that may have the focus itself, where nothing in it can.
const PLACES: &str = "dialog, section, main, [role=region], [role=tabpanel], [tabindex='-1']";

/// Where the focus is to go when an element goes away with it: a selector, on the element.
const AFTERWARDS: &str = "data-focus-after";

/// How many neighbours of an element are remembered, to each side.
const NEIGHBOURS: usize = 8;

/// How many elements that had the focus are remembered: the one before last opened the dialog that the last was in.
const MEMORY: usize = 6;

/// Watches over the focus for as long as it lives.
pub struct FocusKeeper {
    _heard: [EventListener; 2],
    observer: Option<MutationObserver>,
    _on_change: Closure<dyn Fn()>,
}

/// An element that had the focus, and what was around it.
struct Held {
    element: Element,
    /// From its parent outwards.
    around: Vec<Element>,
    /// What Tab stops at next to it: what follows, then what precedes, nearest first.
    neighbours: Vec<Element>,
}

type Memory = Rc<RefCell<Vec<Held>>>;

impl FocusKeeper {
    /// Begins to watch over the page.
    pub fn start() -> FocusKeeper {
        let memory = Memory::default();
        let gained = {
            let memory = Rc::clone(&memory);
            EventListener::new(&document(), "focusin", move |event| {
                if let Some(element) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) {
                    remember(&memory, element);
                }
            })
        };
        let let_go = {
            let memory = Rc::clone(&memory);
            EventListener::new(&document(), "focusout", move |_| {
                // Some browsers tell of this before the element is taken out, some not at all: it is looked at after.
                let memory = Rc::clone(&memory);
                spawn_local(async move {
                    if was_let_go(&memory) {
                        memory.borrow_mut().clear();
                    } else {
                        mend(&memory);
                    }
                });
            })
        };
        let on_change = Closure::<dyn Fn()>::new(move || mend(&memory));
        let observer = MutationObserver::new(on_change.as_ref().unchecked_ref()).ok();
        let what = MutationObserverInit::new();
        what.set_child_list(true);
        what.set_subtree(true);
        if let (Some(observer), Some(body)) = (&observer, document().body()) {
            // The body is a node, and what to look at is said.
            let _ = observer.observe_with_options(&body, &what);
        }
        FocusKeeper { _heard: [gained, let_go], observer, _on_change: on_change }
    }
}

impl Drop for FocusKeeper {
    fn drop(&mut self) {
        if let Some(observer) = &self.observer {
            observer.disconnect();
        }
    }
}

fn remember(memory: &Memory, element: Element) {
    let mut around = Vec::new();
    let mut outer = element.parent_element();
    while let Some(parent) = outer {
        outer = parent.parent_element();
        around.push(parent);
    }
    let held = Held { neighbours: neighbours(&element), around, element };
    let mut memory = memory.borrow_mut();
    memory.retain(|other| other.element != held.element);
    if memory.len() >= MEMORY {
        memory.remove(0);
    }
    memory.push(held);
}

fn neighbours(element: &Element) -> Vec<Element> {
    let Ok(stops) = document().query_selector_all(STOPS) else { return Vec::new() };
    let at = |place: u32| stops.item(place).and_then(|node| node.dyn_into::<Element>().ok());
    let stands_before = |place: u32| {
        at(place).is_some_and(|stop| element.compare_document_position(&stop) & Node::DOCUMENT_POSITION_PRECEDING != 0)
    };
    // They come in the page's order: the first that does not stand before the element is found by halving.
    let (mut from, mut to) = (0, stops.length());
    while from < to {
        let middle = from + (to - from) / 2;
        if stands_before(middle) { from = middle + 1 } else { to = middle }
    }
    let there = |stop: &Element| stop != element && can_take(stop);
    let after = (from..stops.length()).filter_map(at).filter(there).take(NEIGHBOURS);
    let before = (0..from).rev().filter_map(at).filter(there).take(NEIGHBOURS);
    after.chain(before).collect()
}

/// Whether an element could have the focus, as far as it itself says.
fn can_take(element: &Element) -> bool {
    let is = |selector: &str| element.matches(selector).unwrap_or(false);
    element.is_connected() && is_drawn(element) && !is(":disabled, [inert] *")
}

/// Whether an element is drawn at all: what is hidden, or stands in something hidden, has no boxes.
fn is_drawn(element: &Element) -> bool {
    element.get_client_rects().length() > 0
}

/// Whether nothing has the focus.
fn is_nowhere() -> bool {
    document().active_element().is_none_or(|active| document().body().is_some_and(|body| *body == active))
}

/// Whether the user let go of the focus: it is nowhere, and what had it could have it still.
fn was_let_go(memory: &Memory) -> bool {
    is_nowhere() && memory.borrow().last().is_none_or(|held| can_take(&held.element))
}

/// Gives the focus to what is nearest to where it was, if it is lost.
fn mend(memory: &Memory) {
    // Within another page the focus may be out there, and is not fetched from it.
    if !is_nowhere() || !document().has_focus().unwrap_or(false) {
        return;
    }
    if memory.borrow().last().is_none_or(|held| can_take(&held.element)) {
        return;
    }
    // Giving the focus is remembered at once, so nothing is borrowed meanwhile.
    let held = memory.take();
    let newest = held.len().saturating_sub(1);
    for (place, held) in held.iter().enumerate().rev() {
        if (place < newest && take(&held.element)) || give_near(held) {
            return;
        }
    }
}

/// Gives the focus to what is nearest to an element that is gone. What was in a dialog that is closed was near nothing.
fn give_near(held: &Held) -> bool {
    let dialog = held.around.iter().position(|outer| outer.tag_name() == "DIALOG");
    if dialog.is_some_and(|place| !held.around[place].is_connected() || !held.around[place].has_attribute("open")) {
        return false;
    }
    let afterwards = held.element.get_attribute(AFTERWARDS);
    let named = afterwards.and_then(|selector| document().query_selector(&selector).ok().flatten());
    if named.is_some_and(|named| take(&named)) {
        return true;
    }
    let around = &held.around[..dialog.map_or(held.around.len(), |place| place + 1)];
    around
        .iter()
        .filter(|outer| outer.is_connected())
        .any(|outer| held.neighbours.iter().any(|stop| outer.contains(Some(stop)) && take(stop)) || take_within(outer))
}

/// Gives the focus to the first thing in a place, or to the place itself.
fn take_within(place: &Element) -> bool {
    if !place.matches(PLACES).unwrap_or(false) {
        return false;
    }
    let stops = place.query_selector_all(STOPS).ok();
    let mut stops = stops.iter().flat_map(|stops| (0..stops.length()).filter_map(|at| stops.item(at)));
    if stops.any(|stop| stop.dyn_into::<Element>().is_ok_and(|stop| take(&stop))) {
        return true;
    }
    if !place.has_attribute("tabindex") {
        // An element of ours takes the attribute.
        let _ = place.set_attribute("tabindex", "-1");
    }
    take(place)
}

/// Gives an element the focus, if it takes it. The page stays where it is scrolled to.
fn take(element: &Element) -> bool {
    if !can_take(element) {
        return false;
    }
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    // What is drawn as SVG has the same method.
    let _ = element.unchecked_ref::<HtmlElement>().focus_with_options(&options);
    document().active_element().as_ref() == Some(element)
}
