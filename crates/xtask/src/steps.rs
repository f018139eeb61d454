//! Telling what is done, and how long it took.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// The steps of one command, told on standard output as they happen.
pub(crate) struct Steps {
    started: Instant,
}

impl Steps {
    pub(crate) fn start() -> Steps {
        Steps { started: Instant::now() }
    }

    /// Does one step; its title also opens the message when it fails.
    pub(crate) fn run<T>(&mut self, title: &str, step: impl FnOnce() -> Result<T>) -> Result<T> {
        println!("▸ {title}");
        let started = Instant::now();
        let done = step().with_context(|| format!("failed: {title}"))?;
        println!("  done in {}", in_words(started.elapsed()));
        Ok(done)
    }

    /// Says one line that belongs to the last step.
    pub(crate) fn note(&self, line: &str) {
        println!("  {line}");
    }

    pub(crate) fn finish(self) {
        println!("✓ all done in {}", in_words(self.started.elapsed()));
    }
}

fn in_words(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 60.0 {
        format!("{seconds:.1} s")
    } else {
        format!("{} min {:02} s", time.as_secs() / 60, time.as_secs() % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_people_say_them() {
        for (millis, words) in
            [(0, "0.0 s"), (1_240, "1.2 s"), (59_900, "59.9 s"), (60_000, "1 min 00 s"), (754_000, "12 min 34 s")]
        {
            assert_eq!(in_words(Duration::from_millis(millis)), words);
        }
    }
}
