"""Reads source for the tests that look at it."""

from __future__ import annotations

import ast
import gc


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
