//! Which instant `now()` stands for.

use event_table::DateTime;
use kql_engine::scalar::parse_datetime;
use serde::{Deserialize, Serialize};

/// What `now()` stands for in a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// The newest time in the loaded logs; the wall clock where there is none.
    #[default]
    Newest,
    /// The wall clock.
    Wall,
    /// A chosen instant, as ISO 8601 text.
    At(String),
}

impl Clock {
    /// Reads `newest`, `wall`, or an instant in any form that `datetime(…)` takes.
    ///
    /// # Errors
    /// Says what a clock looks like when the text is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text.trim() {
            "newest" => Ok(Self::Newest),
            "wall" => Ok(Self::Wall),
            other => match parse_datetime(other) {
                Some(at) => Ok(Self::At(at.to_string())),
                None => {
                    Err(format!("'{other}' is no instant: write newest, wall, or a time such as 2025-06-01T09:30:00Z."))
                }
            },
        }
    }

    /// The instant, given the newest time in the logs and the wall clock.
    #[must_use]
    pub fn instant(&self, newest: Option<DateTime>, wall: DateTime) -> DateTime {
        match self {
            Self::Newest => newest.unwrap_or(wall),
            Self::Wall => wall,
            Self::At(text) => parse_datetime(text).unwrap_or(wall),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_newest_wall_or_an_instant() {
        let (newest, wall) = (parse_datetime("2025-06-01"), parse_datetime("2026-01-01").unwrap());
        for (text, expected) in [
            ("newest", "2025-06-01T00:00:00.0000000Z"),
            ("wall", "2026-01-01T00:00:00.0000000Z"),
            ("2024-02-29 12:00", "2024-02-29T12:00:00.0000000Z"),
        ] {
            assert_eq!(Clock::parse(text).unwrap().instant(newest, wall).to_string(), expected);
        }
        assert_eq!(Clock::Newest.instant(None, wall), wall);
        assert!(Clock::parse("yesterday").unwrap_err().contains("yesterday"));
    }
}
