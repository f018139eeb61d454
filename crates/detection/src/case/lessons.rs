//! The lessons that are part of the program: the files of `lessons/`, in their order.

use super::Case;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

mod files {
    include!(concat!(env!("OUT_DIR"), "/lessons.rs"));
}

/// A lesson that is part of the program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BuiltInLesson {
    /// A stable short name: the file's name without its number and ending.
    pub id: String,
    /// The lesson.
    pub case: Case,
}

// The files are ours and a test reads each: what cannot be read is not there.
static LESSONS: LazyLock<Vec<BuiltInLesson>> = LazyLock::new(|| {
    let read = |(id, text): &(&str, &str)| Some(BuiltInLesson { id: (*id).to_owned(), case: Case::read(text).ok()? });
    files::LESSONS.iter().filter_map(read).collect()
});

/// Every lesson, in the order to take them.
#[must_use]
pub fn lessons() -> &'static [BuiltInLesson] {
    &LESSONS
}

/// The lesson of a short name.
#[must_use]
pub fn lesson(id: &str) -> Option<&'static BuiltInLesson> {
    lessons().iter().find(|lesson| lesson.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lesson_is_read() {
        let unread: Vec<String> =
            files::LESSONS.iter().filter_map(|(id, text)| Some(format!("{id}: {}", Case::read(text).err()?))).collect();
        assert!(unread.is_empty(), "{unread:#?}");
        assert!(files::LESSONS.len() >= 8);
        assert!(lessons().iter().all(|lesson| lesson.case.lesson.is_some()));
    }
}
