"""The formats in which the samples are written: what people export, byte for byte as those products write it.

Every writer takes events in the order in which the file shall hold them. In each JSON form that is one document,
record N stands on line N, so that a record's number and its line are the same.
"""

import csv
import datetime
import io
import json

TIMES = {
    "Timestamp", "TimeGenerated", "ProcessCreationTime", "InitiatingProcessCreationTime",
    "InitiatingProcessParentCreationTime",
}  # fmt: skip
TYPES = {
    "RemotePort": "int", "LocalPort": "int", "FileSize": "long", "ProcessId": "long", "LogonId": "long",
    "InitiatingProcessId": "long", "InitiatingProcessParentId": "long", "InitiatingProcessFileSize": "long",
    "ReportId": "long", "BytesSent": "long", "BytesReceived": "long",
}  # fmt: skip

_INITIATOR = (
    "InitiatingProcessSHA256 InitiatingProcessFileName InitiatingProcessId InitiatingProcessCommandLine "
    "InitiatingProcessCreationTime InitiatingProcessFolderPath InitiatingProcessParentId "
    "InitiatingProcessParentFileName InitiatingProcessParentCreationTime InitiatingProcessAccountDomain "
    "InitiatingProcessAccountName InitiatingProcessAccountSid"
)
PROCESS = (
    "Timestamp DeviceId DeviceName ActionType FileName FolderPath SHA1 SHA256 MD5 FileSize "
    "ProcessVersionInfoCompanyName ProcessVersionInfoProductName ProcessVersionInfoOriginalFileName ProcessId "
    "ProcessCommandLine ProcessIntegrityLevel ProcessTokenElevation ProcessCreationTime AccountDomain AccountName "
    f"AccountSid AccountUpn LogonId {_INITIATOR} ReportId"
).split()
NETWORK_STOCK = (
    "Timestamp DeviceId DeviceName ActionType RemoteIP RemotePort RemoteUrl LocalIP LocalPort Protocol LocalIPType "
    f"RemoteIPType {_INITIATOR} InitiatingProcessIntegrityLevel ReportId"
).split()
NETWORK = [*NETWORK_STOCK, "BytesSent", "BytesReceived", "AccountName"]
# A day of thousands of rows is kept to what an analyst would project.
PROCESS_SHORT = (
    "Timestamp DeviceId DeviceName ActionType FileName FolderPath SHA256 ProcessVersionInfoCompanyName "
    "ProcessVersionInfoOriginalFileName ProcessId ProcessCommandLine ProcessIntegrityLevel AccountDomain AccountName "
    "InitiatingProcessFileName InitiatingProcessId InitiatingProcessCommandLine InitiatingProcessFolderPath "
    "InitiatingProcessParentFileName ReportId"
).split()
NETWORK_SHORT = (
    "Timestamp DeviceId DeviceName ActionType RemoteIP RemotePort RemoteUrl LocalIP LocalPort Protocol BytesSent "
    "BytesReceived AccountName InitiatingProcessFileName InitiatingProcessId InitiatingProcessCommandLine "
    "InitiatingProcessFolderPath InitiatingProcessParentFileName ReportId"
).split()
SENTINEL = ["TenantId", "Type", "SourceSystem"]


def kind(column):
    return "datetime" if column in TIMES else TYPES.get(column, "string")


def merged(*lists):
    """The columns of several tables, each once, in order of first appearance: what `union` gives."""
    return list(dict.fromkeys(column for columns in lists for column in columns))


def _csv(header, rows, bom):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return ("\ufeff" if bom else "") + out.getvalue()


def defender_csv(events, columns, bom=True):
    """Advanced hunting's Export: ISO times with seven digits, a byte-order mark."""
    return _csv(columns, [[e.cells.get(c, "") for c in columns] for e in events], bom)


def _us_time(text):
    """`10/25/2023, 9:43:21.994 AM`, as Log Analytics shows and exports a time: milliseconds, no more."""
    if not text:
        return ""
    t = datetime.datetime.fromisoformat(text[:23])
    hour = t.hour % 12 or 12
    return f"{t.month}/{t.day}/{t.year}, {hour}:{t:%M:%S}.{t.microsecond // 1000:03} {'PM' if t.hour > 11 else 'AM'}"


def log_analytics_csv(events, columns):
    """Sentinel's Export to CSV: US times under headers that name the zone, and the tables' common columns."""
    columns = ["TimeGenerated", *columns, *SENTINEL]
    header = [f"{c} [UTC]" if c in TIMES else c for c in columns]
    rows = []
    for event in events:
        cells = event.cells | {"TimeGenerated": event.cells["Timestamp"]}
        rows.append([_us_time(cells.get(c, "")) if c in TIMES else cells.get(c, "") for c in columns])
    return _csv(header, rows, bom=False)


def _value(cells, column):
    """A cell as JSON: null where there is none and the type is not text."""
    value = cells.get(column, "")
    return None if value == "" and kind(column) != "string" else value


def streaming_ndjson(events, columns_of):
    """Defender's streaming API to Event Hub or storage: one record a line, the row under `properties`."""
    lines = []
    for e in events:
        record = {
            "time": e.cells["Timestamp"],
            "tenantId": e.cells["TenantId"],
            "operationName": "Publish",
            "category": f"AdvancedHunting-{e.table}",
            "properties": {c: _value(e.cells, c) for c in columns_of[e.table]},
        }
        lines.append(json.dumps(record, ensure_ascii=False))
    return "\n".join(lines) + "\n"


def json_array(events, columns_of):
    """An array of rows whose keys are column names; `Type` names the table."""
    rows = [{"Type": e.table} | {c: _value(e.cells, c) for c in columns_of[e.table]} for e in events]
    return "[" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "]\n"


def log_analytics_json(events, columns):
    """What the Log Analytics query API answers: typed columns, rows as arrays; `Type` names the table."""
    columns = ["TimeGenerated", *columns, *SENTINEL]
    head = json.dumps([{"name": c, "type": kind(c)} for c in columns])
    rows = []
    for e in events:
        cells = e.cells | {"TimeGenerated": e.cells["Timestamp"]}
        rows.append(json.dumps([_value(cells, c) for c in columns], ensure_ascii=False))
    return f'{{"tables": [{{"name": "PrimaryResult", "columns": {head}, "rows": [' + ",\n".join(rows) + "]}]}\n"


def defender_api_json(events, columns):
    """What Defender's hunting API answers: `Schema` with .NET's type names, `Results` as objects."""
    net = {"datetime": "DateTime", "int": "Int32", "long": "Int64", "string": "String"}
    columns = ["Type", *columns]
    head = json.dumps([{"Name": c, "Type": net[kind(c)]} for c in columns])
    rows = [json.dumps({c: _value(e.cells, c) for c in columns}, ensure_ascii=False) for e in events]
    return f'{{"Stats": {{}}, "Schema": {head}, "Results": [' + ",\n".join(rows) + "]}\n"
