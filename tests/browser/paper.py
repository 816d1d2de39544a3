"""Reads what was printed, as far as the tests ask."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from pypdf import PdfReader

_A4_POINTS = (595.0, 842.0)


@dataclass(frozen=True, kw_only=True)
class Run:
    """A piece of text as it stands on paper, with its font and size in points."""

    text: str
    font: str
    points: float


class Paper:
    """A printed document."""

    def __init__(self, content: bytes) -> None:
        self.reader = PdfReader(io.BytesIO(content))
        self.runs: list[Run] = []
        """Every piece of text."""
        pages = [*self.reader.pages]
        self.texts = [" ".join(one.extract_text(visitor_text=self._note).split()) for one in pages]

    @property
    def pages(self) -> int:
        """How many there are."""
        return len(self.reader.pages)

    @property
    def is_a4(self) -> bool:
        """Whether every page is A4 upright, to a point."""
        return all(
            abs(float(one.mediabox.width) - _A4_POINTS[0]) <= 1 and abs(float(one.mediabox.height) - _A4_POINTS[1]) <= 1
            for one in self.reader.pages
        )

    def _note(self, text: str, page: Any, place: Any, font: Any, size: float) -> None:
        if text.strip():
            scale = abs(page[3] * place[3])
            self.runs.append(Run(text=text.strip(), font=str((font or {}).get("/BaseFont", "")), points=size * scale))
