"""The samples' labels, written by hand, against the reference. Run: python3 -m unittest discover tests/reference"""

import csv
import ipaddress
import json
import pathlib
import re
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from rule_reference import RULE, SIGNALS, Rule, alerts, iso, read, ticks  # noqa: E402

SAMPLES = RULE.parents[1] / "samples"
MANIFEST = json.loads((SAMPLES / "manifest.json").read_text(encoding="utf-8"))
# Addresses that a sample may name: RFC 5737's, private, and this machine's.
DOCUMENTATION = [ipaddress.ip_network(n) for n in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")]


def each_sample(test):
    def run(self):
        for sample in MANIFEST["samples"]:
            with self.subTest(sample=sample["id"]):
                paths = [SAMPLES / f["path"] for f in sample["files"]]
                labels = json.loads((SAMPLES / sample["labels"]).read_text(encoding="utf-8"))
                test(self, sample, paths, labels)

    run.__name__ = test.__name__
    return run


class Samples(unittest.TestCase):
    rule = Rule(RULE.read_text(encoding="utf-8"))

    @each_sample
    def test_every_label_names_the_signals_that_fire_on_its_record(self, sample, paths, labels):
        fired = {}
        for row, cells in alerts(self.rule, paths):
            fired.setdefault((pathlib.Path(row.file).name, row.record), []).append(cells[3])
        said = {(r["file"], r["record"]): r["signals"] for r in labels["rows"] if r["signals"]}
        self.assertEqual(fired, said)

    @each_sample
    def test_expected_alerts_are_the_sum_of_the_labels(self, sample, paths, labels):
        for signal, expected in sample["expected"].items():
            self.assertEqual(sum(signal in r["signals"] for r in labels["rows"]), expected["alerts"], signal)
            self.assertEqual(expected["state"] == "fired", expected["alerts"] > 0, signal)

    @each_sample
    def test_upload_is_not_evaluable_exactly_where_no_network_row_has_a_byte_count(self, sample, paths, labels):
        counted = any(
            row.table == "DeviceNetworkEvents" and row.number("BytesSent") is not None for path in paths for row in read(path)
        )
        self.assertEqual(sample["expected"]["LargeUploadToCodeRepo"]["state"] == "not_evaluable", not counted)

    @each_sample
    def test_every_record_has_one_label_on_the_line_it_stands_on(self, sample, paths, labels):
        by_record = {(r["file"], r["record"]): r for r in labels["rows"]}
        self.assertEqual(len(by_record), len(labels["rows"]))
        total = 0
        for file, path in zip(sample["files"], paths):
            tables = {}
            lines = lines_of(path)
            for row in read(path):
                total += 1
                tables[row.table] = tables.get(row.table, 0) + 1
                label = by_record.get((path.name, row.record))
                if label is None:
                    self.assertIn("default", labels)
                else:
                    self.assertEqual((label["line"], label["table"]), (lines[row.record - 1], row.table))
                    self.assertTrue(label["why"])
            self.assertEqual(tables, file["rows"])
        self.assertTrue("default" in labels or total == len(by_record))

    @each_sample
    def test_every_time_is_read_and_the_newest_is_the_manifests(self, sample, paths, labels):
        times = [row.time() for path in paths for row in read(path)]
        self.assertNotIn(None, times)
        # A Log Analytics export shows milliseconds.
        self.assertEqual(iso(max(times))[:23], sample["newest"][:23])
        self.assertIsNotNone(ticks(sample["newest"]))

    @each_sample
    def test_addresses_are_of_the_documentation_ranges_and_tokens_say_that_they_are_fake(self, sample, paths, labels):
        for path in paths:
            text = path.read_text(encoding="utf-8")
            for found in re.findall(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])", text):
                address = ipaddress.ip_address(found)
                self.assertTrue(address.is_private or any(address in net for net in DOCUMENTATION), found)
            for token in re.findall(r"gh[a-z]_\w+", text):
                self.assertIn("FAKE", token)

    def test_the_evasion_set_is_theft_that_no_signal_sees(self):
        labels = json.loads((SAMPLES / "evasion/labels.json").read_text(encoding="utf-8"))["rows"]
        self.assertGreaterEqual(len(labels), 40)
        self.assertEqual([r for r in labels if r["signals"]], [])
        self.assertEqual(len([r for r in labels if r["label"] == "benign"]), 1)

    def test_every_false_positive_has_a_true_one_beside_it(self):
        groups = [s for s in MANIFEST["samples"] if s["group"] == "false_positive"]
        self.assertEqual(len(groups), 5)
        for sample in groups:
            labels = json.loads((SAMPLES / sample["labels"]).read_text(encoding="utf-8"))["rows"]
            for label in ("benign", "malicious"):
                self.assertTrue(any(r["label"] == label and r["signals"] for r in labels), (sample["id"], label))

    def test_the_files_are_what_their_makers_write(self):
        made = subprocess.run([sys.executable, SAMPLES / "make", "--check"], capture_output=True, text=True)
        self.assertEqual(made.returncode, 0, made.stdout + made.stderr)

    def test_every_signal_is_named_as_in_the_rule(self):
        self.assertEqual(len(SIGNALS), 3)
        for sample in MANIFEST["samples"]:
            for signal in sample["expected"]:
                self.assertIn(f'"{signal}"', RULE.read_text(encoding="utf-8"))


def lines_of(path):
    """The line on which each record starts, the first line being 1."""
    text = path.read_text(encoding="utf-8-sig")
    if path.suffix != ".csv":
        return list(range(1, text.count("\n") + 2))
    lines, reader = [], csv.reader(text.splitlines(keepends=True))
    next(reader)
    while True:
        start = reader.line_num + 1
        if next(reader, None) is None:
            return lines
        lines.append(start)


if __name__ == "__main__":
    unittest.main()
