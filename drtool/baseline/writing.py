"""Writes a baseline: under a temporary name until it is whole and signed, so that no half of one is ever found."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from drtool.baseline.kept import NAMESPACE, SIGNATURE_SUFFIX
from drtool.errors import Unverifiable
from drtool.host.durable import replace_files, sync
from drtool.keys.signing import SigningKey, sign


class BaselineFile:
    """Where a baseline is written: a file under a temporary name until it is whole and signed, or standard output."""

    def __init__(self, target: Path | None) -> None:
        if target and target.exists() and not target.is_file():
            mend = "Name a file, or leave the option away: it goes to standard output then"
            raise Unverifiable("baseline-unwritable", f"{target} is no file", mend=mend)
        self._target = target = Path(os.path.realpath(target)) if target else None  # a link is written through
        if target is None:
            self.stream: BinaryIO = sys.stdout.buffer
            return
        try:
            handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
        except OSError as error:
            raise unwritable(target.parent, error) from error
        self._temporary = Path(name)
        self.stream = os.fdopen(handle, "w+b")

    def keep(self, key: SigningKey | None) -> None:
        """Sign what was written and give it its name; cut short in between it is unsigned, never wrongly signed."""
        self.stream.flush()
        if self._target is None:
            return
        made = None
        if key is not None:
            self.stream.seek(0)
            made = sign(key, self.stream.read(), namespace=NAMESPACE)
        os.fsync(self.stream.fileno())
        self.stream.close()
        signature = self._target.with_name(self._target.name + SIGNATURE_SUFFIX)
        signature.unlink(missing_ok=True)  # of an earlier baseline, which it would make look forged
        self._temporary.chmod(0o666 & ~_umask())
        self._temporary.replace(self._target)
        sync(self._target.parent)
        if made is not None:
            replace_files(signature.parent, {signature.name: made})

    def discard(self) -> None:
        """Leave nothing behind."""
        if self._target is not None:
            with suppress(OSError):
                self.stream.close()
                self._temporary.unlink(missing_ok=True)


def unwritable(target: Path | None, error: OSError) -> Unverifiable:
    """Return the error that a baseline cannot be written; None for standard output."""
    where = target or "standard output"
    return Unverifiable("baseline-unwritable", f"The baseline cannot be written to {where}", why=error.strerror or "")


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
