//! Files that the query reads by name (`externaldata`): lists of addresses, users, hashes. They are kept as they are,
//! beside the logs, and only when the query asks for them.

use crate::{KeptFile, Session};
use event_table::{DateTime, NamedFile};
use kql_engine::resolve::{ExternalFile, is_external, resolve};

impl Session {
    /// The files that the query asks for, by their place in it, and whether each is there. `wall` is the wall clock.
    #[must_use]
    pub fn external_files(&self, wall: DateTime) -> Vec<ExternalFile> {
        // Most queries ask for none.
        if !self.query.contains("external") {
            return Vec::new();
        }
        let now = self.clock.instant(self.newest(), wall);
        resolve(&kql_syntax::parse(&self.query).document(), &self.tables, now).external
    }

    /// Whether the query reads a file of this name, so that it belongs to [`Session::add_external`] and is no log.
    /// Folders before the name do not count, nor does its case, nor `.gz` or `.zip` behind it. `wall` is the wall clock.
    #[must_use]
    pub fn asks_for(&self, name: &str, wall: DateTime) -> bool {
        self.external_files(wall).iter().any(|file| is_external(last_part(name), &file.name))
    }

    /// Keeps a file for queries that read one of its name, in the place of one of the same name. It may be gzipped; it is
    /// read when a query is run. The newest result is forgotten.
    pub fn add_external(&mut self, name: &str, bytes: Vec<u8>) {
        self.tables.set_file(NamedFile::new(last_part(name), bytes));
        self.last = None;
    }

    /// Takes such a file out again; whether there was one. The newest result is forgotten.
    pub fn remove_external(&mut self, name: &str) -> bool {
        let removed = self.tables.remove_file(last_part(name));
        if removed {
            self.last = None;
        }
        removed
    }

    /// The files that are kept for queries, beside those that a query asks for.
    pub(crate) fn kept_files(&self, asked: &[ExternalFile]) -> Vec<KeptFile> {
        let kept = |file: &NamedFile| KeptFile {
            name: file.name().to_owned(),
            bytes: file.bytes().len(),
            is_read: asked.iter().any(|asked| is_external(file.name(), &asked.name)),
        };
        self.tables.files().iter().map(kept).collect()
    }
}

/// A name without the folders before it.
fn last_part(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_finds_the_files_that_it_asks_for() {
        let mut session = Session::new();
        let wall = DateTime::MIN;
        assert!(session.external_files(wall).is_empty() && !session.asks_for("bad.txt", wall));
        session.set_query(
            "let Bad = externaldata (Address: string) [@'https://h.example/lists/bad.txt?sas']; \
             print a = '192.0.2.7' | where a in (Bad)",
        );
        assert!(session.asks_for("Downloads/Bad.txt", wall) && session.asks_for("bad.txt.gz", wall));
        assert!(!session.asks_for("good.txt", wall));
        let report = session.run_now(wall);
        assert!(report.has_errors());
        assert_eq!(report.findings[0].code, "file-not-loaded");
        session.add_external("Downloads/bad.txt", b"192.0.2.7\n".to_vec());
        let report = session.run_now(wall);
        assert_eq!(report.files, [KeptFile { name: "bad.txt".into(), bytes: 10, is_read: true }]);
        assert!(!report.has_errors(), "{report:?}");
        assert_eq!(report.rows, 1);
        session.add_external("bad.txt", b"192.0.2.8\n".to_vec());
        assert_eq!(session.run_now(wall).rows, 0);
        assert!(session.external_files(wall).iter().all(|file| file.is_loaded));
        assert!(session.remove_external("bad.txt") && session.run_now(wall).has_errors());
        session.add_external("bad.txt", Vec::new());
        session.clear();
        assert!(session.run_now(wall).files.is_empty());
    }
}
