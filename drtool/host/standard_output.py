"""Standard output is for what drtool itself has to say, one JSON document at times; everything else stays out of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def kept_from_programs() -> Iterator[None]:
    """Let what programs print that the block starts go to standard error.

    `contextlib.redirect_stdout` is for Python's own `print`; a program that is started inherits the file descriptor.
    """
    output, talk = 1, 2
    try:
        kept = os.dup(output)
    except OSError:  # closed, so there is nothing to keep clean
        yield
        return
    if sys.__stdout__ is not None:
        sys.__stdout__.flush()
    try:
        os.dup2(talk, output)
        yield
    finally:
        os.dup2(kept, output)
        os.close(kept)
