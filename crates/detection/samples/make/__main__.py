"""Writes every sample, its labels and the manifest; always the same bytes.

    python3 crates/detection/samples/make            writes them
    python3 crates/detection/samples/make --check    writes nothing, fails when a file differs from what it would write
"""

import json
import pathlib
import sys

import formats
from evasion import EVASION, SURPRISES
from events import SIGNALS
from false_positives import FALSE_POSITIVES
from mixed_day import MIXED_DAY
from scenarios import SCENARIOS

HERE = pathlib.Path(__file__).resolve().parent.parent

# format: (media type, what the page calls it)
FORMATS = {
    "defender_csv": ("text/csv", "Defender portal CSV"),
    "log_analytics_csv": ("text/csv", "Sentinel / Log Analytics CSV"),
    "streaming_ndjson": ("application/x-ndjson", "Defender streaming records"),
    "json_array": ("application/json", "JSON array"),
    "log_analytics_json": ("application/json", "Log Analytics response"),
    "defender_api_json": ("application/json", "Defender API response"),
}

DEFENDER_COLUMNS = {
    "DeviceProcessEvents": formats.PROCESS,
    "DeviceNetworkEvents": formats.NETWORK_STOCK,
    "DeviceEvents": ["Timestamp", "DeviceId", "DeviceName", "ActionType", "InitiatingProcessFileName",
                     "InitiatingProcessId", "InitiatingProcessCommandLine", "InitiatingProcessAccountDomain",
                     "InitiatingProcessAccountName", "ReportId", "AdditionalFields"],
    "DeviceFileEvents": ["Timestamp", "DeviceId", "DeviceName", "ActionType", "FileName", "FolderPath",
                         "InitiatingProcessFileName", "InitiatingProcessId", "InitiatingProcessCommandLine",
                         "InitiatingProcessAccountDomain", "InitiatingProcessAccountName", "ReportId"],
}  # fmt: skip


class Out:
    """The files to be: path relative to the samples → text."""

    def __init__(self):
        self.files = {}
        self.samples = []

    def sample(self, id, group, title, look_for, files, default=None):
        """One sample. `files`: [(name, format, text, events in the file's order)]."""
        listed, labels, newest = [], [], ""
        counts = dict.fromkeys(SIGNALS, 0)
        for name, kind, text, events in files:
            self.files[f"{id}/{name}"] = text
            tables = {}
            first = 2 if kind.endswith("csv") else 1
            line = first
            for record, event in enumerate(events, 1):
                tables[event.table] = tables.get(event.table, 0) + 1
                newest = max(newest, event.cells["Timestamp"])
                for signal in event.signals:
                    counts[signal] += 1
                if not (default and event.ordinary):
                    labels.append({
                        "file": name, "record": record, "line": line, "table": event.table,
                        "label": "malicious" if event.malicious else "benign",
                        "why": event.why, "signals": list(event.signals),
                    })  # fmt: skip
                    assert event.why, (id, name, record)
                line += 1 + (sum(str(v).count("\n") for v in event.cells.values()) if first == 2 else 0)
            media, _ = FORMATS[kind]
            listed.append({"path": f"{id}/{name}", "format": kind, "media_type": media, "rows": tables})
        has_bytes = any(e.table == "DeviceNetworkEvents" and e.cells["BytesSent"] != "" for f in files for e in f[3])
        states = {s: "fired" if n else "quiet" for s, n in counts.items()}
        if not has_bytes:
            states[SIGNALS[0]] = "not_evaluable"
        body = ({"default": default} if default else {}) | {"rows": labels}
        head, rows = json.dumps(body | {"rows": []}, indent=1, ensure_ascii=False), ",\n  ".join(
            json.dumps(row, ensure_ascii=False) for row in labels
        )
        self.files[f"{id}/labels.json"] = head.replace('"rows": []', f'"rows": [\n  {rows}\n ]') + "\n"
        self.samples.append({
            "id": id, "group": group, "title": title, "look_for": look_for, "files": listed,
            "labels": f"{id}/labels.json", "newest": newest,
            "expected": {s: {"state": states[s], "alerts": n} for s, n in counts.items()},
        })  # fmt: skip


def by_time(events):
    """Newest first, as the portals export."""
    return sorted(events, key=lambda e: e.cells["Timestamp"], reverse=True)


def of(table, events):
    return [e for e in events if e.table == table]


def build():
    out = Out()
    both = formats.merged(formats.PROCESS, formats.NETWORK)
    columns_of = {"DeviceProcessEvents": formats.PROCESS, "DeviceNetworkEvents": formats.NETWORK}
    for id, title, look_for, make in SCENARIOS:
        files = []
        for name, events in make().items():
            events = by_time(events)
            columns = formats.NETWORK if name == "proxy" else DEFENDER_COLUMNS[name]
            file = "DeviceNetworkEvents-proxy.csv" if name == "proxy" else f"{name}.csv"
            if name == "proxy":
                files.append((file, "log_analytics_csv", formats.log_analytics_csv(events, columns), events))
            else:
                files.append((file, "defender_csv", formats.defender_csv(events, columns), events))
        out.sample(id, "scenario", title, look_for, files)
    for id, title, look_for, kind, make in FALSE_POSITIVES:
        events = by_time(make())
        text, name = {
            "log_analytics_csv": lambda: (formats.log_analytics_csv(events, both), "query_data.csv"),
            "streaming_ndjson": lambda: (formats.streaming_ndjson(events, columns_of), "PT1H.json"),
            "json_array": lambda: (formats.json_array(events, columns_of), "events.json"),
            "log_analytics_json": lambda: (formats.log_analytics_json(events, both), "response.json"),
            "defender_api_json": lambda: (formats.defender_api_json(events, both), "hunting.json"),
        }[kind]()
        out.sample(id, "false_positive", title, look_for, [(name, kind, text, events)])
    for id, title, look_for, make in (EVASION, SURPRISES):
        events = by_time(make())
        if id == "evasion":
            files = [("query_data.csv", "log_analytics_csv", formats.log_analytics_csv(events, both), events)]
        else:
            files = [
                (f"{table}.csv", "defender_csv", formats.defender_csv(of(table, events), columns_of[table]), of(table, events))
                for table in columns_of
            ]
        out.sample(id, "evasion", title, look_for, files)
    id, title, look_for, make, default = MIXED_DAY
    events = by_time(make())
    process, network = of("DeviceProcessEvents", events), of("DeviceNetworkEvents", events)
    out.sample(id, "mixed_day", title, look_for, [
        ("DeviceProcessEvents.csv", "defender_csv", formats.defender_csv(process, formats.PROCESS_SHORT), process),
        ("DeviceNetworkEvents.csv", "log_analytics_csv", formats.log_analytics_csv(network, formats.NETWORK_SHORT), network),
    ], default)  # fmt: skip
    manifest = {
        "version": 1,
        "about": "Samples of Exfil Playground, written by its authors; README.md says how to read this file.",
        "license": "Apache-2.0",
        "rule": "../rule/T1567.001.kql",
        "formats": {kind: title for kind, (_, title) in FORMATS.items()},
        "samples": out.samples,
    }
    out.files["manifest.json"] = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
    return out.files


def main():
    files = build()
    if "--check" in sys.argv[1:]:
        differing = [p for p, text in files.items() if not (HERE / p).exists() or (HERE / p).read_bytes() != text.encode()]
        print("\n".join(f"differs: {path}" for path in differing) or f"{len(files)} files are as they would be written")
        return 1 if differing else 0
    for path, text in files.items():
        target = HERE / path
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(text.encode())
    return 0


sys.exit(main())
