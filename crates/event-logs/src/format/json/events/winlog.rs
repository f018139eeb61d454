//! Windows events as winlogbeat and Elastic's agent ship them: `winlog.event_data` holds the data, and fields of the
//! Elastic Common Schema stand beside it. Elastic's own pipelines move data into those fields, so each datum that is not
//! there is looked for under its name in that schema.

use super::{Part, add, inside, scalar};
use crate::format::json::scan::{Kind, Scanner};
use crate::windows::{System, WindowsEvent};

/// Reads the event; `false` when the record is none.
pub(super) fn read(record: Part<'_>, event: &mut WindowsEvent, spare: &mut Vec<Scanner>, scratch: &mut String) -> bool {
    event.clear();
    let mut schema = WindowsEvent::default();
    for member in record.members() {
        match member.key {
            "winlog" => {
                inside(&member, 0, spare, |winlog, spare| read_winlog(winlog, event, spare, scratch));
            }
            "@timestamp" => event.set(System::Time, scalar(&member, scratch)),
            "message" => event.set(System::Message, scalar(&member, scratch)),
            key if key.starts_with("winlog.") => read_field(&key["winlog.".len()..], &member, event, spare, scratch),
            // Version 6 of winlogbeat has no object around its own.
            "event_id" | "event_data" | "user_data" | "source_name" | "provider_name" | "log_name"
            | "computer_name" | "record_number" | "process_id" | "thread_id" => {
                read_field(member.key, &member, event, spare, scratch)
            }
            "process" | "destination" | "source" | "network" | "user" | "host" | "dns" | "file" | "registry"
            | "rule" => {
                flatten(member.key, &member, 0, &mut schema, spare, scratch);
            }
            _ => {}
        }
    }
    if event.system(System::EventId).is_empty() {
        return false;
    }
    if event.system(System::Computer).is_empty() {
        event.set(System::Computer, schema.get("host.name"));
    }
    for (name, fields) in DATA {
        let field = fields.iter().find(|field| !schema.get(field).is_empty());
        if let Some(field) = field.filter(|_| event.position(name, 0).is_none() && applies(name, event)) {
            event.add(name, schema.get(field));
        }
    }
    if is_sysmon(event)
        && event.position("Initiated", 0).is_none()
        && matches!(schema.get("network.direction"), "ingress" | "inbound")
    {
        event.add("Initiated", "false");
    }
    if is_sysmon(event) && event.position("User", 0).is_none() && !schema.get("user.name").is_empty() {
        let user = match schema.get("user.domain") {
            "" => schema.get("user.name").to_owned(),
            domain => format!("{domain}\\{}", schema.get("user.name")),
        };
        event.add("User", &user);
    }
    if is_sysmon(event) && event.position("Hashes", 0).is_none() {
        let hashes: Vec<String> = ["sha1", "md5", "sha256", "imphash"]
            .iter()
            .filter_map(|name| {
                let hash = ["process.hash.", "file.hash.", "process.pe."].map(|part| format!("{part}{name}"));
                let hash = hash.iter().map(|field| schema.get(field)).find(|hash| !hash.is_empty())?;
                Some(format!("{}={hash}", name.to_ascii_uppercase()))
            })
            .collect();
        if !hashes.is_empty() {
            event.add("Hashes", &hashes.join(","));
        }
    }
    true
}

/// Data of events, and where Elastic's pipelines for Sysmon and Security put them.
const DATA: [(&str, &[&str]); 34] = [
    ("Image", &["process.executable"]),
    ("CommandLine", &["process.command_line"]),
    ("ProcessId", &["process.pid"]),
    ("ProcessGuid", &["process.entity_id"]),
    ("CurrentDirectory", &["process.working_directory"]),
    ("Company", &["process.pe.company", "file.pe.company"]),
    ("Description", &["process.pe.description", "file.pe.description"]),
    ("FileVersion", &["process.pe.file_version", "file.pe.file_version"]),
    ("OriginalFileName", &["process.pe.original_file_name", "file.pe.original_file_name"]),
    ("Product", &["process.pe.product", "file.pe.product"]),
    ("ParentImage", &["process.parent.executable"]),
    ("ParentCommandLine", &["process.parent.command_line"]),
    ("ParentProcessId", &["process.parent.pid"]),
    ("ParentProcessGuid", &["process.parent.entity_id"]),
    ("Protocol", &["network.transport"]),
    ("SourceIp", &["source.ip"]),
    ("SourcePort", &["source.port"]),
    ("SourceHostname", &["source.domain"]),
    ("DestinationIp", &["destination.ip"]),
    ("DestinationPort", &["destination.port"]),
    ("DestinationHostname", &["destination.domain"]),
    ("QueryName", &["dns.question.name"]),
    ("QueryResults", &["dns.resolved_ip"]),
    ("TargetFilename", &["file.path"]),
    ("TargetObject", &["registry.path"]),
    ("Details", &["registry.data.strings"]),
    ("RuleName", &["rule.name"]),
    ("NewProcessName", &["process.executable"]),
    ("NewProcessId", &["process.pid"]),
    ("ParentProcessName", &["process.parent.executable", "process.parent.name"]),
    ("SubjectUserName", &["user.name"]),
    ("SubjectDomainName", &["user.domain"]),
    ("SubjectUserSid", &["user.id"]),
    ("Application", &["process.executable"]),
];

fn is_sysmon(event: &WindowsEvent) -> bool {
    event.system(System::Provider) == "Microsoft-Windows-Sysmon"
}

/// Whether events of this kind have the datum.
fn applies(name: &str, event: &WindowsEvent) -> bool {
    let id = event.system(System::EventId);
    match (is_sysmon(event), name) {
        (true, "NewProcessName" | "NewProcessId" | "ParentProcessName" | "Application") => false,
        (true, "SubjectUserName" | "SubjectDomainName" | "SubjectUserSid") => false,
        (true, "Image") => !matches!(id, "6" | "8" | "9" | "10"),
        (true, _) => true,
        (false, "NewProcessName" | "NewProcessId" | "ParentProcessName" | "CommandLine") => id == "4688",
        (false, "SubjectUserName" | "SubjectDomainName" | "SubjectUserSid") => id == "4688",
        (false, _) => false,
    }
}

fn read_winlog(winlog: Part<'_>, event: &mut WindowsEvent, spare: &mut Vec<Scanner>, scratch: &mut String) {
    for member in winlog.members() {
        read_field(member.key, &member, event, spare, scratch);
    }
}

fn read_field(
    name: &str,
    member: &super::Member<'_>,
    event: &mut WindowsEvent,
    spare: &mut Vec<Scanner>,
    scratch: &mut String,
) {
    let field = match name {
        "event_id" => System::EventId,
        "provider_name" | "source_name" => System::Provider,
        "channel" | "log_name" => System::Channel,
        "computer_name" => System::Computer,
        "record_id" | "record_number" => System::RecordId,
        "version" => System::Version,
        "activity_id" => System::ActivityId,
        "process.pid" | "process_id" => System::ProcessId,
        "process.thread.id" | "thread_id" => System::ThreadId,
        "user.identifier" => System::UserSid,
        "event_data" | "user_data" => {
            let named = |key: &str| key != "xml_name";
            inside(member, 1, spare, |data, spare| {
                data.members().filter(|m| named(m.key)).for_each(|m| add(m.key, &m, 2, event, spare, scratch));
            });
            return;
        }
        "process" => {
            inside(member, 1, spare, |process, spare| {
                if let Some(pid) = process.member("pid") {
                    event.set(System::ProcessId, scalar(&pid, scratch));
                }
                if let Some(thread) = process.object("thread") {
                    inside(&thread, 2, spare, |thread, _| {
                        if let Some(id) = thread.member("id") {
                            event.set(System::ThreadId, scalar(&id, scratch));
                        }
                    });
                }
            });
            return;
        }
        "user" => {
            inside(member, 1, spare, |user, _| {
                if let Some(sid) = user.member("identifier") {
                    event.set(System::UserSid, scalar(&sid, scratch));
                }
            });
            return;
        }
        _ => {
            if let Some(datum) = name.strip_prefix("event_data.") {
                add(datum, member, 1, event, spare, scratch);
            }
            return;
        }
    };
    event.set(field, scalar(member, scratch));
}

/// Adds the members of an object under their full names; the elements of an array, with semicolons between.
fn flatten(
    name: &str,
    member: &super::Member<'_>,
    depth: usize,
    into: &mut WindowsEvent,
    spare: &mut Vec<Scanner>,
    scratch: &mut String,
) {
    match member.kind {
        Kind::Object => {
            inside(member, depth, spare, |part, spare| {
                for inner in part.members() {
                    flatten(&format!("{name}.{}", inner.key), &inner, depth + 1, into, spare, scratch);
                }
            });
        }
        Kind::Array => {
            let mut joined = String::new();
            inside(member, depth, spare, |part, _| {
                for element in part.members() {
                    joined.push_str(scalar(&element, scratch));
                    joined.push(';');
                }
            });
            into.add(name, joined.trim_end_matches(';'));
        }
        _ => into.add(name, scalar(member, scratch)),
    }
}
