//! One Windows event, whichever format it was read from.

/// A field of an event's `System` part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum System {
    Provider,
    EventId,
    Version,
    Level,
    Task,
    Opcode,
    Keywords,
    /// When the event was written.
    Time,
    RecordId,
    ActivityId,
    /// The process that wrote the event.
    ProcessId,
    ThreadId,
    Channel,
    Computer,
    UserSid,
    /// The event as a sentence, where the log has it.
    Message,
}

impl System {
    pub(crate) const COUNT: usize = Self::Message as usize + 1;

    /// The field that an attribute of an element of `System` is.
    pub(crate) fn of_attribute(element: &str, attribute: &str, event: &WindowsEvent) -> Option<Self> {
        Some(match (element, attribute) {
            ("Provider", "Name") => Self::Provider,
            // Classic sources have their name here, and sometimes none there.
            ("Provider", "EventSourceName") if event.system(Self::Provider).is_empty() => Self::Provider,
            ("TimeCreated", "SystemTime") => Self::Time,
            ("Correlation", "ActivityID") => Self::ActivityId,
            ("Execution", "ProcessID") => Self::ProcessId,
            ("Execution", "ThreadID") => Self::ThreadId,
            ("Security", "UserID") => Self::UserSid,
            _ => return None,
        })
    }
}

/// Where a text stands in the event's memory.
type Place = (u32, u32);

/// A Windows event: its system fields, and its data in the order in which they stand. All values are text; a missing
/// one is empty. The memory is used again for the next event.
#[derive(Debug, Default)]
pub(crate) struct WindowsEvent {
    text: String,
    system: [Place; System::COUNT],
    data: Vec<(Place, Place)>,
    unnamed: usize,
}

impl WindowsEvent {
    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.system = [(0, 0); System::COUNT];
        self.data.clear();
        self.unnamed = 0;
    }

    fn keep(&mut self, text: &str) -> Place {
        // A record is far shorter than 4 GiB; what would not fit is empty.
        let start = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        let Some(end) = u32::try_from(text.len()).ok().and_then(|len| start.checked_add(len)) else { return (0, 0) };
        self.text.push_str(text);
        (start, end)
    }

    fn at(&self, (start, end): Place) -> &str {
        self.text.get(start as usize..end as usize).unwrap_or("")
    }

    /// Sets a system field.
    pub(crate) fn set(&mut self, field: System, value: &str) {
        self.system[field as usize] = self.keep(value);
    }

    /// A system field.
    pub(crate) fn system(&self, field: System) -> &str {
        self.at(self.system[field as usize])
    }

    /// Adds data. Data without a name are named by their place among those, as other readers of events do: `param1`.
    pub(crate) fn add(&mut self, name: &str, value: &str) {
        let name = if name.is_empty() {
            self.unnamed += 1;
            let name = format!("param{}", self.unnamed);
            self.keep(&name)
        } else {
            self.keep(name)
        };
        let value = self.keep(value);
        self.data.push((name, value));
    }

    /// The number of data.
    pub(crate) fn len(&self) -> usize {
        self.data.len()
    }

    /// The name and value of a datum; empty beyond the end.
    pub(crate) fn datum(&self, index: usize) -> (&str, &str) {
        self.data.get(index).map_or(("", ""), |(name, value)| (self.at(*name), self.at(*value)))
    }

    /// The names and values of the data, in order.
    pub(crate) fn data(&self) -> impl Iterator<Item = (&str, &str)> {
        self.data.iter().map(|(name, value)| (self.at(*name), self.at(*value)))
    }

    /// The position of a datum. `likely` is where it stood in the event before, which is nearly always right.
    pub(crate) fn position(&self, name: &str, likely: usize) -> Option<usize> {
        if self.data.get(likely).is_some_and(|(known, _)| self.at(*known) == name) {
            return Some(likely);
        }
        self.data.iter().position(|(known, _)| self.at(*known) == name)
    }

    /// The value of a datum; empty when there is none of that name.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.position(name, 0).map_or("", |at| self.datum(at).1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_without_names_are_numbered_and_order_is_kept() {
        let mut event = WindowsEvent::default();
        for (name, value) in [("Image", "a.exe"), ("", "x"), ("é", ""), ("", "y")] {
            event.add(name, value);
        }
        event.set(System::Computer, "pc");
        let data: Vec<_> = event.data().collect();
        assert_eq!(data, [("Image", "a.exe"), ("param1", "x"), ("é", ""), ("param2", "y")]);
        assert_eq!((event.get("param2"), event.get("none"), event.system(System::Computer)), ("y", "", "pc"));
        assert_eq!((event.position("é", 2), event.position("é", 0)), (Some(2), Some(2)));
        event.clear();
        assert_eq!((event.len(), event.system(System::Computer), event.datum(0)), (0, "", ("", "")));
    }
}
