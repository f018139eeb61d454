//! Every message between the page and its workers.
//!
//! A message is an [`Envelope`] around a [`Request`] (page to worker) or a [`Response`] (worker to page). A response
//! carries the generation of the request that it answers, so that the page can drop what is no longer wanted.

use serde::{Deserialize, Serialize};

/// The part that a worker plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// Owns the session: logs, query and results.
    Engine,
    /// Reads one file and hands its bytes to the engine.
    Reader,
}

impl Role {
    /// The role as `web/loader.js` passes it on.
    pub fn name(self) -> &'static str {
        match self {
            Role::Engine => "engine",
            Role::Reader => "reader",
        }
    }

    /// The role of a name; `None` for any other text.
    pub fn named(name: &str) -> Option<Role> {
        [Role::Engine, Role::Reader].into_iter().find(|role| role.name() == name)
    }
}

/// Counts the requests of one client, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Generation(pub u32);

/// A message and the request that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope<T> {
    /// The request asked, or answered.
    pub generation: Generation,
    /// What is said.
    pub body: T,
}

/// What the page asks of a worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// Are you there?
    Ping,
}

/// What a worker answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Response {
    /// The answer to [`Request::Ping`].
    Pong {
        /// The part that the answering worker plays.
        role: Role,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_found_by_its_own_name_only() {
        assert_eq!(Role::named("engine"), Some(Role::Engine));
        assert_eq!(Role::named("reader"), Some(Role::Reader));
        assert_eq!(Role::named("Engine"), None);
    }

    /// Through what the browser really passes on, so only there.
    #[cfg(target_arch = "wasm32")]
    #[test]
    fn messages_come_back_as_they_went() {
        let request = Envelope { generation: Generation(u32::MAX), body: Request::Ping };
        let sent = serde_wasm_bindgen::to_value(&request).unwrap();
        assert_eq!(serde_wasm_bindgen::from_value::<Envelope<Request>>(sent).unwrap(), request);
        let response = Envelope { generation: Generation(0), body: Response::Pong { role: Role::Reader } };
        let sent = serde_wasm_bindgen::to_value(&response).unwrap();
        assert_eq!(serde_wasm_bindgen::from_value::<Envelope<Response>>(sent).unwrap(), response);
    }
}
