//! The record of a row as it stands in the file that it was read from.

use crate::session::Session;
use event_logs::{RecordFinder, RecordPlace, RecordText};
use event_table::{RowRef, SourceId};

/// How many bytes are looked through at once.
const PIECE: usize = 1 << 20;

/// The record of a row as it stands in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Original {
    /// The source that it is of.
    pub source: SourceId,
    /// The source's name: that of the file, and for a member of an archive its path in there.
    pub name: String,
    /// Where it stands.
    pub place: RecordPlace,
    /// The record, where the session holds the file itself: it does of samples, cases and saved states. Whoever read
    /// another one looks there, with a [`RecordFinder`].
    pub record: Option<RecordText>,
}

impl Session {
    /// The original record of a row; `None` when there is no such row, or nothing is known of where it stood.
    #[must_use]
    pub fn original(&self, row: RowRef) -> Option<Original> {
        let (batch, at) = self.tables.tables().get(row.table as usize)?.locate(row.row as usize)?;
        let source = self.sources.iter().find(|source| source.id == batch.source())?;
        let place = RecordPlace::new(&source.report, batch.record(at)?);
        let record = source.held.as_ref().and_then(|held| found_in(held.bytes(), &place));
        Some(Original { source: source.id, name: source.report.name.clone(), place, record })
    }
}

fn found_in(file: &[u8], place: &RecordPlace) -> Option<RecordText> {
    let mut finder = RecordFinder::new(place);
    let bytes = match finder.range() {
        Some(range) => {
            let end = usize::try_from(range.end).unwrap_or(usize::MAX).min(file.len());
            file.get(usize::try_from(range.start).ok()?..end)?
        }
        None => file,
    };
    for piece in bytes.chunks(PIECE) {
        if !finder.feed(piece) {
            break;
        }
    }
    finder.record()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CaseLog, Options, Saved, samples};

    fn all_rows(session: &Session) -> Vec<RowRef> {
        let tables = session.tables().tables().iter().enumerate();
        tables
            .flat_map(|(table, rows)| (0..rows.len() as u32).map(move |row| RowRef { table: table as u32, row }))
            .collect()
    }

    #[test]
    fn records_of_samples_are_where_their_lines_are() {
        for sample in samples() {
            let mut session = Session::new();
            session.load_sample(sample);
            for row in all_rows(&session) {
                let original = session.original(row).unwrap();
                let file = sample.files.iter().find(|file| file.name() == original.name).unwrap();
                let lines = std::str::from_utf8(file.bytes()).unwrap();
                let line = lines.lines().nth(original.place.span.line as usize - 1).unwrap();
                let text = original.record.unwrap().text;
                let first = text.lines().next().unwrap();
                // Records of a CSV stand on lines of their own, those of JSON within more.
                let is_csv = file.name().ends_with("csv");
                assert!(if is_csv { line == first } else { line.contains(first) }, "{}: {line}: {text}", sample.id);
            }
        }
    }

    #[test]
    fn records_of_a_saved_state_stand_in_its_logs() {
        let log = "Timestamp,DeviceName,FileName,ProcessCommandLine\n2025-06-01T10:00:00Z,a,git.exe,\"x\ny\"\n";
        let saved = Saved { version: 1, logs: vec![CaseLog::text("own.csv", log)], ..Saved::default() };
        let mut session = Session::new();
        session.restore(&saved).unwrap();
        let original = session.original(RowRef { table: 0, row: 0 }).unwrap();
        assert_eq!((&*original.name, original.place.span.line), ("own.csv", 2));
        assert_eq!(original.record.unwrap().text, "2025-06-01T10:00:00Z,a,git.exe,\"x\ny\"");
        assert_eq!(session.original(RowRef { table: 0, row: 1 }), None);
        assert_eq!(session.original(RowRef { table: 9, row: 0 }), None);
    }

    #[test]
    fn a_record_of_a_file_that_the_session_does_not_hold_is_found_in_the_file() {
        let file = b"Timestamp,DeviceName,FileName,ProcessCommandLine\n2025-06-01T10:00:00Z,a,git.exe,\xFFx\r\n";
        let mut session = Session::new();
        session.load("own.csv", file, Options::default());
        let original = session.original(RowRef { table: 0, row: 0 }).unwrap();
        assert_eq!((&*original.name, original.record), ("own.csv", None));
        let found = found_in(file, &original.place).unwrap();
        assert_eq!((found.text.as_str(), found.has_other_bytes), ("2025-06-01T10:00:00Z,a,git.exe,\u{FFFD}x", true));
        // The file was changed since.
        assert_eq!(found_in(&file[..60], &original.place), None);
    }
}
