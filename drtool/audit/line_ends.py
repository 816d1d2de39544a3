r"""Files whose line ends were converted on their way, as programs do that take them for text: \n became \r\n.

Nobody tampered with them, and no signature or digest fits them any more. What they were can be told by the digest.
"""

from __future__ import annotations

import hashlib

WHAT = (
    "has other line ends than it was given: on its way something took it for text, such as git with autocrlf, or FTP. "
    "With those that it had it is what the drill left: get it again as it is"
)


def restored(content: bytes) -> bytes:
    r"""Return a file's bytes with \n at the end of each line."""
    return content.replace(b"\r\n", b"\n")


def as_it_was(content: bytes, digest: str) -> bytes | None:
    """Return what a file was before its line ends were converted; None where that is not what became of it.

    Args:
        content: what it is.
        digest: the SHA-256 in hex of what it was.
    """
    before = restored(content)
    return before if before != content and hashlib.sha256(before).hexdigest() == digest else None
