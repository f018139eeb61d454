//! What the page's address asks for: `?sample=…`, `?lesson=…`, `?embed`, and a shared link behind the `#`. Values that are not understood are told, never guessed.

/// What the address asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Address {
    /// The short name of a sample to open, which may be the name of none.
    pub sample: Option<String>,
    /// The short name of a lesson to open, which may be the name of none.
    pub lesson: Option<String>,
    /// What a shared link carries, as it is.
    pub link: Option<String>,
    /// Whether the page stands within another one.
    pub place: Place,
    /// What could not be understood, in sentences.
    pub problems: Vec<String>,
}

/// Where the page stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Place {
    /// By itself.
    #[default]
    Alone,
    /// Within another page: nothing is kept, and what leads away from the sample is left out.
    Embedded,
}

impl Address {
    /// Reads the part behind the question mark and the one behind the `#`, with these signs or without.
    pub fn read(search: &str, fragment: &str) -> Address {
        let fragment = fragment.trim_start_matches('#');
        // A link begins with the version of its form and a full stop; other fragments are of places on the page.
        let version = fragment.split_once('.').map_or("", |(version, _)| version);
        let is_link = !version.is_empty() && version.bytes().all(|digit| digit.is_ascii_digit());
        Address { link: is_link.then(|| fragment.to_owned()), ..Address::parse(search) }
    }

    fn parse(search: &str) -> Address {
        let mut address = Address::default();
        for (name, value) in form_urlencoded::parse(search.trim_start_matches('?').as_bytes()) {
            match (&*name, &*value) {
                ("sample", "") => {
                    address.problems.push("The address asks for a sample and does not say which.".to_owned());
                }
                ("sample", id) => address.sample = Some(id.to_owned()),
                ("lesson", "") => {
                    address.problems.push("The address asks for a lesson and does not say which.".to_owned());
                }
                ("lesson", id) => address.lesson = Some(id.to_owned()),
                ("embed", "" | "1" | "true" | "yes") => address.place = Place::Embedded,
                ("embed", "0" | "false" | "no") => address.place = Place::Alone,
                ("embed", value) => address.problems.push(format!(
                    "The address says embed={}, which is neither yes nor no: the whole page is shown.",
                    short(value)
                )),
                // Hosts and mail programs put names of their own there.
                _ => {}
            }
        }
        address
    }

    /// The address of the same without being embedded.
    pub fn whole(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("sample", &self.sample), ("lesson", &self.lesson)] {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        let (query, link) = (query.finish(), self.link.as_deref().unwrap_or_default());
        let search = if query.is_empty() { String::new() } else { format!("?{query}") };
        let fragment = if link.is_empty() { String::new() } else { format!("#{link}") };
        format!("./{search}{fragment}")
    }
}

/// A value as a sentence quotes it: an address can be of any length.
pub fn short(value: &str) -> String {
    const LONGEST: usize = 60;
    if value.chars().count() <= LONGEST {
        return value.to_owned();
    }
    format!("{}…", value.chars().take(LONGEST).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_by_name() {
        let sample = |id: &str| Address { sample: Some(id.to_owned()), ..Address::default() };
        let embedded = Address { place: Place::Embedded, ..Address::default() };
        for (search, expected) in [
            ("", Address::default()),
            ("?", Address::default()),
            ("?sample=evasion", sample("evasion")),
            ("?utm_source=x&sample=a%20b", sample("a b")),
            ("?embed", embedded.clone()),
            ("?embed=true", embedded.clone()),
            ("?embed=0", Address::default()),
            ("?lesson=look-back", Address { lesson: Some("look-back".to_owned()), ..Address::default() }),
            ("?embed&sample=x", Address { place: Place::Embedded, ..sample("x") }),
        ] {
            assert_eq!(Address::parse(search), expected, "{search}");
        }
    }

    #[test]
    fn what_is_not_understood_is_told() {
        for (search, words) in [
            ("?sample=", "does not say which"),
            ("?lesson=", "does not say which"),
            ("?embed=perhaps", "neither yes nor no"),
            (&*format!("?embed={}", "x".repeat(1_000)), "xxx…"),
        ] {
            let address = Address::parse(search);
            assert_eq!((address.sample, address.place), (None, Place::Alone), "{search}");
            assert!(address.problems.len() == 1 && address.problems[0].contains(words), "{:?}", address.problems);
            assert!(address.problems[0].len() < 200, "{:?}", address.problems);
        }
    }

    #[test]
    fn a_link_is_told_from_a_place_on_the_page() {
        for (fragment, link) in [
            ("#1.abc", Some("1.abc")),
            ("#12.", Some("12.")),
            ("#alerts", None),
            ("#a.b", None),
            ("", None),
            ("#.x", None),
        ] {
            assert_eq!(Address::read("", fragment).link.as_deref(), link, "{fragment}");
        }
    }

    #[test]
    fn the_whole_page_has_the_same_sample() {
        assert_eq!(Address::read("?embed&lesson=a", "#1.abc").whole(), "./?lesson=a#1.abc");
        assert_eq!(Address::parse("?embed&sample=a%26b").whole(), "./?sample=a%26b");
        assert_eq!(Address::parse("?embed").whole(), "./");
    }
}
