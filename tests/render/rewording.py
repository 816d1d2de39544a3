"""Records with every text put in another's place: one that does harm, or one that can be told from all others."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any

from drtool.record.model import DrillRecord
from tests.render import records

EVIL = (
    "\"'><script>alert(1)</script><img src=x onerror=alert(2)>\x1b[2J\x1b]0;owned\x07\u202etxt.exe\u2066\u200b"
    "{{ 7*7 }}{% raw %}&amp;]]>\ud800\x00\x85\u2028\r\n</title></style></pre>"
)


def hostile() -> DrillRecord:
    """Return a drill with every list filled and every text written to do harm, between the names of its field."""
    marked: DrillRecord = _reworded(_filled(), "record", lambda path, _: f"[{path}]{EVIL}[/{path}]")
    return marked


def marked() -> DrillRecord:
    """Return a drill with every list filled and every text another one, short enough for any line."""
    numbers = itertools.count(100)
    record: DrillRecord = _reworded(_filled(), "record", lambda _, __: f"t{next(numbers)}")
    return record


def texts_of(value: Any) -> list[str]:
    """Return every text in a record, those in its lists and the names in its tables included."""
    if isinstance(value, Enum):
        return []
    if isinstance(value, str):
        return [value]
    if is_dataclass(value):
        return [text for one in fields(value) for text in texts_of(getattr(value, one.name))]
    if isinstance(value, dict):
        return [text for pair in value.items() for one in pair for text in texts_of(one)]
    if isinstance(value, (list, tuple)):
        return [text for one in value for text in texts_of(one)]
    return []


def _filled() -> DrillRecord:
    whole = records.failed()
    return replace(
        whole,
        signed=False,
        interrupted=True,
        projection=records.sampled().projection,
        backups=tuple(replace(one, header={"tool": "x", "host": "y"}) for one in whole.backups),
        steps=tuple(replace(step, error="x", resource="y") for step in whole.steps),
        destruction=replace(whole.destruction, left=("x",)),
    )


def _reworded(value: Any, path: str, reword: Callable[[str, str], str]) -> Any:
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return reword(path, value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value, **{one.name: _reworded(getattr(value, one.name), one.name, reword) for one in fields(value)}
        )
    if isinstance(value, dict):
        return {
            _reworded(name, f"{path}-name", reword): _reworded(one, f"{path}-value", reword)
            for name, one in value.items()
        }
    if isinstance(value, tuple):
        return tuple(_reworded(one, f"{path}-{number}", reword) for number, one in enumerate(value))
    return value
