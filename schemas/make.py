#!/usr/bin/env python3
"""Writes the JSON schemas from RESULT.md, SURVEY.md and OUTPUTS.md, whose tables
are the only description of the formats by hand.

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
"""

import json
import os
import re
import sys

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")

# Each page, and of each format that it describes the kind of its root.
PAGES = {
    "RESULT.md": ["result"],
    "SURVEY.md": ["survey", "comparison"],
    "OUTPUTS.md": ["routes", "dissection"],
}

# What a text or number looks like, where the tables say it in prose.
FORMS = {
    ("scenario", "sha256"): {"pattern": "^[0-9a-f]{64}$"},
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


def read_page(page):
    """{kind: [Field]} in the order of the page."""
    kinds, kind = {}, None
    with open(os.path.join(TOP, page), encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("### "):
                kind = line[4:].strip()
                if kind in kinds:
                    raise SystemExit("%s: two kinds %s" % (page, kind))
                kinds[kind] = []
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
    return {"$ref": "#/$defs/%s" % name}


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
            for word in re.findall(r"[a-z-]+", field.type):
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
    schema["$defs"] = {kind: kind_schema(kinds, kind) for kind in below(kinds, root)}
    return schema


def outputs():
    """{path: text} of all that is made."""
    made = {}
    for page, roots in PAGES.items():
        kinds = read_page(page)
        for root in roots:
            path = os.path.join(TOP, "schemas", "%s.schema.json" % root)
            made[path] = json.dumps(root_schema(kinds, root, page), indent=2) + "\n"
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
