//! The page's root component.

use yew::prelude::*;

use crate::client::Client;
use crate::editor::Editor;
use crate::protocol::{Envelope, Request, Response, Role};

/// What the page knows of a worker.
#[derive(Debug, Clone, PartialEq, Eq)]
enum WorkerState {
    Starting,
    Ready,
    Failed(String),
}

/// The whole page.
#[component]
pub fn App() -> Html {
    let engine = use_worker(Role::Engine);
    let reader = use_worker(Role::Reader);
    html! {
        <main>
            <h1>{ "Exfil Playground" }</h1>
            <p>{ "Everything stays in this tab: nothing is uploaded." }</p>
            <p role="status">{ status("Query engine", &engine) }{ " " }{ status("File reader", &reader) }</p>
            <Editor label="KQL query" text="DeviceProcessEvents\n| take 10" on_ready={Callback::noop()} />
        </main>
    }
}

fn status(name: &str, state: &WorkerState) -> String {
    match state {
        WorkerState::Starting => format!("{name}: starting…"),
        WorkerState::Ready => format!("{name}: ready."),
        WorkerState::Failed(reason) => format!("{name}: failed: {reason}."),
    }
}

/// Keeps a worker as long as the component lives, and asks it once whether it is there.
#[hook]
fn use_worker(role: Role) -> WorkerState {
    let state = use_state(|| WorkerState::Starting);
    use_effect_with((), {
        let state = state.clone();
        move |()| {
            let on_response = {
                let state = state.clone();
                Callback::from(move |response: Envelope<Response>| {
                    let Response::Pong { role: answering } = response.body;
                    if answering == role {
                        state.set(WorkerState::Ready);
                    }
                })
            };
            let on_failure = Callback::from(move |reason| state.set(WorkerState::Failed(reason)));
            let client = Client::start(role, on_response, on_failure);
            client.send(Request::Ping);
            move || drop(client)
        }
    });
    (*state).clone()
}
