"""Folders that a backup program keeps its own store in: chunks of files, which that program alone puts together."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from drtool.errors import Unverifiable


@cache
def _kinds() -> list[tuple[str, str, list[re.Pattern[str]]]]:
    text = files("drtool.backups").joinpath("repositories.toml").read_text(encoding="utf-8")
    rows = tomllib.loads(text)["kind"]
    return [(row["name"], row["opened_by"], [re.compile(f"(?:.*/)?{name}") for name in row["holds"]]) for row in rows]


def repository_in(paths: Iterable[str]) -> Unverifiable | None:
    """Return what a folder is that is the store of a backup program, as its files are called; None where it is none."""
    there = list(paths)
    for name, opened_by, holds in _kinds():
        if all(any(one.fullmatch(path) for path in there) for one in holds):
            what = f"This is no folder of dumps but {name}, which drtool does not open"
            return Unverifiable("format-unsupported", what, mend=opened_by)
    return None
