//! `{"Event":{"System":{…},"EventData":{…}}}`, as evtx_dump and chainsaw write events: attributes stand under
//! `#attributes`, or beside their element under `<element>_attributes`.

use super::{Part, add, inside, scalar, set};
use crate::format::json::scan::{Kind, Scanner};
use crate::windows::{System, WindowsEvent};

/// Reads the event; `false` when the record is none.
pub(super) fn read(record: Part<'_>, event: &mut WindowsEvent, spare: &mut Vec<Scanner>, scratch: &mut String) -> bool {
    event.clear();
    let Some(member) = record.object("Event") else { return false };
    inside(&member, 0, spare, |whole, spare| {
        let Some(system) = whole.object("System") else { return false };
        inside(&system, 1, spare, |system, spare| read_system(system, event, spare, scratch));
        for part in whole.members() {
            match part.key {
                // Of these, the members are the data; what they are called says nothing.
                "EventData" | "UserData" if part.kind == Kind::Object => {
                    inside(&part, 1, spare, |data, spare| {
                        for datum in
                            data.members().filter(|m| m.key != "#attributes" && !m.key.ends_with("_attributes"))
                        {
                            let name = if datum.key == "Data" { "" } else { datum.key };
                            // Where a kind of event has no data, its one element is empty.
                            if !(part.key == "UserData" && datum.kind == Kind::Null) {
                                add(name, &datum, 2, event, spare, scratch);
                            }
                        }
                    });
                }
                "RenderingInfo" => {
                    inside(&part, 1, spare, |info, spare| {
                        if let Some(message) = info.member("Message") {
                            set(System::Message, &message, event, spare, scratch);
                        }
                    });
                }
                _ => {}
            }
        }
        true
    })
    .unwrap_or(false)
}

fn read_system(system: Part<'_>, event: &mut WindowsEvent, spare: &mut Vec<Scanner>, scratch: &mut String) {
    for member in system.members() {
        let field = match member.key {
            "EventID" => System::EventId,
            "Version" => System::Version,
            "Level" => System::Level,
            "Task" => System::Task,
            "Opcode" => System::Opcode,
            "Keywords" => System::Keywords,
            "EventRecordID" => System::RecordId,
            "Channel" => System::Channel,
            "Computer" => System::Computer,
            key => {
                let element = key.strip_suffix("_attributes").unwrap_or(key);
                let is_beside = element.len() < key.len();
                inside(&member, 1, spare, |part, spare| {
                    if is_beside {
                        read_attributes(element, part, event, scratch);
                    } else if let Some(attributes) = part.object("#attributes") {
                        inside(&attributes, 2, spare, |part, _| read_attributes(element, part, event, scratch));
                    }
                });
                continue;
            }
        };
        set(field, &member, event, spare, scratch);
    }
}

fn read_attributes(element: &str, attributes: Part<'_>, event: &mut WindowsEvent, scratch: &mut String) {
    for attribute in attributes.members() {
        let Some(field) = System::of_attribute(element, attribute.key, event) else { continue };
        event.set(field, scalar(&attribute, scratch));
    }
}
