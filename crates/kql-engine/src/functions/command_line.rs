//! `parse_command_line`, the way of Windows: `CommandLineToArgvW`.
//!
//! Source: Kusto documentation, `parse-command-line`, which has `windows` as the only parser and refers to
//! CommandLineToArgvW; its rules are those of the Windows documentation. The name of the program, the first
//! argument, ends at the next space, or at the next quotation mark when it begins with one, and has no escapes. In
//! the others 2n backslashes before a quotation mark are n backslashes, 2n+1 are n backslashes and the mark itself; a
//! mark opens or closes quotation, and two of them inside it are one mark that closes it. **Our choice**: another
//! parser gives null, a blank command line no arguments (the system's function gives the running program's name).

use super::{ScalarFunction, args};
use event_table::Value;
use std::iter::Peekable;
use std::str::Chars;

pub(super) fn implementation(name: &str) -> Option<ScalarFunction> {
    (name == "parse_command_line").then_some(|_, a| {
        if !args::text(a, 1).eq_ignore_ascii_case("windows") {
            return Value::Null;
        }
        args::list(windows(&args::text(a, 0)).iter().map(|argument| args::text_element(argument)).collect())
    })
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

fn windows(line: &str) -> Vec<String> {
    if line.chars().all(is_space) {
        return Vec::new();
    }
    let mut chars = line.chars().peekable();
    let mut arguments = vec![program(&mut chars)];
    loop {
        while chars.next_if(|c| is_space(*c)).is_some() {}
        if chars.peek().is_none() {
            return arguments;
        }
        arguments.push(argument(&mut chars));
    }
}

fn program(chars: &mut Peekable<Chars<'_>>) -> String {
    let quoted = chars.next_if_eq(&'"').is_some();
    let mut name = String::new();
    for c in chars {
        if if quoted { c == '"' } else { is_space(c) } {
            break;
        }
        name.push(c);
    }
    name
}

fn argument(chars: &mut Peekable<Chars<'_>>) -> String {
    let mut text = String::new();
    let mut quoted = false;
    while let Some(c) = chars.next_if(|c| quoted || !is_space(*c)) {
        match c {
            '\\' => {
                let mut count = 1;
                while chars.next_if_eq(&'\\').is_some() {
                    count += 1;
                }
                if chars.peek() == Some(&'"') {
                    text.extend(std::iter::repeat_n('\\', count / 2));
                    if count % 2 == 1 {
                        chars.next();
                        text.push('"');
                    }
                } else {
                    text.extend(std::iter::repeat_n('\\', count));
                }
            }
            '"' if quoted => {
                quoted = false;
                if chars.next_if_eq(&'"').is_some() {
                    text.push('"');
                }
            }
            '"' => quoted = true,
            other => text.push(other),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::testing::call;
    use super::*;
    use event_table::ColumnType;

    /// The first is the page's example, the next four those of the documentation of CommandLineToArgvW (with a
    /// program's name before them).
    #[test]
    fn command_lines_are_split_as_windows_does() {
        for (line, expected) in [
            (r#"echo "hello world!""#, r#"["echo","hello world!"]"#),
            (r#"x "abc" d e"#, r#"["x","abc","d","e"]"#),
            (r#"x a\\b d"e f"g h"#, r#"["x","a\\\\b","de fg","h"]"#),
            (r#"x a\\\"b c d"#, r#"["x","a\\\"b","c","d"]"#),
            (r#"x a\\\\"b c" d e"#, r#"["x","a\\\\b c","d","e"]"#),
            (r#""C:\Program Files\git.exe"  push\ """#, r#"["C:\\Program Files\\git.exe","push\\",""]"#),
            (r#"a\"b c"#, r#"["a\\\"b","c"]"#),
            (r#"x "a""b c" d"#, r#"["x","a\"b","c d"]"#),
            (" x", r#"["","x"]"#),
            ("", "[]"),
            (" \t", "[]"),
        ] {
            let found =
                call("parse_command_line", ColumnType::Dynamic, &[Value::string(line), Value::string("Windows")]);
            assert_eq!(found.to_string(), expected, "{line}");
        }
        let unix = [Value::string("a b"), Value::string("unix")];
        assert!(call("parse_command_line", ColumnType::Dynamic, &unix).is_null());
    }
}
