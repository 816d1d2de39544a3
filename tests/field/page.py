"""docs/field.md, made from the cases: `python -m tests.field.page > docs/field.md`; `make field` does that."""

from __future__ import annotations

import re

from tests.field.cases import ALL

_HEAD = """\
# From the field

What people's MariaDB backups are really like: each case was rebuilt small, from public bug reports, questions and the
formats of tools, with nobody's rows in it. A backup that is broken has a twin here that is sound, and one that only
looks broken has a twin that is, so that neither a miss nor a false alarm goes unseen. `make field` verifies them all on
the real engine and prints what came of each; `make test` takes one of each case and its twin, and holds this table
against the cases.

Expected is the verdict and by what it is told: the code of a [finding](findings.md), or a check that did not pass.

| case | what people have | seen in | expected | its twin | expected of that |
| --- | --- | --- | --- | --- | --- |
"""
_ON_GITHUB = re.compile(r"([\w.-]+/[\w.-]+)#(\d+)")


def page() -> str:
    """Return the page, with a newline at its end."""
    rows = [
        (case.number, case.tried.what, seen_in(case.seen), case.tried.expected, case.twin.what, case.twin.expected)
        for case in ALL
    ]
    return _HEAD + "".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |\n" for row in rows)


def seen_in(seen: str) -> str:
    """Return where a case was seen, threads on GitHub as links."""
    return _ON_GITHUB.sub(r"[\g<0>](https://github.com/\1/issues/\2)", seen)


if __name__ == "__main__":
    print(page(), end="")
