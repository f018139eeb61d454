//! Where the rule stands. What comes first for the eyes comes first for the Tab key and for readers, in every browser:
//! `reading-flow` is not in all of them.

use gloo::events::EventListener;
use gloo::utils::window;
use web_sys::MediaQueryList;
use yew::prelude::*;

/// The width from which the styles put the rule beside the results.
const BESIDE: &str = "(width >= 1080px)";

/// Whether the rule stands beside the results, and not below them.
#[hook]
pub fn use_is_beside() -> bool {
    let list = use_memo((), |()| window().match_media(BESIDE).ok().flatten());
    let matches = |list: &Option<MediaQueryList>| list.as_ref().is_some_and(MediaQueryList::matches);
    let is_beside = use_state_eq(|| matches(&list));
    use_effect_with((), {
        let (list, is_beside) = (list.clone(), is_beside.clone());
        move |()| {
            let listener = list.as_ref().as_ref().map(|found| {
                let list = list.clone();
                EventListener::new(found, "change", move |_| is_beside.set(matches(&list)))
            });
            move || drop(listener)
        }
    });
    *is_beside
}
