"""What commands print, and to whom: JSON as people can read it, colours on a terminal alone, streams that may fail."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import Any, TextIO, cast

import click


def print_json(document: object) -> None:
    """Print a JSON document, or what makes one, in UTF-8 whatever the terminal's encoding."""
    from drtool.record.model import encode  # the help does without

    cast(TextIOWrapper, sys.stdout).reconfigure(encoding="utf-8")
    click.echo((document if isinstance(document, bytes) else encode(document)).decode(), nl=False)


def shows_colours() -> bool:
    """Tell whether standard output has colours, by https://no-color.org, https://force-color.org and the terminal."""
    terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    return not os.environ.get("NO_COLOR") and (terminal or bool(os.environ.get("FORCE_COLOR")))


class Outlet:
    """Standard output or error. When it fails no drill fails with it: what is written from then on is lost.

    Whoever read it may have gone away, or its disk be full; the evidence lies elsewhere.

    Attributes:
        failure: why it failed, if it did.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.failure: OSError | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write, or lose what is written."""
        with self._unfailing():
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Hand on what was written, or lose it."""
        with self._unfailing():
            self._stream.flush()

    @contextmanager
    def _unfailing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.failure = self.failure or error
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())  # what is still in Python's buffers goes there too
            os.close(nowhere)


def open_what_is_closed() -> None:
    """Open standard streams that whoever started drtool has closed: no file of ours may get their numbers."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 (open until the end)
    if sys.stdout.errors == "strict":  # a sign that its encoding lacks is printed as an escape
        cast(TextIOWrapper, sys.stdout).reconfigure(errors="backslashreplace")
