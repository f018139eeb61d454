//! What the engine answers to a question of a component, asked anew whenever what it depends on changes.

use std::rc::Rc;

use yew::prelude::*;

use crate::dispatch::use_dispatch;
use crate::protocol::{Request, Response};

/// An answer of the engine.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Asked {
    /// The newest answer, which stays until the next is there.
    pub response: Option<Rc<Response>>,
    /// Whether it answers the newest question.
    pub is_current: bool,
}

/// Asks the engine when the component first appears and whenever the key changes; nothing while there is no question.
/// What a newer question overtook, or a run called off, is not heard.
#[hook]
pub fn use_answer<K: PartialEq + 'static>(key: K, question: impl FnOnce(&K) -> Option<Request> + 'static) -> Asked {
    let ask = use_dispatch().ask;
    let asked = use_state_eq(Asked::default);
    let newest = use_mut_ref(|| (0u32, None::<Rc<Response>>));
    use_effect_with(key, {
        let (asked, newest) = (asked.clone(), Rc::clone(&newest));
        move |key| {
            let (own, before) = {
                let mut newest = newest.borrow_mut();
                newest.0 += 1;
                (newest.0, newest.1.clone())
            };
            asked.set(Asked { response: before, is_current: false });
            let Some(request) = question(key) else { return };
            let answered = Callback::from(move |response: Response| {
                let mut newest = newest.borrow_mut();
                if newest.0 == own && response != Response::CalledOff {
                    newest.1 = Some(Rc::new(response));
                    asked.set(Asked { response: newest.1.clone(), is_current: true });
                }
            });
            ask.emit((request, answered));
        }
    });
    (*asked).clone()
}
