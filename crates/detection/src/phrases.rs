//! Pieces of a text that a list lacks: hosts of addresses, and other ways of writing one of its literals.

/// The hosts of the addresses in a text, in its order: of `https://host:8443/path`, of `user@host:path`.
pub(crate) fn hosts(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for word in text.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '(' | ')' | ',' | ';')) {
        let host = match host_of(word) {
            Some(host) => host,
            // As `scp` and git write it.
            None => match word.split_once('@').and_then(|(_, rest)| rest.split_once(':')) {
                Some((host, _)) => host,
                None => continue,
            },
        };
        if is_host(host) && !found.contains(&host) {
            found.push(host);
        }
    }
    found
}

/// The host of an address with its scheme: of `https://user@host:8443/path`.
pub(crate) fn host_of(address: &str) -> Option<&str> {
    let (_, rest) = address.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    authority.rsplit('@').next()?.split(':').next()
}

/// Whether a text is the name or address of a host, as lists of domains have it.
pub(crate) fn is_host(text: &str) -> bool {
    let labels: Vec<&str> = text.split('.').collect();
    let is_label = |label: &&str| !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    labels.len() > 1 && labels.iter().all(is_label)
}

/// The piece of a text that says what a literal says in other signs or with another option: `-XPOST` and `--request POST`
/// for `-X POST`, `method="PUT"` for `method='PUT'`.
pub(crate) fn like<'t>(text: &'t str, literal: &str) -> Option<&'t str> {
    with_other_signs(text, literal).or_else(|| with_another_option(text, literal))
}

/// Letters and digits with the places that they stand at.
fn letters(text: &str) -> impl Iterator<Item = (usize, char)> {
    text.char_indices().filter(|(_, c)| c.is_ascii_alphanumeric()).map(|(at, c)| (at, c.to_ascii_lowercase()))
}

fn with_other_signs<'t>(text: &'t str, literal: &str) -> Option<&'t str> {
    const SHORTEST: usize = 4;
    let wanted: Vec<char> = letters(literal).map(|(_, c)| c).collect();
    // A literal of letters alone has no signs to differ in.
    if wanted.len() < SHORTEST || wanted.len() == literal.len() {
        return None;
    }
    let all: Vec<(usize, char)> = letters(text).collect();
    let found = all.windows(wanted.len()).find(|window| {
        let (first, last) = (window[0].0, window[window.len() - 1].0);
        let bounded = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        window.iter().map(|(_, c)| c).eq(&wanted)
            && bounded(text[..first].chars().next_back())
            && bounded(text[last + 1..].chars().next())
            // As near to each other as in the literal: a sign or two between them.
            && last - first < literal.len() + 2
    })?;
    let (mut start, mut end) = (found[0].0, found[found.len() - 1].0 + 1);
    if literal.starts_with('-') {
        start = text[..start].trim_end_matches('-').len();
    }
    // A quotation mark that the piece begins is ended in it.
    if let Some(mark @ ('"' | '\'')) = text[end..].chars().next()
        && text[start..end].contains(mark)
    {
        end += 1;
    }
    text.get(start..end)
}

fn with_another_option<'t>(text: &'t str, literal: &str) -> Option<&'t str> {
    let (option, value) = literal.split_once(char::is_whitespace)?;
    if !option.starts_with('-') || value.len() < 3 || value.contains(char::is_whitespace) {
        return None;
    }
    let mut words = text.split_whitespace().peekable();
    while let Some(word) = words.next() {
        if let Some(next) = words.peek()
            && word.starts_with('-')
            && next.eq_ignore_ascii_case(value)
        {
            let place = |part: &str| part.as_ptr() as usize - text.as_ptr() as usize;
            return text.get(place(word)..place(next) + next.len());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_those_of_addresses() {
        for (text, expected) in [
            ("git push ssh://git@ssh.code.example:22/qz/n.git main", &["ssh.code.example"][..]),
            ("git push git@git.example.org:a/b.git", &["git.example.org"]),
            ("curl \"https://192.0.2.61/n.git\" 'http://a.example?x' https://a.example", &["192.0.2.61", "a.example"]),
            ("git push origin main", &[]),
            ("https:// @: a@:b x@y:z", &[]),
        ] {
            assert_eq!(hosts(text), expected, "{text}");
        }
    }

    #[test]
    fn a_literal_is_found_in_other_signs_and_with_another_option() {
        for (text, literal, expected) in [
            ("curl -XPOST https://a", "-X POST", Some("-XPOST")),
            ("curl --request POST -d x", "-X POST", Some("--request POST")),
            ("Invoke-X -Method Put -Uri y", "-X PUT", Some("-Method Put")),
            ("python -c \"r.Request(u, method=\\\"PUT\\\")\"", "method='PUT'", Some("method=\\\"PUT")),
            ("python r(u, method=\"PUT\")", "method='PUT'", Some("method=\"PUT\"")),
            ("python r(u, method = 'PUT')", "method='PUT'", Some("method = 'PUT'")),
            ("curl -XPOSTED", "-X POST", None),
            ("curl x - p - o - s - t", "-X POST", None),
            ("curl POST", "-X POST", None),
            ("gist", "gists", None),
            ("é-XPOSTé", "-X POST", None),
            ("", "-X POST", None),
        ] {
            assert_eq!(like(text, literal), expected, "{text}");
        }
    }
}
