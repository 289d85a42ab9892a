"""The schemas of schemas/, for the tests: in a strict form, in which nothing may
stand in an object that its page does not name."""

import json
import os
import sys

from program import TOP_SRCDIR

try:
    import jsonschema
except ImportError:
    print("skipped: python3-jsonschema is missing")
    sys.exit(77)


def strict(schema):
    """SCHEMA with every object closed."""
    if isinstance(schema, list):
        return [strict(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: strict(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and "required" in schema:
        made["additionalProperties"] = False
    return made


class Schema:
    """One schema: as it is published, and strict."""

    def __init__(self, name):
        path = os.path.join(TOP_SRCDIR, "schemas", name + ".schema.json")
        with open(path, encoding="utf-8") as file:
            self.published = json.load(file)
        jsonschema.Draft202012Validator.check_schema(self.published)
        self.strict = strict(self.published)
        self.validator = jsonschema.Draft202012Validator(self.strict)

    def troubles(self, document):
        """What is wrong with DOCUMENT, a line each; none: it is valid."""
        return [
            "%s: %s" % (error.json_path, error.message[:200])
            for error in self.validator.iter_errors(document)
        ]

    def of_kind(self, kind, published=False):
        """A validator of one kind of object alone; "": of the whole."""
        schema = self.published if published else self.strict
        if kind:
            schema = dict(schema["$defs"][kind], **{"$defs": schema["$defs"]})
        return jsonschema.Draft202012Validator(schema)


def kinds_of(schema, name=None):
    """The kind that a property's SCHEMA means, and what it is a list or a map
    of: a ref's name, ["list", ref] or ["map", ref], or None."""
    for part in [schema] + schema.get("anyOf", []):
        if "$ref" in part:
            return part["$ref"].rsplit("/", 1)[1]
    for word in ("items", "additionalProperties"):
        if isinstance(schema.get(word), dict):
            inner = kinds_of(schema[word])
            return [word, inner] if inner else None
    return name


def objects(schema, document, kind=""):
    """(kind, object) of everything in DOCUMENT, which is of KIND."""
    yield kind, document
    properties = (schema["$defs"][kind] if kind else schema)["properties"]
    for name, value in document.items():
        inside = kinds_of(properties.get(name, {}))
        if inside is None or value is None:
            continue
        entries = [value]
        while isinstance(inside, list):
            entries = [
                below
                for entry in entries
                for below in (entry if inside[0] == "items" else entry.values())
            ]
            inside = inside[1]
        for entry in entries:
            yield from objects(schema, entry, inside)
