"""What commands print: JSON as people can read it, and colours on a terminal alone."""

from __future__ import annotations

import os
import sys

import click
import msgspec


def print_json(document: object) -> None:
    """Print one JSON document, indented."""
    click.echo(msgspec.json.format(msgspec.json.encode(document), indent=2))


def shows_colours() -> bool:
    """Tell whether standard output is a terminal whose owner minds no colours (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
