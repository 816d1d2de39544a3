"""Lays labelled lines and tables out for the terminal. Everything that goes in comes out harmless."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from drtool.host.plain import printable

LABEL_COLUMNS = 13
"""How far the text is set in behind its label."""

_WIDEST, _NARROWEST = 100, 40
# A rule below the head and nothing else; plain ASCII, since a terminal's encoding may know no more.
_RULE = box.Box("    \n    \n -- \n    \n    \n    \n    \n    \n", ascii=True)

_PADDING = re.compile(r" +(\x1b\[0m)?$")

Words = str | Text


def words(*parts: str | tuple[str, str]) -> Text:
    """Return parts, each with its style or none, as one text that cannot steer the terminal."""
    return Text.assemble(
        *((printable(part), "") if isinstance(part, str) else (printable(part[0]), part[1]) for part in parts)
    )


class Sheet:
    """What is written, from top to bottom.

    Args:
        colour: whether to use ANSI colours.
        width: in columns; the terminal's own if not given, within what can be read.
    """

    def __init__(self, *, colour: bool, width: int | None) -> None:
        self._output = io.StringIO()
        self._console = Console(
            file=self._output,
            width=max(_NARROWEST, min(width or shutil.get_terminal_size((_WIDEST, 24)).columns, _WIDEST)),
            force_terminal=colour,
            color_system="standard" if colour else None,
            no_color=not colour,
            highlight=False,
            markup=False,
            emoji=False,
            legacy_windows=False,
        )
        self._rows: list[tuple[Text, Text]] = []

    def row(self, label: str, text: Words, *, style: str = "bold") -> None:
        """Write a text behind its label; an empty label carries on what is above."""
        self._rows.append((words((label, style)), text if isinstance(text, Text) else words(text)))

    def rows(self, label: str, texts: Iterable[Words]) -> None:
        """Write texts behind one label, each on a row of its own."""
        for text in texts:
            self.row(label, text)
            label = ""

    def heading(self, text: str) -> None:
        """Begin a section."""
        self._flush()
        self._console.print()
        self._console.print(words((text, "bold underline")))

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[Words]], *, right: Sequence[str] = ()) -> None:
        """Write a table; the columns whose heads are in `right` are set flush right."""
        self._flush()
        table = Table(box=_RULE, padding=(0, 1), pad_edge=False, show_edge=False)
        for head in heads:
            table.add_column(words(head), justify="right" if head in right else "left", overflow="fold")
        for row in rows:
            table.add_row(*(cell if isinstance(cell, Text) else words(cell) for cell in row))
        self._console.print(table)

    def text(self) -> str:
        """Return all that was written, without a line end after the last line."""
        self._flush()
        return "\n".join(_PADDING.sub(r"\1", line) for line in self._output.getvalue().rstrip().split("\n"))

    def _flush(self) -> None:
        if self._rows:
            grid = Table.grid(padding=(0, 1))
            grid.add_column(width=LABEL_COLUMNS - 1, no_wrap=True)
            grid.add_column(overflow="fold")
            for row in self._rows:
                grid.add_row(*row)
            self._console.print(grid)
            self._rows = []
