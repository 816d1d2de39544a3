"""The first scenario of a site, written for backups by what the newest of them are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import jinja2

from drtool.backups.backup import look_at
from drtool.backups.choice import choose_newest
from drtool.backups.recognise import Format
from drtool.stores import store_for


def first_scenario(name: str, patterns: Sequence[str]) -> str:
    """Return a script with one scenario, which restores the newest backup of each pattern.

    Raises:
        RestoreFailed: nothing matches a pattern.
        WrongUse: a pattern names no store.
    """
    environment = jinja2.Environment(  # noqa: S701 (what comes of it is no HTML)
        loader=jinja2.PackageLoader("drtool.drill", "."), trim_blocks=True, keep_trailing_newline=True
    )
    kinds = ["files" if _holds_files(pattern) else "db" for pattern in patterns]
    before = [kinds[:place].count(kind) for place, kind in enumerate(kinds)]
    names = [f"{kind}{number + 1 if number else ''}" for kind, number in zip(kinds, before, strict=True)]
    backups = list(zip(patterns, kinds, names, strict=True))
    return environment.get_template("first_scenario.py.j2").render(name=name, backups=backups)


def _holds_files(pattern: str) -> bool:
    """Tell what the newest backup of a pattern is: an archive of files, or of a database."""
    store = store_for(pattern)
    chosen = choose_newest(pattern, store.find(pattern), datetime.now(UTC)).found
    kind = look_at(store, store.stat(chosen.location))
    return kind.format is Format.TAR and not kind.holds_database
