"""The digest of a backup that is a folder: SHA-256 over what `sha256sum` would list of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping


def folder_digest(digests: Mapping[str, str]) -> str:
    """Return the digest of a folder, in hex.

    It is the SHA-256 of one line `DIGEST  PATH` for each file, sorted by path as bytes, as
    `find . -type f -printf '%P\\0' | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum` gives it in the folder.

    Args:
        digests: the SHA-256 of each file, in hex, by its path in the folder.
    """
    lines = (f"{digests[path]}  {path}\n" for path in sorted(digests, key=str.encode))
    return hashlib.sha256("".join(lines).encode()).hexdigest()
