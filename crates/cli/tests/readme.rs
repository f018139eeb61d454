//! What the README shows of the terminal is what works: each line of its block is run as it stands there, and the JUnit
//! that `exfil test` writes is read by an XML reader.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A folder with all that the README's lines name, gone when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-readme-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn put(&self, from: &str, to: &str) {
        fs::copy(root().join("crates/detection").join(from), self.0.join(to)).unwrap();
    }

    /// Runs a line of a shell in the folder, with `exfil` being the program that is tested.
    fn run(&self, line: &str) -> Output {
        let program = Path::new(env!("CARGO_BIN_EXE_exfil")).parent().unwrap().display().to_string();
        let path = format!("{program}:{}", std::env::var("PATH").unwrap_or_default());
        Command::new("sh").args(["-c", line]).env("PATH", path).current_dir(&self.0).output().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The lines of the README that begin with the program's name.
fn lines() -> Vec<String> {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let section = readme.split("## From a terminal").nth(1).unwrap().split("\n## ").next().unwrap();
    section.lines().filter(|line| line.starts_with("exfil ")).map(str::to_owned).collect()
}

#[test]
#[cfg(unix)]
fn every_line_of_the_readme_works_as_it_stands_there() {
    let folder = Folder::new("lines");
    folder.put("samples/fp-developers/query_data.csv", "logs.csv");
    folder.put("rule/T1567.001.kql", "my.kql");
    let feed = "externaldata (Ip: string) ['https://feed.example/bad-ips.txt'] | take 1";
    fs::write(folder.0.join("feed.kql"), feed).unwrap();
    fs::write(folder.0.join("bad-ips.txt"), "192.0.2.1\n").unwrap();
    fs::create_dir_all(folder.0.join("cases")).unwrap();
    for lesson in ["01-read-an-alert.yaml", "02-whole-terms.yaml"] {
        folder.put(&format!("lessons/{lesson}"), &format!("cases/{lesson}"));
    }
    let lines = lines();
    assert!(lines.len() >= 8, "{lines:?}");
    for line in &lines {
        let ran = folder.run(line);
        let said = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(ran.status.code(), Some(0), "{line}: {said}");
        assert!(!ran.stdout.is_empty(), "{line} says nothing");
        assert!(!said.contains("error"), "{line}: {said}");
    }
    for command in ["run", "check", "explain", "near-misses", "compare", "test"] {
        assert!(
            lines.iter().any(|line| line.split(' ').nth(1) == Some(command)),
            "the README does not tell of {command}"
        );
    }
    // The README's statuses: 2 is wrong usage.
    for line in ["exfil", "exfil run --no-such-option logs.csv", "exfil test", "exfil compare --deny nothing logs.csv"]
    {
        assert_eq!(folder.run(line).status.code(), Some(2), "{line}");
    }
    // 1 is an error of a query or a log, a failed case, or what --deny names.
    fs::write(folder.0.join("bad.kql"), "DeviceProcessEvents | where").unwrap();
    fs::write(folder.0.join("less.kql"), "DeviceProcessEvents | take 0").unwrap();
    for line in [
        "exfil run --query bad.kql logs.csv",
        "exfil check --query bad.kql",
        "exfil near-misses --query bad.kql logs.csv",
        "exfil run nowhere.csv",
        "exfil compare --query less.kql --deny lost logs.csv",
        "exfil compare --with less.kql --deny gained logs.csv",
        "exfil test --query less.kql cases/",
        "exfil test nowhere/",
    ] {
        assert_eq!(folder.run(line).status.code(), Some(1), "{line}");
    }
    // Standard input is `-`.
    assert_eq!(folder.run("exfil run --query - logs.csv < my.kql").stdout, folder.run("exfil run logs.csv").stdout);
}

/// The number in an attribute.
fn number(element: &BytesStart<'_>, name: &str) -> usize {
    text(element, name).parse().unwrap()
}

fn text(element: &BytesStart<'_>, name: &str) -> String {
    let attribute = element.try_get_attribute(name).unwrap().unwrap_or_else(|| panic!("no attribute {name}"));
    attribute.normalized_value(XmlVersion::Explicit1_0).unwrap().into_owned()
}

/// Tests, failures, errors.
type Counts = (usize, usize, usize);

/// Reads a JUnit file with an XML reader: each suite's title with its tests, failures and errors, after holding the
/// counts that are written against the elements that are there.
fn junit(path: &Path) -> BTreeMap<String, Counts> {
    let xml = fs::read_to_string(path).unwrap();
    // What XML 1.0 cannot hold even as a reference; the reader lets it pass.
    assert!(!xml.chars().any(|c| c < ' ' && !matches!(c, '\t' | '\n' | '\r')), "{xml:?}");
    let mut reader = Reader::from_str(&xml);
    reader.config_mut().check_end_names = true;
    let (mut suites, mut open, mut all) = (BTreeMap::new(), Vec::new(), None);
    let mut current: Option<(String, Counts, Counts)> = None;
    loop {
        let (element, is_empty) = match reader.read_event().unwrap() {
            Event::Start(element) => (element, false),
            Event::Empty(element) => (element, true),
            Event::End(_) => {
                if open.pop().as_deref() == Some("testsuite") {
                    let (title, said, found) = current.take().unwrap();
                    assert_eq!(said, found, "{title}");
                    suites.insert(title, said);
                }
                continue;
            }
            Event::Eof => break,
            _ => continue,
        };
        // Every attribute must be well-formed, and none stand twice.
        element.attributes().with_checks(true).for_each(|attribute| {
            attribute.unwrap().normalized_value(XmlVersion::Explicit1_0).unwrap();
        });
        let name = element.name().as_ref().to_owned();
        let counts = || (number(&element, "tests"), number(&element, "failures"), number(&element, "errors"));
        match (name.as_str(), open.last().map(String::as_str)) {
            ("testsuites", None) => all = Some(counts()),
            ("testsuite", Some("testsuites")) => current = Some((text(&element, "name"), counts(), (0, 0, 0))),
            ("testcase", Some("testsuite")) => {
                assert!(!text(&element, "classname").is_empty() && !text(&element, "name").is_empty());
                current.as_mut().unwrap().2.0 += 1;
            }
            ("failure", Some("testcase")) => current.as_mut().unwrap().2.1 += 1,
            ("error", Some("testcase")) => current.as_mut().unwrap().2.2 += 1,
            (name, parent) => panic!("{name} in {parent:?}"),
        }
        if !is_empty {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?} is not closed");
    let sum = suites.values().fold((0, 0, 0), |sum, one: &Counts| (sum.0 + one.0, sum.1 + one.1, sum.2 + one.2));
    assert_eq!(all, Some(sum), "the whole is the sum of its suites");
    suites
}

#[test]
#[cfg(unix)]
fn the_junit_of_the_lessons_is_well_formed_and_says_what_the_exit_status_says() {
    let folder = Folder::new("junit");
    let lessons = root().join("crates/detection/lessons").display().to_string();
    let ran = folder.run(&format!("exfil test --junit out.xml '{lessons}'"));
    assert_eq!(ran.status.code(), Some(0), "{}", String::from_utf8_lossy(&ran.stdout));
    let suites = junit(&folder.0.join("out.xml"));
    assert_eq!(suites.len(), fs::read_dir(&lessons).unwrap().count());
    assert!(suites.values().all(|(tests, failures, errors)| *tests > 0 && failures + errors == 0), "{suites:?}");

    // A query that sees nothing fails them, and one with an error has errors.
    fs::write(folder.0.join("less.kql"), "DeviceProcessEvents | take 0").unwrap();
    fs::write(folder.0.join("bad.kql"), "DeviceProcessEvents | where <\"&\u{1}'").unwrap();
    for (query, is_error) in [("less.kql", false), ("bad.kql", true)] {
        let ran = folder.run(&format!("exfil test --query {query} --junit out.xml '{lessons}'"));
        assert_eq!(ran.status.code(), Some(1), "{query}");
        let suites = junit(&folder.0.join("out.xml"));
        let wrong = suites.values().filter(|suite| if is_error { suite.2 > 0 } else { suite.1 > 0 }).count();
        assert!(wrong > suites.len() / 2, "{query}: {suites:?}");
    }
    // A file that is no case, with what XML must escape in its name.
    fs::write(folder.0.join("a & <b> \"c\".yaml"), "version: 1\ntitle: \"<&\\u0001>\"\nlogs: []\nexpect: {rows: 5}\n")
        .unwrap();
    let ran = folder.run("exfil test --junit out.xml .");
    assert_eq!(ran.status.code(), Some(1));
    assert_eq!(junit(&folder.0.join("out.xml")).len(), 1);
}
