#!/usr/bin/env python3
"""Writes expressions.z from uap-core's regexes.yaml: `python3 make.py regexes.yaml` (needs PyYAML).

A line is a parser: the expression, `i` where case does not matter, the replacements (`-` where there is none), and after
them the texts of which one at least stands, in any case, in what the expression matches; tabs between them. Blank lines
part browsers, systems and devices. Classes are written in ASCII: `[0-9]` for `\\d`, `[0-9A-Za-z_]` for `\\w`.
"""
from re import _parser as parser
import sys
import zlib

import yaml

KINDS = [
    ("user_agent_parsers", ["family_replacement", "v1_replacement", "v2_replacement", "v3_replacement"]),
    ("os_parsers", ["os_replacement", "os_v1_replacement", "os_v2_replacement", "os_v3_replacement", "os_v4_replacement"]),
    ("device_parsers", ["device_replacement", "brand_replacement", "model_replacement"]),
]
CLASSES = {"d": "0-9", "w": "0-9A-Za-z_"}


def in_ascii(pattern):
    out, inside, at = [], False, 0
    while at < len(pattern):
        pair = pattern[at : at + 2]
        if pair[0] == "\\":
            inner = CLASSES.get(pair[1])
            out.append(pair if inner is None else inner if inside else f"[{inner}]")
            at += 2
            continue
        inside = pair[0] == "[" if not inside else pair[0] != "]"
        out.append(pair[0])
        at += 1
    return "".join(out)


def texts_needed(parsed):
    """Texts of which one at least is in every match, or None: the set whose shortest text is longest."""
    found, run = [], ""

    def end_run():
        nonlocal run
        if len(run) >= 2:
            found.append({run})
        run = ""

    for op, value in parsed:
        name = str(op)
        if name == "LITERAL":
            run += chr(value).lower()
            continue
        if name == "IN" and all(str(o) == "LITERAL" for o, _ in value) and len({chr(v).lower() for _, v in value}) == 1:
            run += chr(value[0][1]).lower()
            continue
        end_run()
        if name == "SUBPATTERN":
            found.append(texts_needed(value[3]))
        elif name == "MAX_REPEAT" and value[0] >= 1:
            found.append(texts_needed(value[2]))
        elif name == "BRANCH":
            legs = [texts_needed(leg) for leg in value[1]]
            found.append(set().union(*legs) if all(legs) else None)
    end_run()
    found = [texts for texts in found if texts]
    return max(found, key=lambda texts: (min(map(len, texts)), -len(texts)), default=None)


def line(entry, replacements):
    pattern = entry["regex"]
    needed = texts_needed(parser.parse(pattern)) or set()
    fields = [in_ascii(pattern), entry.get("regex_flag", "-"), *(entry.get(name, "-") for name in replacements)]
    return "\t".join([*fields, *sorted(needed)])


source = yaml.safe_load(open(sys.argv[1], encoding="utf-8"))
text = "\n\n".join("\n".join(line(entry, names) for entry in source[kind]) for kind, names in KINDS)
with open("expressions.z", "wb") as out:
    out.write(zlib.compress(text.encode(), 9))
