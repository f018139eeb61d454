//! `parse_xml`: XML as a dynamic value.
//!
//! An element without attributes and children is its text, or null; otherwise a bag with attributes as `@name`, its
//! own text as `#text`, and its children by name, where several of one name are an array. **Our choices**: all text
//! stays text, as numbers would lose leading zeros; white space at the edges of text goes; CDATA is text; names keep
//! their prefixes; nesting deeper than 128 is refused, as it is in JSON.

use super::{ScalarFunction, args};
use event_table::{Bag, Dynamic, Value};
use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};

/// Kusto's bound on the length of the text.
const MAX_LENGTH: usize = 1 << 20;
const MAX_DEPTH: usize = 128;

pub(super) fn implementation(name: &str) -> Option<ScalarFunction> {
    (name == "parse_xml").then_some(|_, a| args::or_null(document(&args::text(a, 0)), Value::dynamic))
}

/// An element that is still open.
struct Element {
    name: String,
    properties: Bag,
    text: String,
}

impl Element {
    fn start(start: &BytesStart<'_>) -> Option<Self> {
        let name = start.name().into_inner().to_owned();
        let mut properties = Bag::default();
        for attribute in start.attributes() {
            let attribute = attribute.ok()?;
            let key = format!("@{}", attribute.key.into_inner());
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
            properties.insert(key.into(), args::text_element(&value));
        }
        Some(Self { name, properties, text: String::new() })
    }

    fn add(&mut self, name: &str, value: Dynamic) {
        match self.properties.get_mut(name) {
            None => {
                self.properties.insert(name.into(), value);
            }
            Some(Dynamic::Array(items)) => items.push(value),
            Some(first) => {
                let first_value = std::mem::take(first);
                *first = Dynamic::Array(vec![first_value, value]);
            }
        }
    }

    fn finish(mut self) -> Dynamic {
        let text = self.text.trim();
        match (self.properties.is_empty(), text.is_empty()) {
            (true, true) => Dynamic::Null,
            (true, false) => args::text_element(text),
            (false, true) => Dynamic::Bag(self.properties),
            (false, false) => {
                let text = args::text_element(text);
                let children = self.properties.keys().position(|name| !name.starts_with('@'));
                self.properties.shift_insert(children.unwrap_or(self.properties.len()), "#text".into(), text);
                Dynamic::Bag(self.properties)
            }
        }
    }
}

/// The root element by its name; `None` when the text is no well-formed XML.
fn document(text: &str) -> Option<Dynamic> {
    if text.len() > MAX_LENGTH {
        return None;
    }
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Element> = Vec::new();
    let mut root: Option<(String, Dynamic)> = None;
    loop {
        let closed = match reader.read_event().ok()? {
            Event::Start(start) => {
                if open.len() == MAX_DEPTH || (open.is_empty() && root.is_some()) {
                    return None;
                }
                open.push(Element::start(&start)?);
                None
            }
            Event::Empty(start) => Some(Element::start(&start)?),
            Event::End(_) => Some(open.pop()?),
            Event::Text(text) => {
                add_text(&mut open, &text.xml10_content())?;
                None
            }
            Event::CData(text) => {
                add_text(&mut open, &text.xml10_content())?;
                None
            }
            Event::GeneralRef(reference) => {
                let character = match reference.resolve_char_ref().ok()? {
                    Some(character) => character.to_string(),
                    None => quick_xml::escape::resolve_predefined_entity(&reference.xml10_content())?.to_owned(),
                };
                add_text(&mut open, &character)?;
                None
            }
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => None,
            Event::Eof => break,
        };
        if let Some(element) = closed {
            let name = element.name.clone();
            let value = element.finish();
            match open.last_mut() {
                Some(parent) => parent.add(&name, value),
                None if root.is_some() => return None,
                None => root = Some((name, value)),
            }
        }
    }
    let (name, value) = root.filter(|_| open.is_empty())?;
    Some(Dynamic::Bag([(name.into(), value)].into_iter().collect()))
}

/// Text outside the root must be white space.
fn add_text(open: &mut [Element], text: &str) -> Option<()> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim_matches(['\u{feff}', ' ', '\t', '\r', '\n']).is_empty() => {}
        None => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::call;
    use super::*;
    use event_table::ColumnType;

    /// The table of the page, its example, and edges.
    #[test]
    fn elements_become_properties() {
        for (xml, expected) in [
            ("<e/>", r#"{"e":null}"#),
            ("<e>text</e>", r#"{"e":"text"}"#),
            (r#"<e name="value" />"#, r#"{"e":{"@name":"value"}}"#),
            (r#"<e name="value">text</e>"#, r##"{"e":{"@name":"value","#text":"text"}}"##),
            ("<e> <a>text</a> <b>text</b> </e>", r#"{"e":{"a":"text","b":"text"}}"#),
            ("<e> <a>text</a> <a>text</a> </e>", r#"{"e":{"a":["text","text"]}}"#),
            ("<e> text <a>text</a> </e>", r##"{"e":{"#text":"text","a":"text"}}"##),
            (
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<d>\n <value>118.0</value>\n <count>5.0</count>\n</d>\n",
                r#"{"d":{"value":"118.0","count":"5.0"}}"#,
            ),
            ("<e><a>1</a><a>2</a><a/></e>", r#"{"e":{"a":["1","2",null]}}"#),
            ("<e>a &lt; &#x62; <![CDATA[<c>]]><!-- no --></e>", r#"{"e":"a < b <c>"}"#),
            (r#"<x:e a="&amp;&quot;'"/>"#, r#"{"x:e":{"@a":"&\"'"}}"#),
            (
                r#"<EventData><Data Name="Image">C:\a.exe</Data><Data Name="Id">7</Data></EventData>"#,
                r##"{"EventData":{"Data":[{"@Name":"Image","#text":"C:\\a.exe"},{"@Name":"Id","#text":"7"}]}}"##,
            ),
        ] {
            assert_eq!(call("parse_xml", ColumnType::Dynamic, &[Value::string(xml)]).to_string(), expected, "{xml}");
        }
    }

    #[test]
    fn what_is_not_well_formed_is_null() {
        let deep = format!("{}{}", "<a>".repeat(129), "</a>".repeat(129));
        let long = format!("<a>{}</a>", "x".repeat(1 << 20));
        let wrong = ["", "text", "<a>", "</a>", "<a></b>", "<a/><b/>", "<a/>x", "<a b=1/>", "<a>&nope;</a>", "<a"];
        for xml in wrong.into_iter().chain([&*deep, &*long]) {
            assert!(call("parse_xml", ColumnType::Dynamic, &[Value::string(xml)]).is_null(), "{:.40}", xml);
        }
    }
}
