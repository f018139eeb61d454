"""Counts the rows by table that the event logs of OTRF become, by the mapping of the project's log specification.

python3 crates/event-logs/tests/count_events.py ../shared/data/otrf/*.zip
"""

import collections
import json
import sys
import zipfile

SYSMON = {
    1: "DeviceProcessEvents", 3: "DeviceNetworkEvents", 6: "DeviceEvents", 7: "DeviceImageLoadEvents",
    8: "DeviceEvents", 10: "DeviceEvents", 11: "DeviceFileEvents", 12: "DeviceRegistryEvents",
    13: "DeviceRegistryEvents", 14: "DeviceRegistryEvents", 17: "DeviceEvents", 18: "DeviceEvents",
    21: "DeviceEvents", 22: "DeviceEvents", 23: "DeviceFileEvents", 26: "DeviceFileEvents",
}
SECURITY = {
    4624: "DeviceLogonEvents", 4625: "DeviceLogonEvents", 4688: "DeviceProcessEvents", 5156: "DeviceNetworkEvents",
}


def table(event):
    """The table that an event is a row of."""
    provider, number, channel = event["SourceName"], event["EventID"], event["Channel"]
    if provider == "Microsoft-Windows-Sysmon":
        return SYSMON.get(number, "Sysmon")
    if provider == "Microsoft-Windows-Security-Auditing":
        return SECURITY.get(number, "SecurityEvent")
    if provider == "Microsoft-Windows-PowerShell" and number == 4104:
        return "DeviceEvents"
    return "SecurityEvent" if channel == "Security" else "WindowsEvent"


for path in sys.argv[1:]:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            lines = archive.read(name).decode("utf-8").splitlines()
            counts = collections.Counter(table(json.loads(line)) for line in lines if line.strip())
            print(path, name, sum(counts.values()), dict(sorted(counts.items())))
