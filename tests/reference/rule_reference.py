#!/usr/bin/env python3
"""The shipped rule, once more and slowly: row by row, in plain Python, to be held against the engine.

    rule_reference.py [--rule FILE.kql] [--now INSTANT] [--where] LOG...
    rule_reference.py [--rule FILE.kql] [--now INSTANT] --compare RESULT.json LOG...

Prints the alerts as JSON lines, each an array of the rule's twelve columns, newest first; alerts of the same time
stand in the order of the signals, then of the logs. With --where each array is followed, in one outer array, by the
file and the record's number that the alert came from. With --compare nothing is printed but the differences between
these alerts and what `exfil run --format json` wrote to RESULT.json; the exit code is 1 when there are any.

`now` is the newest time in all the logs, or the instant given (ISO 8601).

It is written to share no idea with the engine: no columns, no automata, no plan. What it does take from the rule's
text are the lists, the threshold and the look-back, because the project keeps no second copy of them. Semantics are
those of the Kusto documentation as the project reads it: a term is a maximal run of letters and digits.
"""

import argparse
import csv
import functools
import json
import pathlib
import re
import sys

RULE = pathlib.Path(__file__).resolve().parents[2] / "crates/detection/rule/T1567.001.kql"

COLUMNS = [
    ("Timestamp", "datetime"),
    ("DeviceName", "string"),
    ("AccountName", "string"),
    ("Signal", "string"),
    ("RemoteUrl", "string"),
    ("RemotePort", "int"),
    ("BytesSent", "long"),
    ("BytesSentMB", "real"),
    ("BytesReceived", "long"),
    ("InitiatingProcessFileName", "string"),
    ("InitiatingProcessCommandLine", "string"),
    ("InitiatingProcessParentFileName", "string"),
]

TICKS = 10_000_000  # of 100 ns, in a second


# --- the rule's values ------------------------------------------------------------------------------------------


class Rule:
    """The lists and numbers of the rule's text, found by their names."""

    def __init__(self, text):
        code = re.sub(r"//[^\n]*", "", text)
        self.lists = {}
        for name, body in re.findall(r"let\s+(\w+)\s*=\s*dynamic\(\[(.*?)\]\)", code, re.S):
            self.lists[name] = re.findall(r'"([^"]*)"', body)
        self.threshold = int(re.search(r"let\s+UploadThreshold\s*=\s*(\d+)\s*;", code)[1])
        self.look_back = int(re.search(r"let\s+LookBack\s*=\s*(\d+)h\s*;", code)[1]) * 3600 * TICKS


# --- the meaning of has ------------------------------------------------------------------------------------------


def fold_char(c):
    """Simple case folding: one character to one."""
    folded = c.casefold()
    if len(folded) == 1:
        return folded
    # A character that folds to several has, at most, a simple folding to its lower case (ẞ to ß, ᾈ to ᾀ).
    lower = c.lower()
    return lower if len(lower) == 1 else c


def fold(text):
    return text.lower() if text.isascii() else "".join(map(fold_char, text))


@functools.lru_cache(maxsize=200_000)
def pieces(text):
    """The folded text as alternating terms and runs of separators: [(is_term, run), …]."""
    cut = []
    for c in fold(text):
        is_term = c.isalnum()
        if cut and cut[-1][0] == is_term:
            cut[-1][1].append(c)
        else:
            cut.append((is_term, [c]))
    return tuple((is_term, "".join(run)) for is_term, run in cut)


def has(text, literal):
    """Whether the literal's terms stand in the text as whole terms, with the literal's separators between them."""
    needle, hay = pieces(literal), pieces(text)
    if not needle:
        return True
    if len(needle) == 1 and not needle[0][0]:
        return any(not is_term and needle[0][1] in run for is_term, run in hay)
    last = len(needle) - 1

    def piece_fits(i, there):
        is_term, run = needle[i]
        if there[0] != is_term:
            return False
        if is_term or 0 < i < last:
            return there[1] == run
        # A separator at the literal's edge may be a part of a longer run of separators in the text.
        return there[1].endswith(run) if i == 0 else there[1].startswith(run)

    return any(
        all(piece_fits(i, hay[start + i]) for i in range(len(needle))) for start in range(len(hay) - last)
    )


def has_any(text, literals):
    return any(has(text, literal) for literal in literals)


def same(a, b):
    """=~"""
    return fold(a) == fold(b)


# --- times and numbers ------------------------------------------------------------------------------------------

ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(?:Z|\+00:00)?$")
US = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}), (\d{1,2}):(\d\d):(\d\d)(?:\.(\d+))? (AM|PM)$")
GRID = re.compile(r"([A-Z][a-z]{2}) (\d{1,2}), (\d{4}) (\d{1,2}):(\d\d):(\d\d) (AM|PM)$")
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def days_before(year, month, day):
    """Days from 1970-01-01, counted year by year and month by month."""
    leap = lambda y: y % 4 == 0 and (y % 100 != 0 or y % 400 == 0)
    count = sum(366 if leap(y) else 365 for y in range(1970, year))
    lengths = [31, 29 if leap(year) else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return count + sum(lengths[: month - 1]) + day - 1


days_before = functools.lru_cache(maxsize=1000)(days_before)


def ticks(text):
    """Ticks of 100 ns since 1970, or None."""
    if m := ISO.match(text):
        year, month, day, hour, minute, second, fraction = m.groups()
    elif m := US.match(text):
        month, day, year, hour, minute, second, fraction, half = m.groups()
        hour = int(hour) % 12 + (12 if half == "PM" else 0)
    elif m := GRID.match(text):
        name, day, year, hour, minute, second, half = m.groups()
        month, fraction = MONTHS.index(name) + 1, None
        hour = int(hour) % 12 + (12 if half == "PM" else 0)
    else:
        return None
    seconds = days_before(int(year), int(month), int(day)) * 86400 + int(hour) * 3600 + int(minute) * 60 + int(second or 0)
    return seconds * TICKS + int((fraction or "").ljust(7, "0")[:7])


def iso(t):
    seconds, fraction = divmod(t, TICKS)
    days, rest = divmod(seconds, 86400)
    year = 1970
    while days >= days_before(year + 1, 1, 1):
        year += 1
    month = 12
    while days_before(year, month, 1) > days:
        month -= 1
    day = days - days_before(year, month, 1) + 1
    return f"{year:04}-{month:02}-{day:02}T{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}.{fraction:07}Z"


def number(value):
    """A whole number from a cell, or None where there is none."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        return value
    return int(value) if re.fullmatch(r"[+-]?\d+", value.strip()) else None


def round_half_away(numerator, denominator, digits):
    """Rounds a non-negative fraction exactly; a tie goes away from zero."""
    scaled = numerator * 10**digits
    whole, rest = divmod(scaled, denominator)
    return (whole + (2 * rest >= denominator)) / 10**digits


# --- reading logs --------------------------------------------------------------------------------------------------


class Row:
    """A record: its table, its cells by column name, and where it stands."""

    __slots__ = ("table", "cells", "file", "record")

    def __init__(self, table, cells, file, record):
        self.table, self.cells, self.file, self.record = table, cells, file, record

    def text(self, column):
        value = self.cells.get(column)
        if value is None:
            return ""
        return value if isinstance(value, str) else json.dumps(value)

    def number(self, column):
        return number(self.cells.get(column))

    def time(self):
        for column in ("Timestamp", "TimeGenerated"):
            value = self.cells.get(column)
            if value:
                return ticks(value)
        return None


def table_of(cells, path):
    """The table a record belongs to when nothing around it says so."""
    for key in ("Type", "$table", "TableName", "SourceTable"):
        if cells.get(key):
            return cells[key]
    if path.stem.startswith("Device"):
        return path.stem
    if any(c in cells for c in ("ProcessCommandLine", "FolderPath", "ProcessId")) and "FileName" in cells:
        return "DeviceProcessEvents"
    if any(c in cells for c in ("RemoteUrl", "RemoteIP", "RemotePort")):
        return "DeviceNetworkEvents"
    return ""


def csv_records(path):
    csv.field_size_limit(sys.maxsize)
    with open(path, encoding="utf-8-sig", newline="") as handle:
        header_line = handle.readline()
        delimiter = max(",\t;", key=header_line.count)
        handle.seek(0)
        rows = csv.reader(handle, delimiter=delimiter)
        header = [re.sub(r" \[[^\]]*\]$", "", name) for name in next(rows)]
        for record in rows:
            if record:
                yield dict(zip(header, record))


def json_documents(text):
    """The documents of a file: one, or one a line."""
    try:
        return [json.loads(text)]
    except json.JSONDecodeError:
        return [json.loads(line) for line in text.splitlines() if line.strip()]


def flatten_json(document):
    """(table or None, cells) for each record of a document, whatever wraps it."""
    if isinstance(document, list):
        for item in document:
            yield from flatten_json(item)
    elif "tables" in document:
        for table in document["tables"]:
            names = [c["name"] for c in table["columns"]]
            for row in table["rows"]:
                yield None, dict(zip(names, row))
    elif "Results" in document or "results" in document:
        for row in document.get("Results") or document.get("results"):
            yield None, row
    elif "records" in document:
        yield from flatten_json(document["records"])
    elif "category" in document and "properties" in document:
        yield document["category"].removeprefix("AdvancedHunting-"), document["properties"]
    else:
        yield None, document


def read(path):
    path = pathlib.Path(path)
    with open(path, "rb") as handle:
        start = handle.read(64).removeprefix(b"\xef\xbb\xbf").lstrip()
    if start[:1] in (b"{", b"["):
        text = path.read_text(encoding="utf-8-sig")
        found = (pair for document in json_documents(text) for pair in flatten_json(document))
    else:
        found = ((None, cells) for cells in csv_records(path))
    for record, (table, cells) in enumerate(found, 1):
        yield Row(table or table_of(cells, path), cells, str(path), record)


# --- the three signals -------------------------------------------------------------------------------------------


def network_signal(rule, row):
    sent = row.number("BytesSent")
    if sent is None or not sent > rule.threshold:
        return None
    process = row.text("InitiatingProcessFileName")
    if not has_any(process, rule.lists["TransferTools"]):
        return None
    if not has_any(row.text("RemoteUrl"), rule.lists["CodeRepoDomains"]):
        return None
    return [
        row.text("AccountName"),
        "LargeUploadToCodeRepo",
        row.text("RemoteUrl"),
        row.number("RemotePort"),
        sent,
        round_half_away(sent, 1048576, 2),
        row.number("BytesReceived"),
        process,
        row.text("InitiatingProcessCommandLine"),
        row.text("InitiatingProcessParentFileName"),
    ]


def git_push_signal(rule, row):
    command = row.text("ProcessCommandLine")
    if not (same(row.text("FileName"), "git.exe") or same(row.text("FileName"), "git")):
        return None
    if not has(command, "push") or not has_any(command, rule.lists["CodeRepoDomains"]):
        return None
    return [
        row.text("AccountName"),
        "GitPushToExternalRepo",
        "",
        0,
        0,
        0.0,
        0,
        row.text("InitiatingProcessFileName"),
        row.text("InitiatingProcessCommandLine"),
        row.text("InitiatingProcessParentFileName"),
    ]


def api_upload_signal(rule, row):
    command = row.text("ProcessCommandLine")
    if not has_any(row.text("FileName"), rule.lists["ApiClients"]):
        return None
    if not has_any(command, rule.lists["ApiHosts"]) or not has_any(command, rule.lists["ApiUploadMarkers"]):
        return None
    return [
        row.text("AccountName"),
        "CodeRepoAPIUpload",
        "",
        443,
        0,
        0.0,
        0,
        row.text("FileName"),
        command,
        row.text("InitiatingProcessParentFileName"),
    ]


SIGNALS = [
    ("DeviceNetworkEvents", network_signal),
    ("DeviceProcessEvents", git_push_signal),
    ("DeviceProcessEvents", api_upload_signal),
]


def alerts(rule, paths, now=None):
    """[(row, twelve cells)] in the rule's order. The look-back comes last: `now` is known only at the end."""
    legs = [[] for _ in SIGNALS]
    newest = None
    for path in paths:
        for row in read(path):
            time = row.time()
            if time is not None and (newest is None or time > newest):
                newest = time
            for leg, (table, signal) in zip(legs, SIGNALS):
                if row.table == table and (rest := signal(rule, row)) is not None and time is not None:
                    leg.append((time, row, [iso(time), row.text("DeviceName"), *rest]))
    now = newest if now is None else now
    found = [alert for leg in legs for alert in leg if alert[0] > now - rule.look_back]
    found.sort(key=lambda alert: -alert[0])
    return [(row, cells) for _, row, cells in found]


# --- comparison ------------------------------------------------------------------------------------------------------


def comparable(cell, kind):
    if kind == "datetime" and isinstance(cell, str):
        return ticks(cell)
    if kind in ("int", "long") and isinstance(cell, str):
        return int(cell)
    return cell


def differences(expected, result):
    """Sentences, at most a few, on how a result of `exfil run --format json` differs."""
    given = [(c["name"], c["type"]) for c in result["columns"]]
    if given != COLUMNS:
        return [f"columns: expected {COLUMNS}, found {given}"]
    told = []
    if len(result["rows"]) != len(expected):
        told.append(f"rows: expected {len(expected)}, found {len(result['rows'])}")
    for i, (want, got) in enumerate(zip(expected, result["rows"])):
        for (name, kind), a, b in zip(COLUMNS, want, got):
            if comparable(a, kind) != comparable(b, kind):
                told.append(f"row {i}, {name}: expected {a!r}, found {b!r}")
        if len(told) > 10:
            told.append("…")
            break
    return told


def main():
    parser = argparse.ArgumentParser(description="The shipped rule in plain Python, for comparison.")
    parser.add_argument("--rule", type=pathlib.Path, default=RULE)
    parser.add_argument("--now")
    parser.add_argument("--where", action="store_true")
    parser.add_argument("--compare", type=pathlib.Path)
    parser.add_argument("logs", nargs="+")
    options = parser.parse_args()
    now = None
    if options.now and options.now != "newest":
        now = ticks(options.now)
        if now is None:
            parser.error(f"not an instant: {options.now}")
    found = alerts(Rule(options.rule.read_text(encoding="utf-8")), options.logs, now)
    if options.compare:
        told = differences([cells for _, cells in found], json.loads(options.compare.read_text(encoding="utf-8")))
        print("\n".join(told) if told else f"the same {len(found)} alerts")
        return 1 if told else 0
    for row, cells in found:
        line = [cells, row.file, row.record] if options.where else cells
        print(json.dumps(line, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
