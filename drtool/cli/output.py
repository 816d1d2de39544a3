"""Decides where pages and PDFs go: never among the evidence, and over no file of anybody else's.

Neither is evidence itself: no audit reads it or complains of it, and whoever can write to the folder can change it. So
it is made anew each time, and only one that drtool wrote is ever replaced.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from drtool.errors import Unverifiable, WrongUse
from drtool.evidence import folder
from drtool.host import plain
from drtool.host.durable import replace_files
from drtool.render.index import MARK
from drtool.render.pdf import IDENTIFIER

NAME = "index.html"
"""The usual name of the page over all drills."""

_END_BYTES = 1 << 20  # where a PDF's identifier stands


@dataclass(frozen=True, kw_only=True)
class _Document:
    """A kind of document: its option, how one that drtool wrote begins and ends, the codes of what can go wrong."""

    noun: str
    made_of: str
    option: str
    suffixes: tuple[str, ...]
    command: str
    begins: bytes
    ends: bytes
    misnamed: str
    foreign: str
    unwritable: str

    def accept(self, chosen: Path) -> None:
        """Refuse a file that cannot be written over.

        Raises:
            WrongUse: its name is none of this kind's, or something else is there.
        """
        if chosen.suffix.lower() not in self.suffixes:
            mend = f"Let it end in {self.suffixes[0]}; {self.made_of} goes before {self.option}"
            raise WrongUse(self.misnamed, f"{chosen} is no name of a {self.noun}", mend=mend)
        if os.path.lexists(chosen) and not self._is_ours(chosen):
            what = f"{chosen} was not written by `drtool {self.command}`, so it is left as it is"
            raise WrongUse(self.foreign, what, mend=f"Name another file, or remove that one: {self.option} FILE")

    def _is_ours(self, chosen: Path) -> bool:
        try:
            content = plain.read(chosen, limit_bytes=plain.DOCUMENT_LIMIT_BYTES)
        except plain.NotPlain:
            return False
        return content.startswith(self.begins) and self.ends in content[-_END_BYTES:]


_PAGE = _Document(
    noun="page",
    made_of="a reports folder",
    option="--html",
    suffixes=(".html", ".htm"),
    command="audit",
    begins=f"<!DOCTYPE html>\n{MARK}".encode(),
    ends=b"",
    misnamed="no-page",
    foreign="not-our-page",
    unwritable="page-unwritable",
)
_PDF = _Document(
    noun="PDF",
    made_of="the report",
    option="--pdf",
    suffixes=(".pdf",),
    command="show",
    begins=b"%PDF-",
    ends=IDENTIFIER,
    misnamed="no-pdf",
    foreign="not-our-pdf",
    unwritable="pdf-unwritable",
)


def place_of_page(reports: Path, chosen: Path | None) -> Path:
    """Return where to write the page over all drills.

    Args:
        reports: the reports folder.
        chosen: the file that was asked for; None for the usual one, in the reports folder.

    Raises:
        WrongUse: it is no page, something else is there, or it would lie among the evidence.
    """
    page = chosen or reports / NAME
    within = page.parent.resolve()
    if within != reports.resolve() and within.is_relative_to(reports.resolve()):
        raise _among_evidence(page, f"Write it to {reports / NAME}, or elsewhere")
    _PAGE.accept(page)
    return page


def place_of_pdf(report: Path, drill_id: str, chosen: Path | None) -> Path:
    """Return where to write a report's PDF.

    Args:
        report: the drill's folder.
        drill_id: by the report, so it may be anything.
        chosen: the file that was asked for; None for one named after the drill, in the working folder.

    Raises:
        WrongUse: it is no name of a PDF, something else is there, or it would lie among the evidence.
    """
    if chosen is None:
        if not folder.DRILL_ID.fullmatch(drill_id):
            raise WrongUse("no-pdf", f"{plain.visible(drill_id)} cannot name a file", mend="Name one: --pdf report.pdf")
        chosen = Path(f"{drill_id}.pdf")
    within = chosen.parent.resolve()
    if within.is_relative_to(report.resolve()) or (within / folder.RECORD).exists():
        raise _among_evidence(chosen, f"Write it elsewhere: --pdf {Path(os.pardir) / chosen.name}")
    _PDF.accept(chosen)
    return chosen


def write(chosen: Path, document: bytes) -> None:
    """Write a page or a PDF, as a whole or not at all.

    Raises:
        Unverifiable: it cannot be written.
    """
    try:
        replace_files(chosen.parent, {chosen.name: document})
    except OSError as error:
        kind = _PDF if chosen.suffix.lower() in _PDF.suffixes else _PAGE
        what = f"The {kind.noun} cannot be written to {chosen}"
        why = error.strerror or str(error)
        raise Unverifiable(kind.unwritable, what, why=why, mend=f"Name a file elsewhere: {kind.option} FILE") from error


def way_to(reports: Path, page: Path) -> str:
    """Return the way from a page to the reports folder, for its links."""
    return Path(os.path.relpath(reports.resolve(), page.parent.resolve())).as_posix()


def _among_evidence(chosen: Path, mend: str) -> WrongUse:
    why = "in a drill's folder nothing may be added"
    return WrongUse("among-evidence", f"{chosen} lies among the evidence", why=why, mend=mend)
