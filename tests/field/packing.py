"""What cases pack their files with."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Mapping

from tests.attacks.attack import MADE_AT


def tar(files: Mapping[str, str | bytes]) -> bytes:
    """Return a tar archive of files, as old as all of them are."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, text in files.items():
            content = text.encode() if isinstance(text, str) else text
            member = tarfile.TarInfo(name)
            member.size, member.mtime = len(content), MADE_AT.timestamp()
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def tgz(files: Mapping[str, str | bytes]) -> bytes:
    """Return the same, compressed."""
    return gzipped(tar(files))


def gzipped(content: str | bytes) -> bytes:
    """Return a file as gzip writes it."""
    return gzip.compress(content.encode() if isinstance(content, str) else content, mtime=0)
