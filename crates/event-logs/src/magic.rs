//! Files that are no text, known by their first bytes.

use crate::recognise::Format;

/// What a file is, by the bytes it begins with; `None` for what may be text.
pub(crate) fn of(head: &[u8]) -> Option<(Format, &'static str)> {
    let at = |offset: usize, magic: &[u8]| head.get(offset..offset + magic.len()) == Some(magic);
    // Logs and archives first: they are what a later version reads.
    const LOGS: [(&[u8], Format, &str); 5] = [
        (b"ElfFile\0", Format::Evtx, "a Windows event log (EVTX)"),
        (b"\x1F\x8B", Format::Gzip, "a gzip archive"),
        (b"PK\x03\x04", Format::Zip, "a zip archive"),
        (b"PK\x05\x06", Format::Zip, "an empty zip archive"),
        (b"PAR1", Format::Parquet, "a Parquet file"),
    ];
    if let Some((_, format, what)) = LOGS.iter().find(|(magic, ..)| at(0, magic)) {
        return Some((*format, what));
    }
    const OTHERS: [(usize, &[u8], &str); 25] = [
        (0, b"\x89PNG\r\n\x1A\n", "a PNG image"),
        (0, b"\xFF\xD8\xFF", "a JPEG image"),
        (0, b"GIF8", "a GIF image"),
        (0, b"BM\0\0", "a bitmap image"),
        (8, b"WEBP", "a WebP image"),
        (0, b"%PDF-", "a PDF document"),
        (0, b"{\\rtf", "an RTF document"),
        (0, b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an old Office document"),
        (0, b"\x7FELF", "a Linux program"),
        (0, b"\xCF\xFA\xED\xFE", "a macOS program"),
        (0, b"\xCA\xFE\xBA\xBE", "a macOS program or Java class"),
        (0, b"\0asm", "a WebAssembly module"),
        (0, b"SQLite format 3\0", "an SQLite database"),
        (0, b"7z\xBC\xAF\x27\x1C", "a 7-Zip archive"),
        (0, b"Rar!\x1A\x07", "a RAR archive"),
        (0, b"\xFD7zXZ\0", "an xz archive"),
        (0, b"BZh", "a bzip2 archive"),
        (0, b"\x28\xB5\x2F\xFD", "a Zstandard archive"),
        (257, b"ustar", "a tar archive"),
        (0, b"\xD4\xC3\xB2\xA1", "a packet capture"),
        (0, b"\xA1\xB2\xC3\xD4", "a packet capture"),
        (0, b"\x0A\x0D\x0D\x0A", "a packet capture"),
        (4, b"ftyp", "a video"),
        (0, b"Obj\x01", "an Avro file"),
        (0, b"regf", "a Windows registry hive"),
    ];
    let other = OTHERS.iter().find(|(offset, magic, _)| at(*offset, magic)).map(|(_, _, what)| *what);
    // Two letters are little evidence: a program's header also names the place of the next one.
    let program =
        (at(0, b"MZ") && head.get(2..64).is_some_and(|rest| rest.contains(&0))).then_some("a Windows program");
    other.or(program).map(|what| (Format::NotALog, what))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_by_their_first_bytes() {
        let mut program = b"MZ\x90\0\x03\0\0\0".to_vec();
        program.resize(64, 0);
        let mut tar = b"log.csv".to_vec();
        tar.resize(257, 0);
        tar.extend(b"ustar\0");
        for (head, what) in [
            (&b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR"[..], Some("a PNG image")),
            (b"\xFF\xD8\xFF\xE0", Some("a JPEG image")),
            (b"%PDF-1.7", Some("a PDF document")),
            (b"\x7FELF\x02", Some("a Linux program")),
            (&program, Some("a Windows program")),
            (&tar, Some("a tar archive")),
            (b"\x1F\x8B\x08", Some("a gzip archive")),
            (b"PK\x03\x04\x14", Some("a zip archive")),
            (b"ElfFile\0\0", Some("a Windows event log (EVTX)")),
            (b"SQLite format 3\0", Some("an SQLite database")),
            (b"PAR1\x15", Some("a Parquet file")),
            (b"MZone,Name\n", None),
            (b"Timestamp,DeviceName\n", None),
            (b"", None),
        ] {
            assert_eq!(of(head).map(|(_, what)| what), what, "{head:?}");
        }
    }
}
