#!/usr/bin/env python3
"""Writes the JSON schemas from RESULT.md, SURVEY.md and OUTPUTS.md, whose tables
are the only description of the formats by hand, and sim/scenario/format_result.c:
the same tables for [expect], which reaches every field of a result.

    schemas/make.py            writes what the pages say
    schemas/make.py --check    says what is out of date, and exits 1

A heading "### kind" names a kind of object; each row below is a field:

    | `at_s` | number or null | when |

The type is text, integer, number, boolean, object (of any form), a kind, "list
of" or "map of" one of these; "or null" and "or absent" may follow, and an entry
of a list that may be null stands in parentheses: "list of (number or null)". A
text whose meaning begins with words in quotes has one of these values:

    | `means` | text | "carrier", "BFD" (of a session) or "other"; the rest is prose |
    | `format` | text | always "hybridsim-result" |

Between the heading and the table can stand sentences that [expect] follows:

    An entry is named by `node` and `means`.    fault.cut.detection.cgw.bfd
    An entry is named by `id` or `severity`.    one of the two
    One that is not there is 0.                 a list of counters
    These are no figures.                       [expect] does not go in there
"""

import json
import os
import re
import sys

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")

TABLE = os.path.join(TOP, "sim", "scenario", "format_result.c")

# Each page, and of each format that it describes the kind of its root.
PAGES = {
    "RESULT.md": ["result"],
    "SURVEY.md": ["survey", "comparison"],
    "OUTPUTS.md": ["routes", "dissection", "checked", "check-summary",
                   "explained", "opening", "init"],
}

# What a text or number looks like, where the tables say it in prose.
FORMS = {
    ("scenario", "sha256"): {"pattern": "^[0-9a-f]{64}$"},
    ("replay source", "sha256"): {"pattern": "^[0-9a-f]{64}$"},
    ("scenario", "seed"): {"pattern": "^[0-9]+$"},
    ("verdict", "exit_code"): {"enum": [0, 1, 4]},
    ("check", "source"): {"pattern": "^(--set|.+:[0-9]+)$"},
    ("part", "share"): {"minimum": 0, "maximum": 1},
    ("realtime", "started"): {
        "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}.*Z$"
    },
}


class Field:
    """A row: its name, the cell of its type, and its meaning."""

    def __init__(self, kind, name, type_, meaning):
        self.kind, self.name, self.meaning = kind, name, meaning
        words = split_or(type_)
        self.type = words[0]
        self.null = "null" in words[1:]
        self.absent = "absent" in words[1:]
        if set(words[1:]) - {"null", "absent"}:
            raise SystemExit(
                "%s: `%s` has the type %s" % (kind, name, type_)
            )


def split_or(text):
    """"a or null" in its words; what stands in parentheses stays together."""
    return [word.strip() for word in re.split(r" or (?![^(]*\))", text)]


class Kind(list):
    """The fields of a kind of object, and what is said of them."""

    def __init__(self):
        super().__init__()
        self.keys, self.either, self.zero, self.figures = [], False, False, True

    def read(self, sentence):
        named = re.search(r"An entry is named by ([^.]*)\.", sentence)
        if named is not None:
            self.keys = re.findall(r"`([^`]*)`", named.group(1))
            self.either = " or " in named.group(1)
        self.zero |= "One that is not there is 0." in sentence
        self.figures &= "These are no figures." not in sentence


def read_page(page):
    """{kind: Kind} in the order of the page."""
    kinds, kind = {}, None
    with open(os.path.join(TOP, page), encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("### "):
                kind = line[4:].strip()
                if kind in kinds:
                    raise SystemExit("%s: two kinds %s" % (page, kind))
                kinds[kind] = Kind()
            elif line.startswith("| `"):
                cells = line.strip().strip("|").split("|", 2)
                kinds[kind].append(
                    Field(
                        kind,
                        cells[0].strip().strip("`"),
                        cells[1].strip(),
                        cells[2].strip(),
                    )
                )
            elif kind is not None:
                kinds[kind].read(line)
    return {kind: fields for kind, fields in kinds.items() if fields}


def words_of(meaning):
    """The quoted words that MEANING begins with, or none."""
    rest, found = re.sub(r"^always ", "", meaning), []
    while True:
        word = re.match(r'"([^"]*)"( \([^)]*\))?', rest)
        if word is None:
            return found
        found.append(word.group(1))
        rest = rest[word.end() :]
        joint = re.match(r",? or |, ", rest)
        if joint is None:
            return found
        rest = rest[joint.end() :]


def schema_of(kinds, name, where):
    """The schema of the type NAME, a single word, a list or a map."""
    plain = {
        "text": {"type": "string"},
        "integer": {"type": "integer", "minimum": 0},
        "number": {"type": "number"},
        "boolean": {"type": "boolean"},
        "object": {"type": "object"},
    }
    if name.startswith("(") and name.endswith(")"):
        words = split_or(name[1:-1])
        inner = schema_of(kinds, words[0], where)
        return or_null(inner) if "null" in words[1:] else inner
    if name.startswith("list of "):
        return {"type": "array", "items": schema_of(kinds, name[8:], where)}
    if name.startswith("map of "):
        return {
            "type": "object",
            "additionalProperties": schema_of(kinds, name[7:], where),
        }
    if name in plain:
        return dict(plain[name])
    if name not in kinds:
        raise SystemExit("%s: there is no kind %s" % (where, name))
    return {"$ref": "#/$defs/%s" % name.replace(" ", "-")}


def or_null(schema):
    if "$ref" in schema or "const" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    schema = dict(schema, type=[schema["type"], "null"])
    if "enum" in schema:
        schema["enum"] = schema["enum"] + [None]
    return schema


def field_schema(kinds, field):
    where = "%s: `%s`" % (field.kind, field.name)
    schema = schema_of(kinds, field.type, where)
    words = words_of(field.meaning) if field.type == "text" else []
    if len(words) == 1:
        schema = {"const": words[0]}
    elif words:
        schema["enum"] = words
    schema.update(FORMS.get((field.kind, field.name), {}))
    if "const" in schema:
        schema.pop("type", None)
    if field.null:
        schema = or_null(schema)
    if field.meaning:
        schema["description"] = field.meaning.replace("`", "")
    return schema


def kind_schema(kinds, kind):
    fields = kinds[kind]
    return {
        "type": "object",
        "properties": {f.name: field_schema(kinds, f) for f in fields},
        "required": [f.name for f in fields if not f.absent],
    }


def below(kinds, root):
    """The kinds that ROOT is made of, in the order of the page."""
    found, ahead = set(), [root]
    while ahead:
        kind = ahead.pop()
        for field in kinds[kind]:
            word = re.sub(r"^((list|map) of )*\(?|( or null)?\)$", "", field.type)
            if word in kinds and word not in found:
                found.add(word)
                ahead.append(word)
    return [kind for kind in kinds if kind in found]


def root_schema(kinds, root, page):
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "hybridsim: %s, version 1" % root,
        "description": "Made from %s. New fields may come without a new "
        "version: ignore those that you do not know." % page,
    }
    schema.update(kind_schema(kinds, root))
    if "version" in schema["properties"]:
        schema["properties"]["version"] = {"const": 1}
    schema["$defs"] = {
        kind.replace(" ", "-"): kind_schema(kinds, kind) for kind in below(kinds, root)
    }
    return schema


# The same tables in C.

HEAD = """/* What a result is made of: made from RESULT.md by schemas/make.py, and held to it
 * by a test. See format.h. */

#include "config.h"

#include "sim/scenario/format.h"

#include <stddef.h>
"""

PLAIN = {"text": "TEXT", "integer": "INTEGER", "number": "NUMBER", "boolean": "BOOLEAN"}


def c_text(text):
    """TEXT as a literal of C."""
    if text is None:
        return "NULL"
    return '"%s"' % text.replace("\\", "\\\\").replace('"', '\\"')


def unit_of(field, type_):
    if type_ not in ("integer", "number"):
        return "NONE"
    if re.search(r"_m?s$", field.name) and not field.name.endswith("_per_s"):
        return "DURATION"
    if type_ == "number":
        return "NUMBER"
    if re.search(r"(^|_)bytes$", field.name) or field.meaning.startswith("bytes "):
        return "BYTES"
    return "COUNT"


def c_field(kinds, field):
    """The row of a field: see HsField."""
    shape, type_ = "ONE", field.type
    for word in ("list", "map"):
        if type_.startswith(word + " of "):
            shape, type_ = word.upper(), type_[len(word) + 4 :]
    if type_.startswith("("):
        type_ = split_or(type_.strip("()"))[0]
    if shape == "MAP" and type_ not in kinds:
        type_ = "object"  # words of somebody else's: nothing to expect of
    unit = unit_of(field, type_)
    word = re.sub(r"_m?s$", "", field.name) if unit == "DURATION" else field.name
    single = None
    if shape != "ONE" and type_ in kinds:
        single = word[:-1] if re.search(r"[^s]s$", word) else word
    words = words_of(field.meaning) if type_ == "text" and shape == "ONE" else []
    return "    {%s, %s, %s, HS_SHAPE_%s, HS_FIELD_%s, HS_UNIT_%s, %s, %s,\n     %s}," % (
        c_text(field.name),
        c_text(word),
        c_text(single),
        shape,
        "OBJECT" if type_ in kinds else PLAIN.get(type_, "OTHER"),
        unit,
        c_text(type_ if type_ in kinds else None),
        c_text("|".join(words)) if words else "NULL",
        c_text(field.meaning.replace("`", "")),
    )


def c_name(kind):
    return "of_" + re.sub(r"[^a-z]", "_", kind)


def format_table(kinds, root):
    """sim/scenario/format_result.c"""
    order = [root] + [kind for kind in below(kinds, root) if kind != root]
    text = HEAD + "\n/* clang-format off */\n"
    for kind in order:
        words = [re.sub(r"(?<!_per)_m?s$", "", f.name) for f in kinds[kind]]
        if kinds[kind].figures and len(set(words)) != len(words):
            raise SystemExit("%s: two fields have one name in paths" % kind)
        for key in kinds[kind].keys:
            if key not in [field.name for field in kinds[kind]]:
                raise SystemExit("%s: is named by no field %s" % (kind, key))
        text += "\nstatic const HsField %s[] = {\n" % c_name(kind)
        text += "".join(c_field(kinds, f) + "\n" for f in kinds[kind])
        text += "    {.name = NULL},\n};\n"
    text += "\nconst HsFormatKind hs_format_result[] = {\n"
    for kind in order:
        keys = "".join(c_text(key) + ", " for key in kinds[kind].keys)
        text += "    {%s, %s, {%sNULL}, %s, %s, %s},\n" % (
            c_text(kind),
            c_name(kind),
            keys,
            str(kinds[kind].either).lower(),
            str(kinds[kind].zero).lower(),
            str(kinds[kind].figures).lower(),
        )
    return text + "    {.name = NULL},\n};\n"


def outputs():
    """{path: text} of all that is made."""
    made = {}
    for page, roots in PAGES.items():
        kinds = read_page(page)
        for root in roots:
            path = os.path.join(TOP, "schemas", "%s.schema.json" % root)
            made[path] = json.dumps(root_schema(kinds, root, page), indent=2) + "\n"
    made[TABLE] = format_table(read_page("RESULT.md"), "result")
    return made


def main():
    stale = 0
    for path, text in outputs().items():
        try:
            with open(path, encoding="utf-8") as file:
                same = file.read() == text
        except OSError:
            same = False
        if same:
            continue
        name = os.path.relpath(path, TOP)
        if sys.argv[1:] == ["--check"]:
            print("%s is not what the pages say: run schemas/make.py" % name)
            stale = 1
        else:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            print("%s: written" % name)
    return stale


if __name__ == "__main__":
    sys.exit(main())
