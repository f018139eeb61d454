//! `parse_path`: the parts of a file's path, of Windows or Unix.
//!
//! **Our choices**, where the page is silent: the directory is all before the last separator, without it; the drive
//! of a long path (`\\?\C:\…`) and of `file:///C:/…` is the root; a file name without a dot has no extension.

use super::{ScalarFunction, args};
use event_table::{Dynamic, Value};

pub(super) fn implementation(name: &str) -> Option<ScalarFunction> {
    (name == "parse_path").then_some(|_, a| parse(&args::text(a, 0)))
}

fn parse(text: &str) -> Value {
    let separator = ['/', '\\'];
    let (scheme, path) = match text.split_once("://") {
        Some((scheme, path)) if scheme.bytes().all(|b| b.is_ascii_alphanumeric()) => (scheme, path),
        _ => ("", text),
    };
    let path = path.strip_prefix('/').filter(|rest| !scheme.is_empty() && drive(rest).is_some()).unwrap_or(path);
    let root = drive(path.strip_prefix(r"\\?\").unwrap_or(path)).unwrap_or("");
    let (directory, file) = match path.rfind(separator) {
        Some(at) => (&path[..at], &path[at + 1..]),
        None => path.strip_prefix(root).filter(|_| !root.is_empty()).map_or(("", path), |file| (root, file)),
    };
    let (file, stream) = file.split_once(':').unwrap_or((file, ""));
    let extension = file.rsplit_once('.').map_or("", |(_, extension)| extension);
    let directory_name = directory.rsplit(separator).next().filter(|name| *name != root).unwrap_or("");
    let part = |name: &str, value: &str| (name.into(), args::text_element(value));
    let parts = [
        part("Scheme", scheme),
        part("RootPath", root),
        part("DirectoryPath", directory),
        part("DirectoryName", directory_name),
        part("Filename", file),
        part("Extension", extension),
        part("AlternateDataStreamName", stream),
    ];
    Value::dynamic(Dynamic::Bag(parts.into_iter().collect()))
}

/// `C:` at the start of a path.
fn drive(path: &str) -> Option<&str> {
    let bytes = path.as_bytes();
    (bytes.first()?.is_ascii_alphabetic() && *bytes.get(1)? == b':').then(|| &path[..2])
}

#[cfg(test)]
mod tests {
    use super::super::testing::call;
    use super::*;
    use event_table::ColumnType;

    /// The first five are the page's examples.
    #[test]
    fn paths_are_taken_apart() {
        for (path, expected) in [
            (r"C:\temp\file.txt", ["", "C:", r"C:\temp", "temp", "file.txt", "txt", ""]),
            (r"temp\file.txt", ["", "", "temp", "temp", "file.txt", "txt", ""]),
            ("file://C:/temp/file.txt:some.exe", ["file", "C:", "C:/temp", "temp", "file.txt", "txt", "some.exe"]),
            (r"\\shared\users\temp\file.txt.gz", ["", "", r"\\shared\users\temp", "temp", "file.txt.gz", "gz", ""]),
            ("/usr/lib/temp/file.txt", ["", "", "/usr/lib/temp", "temp", "file.txt", "txt", ""]),
            ("file1.exe:file2.exe", ["", "", "", "", "file1.exe", "exe", "file2.exe"]),
            (r"\\?\C:\temp\a.b", ["", "C:", r"\\?\C:\temp", "temp", "a.b", "b", ""]),
            ("file:///C:/temp/a.b", ["file", "C:", "C:/temp", "temp", "a.b", "b", ""]),
            (r"C:\temp\", ["", "C:", r"C:\temp", "temp", "", "", ""]),
            (r"C:\file", ["", "C:", "C:", "", "file", "", ""]),
            ("C:file:s", ["", "C:", "C:", "", "file", "", "s"]),
            ("/file", ["", "", "", "", "file", "", ""]),
            ("", ["", "", "", "", "", "", ""]),
            ("é/ü.ö", ["", "", "é", "é", "ü.ö", "ö", ""]),
        ] {
            let found = call("parse_path", ColumnType::Dynamic, &[Value::string(path)]);
            let parts: Vec<String> =
                args::bag(&[found], 0).unwrap().values().map(|d| args::element_text(d).into_owned()).collect();
            assert_eq!(parts, expected, "{path}");
        }
    }
}
