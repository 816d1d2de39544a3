"""The JSON Schema of `report.json`, made from the record's own types and docstrings.

`python -m drtool.record.schema` prints it; `make schema` keeps it in docs/report.schema.json.
"""

from __future__ import annotations

import inspect
import re
import sys
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from typing import Any, get_args, get_type_hints

import msgspec

from drtool.record import backups, environment, exposure, model, recovery, steps, verdicts
from drtool.record.model import SCHEMA_VERSION, DrillRecord

_MODULES = (model, backups, environment, exposure, recovery, steps, verdicts)
_ATTRIBUTES = "\n\nAttributes:\n"
_ATTRIBUTE = re.compile(r"^ {4}(\w+): (.*(?:\n {5,}.*)*)", re.MULTILINE)
_BETWEEN_SENTENCES = re.compile(r"(?<=\.)\s+")


def schema() -> dict[str, Any]:
    """Return the schema (JSON Schema 2020-12) that every record of this schema version holds to.

    It is open: a later drtool may add fields within the same version.
    """
    return published(msgspec.json.schema(DrillRecord))


def published(made: dict[str, Any]) -> dict[str, Any]:
    """Return msgspec's schema of a record as drtool publishes it, the same whichever msgspec made it."""
    for name, one in made["$defs"].items():
        described = next(getattr(module, name) for module in _MODULES if hasattr(module, name))
        one["description"], about = _descriptions(described)
        if is_dataclass(described):
            for made_anew in fields(described):
                if made_anew.default_factory is not MISSING:  # msgspec tells of these from 0.23 on
                    one["properties"][made_anew.name]["default"] = made_anew.default_factory()
            for field, hint in get_type_hints(described).items():
                one["properties"][field] |= {"description": about[field]} if field in about else {}
                if datetime in (hint, *get_args(hint)):
                    _is_instant(one["properties"][field])
    made["$defs"]["DrillRecord"]["properties"]["schema_version"]["const"] = SCHEMA_VERSION
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"drtool's record of a drill (report.json), schema version {SCHEMA_VERSION}",
        **made,
    }


def document() -> bytes:
    """Return the schema as it is published: UTF-8, two-space indent, a newline at the end."""
    return msgspec.json.format(msgspec.json.encode(schema()), indent=2) + b"\n"


def _descriptions(described: type) -> tuple[str, dict[str, str]]:
    """Return what a docstring says of a type and its fields: under `Attributes`, else in sentences with backticks."""
    text, _, attributes = (inspect.getdoc(described) or "").partition(_ATTRIBUTES)
    text = _for_readers(text)
    about: dict[str, str] = {}
    for sentence in _BETWEEN_SENTENCES.split(text):
        for field in re.findall(r"`(\w+)`", sentence):
            about[field] = f"{about[field]} {sentence}" if field in about else sentence
    return text, about | {name: _for_readers(said) for name, said in _ATTRIBUTE.findall(attributes)}


def _for_readers(text: str) -> str:
    """Return text in one line, with JSON's word for what Python calls None."""
    return re.sub(r"\bNone\b", "null", " ".join(text.split()))


def _is_instant(value: dict[str, Any]) -> None:
    """Say of a text that it is an RFC 3339 instant, also where it may be null instead."""
    for one in value.get("anyOf", [value]):
        if one.get("type") == "string":
            one["format"] = "date-time"


if __name__ == "__main__":
    sys.stdout.buffer.write(document())
