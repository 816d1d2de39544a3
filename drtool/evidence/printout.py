"""Puts a report's page where it is asked for as a PDF: never among the evidence, and over no file of anybody else's."""

from __future__ import annotations

import os
from pathlib import Path

from drtool.errors import Unverifiable, WrongUse
from drtool.evidence import folder, plain
from drtool.evidence.durable import replace_files

_END_BYTES = 1 << 20  # where a PDF's identifier stands


def place(report: Path, drill_id: str, chosen: Path | None, *, mark: bytes) -> Path:
    """Return where to write a PDF.

    Args:
        report: the drill's folder.
        drill_id: by the report, so it may be anything.
        chosen: the file that was asked for; None for one named after the drill, in the working folder.
        mark: what stands at the end of a PDF that drtool wrote; no other file is replaced.

    Raises:
        WrongUse: it is no name of a PDF, something else is there, or it would lie among the evidence.
    """
    if chosen is None:
        if not folder.DRILL_ID.fullmatch(drill_id):
            raise WrongUse(
                "bad-drill-id", f"{plain.visible(drill_id)} cannot name a file", mend="Name one: --pdf report.pdf"
            )
        chosen = Path(f"{drill_id}.pdf")
    if chosen.suffix.lower() != ".pdf":
        raise WrongUse(
            "no-pdf", f"{chosen} is no name of a PDF", mend="Let it end in .pdf; the report goes before --pdf"
        )
    within = chosen.parent.resolve()
    if within.is_relative_to(report.resolve()) or (within / folder.RECORD).exists():
        raise WrongUse(
            "among-evidence",
            f"{chosen} would lie among the evidence",
            why="in a drill's folder nothing may be added",
            mend=f"Write it elsewhere: --pdf {Path(os.pardir) / chosen.name}",
        )
    if os.path.lexists(chosen) and not _is_ours(chosen, mark):
        raise WrongUse(
            "not-our-pdf",
            f"{chosen} was not written by `drtool show`, so it is left as it is",
            mend="Name another file, or remove that one",
        )
    return chosen


def write(chosen: Path, document: bytes) -> None:
    """Write the PDF, as a whole or not at all.

    Raises:
        Unverifiable: it cannot be written.
    """
    try:
        replace_files(chosen.parent, {chosen.name: document})
    except OSError as error:
        raise Unverifiable(
            "pdf-unwritable",
            f"The PDF cannot be written to {chosen}",
            why=error.strerror or str(error),
            mend="Name a file elsewhere: --pdf FILE",
        ) from error


def _is_ours(chosen: Path, mark: bytes) -> bool:
    try:
        content = plain.read(chosen, limit_bytes=plain.DOCUMENT_LIMIT_BYTES)
    except plain.NotPlain:
        return False
    return content.startswith(b"%PDF-") and mark in content[-_END_BYTES:]
