//! Windows events whose system fields and data stand beside one another, as NXLog writes them and OTRF's data sets
//! have them.

use super::{Part, scalar};
use crate::format::json::scan::Kind;
use crate::windows::{System, WindowsEvent};

/// What the shippers add, and what says in a sentence or in words what other fields say.
const OTHERS: [&str; 24] = [
    "EventReceivedTime",
    "SourceModuleName",
    "SourceModuleType",
    "Severity",
    "SeverityValue",
    "OpcodeValue",
    "OpcodeDisplayNameText",
    "TaskValue",
    "Category",
    "LevelDisplayNameText",
    "ProviderGuid",
    "Provider_Guid",
    "EventTypeOrignal",
    "@version",
    "host",
    "port",
    "tags",
    "timestamp",
    "preview",
    "_time",
    "_raw",
    "_indextime",
    "sourcetype",
    "index",
];

/// What NXLog's EventType is.
const LEVELS: [&str; 7] = ["CRITICAL", "ERROR", "WARNING", "INFO", "VERBOSE", "AUDIT_SUCCESS", "AUDIT_FAILURE"];

/// Reads the event that a record is.
pub(super) fn read(record: Part<'_>, event: &mut WindowsEvent, scratch: &mut String) {
    event.clear();
    // How sure each way to tell the time is: the last is when the event was shipped.
    let mut time = usize::MAX;
    for member in record.members() {
        let mut is_time = |rank: usize| {
            let is_surer = rank < time;
            if is_surer {
                time = rank;
            }
            is_surer
        };
        let field = match member.key {
            "EventID" | "EventId" | "EventCode" => System::EventId,
            "SourceName" | "Provider_Name" | "ProviderName" => System::Provider,
            "Channel" | "LogName" => System::Channel,
            "Hostname" | "Computer" | "ComputerName" | "MachineName" => System::Computer,
            "RecordNumber" | "EventRecordID" | "EventRecordId" | "RecordId" => System::RecordId,
            "TimeCreated" if is_time(0) => System::Time,
            "SystemTime" if is_time(1) => System::Time,
            "@timestamp" if is_time(2) => System::Time,
            "EventTime" if is_time(3) => System::Time,
            "TimeCreated" | "SystemTime" | "@timestamp" | "EventTime" => continue,
            "ExecutionProcessID" | "Execution_ProcessID" => System::ProcessId,
            "ThreadID" | "Execution_ThreadID" => System::ThreadId,
            "UserID" => System::UserSid,
            "ActivityID" => System::ActivityId,
            "Version" => System::Version,
            "Level" => System::Level,
            "Task" => System::Task,
            "Opcode" => System::Opcode,
            "Keywords" => System::Keywords,
            "Message" => System::Message,
            // NXLog writes the event's level over the datum of that name.
            "EventType" if LEVELS.contains(&member.value) => continue,
            key if OTHERS.contains(&key) => continue,
            key => {
                let value = if matches!(member.kind, Kind::Object | Kind::Array) {
                    member.value
                } else {
                    scalar(&member, scratch)
                };
                event.add(key, value);
                continue;
            }
        };
        event.set(field, scalar(&member, scratch));
    }
}
