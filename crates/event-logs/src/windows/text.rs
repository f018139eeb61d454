//! A Windows event as a text inside of another log: XML, or the lines that Splunk's and other classic collectors write.

use super::event::{System, WindowsEvent};
use super::xml::{EventReader, XmlFault};

/// Reads the event that a text is; `None` when it is none.
pub(crate) fn read_text(text: &str, xml: &mut EventReader, event: &mut WindowsEvent) -> Option<Result<(), XmlFault>> {
    let text = text.trim();
    if text.starts_with("<Event") {
        return Some(xml.read(text, event).and_then(|()| {
            if event.system(System::EventId).is_empty() {
                Err(XmlFault::Broken("it has no event number"))
            } else {
                Ok(())
            }
        }));
    }
    read_lines(text, event).then_some(Ok(()))
}

/// Reads the lines of a classic collector: `EventCode=4688`, and after `Message=` the event in words, line by line.
fn read_lines(text: &str, event: &mut WindowsEvent) -> bool {
    event.clear();
    let head = text.lines().take(40).any(|line| line.starts_with("EventCode="));
    if !head {
        return false;
    }
    let mut lines = text.lines();
    // `09/15/2025 04:12:33 PM` stands alone on the first line, in the collector's zone.
    for line in lines.by_ref() {
        let Some((name, value)) = line.split_once('=') else { continue };
        let field = match name {
            "EventCode" => System::EventId,
            "SourceName" => System::Provider,
            "LogName" => System::Channel,
            "ComputerName" => System::Computer,
            "RecordNumber" => System::RecordId,
            "Keywords" => System::Keywords,
            "OpCode" => System::Opcode,
            "Sid" => System::UserSid,
            "Message" => break,
            _ => continue,
        };
        event.set(field, value.trim());
    }
    let short = if event.system(System::Channel) == "Security" { "Security" } else { "" };
    let mut section = "";
    for line in lines {
        let is_inner = line.starts_with(['\t', ' ']);
        let Some((label, value)) = line.split_once(':') else { continue };
        let (label, value) = (label.trim(), value.trim());
        if !is_inner && value.is_empty() {
            section = label;
            continue;
        }
        if short == "Security" {
            if let Some(name) = datum(section, label) {
                event.add(name, value);
            }
        } else if label.bytes().all(|b| b.is_ascii_alphanumeric()) {
            event.add(label, value);
        }
    }
    if let Some(first) = text.lines().next().filter(|line| !line.contains('=')) {
        event.set(System::Time, first.trim());
    }
    true
}

/// The datum that a label in a section of a Security event's message stands for, as Microsoft's documentation of events
/// 4688 and 5156 prints both.
fn datum(section: &str, label: &str) -> Option<&'static str> {
    Some(match (section, label) {
        ("Creator Subject" | "Subject", "Security ID") => "SubjectUserSid",
        ("Creator Subject" | "Subject", "Account Name") => "SubjectUserName",
        ("Creator Subject" | "Subject", "Account Domain") => "SubjectDomainName",
        ("Creator Subject" | "Subject", "Logon ID") => "SubjectLogonId",
        ("Target Subject", "Security ID") => "TargetUserSid",
        ("Target Subject", "Account Name") => "TargetUserName",
        ("Target Subject", "Account Domain") => "TargetDomainName",
        ("Target Subject", "Logon ID") => "TargetLogonId",
        ("Process Information", "New Process ID") => "NewProcessId",
        ("Process Information", "New Process Name") => "NewProcessName",
        ("Process Information", "Token Elevation Type") => "TokenElevationType",
        ("Process Information", "Mandatory Label") => "MandatoryLabel",
        ("Process Information", "Creator Process ID") => "ProcessId",
        ("Process Information", "Creator Process Name") => "ParentProcessName",
        ("Process Information", "Process Command Line") => "CommandLine",
        ("Application Information", "Process ID") => "ProcessID",
        ("Application Information", "Application Name") => "Application",
        ("Network Information", "Direction") => "Direction",
        ("Network Information", "Source Address") => "SourceAddress",
        ("Network Information", "Source Port") => "SourcePort",
        ("Network Information", "Destination Address") => "DestAddress",
        ("Network Information", "Destination Port") => "DestPort",
        ("Network Information", "Protocol") => "Protocol",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<WindowsEvent> {
        let mut event = WindowsEvent::default();
        read_text(text, &mut EventReader::default(), &mut event).and_then(Result::ok).map(|()| event)
    }

    #[test]
    fn the_lines_of_classic_collectors_are_read() {
        let event = read(
            "06/01/2025 09:30:35 AM\nLogName=Security\nEventCode=4688\nEventType=0\nComputerName=ws-02\nRecordNumber=7\n\
             Message=A new process has been created.\n\nCreator Subject:\n\tSecurity ID:\t\tS-1-5-18\n\tAccount Name:\t\tWS-02$\n\n\
             Process Information:\n\tNew Process ID:\t\t0x1092\n\tNew Process Name:\tC:\\Windows\\System32\\curl.exe\n\
             \tProcess Command Line:\tcurl -X POST https://api.github.com/gists\n\nToken Elevation Type indicates: x",
        )
        .unwrap();
        for (field, value) in
            [(System::EventId, "4688"), (System::Computer, "ws-02"), (System::Time, "06/01/2025 09:30:35 AM")]
        {
            assert_eq!(event.system(field), value);
        }
        let data: Vec<_> = event.data().collect();
        assert_eq!(
            data,
            [
                ("SubjectUserSid", "S-1-5-18"),
                ("SubjectUserName", "WS-02$"),
                ("NewProcessId", "0x1092"),
                ("NewProcessName", "C:\\Windows\\System32\\curl.exe"),
                ("CommandLine", "curl -X POST https://api.github.com/gists"),
            ]
        );
        let event = read("LogName=Microsoft-Windows-Sysmon/Operational\nEventCode=22\nMessage=Dns query:\nUtcTime: 2025-06-01 09:30:36.001\nQueryName: github.com").unwrap();
        assert_eq!((event.get("QueryName"), event.get("UtcTime")), ("github.com", "2025-06-01 09:30:36.001"));
    }

    #[test]
    fn other_texts_are_no_events() {
        for text in ["", "plain text", "<Events>", "<Event></Event>", "a=b\nc=d", "Message: x"] {
            assert!(read(text).is_none(), "{text}");
        }
    }
}
