"""The reference itself against tables written by hand. Run: python3 -m unittest discover tests/reference"""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from rule_reference import RULE, Rule, fold, has, iso, round_half_away, same, ticks  # noqa: E402

HAS = [
    ("KustoExplorerQueryRun", "Explorer", False),
    ("North America", "america", True),
    ("https://api.github.com/repos/o/r", "github.com", True),
    ("notgithub.com", "github.com", False),
    ("github.community", "github.com", False),
    ("github.com.evil.example", "github.com", True),
    ("githubxcom", "github.com", False),
    ("python3.exe", "python", False),
    ("python.exe", "python", True),
    ("git-remote-https.exe", "git", True),
    ("push_default", "push", True),
    ("curl -X PUT url", "-X PUT", True),
    ("curl -X PUTTER url", "-X PUT", False),
    ("a-X PUT b", "-X PUT", True),
    ("GITHUB.COM", "github.com", True),
    ("notgithub.com github.com", "github.com", True),
    ("", "git", False),
    ("git", "", True),
    ("a--b", "--", True),
    ("a-b", "--", False),
    ("a---b", "-b", True),
    ("a-b", "a-", True),
    ("method='PUT' ", "method='PUT'", True),
    ("xmethod='PUT'", "method='PUT'", False),
    ("method='PUT','x'", "method='PUT'", True),
    ("a..b", "a.b", False),
    ("pythonß", "python", False),
    ("python\u00b2", "python", False),
    ("日本python語", "python", False),
    ("日本 python 語", "PYTHON", True),
    ("\u212aelvin", "kelvin", True),
    ("STRASSE", "straße", False),
    ("STRAẞE", "straße", True),
]

TIMES = [
    ("1970-01-01T00:00:00Z", 0),
    ("2025-06-01T09:30:35.9347784Z", 17487702359347784),
    ("2025-06-01 09:30:35.9347784", 17487702359347784),
    ("10/25/2023, 9:43:21.994 AM", 16982270019940000),
    ("10/25/2023, 12:00:00 AM", 16981920000000000),
    ("10/25/2023, 12:00:00 PM", 16982352000000000),
    ("Jun 1, 2025 9:30:35 AM", 17487702350000000),
    ("yesterday", None),
]


class Reference(unittest.TestCase):
    def test_has_matches_whole_terms(self):
        for text, literal, expected in HAS:
            with self.subTest(text=text, literal=literal):
                self.assertEqual(has(text, literal), expected)

    def test_times_of_every_form_are_the_same_instant(self):
        for text, expected in TIMES:
            with self.subTest(text=text):
                self.assertEqual(ticks(text), expected)

    def test_an_instant_survives_being_written(self):
        for text in ["1970-01-01T00:00:00.0000000Z", "2024-02-29T23:59:59.9999999Z", "2026-12-31T00:00:00.0000001Z"]:
            self.assertEqual(iso(ticks(text)), text)

    def test_megabytes_round_to_two_places(self):
        for sent, expected in [(524289, 0.5), (1048576, 1.0), (15938355, 15.2), (655360, 0.63), (104857600, 100.0)]:
            self.assertEqual(round_half_away(sent, 1048576, 2), expected)

    def test_equality_without_case_folds_one_character_to_one(self):
        self.assertTrue(same("GIT.EXE", "git.exe"))
        self.assertFalse(same("ß", "ss"))
        self.assertEqual(fold("ẞ"), "ß")

    def test_the_rules_values_are_found_in_its_text(self):
        rule = Rule(RULE.read_text(encoding="utf-8"))
        sizes = {name: len(values) for name, values in rule.lists.items()}
        self.assertEqual(
            sizes,
            {"CodeRepoDomains": 10, "TransferTools": 9, "ApiClients": 7, "ApiHosts": 4, "ApiUploadMarkers": 10},
        )
        self.assertEqual((rule.threshold, rule.look_back), (524288, 24 * 3600 * 10_000_000))


if __name__ == "__main__":
    unittest.main()
