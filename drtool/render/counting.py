"""How far something has come that counts as it goes, on standard error."""

from __future__ import annotations

import os
import sys
import time

import click

from drtool.host.plain import printable

_EVERY_SECONDS = 10.0


class Counting:
    """Says on standard error how far it has come: over and over in one line on a terminal, else now and then."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._terminal = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._last = self._started

    def show(self, text: str) -> None:
        """Say something, unless it was said just now."""
        now = time.monotonic()
        if now - self._last >= (0.2 if self._terminal else _EVERY_SECONDS):
            self._last = now
            text = printable(text)
            click.echo(f"\r\x1b[K{text}" if self._terminal else text, err=True, nl=not self._terminal)

    def end(self) -> None:
        """Take the line away."""
        if self._terminal:
            click.echo("\r\x1b[K", err=True, nl=False)

    def seconds(self) -> float:
        """Return the seconds since the start."""
        return time.monotonic() - self._started
