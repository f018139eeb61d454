//! The picture in ARCHITECTURE.md, held against every Cargo.toml.
//!
//! A crate may import any crate that stands below it in the picture, directly or over others. Dependencies for tests
//! and build scripts count too: a test that needs a forbidden room belongs in `tests/`.

use crate::workspace::Member;

/// Who may import whom; what a crate's imports may import is allowed as well.
const ARROWS: &[(&str, &[&str])] = &[
    ("kql-syntax", &[]),
    ("event-table", &[]),
    ("kql-engine", &["kql-syntax", "event-table"]),
    ("event-logs", &["event-table"]),
    ("detection", &["kql-engine", "event-logs"]),
    ("exfil-cli", &["detection"]),
    ("web", &["detection"]),
    ("xtask", &[]),
    (ANYBODY, &[]),
];

/// The one crate that may import everything.
const ANYTHING: &str = "system-tests";

/// The one crate that everything may import: only tests do, and it knows nothing.
const ANYBODY: &str = "test-as-wasm";

/// A sentence for each import that goes against the picture; empty when all is well.
pub(crate) fn violations(members: &[Member]) -> Vec<String> {
    members.iter().filter(|member| member.name != ANYTHING).flat_map(violations_of).collect()
}

fn violations_of(member: &Member) -> Vec<String> {
    let name = &member.name;
    let Some(allowed) = below(name) else {
        return vec![format!(
            "`{name}` is not in the picture: give it a place in ARCHITECTURE.md and in crates/xtask/src/arrows.rs"
        )];
    };
    let forbidden = member.imports.iter().filter(|import| *import != ANYBODY && !allowed.contains(&import.as_str()));
    let said = if allowed.is_empty() { "none of our crates".to_owned() } else { allowed.join(", ") };
    forbidden.map(|import| format!("`{name}` imports `{import}`, but may import only: {said}")).collect()
}

/// Everything that stands below a crate; `None` when the picture has no such crate.
fn below(name: &str) -> Option<Vec<&'static str>> {
    let (_, direct) = ARROWS.iter().find(|(from, _)| *from == name)?;
    let mut all = direct.to_vec();
    let mut next = 0;
    while let Some(reached) = all.get(next).copied() {
        next += 1;
        for further in below(reached).unwrap_or_default() {
            if !all.contains(&further) {
                all.push(further);
            }
        }
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::workspace::members;

    /// A made-up workspace of packages with the dependencies named, in the shape of `cargo metadata`.
    fn workspace(packages: &[(&str, &[&str])]) -> Vec<Member> {
        let packages: Vec<_> = packages
            .iter()
            .map(|(name, imports)| {
                let dependencies: Vec<_> =
                    imports.iter().map(|import| json!({"name": import, "path": "/somewhere", "kind": null})).collect();
                json!({"name": name, "dependencies": dependencies, "targets": []})
            })
            .collect();
        members(&json!({ "packages": packages }))
    }

    #[test]
    fn the_picture_as_drawn_is_allowed() {
        let members = workspace(&[
            ("kql-syntax", &[]),
            ("event-table", &["test-as-wasm"]),
            ("kql-engine", &["kql-syntax", "event-table"]),
            ("event-logs", &["event-table"]),
            ("detection", &["kql-engine", "event-logs", "kql-syntax", "event-table"]),
            ("exfil-cli", &["detection", "kql-engine"]),
            ("web", &["detection", "kql-syntax"]),
            ("xtask", &[]),
            ("test-as-wasm", &[]),
            ("system-tests", &["exfil-cli", "web", "xtask"]),
        ]);
        assert_eq!(violations(&members), Vec::<String>::new());
    }

    #[test]
    fn an_import_against_the_arrows_is_named_with_both_ends() {
        let cases: [(&str, &str); 7] = [
            ("kql-syntax", "event-table"),
            ("event-table", "kql-syntax"),
            ("event-logs", "kql-syntax"),
            ("event-logs", "kql-engine"),
            ("kql-engine", "detection"),
            ("detection", "web"),
            ("xtask", "event-table"),
        ];
        for (from, to) in cases {
            let said = violations(&workspace(&[(from, &[to]), (to, &[])]));
            let [sentence] = said.as_slice() else { panic!("{from} -> {to}: {said:?}") };
            assert!(sentence.starts_with(&format!("`{from}` imports `{to}`, ")), "{sentence}");
        }
    }

    #[test]
    fn a_crate_that_is_not_drawn_is_refused() {
        let said = violations(&workspace(&[("helpers", &[])]));
        assert!(said.len() == 1 && said[0].contains("`helpers` is not in the picture"), "{said:?}");
    }

    #[test]
    fn crates_from_elsewhere_are_nobodys_business() {
        let metadata = json!({"packages": [
            {"name": "kql-syntax", "targets": [], "dependencies": [{"name": "rowan", "kind": null}]}
        ]});
        assert_eq!(violations(&members(&metadata)), Vec::<String>::new());
    }
}
