"""Puts a page about the evidence beside it, or elsewhere, without touching the evidence.

The page is no evidence itself: no audit reads it or complains of it, and whoever can write to the folder can change it.
So it is made anew each time, and only a page that drtool wrote is ever replaced.
"""

from __future__ import annotations

import os
from pathlib import Path

from drtool.errors import Unverifiable, WrongUse
from drtool.evidence.durable import replace_files

NAME = "index.html"
MARK = "<!-- drtool audit wrote this page, and writes it anew. -->"
"""What stands at the beginning of such a page."""

_WITHIN_BYTES = 200


def place(reports: Path, page: Path | None) -> Path:
    """Return where to write the page.

    Args:
        reports: the reports folder.
        page: the file that was asked for; None for the usual one, in the reports folder.

    Raises:
        WrongUse: it is no page, something else is there, or it would lie among the evidence.
    """
    chosen = page or reports / NAME
    if chosen.suffix not in (".html", ".htm"):
        raise WrongUse(
            "no-page",
            f"{chosen} is no name of a page",
            mend="Let it end in .html; a reports folder goes before --html",
        )
    within = chosen.parent.resolve()
    if within != reports.resolve() and within.is_relative_to(reports.resolve()):
        raise WrongUse(
            "among-evidence",
            f"{chosen} lies among the evidence",
            why="in a drill's folder nothing may be added",
            mend=f"Write it to {reports / NAME}, or elsewhere",
        )
    if os.path.lexists(chosen) and not _is_ours(chosen):
        raise WrongUse(
            "not-our-page",
            f"{chosen} was not written by `drtool audit`, so it is left as it is",
            mend="Name another file: --html overview.html",
        )
    return chosen


def write(page: Path, document: str) -> None:
    """Write the page, as a whole or not at all.

    Raises:
        Unverifiable: it cannot be written.
    """
    try:
        replace_files(page.parent, {page.name: document.encode()})
    except OSError as error:
        raise Unverifiable(
            "page-unwritable",
            f"The page cannot be written to {page}",
            why=error.strerror or str(error),
            mend="Name a file elsewhere: --html FILE",
        ) from error


def way_to(reports: Path, page: Path) -> str:
    """Return the way from a page to the reports folder, for its links."""
    return Path(os.path.relpath(reports.resolve(), page.parent.resolve())).as_posix()


def _is_ours(page: Path) -> bool:
    try:
        handle = os.open(page, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return MARK.encode() in os.read(handle, _WITHIN_BYTES)
    except OSError:
        return False  # a folder, say
    finally:
        os.close(handle)
