//! The command line of `cargo xtask`.

use crate::checks::Part;

pub(crate) const USAGE: &str = "\
Usage: cargo xtask <command>

  serve [--port N]     build the page and serve it on this machine (port 8080, or the next one that is free)
  test [--only PART]…  every check, or the parts named: format, arrows, lint, native, docs, reference, editor, wasm, page, browser
  check                the checks that need no test run: format, arrows, lint
  build                build the page into dist/
  bench [NAME]         every benchmark, the one of that name (browser, formats, duckdb, query, read, parse), or the
                       measurements whose name contains it
  setup                only the set-up that the other commands do by themselves";

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    Setup,
    Build,
    /// The port asked for; `None` takes the first free one from 8080.
    Serve {
        port: Option<u16>,
    },
    Check,
    Test {
        parts: Vec<Part>,
    },
    Bench {
        filter: Option<String>,
    },
}

impl Command {
    pub(crate) fn parse(arguments: impl Iterator<Item = String>) -> Result<Command, String> {
        let mut arguments = arguments;
        let name = arguments.next().ok_or("which command?")?;
        let command = match name.as_str() {
            "help" | "--help" | "-h" => Command::Help,
            "setup" => Command::Setup,
            "build" => Command::Build,
            "check" => Command::Check,
            "serve" => Command::Serve { port: port(&mut arguments)? },
            "test" => Command::Test { parts: parts(&mut arguments)? },
            "bench" => Command::Bench { filter: arguments.next() },
            other => return Err(format!("there is no command `{other}`")),
        };
        match arguments.next() {
            None => Ok(command),
            Some(more) => Err(format!("`{name}` takes no `{more}`")),
        }
    }
}

fn port(arguments: &mut impl Iterator<Item = String>) -> Result<Option<u16>, String> {
    match arguments.next().as_deref() {
        None => Ok(None),
        Some("--port") => {
            let text = arguments.next().ok_or("--port needs a number")?;
            text.parse().map(Some).map_err(|_| format!("`{text}` is not a port"))
        }
        Some(other) => Err(format!("`serve` takes no `{other}`")),
    }
}

fn parts(arguments: &mut impl Iterator<Item = String>) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    while let Some(option) = arguments.next() {
        if option != "--only" {
            return Err(format!("`test` takes no `{option}`"));
        }
        let name = arguments.next().ok_or("--only needs the name of a part")?;
        parts.push(Part::named(&name).ok_or_else(|| format!("there is no part `{name}`"))?);
    }
    Ok(if parts.is_empty() { Part::ALL.to_vec() } else { parts })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Command, String> {
        Command::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn commands_are_read_with_their_options() {
        let cases = [
            ("help", Command::Help),
            ("serve", Command::Serve { port: None }),
            ("serve --port 9000", Command::Serve { port: Some(9000) }),
            ("check", Command::Check),
            ("test", Command::Test { parts: Part::ALL.to_vec() }),
            ("test --only wasm --only browser", Command::Test { parts: vec![Part::Wasm, Part::Browser] }),
            ("bench csv", Command::Bench { filter: Some("csv".to_owned()) }),
        ];
        for (line, expected) in cases {
            assert_eq!(parse(line), Ok(expected), "{line}");
        }
    }

    #[test]
    fn wrong_usage_is_refused_by_name() {
        for (line, word) in [
            ("", "which"),
            ("deploy", "`deploy`"),
            ("serve --port", "--port"),
            ("serve --port x", "`x`"),
            ("serve 9000", "`9000`"),
            ("test --only all", "`all`"),
            ("check now", "`now`"),
        ] {
            let reason = parse(line).unwrap_err();
            assert!(reason.contains(word), "{line}: {reason}");
        }
    }
}
