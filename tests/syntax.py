"""Reads source for the tests that look at it."""

from __future__ import annotations

import ast
import gc
from pathlib import Path


def tree(source: str | bytes) -> ast.Module:
    """Return the syntax tree of source.

    Python 3.11 counts its depth for all threads together, and stumbles where another parses meanwhile, as one does that
    prints a traceback. Only what is run when garbage is collected lets another in between.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        return ast.parse(source)
    finally:
        if collects:
            gc.enable()


def modules(folder: Path) -> list[Path]:
    """Return the modules below a folder; what editors keep in hidden files and folders is none."""
    found = sorted(folder.rglob("*.py"))
    return [path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts)]
