//! Reads one `<Event>` as Windows renders it.
//!
//! Of the XML, elements, attributes, text, CDATA and references are read; a document type is passed over, and entities
//! other than XML's own five stay as they stand, so that no text grows. Text is kept to the last space and line end.

use super::event::{System, WindowsEvent};
use crate::problem::Problem;
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

/// How deeply elements may be nested; Windows' own events have six levels at most.
pub(crate) const MAX_DEPTH: usize = 64;

/// What is wrong with an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum XmlFault {
    /// It is no well-formed XML.
    Broken(&'static str),
    TooDeep,
}

impl XmlFault {
    pub(crate) fn problem(self) -> Problem {
        match self {
            Self::Broken(what) => Problem::BrokenXml(what),
            Self::TooDeep => Problem::NestedTooDeep(MAX_DEPTH),
        }
    }
}

/// What an open element is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Element {
    Event,
    System,
    /// A system field whose value is its text.
    Field(System),
    EventData,
    UserData,
    /// A datum; `true` when its name is in `name`.
    Datum,
    RenderingInfo,
    /// Something inside of which nothing is read.
    Other,
}

/// Reads events, with memory that is used again.
#[derive(Debug, Default)]
pub(crate) struct EventReader {
    open: Vec<Element>,
    /// The name and the text of the datum or field that is open.
    name: String,
    text: String,
    /// Whether no element was met inside of the datum that is open.
    is_leaf: bool,
}

impl EventReader {
    /// Reads the event that a text is.
    pub(crate) fn read(&mut self, xml: &str, event: &mut WindowsEvent) -> Result<(), XmlFault> {
        event.clear();
        self.open.clear();
        let mut reader = Reader::from_str(xml);
        reader.config_mut().allow_dangling_amp = true;
        let mut met = false;
        loop {
            match reader.read_event() {
                Ok(Event::Start(start)) => {
                    if self.open.len() == MAX_DEPTH {
                        return Err(XmlFault::TooDeep);
                    }
                    let element = self.element(&start, event);
                    met |= element == Element::Event;
                    self.open.push(element);
                }
                Ok(Event::Empty(start)) => {
                    let element = self.element(&start, event);
                    met |= element == Element::Event;
                    self.close(element, event);
                }
                Ok(Event::End(_)) => {
                    if let Some(element) = self.open.pop() {
                        self.close(element, event);
                    }
                }
                Ok(Event::Text(text)) if self.keeps_text() => self.text.push_str(&text.into_inner()),
                Ok(Event::CData(text)) if self.keeps_text() => self.text.push_str(&text.into_inner()),
                Ok(Event::GeneralRef(reference)) if self.keeps_text() => self.push_reference(&reference),
                Ok(Event::Eof) if !self.open.is_empty() => return Err(XmlFault::Broken("an element is not closed")),
                Ok(Event::Eof) if !met => return Err(XmlFault::Broken("it is no Event element")),
                Ok(Event::Eof) => return Ok(()),
                Ok(_) => {}
                Err(error) => return Err(XmlFault::Broken(in_words(&error))),
            }
        }
    }

    fn keeps_text(&self) -> bool {
        matches!(self.open.last(), Some(Element::Datum | Element::Field(_)))
    }

    /// What an element is, by its name and those around it. Its attributes are read.
    fn element(&mut self, start: &BytesStart<'_>, event: &mut WindowsEvent) -> Element {
        let name = start.local_name();
        let name = name.into_inner();
        match (self.open.last(), name) {
            (None, "Event") => Element::Event,
            (Some(Element::Event), "System") => Element::System,
            (Some(Element::Event), "EventData") => Element::EventData,
            (Some(Element::Event), "UserData") => Element::UserData,
            (Some(Element::Event), "RenderingInfo") => Element::RenderingInfo,
            (Some(Element::RenderingInfo), "Message") => self.field(System::Message),
            (Some(Element::System), _) => self.system(name, start, event),
            (Some(Element::EventData), "Data") => {
                let mut named = String::new();
                attributes(start, |key, value| {
                    if key == "Name" {
                        value.clone_into(&mut named);
                    }
                });
                self.datum(&named)
            }
            (Some(Element::EventData | Element::UserData), _) => self.datum(name),
            // The one around it only holds others.
            (Some(Element::Datum), _) => self.datum(name),
            _ => Element::Other,
        }
    }

    fn datum(&mut self, name: &str) -> Element {
        name.clone_into(&mut self.name);
        self.text.clear();
        self.is_leaf = true;
        Element::Datum
    }

    fn field(&mut self, field: System) -> Element {
        self.text.clear();
        Element::Field(field)
    }

    fn system(&mut self, name: &str, start: &BytesStart<'_>, event: &mut WindowsEvent) -> Element {
        attributes(start, |key, value| {
            if let Some(field) = System::of_attribute(name, key, event) {
                event.set(field, value);
            }
        });
        match name {
            "EventID" => self.field(System::EventId),
            "Version" => self.field(System::Version),
            "Level" => self.field(System::Level),
            "Task" => self.field(System::Task),
            "Opcode" => self.field(System::Opcode),
            "Keywords" => self.field(System::Keywords),
            "EventRecordID" => self.field(System::RecordId),
            "Channel" => self.field(System::Channel),
            "Computer" => self.field(System::Computer),
            _ => Element::Other,
        }
    }

    fn close(&mut self, element: Element, event: &mut WindowsEvent) {
        match element {
            Element::Field(field) => {
                event.set(field, if field == System::Message { &self.text } else { self.text.trim() })
            }
            // Where elements stood inside, those are the data.
            Element::Datum if std::mem::take(&mut self.is_leaf) => event.add(&self.name, &self.text),
            _ => {}
        }
        self.text.clear();
    }

    fn push_reference(&mut self, reference: &BytesRef<'_>) {
        if let Ok(Some(character)) = reference.resolve_char_ref() {
            self.text.push(character);
            return;
        }
        match resolve_predefined_entity(reference) {
            Some(text) => self.text.push_str(text),
            None => {
                self.text.push('&');
                self.text.push_str(reference);
                self.text.push(';');
            }
        }
    }
}

/// Calls back for each attribute that can be read.
fn attributes(start: &BytesStart<'_>, mut with: impl FnMut(&str, &str)) {
    for attribute in start.attributes().with_checks(false).flatten() {
        let value = attribute.normalized_value(XmlVersion::Implicit1_0);
        with(attribute.key.local_name().into_inner(), value.as_deref().unwrap_or(&attribute.value));
    }
}

fn in_words(error: &quick_xml::Error) -> &'static str {
    use quick_xml::errors::{Error, IllFormedError};
    match error {
        Error::IllFormed(IllFormedError::MismatchedEndTag { .. } | IllFormedError::UnmatchedEndTag(_)) => {
            "an element is closed that is not open"
        }
        Error::IllFormed(IllFormedError::MissingEndTag(_)) => "an element is not closed",
        Error::Syntax(_) => "a tag does not end",
        _ => "its markup is no valid XML",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(xml: &str) -> Result<WindowsEvent, XmlFault> {
        let mut event = WindowsEvent::default();
        EventReader::default().read(xml, &mut event).map(|()| event)
    }

    #[test]
    fn an_event_is_read_whole() {
        let event = read(
            "<?xml version=\"1.0\"?><Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>\
             <Provider Name='P &amp; Q' Guid='{x}'/><EventID Qualifiers='0'>1</EventID><Level>4</Level>\
             <TimeCreated SystemTime='2025-06-01T09:30:35.1234567Z'/><EventRecordID> 7 </EventRecordID><Correlation/>\
             <Execution ProcessID='12' ThreadID='13'/><Channel>C</Channel><Computer>pc</Computer><Security UserID='S-1-5-18'/>\
             </System><EventData Name='x'><Data Name='CommandLine'>a &lt;b&gt; &quot;c&quot; &#10;&#x41; &unknown; \n </Data>\
             <Data Name='Empty'/><Data Name='Nothing'></Data><Data>first</Data><Data><![CDATA[<second>]]></Data>\
             <Binary>00FF</Binary></EventData><RenderingInfo Culture='en-US'><Message>Hello</Message><Level>Information</Level>\
             </RenderingInfo></Event>",
        )
        .unwrap();
        let system = [
            (System::Provider, "P & Q"),
            (System::EventId, "1"),
            (System::Level, "4"),
            (System::Time, "2025-06-01T09:30:35.1234567Z"),
            (System::RecordId, "7"),
            (System::ActivityId, ""),
            (System::ProcessId, "12"),
            (System::ThreadId, "13"),
            (System::Channel, "C"),
            (System::Computer, "pc"),
            (System::UserSid, "S-1-5-18"),
            (System::Message, "Hello"),
        ];
        for (field, expected) in system {
            assert_eq!(event.system(field), expected, "{field:?}");
        }
        let data: Vec<_> = event.data().collect();
        assert_eq!(
            data,
            [
                ("CommandLine", "a <b> \"c\" \nA &unknown; \n "),
                ("Empty", ""),
                ("Nothing", ""),
                ("param1", "first"),
                ("param2", "<second>"),
                ("Binary", "00FF"),
            ]
        );
    }

    #[test]
    fn of_user_data_the_innermost_elements_are_the_data() {
        let event = read(
            "<Event><System><EventID>104</EventID></System><UserData><LogFileCleared xmlns='x'>\
             <SubjectUserName>ada</SubjectUserName><a><b>1</b><c>2</c></a><Channel>System</Channel></LogFileCleared></UserData></Event>",
        )
        .unwrap();
        let data: Vec<_> = event.data().collect();
        assert_eq!(data, [("SubjectUserName", "ada"), ("b", "1"), ("c", "2"), ("Channel", "System")]);
    }

    #[test]
    fn what_is_no_event_says_why() {
        let deep = format!("<Event>{}", "<a>".repeat(MAX_DEPTH));
        for (xml, fault) in [
            ("<Event><System></Event>", XmlFault::Broken("an element is closed that is not open")),
            ("<Event><System>", XmlFault::Broken("an element is not closed")),
            ("<Events></Events>", XmlFault::Broken("it is no Event element")),
            ("", XmlFault::Broken("it is no Event element")),
            ("<Event><System", XmlFault::Broken("a tag does not end")),
            (&*deep, XmlFault::TooDeep),
        ] {
            assert_eq!(read(xml).err(), Some(fault), "{xml}");
        }
    }

    #[test]
    fn entities_do_not_grow() {
        let bomb = "<!DOCTYPE Event [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><Event><EventData><Data Name='x'>&b;</Data></EventData></Event>";
        assert_eq!(read(bomb).unwrap().get("x"), "&b;");
    }
}
