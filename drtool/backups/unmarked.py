"""Packings and ciphers whose output begins with no mark: content tells that it is noise, the name alone what it may be.

A name never makes a backup of what is none; it only keeps what nothing is known of from being called damaged.
"""

from __future__ import annotations

import re

from drtool.backups.compression import Compression, recognise_compression
from drtool.errors import DrtoolError, Unverifiable

_PACKED = {
    "br": "brotli",
    "snappy": "snappy, in its raw format",
    "z##": "zip, in parts",
    "j##": "Akeeba's JPA, in parts",
    "jpa": "Akeeba's JPA, in parts",
    "jps": "Akeeba's JPS, in parts",
}
_ENCRYPTED = {"enc", "encrypted", "encr", "crypt", "crypted", "aes", "aes128", "aes256", "gcm", "cpt", "ccrypt"}
# A number, a date or the name of a part may follow.
_SUFFIX = re.compile(r"\.([A-Za-z]\w*)(?:[.-]\d[\d_.-]*)?$")
_SUFFIX_OF_PARTS = re.compile(r"\.([A-Za-z]\w*)[._-](?:part[._-]?)?(?:\d+|[a-z]{2,3})$")
_SEEN_BYTES = 1024
_OFTEN = 0.03
_SEVERAL = 3


def is_noise(content: bytes) -> bool:
    """Tell whether content is no text: zeros, or control characters as text in no character set has them."""
    seen = content[:_SEEN_BYTES]
    controls = sum(byte < 9 or 13 < byte < 27 or 27 < byte < 32 or byte == 127 for byte in seen)
    return b"\0" in seen or controls > max(_SEVERAL, _OFTEN * len(seen))


def told_by_name(error: DrtoolError, head: bytes, location: str, *, of_parts: bool = False) -> DrtoolError:
    """Return why a backup is refused: what was found, or that by its name it is packed in a way that leaves no mark.

    Args:
        error: what its content was told as.
        head: its first bytes.
        location: where it lies.
        of_parts: whether it was put together, so that the name is that of its first part.
    """
    if error.code != "not-a-backup" or not head.strip(b"\0") or not is_noise(head):
        return error
    if recognise_compression(head) is not Compression.NONE:
        return error
    if not (found := (_SUFFIX_OF_PARTS if of_parts else _SUFFIX).search(location.rpartition("/")[2])):
        return error
    suffix = found[1].lower()
    by_name = f"By its name (.{found[1]}) the backup is"
    unknown = "no mark: whether it is sound, nothing in it tells"
    if packing := _PACKED.get(re.sub(r"(?<=^[zj])\d\d$", "##", suffix)):
        what = f"{by_name} compressed with {packing}, which drtool does not read, and which begins with {unknown}"
        return Unverifiable("compression-unsupported", what)
    if suffix in _ENCRYPTED:
        what = f"{by_name} encrypted, in a way that drtool does not open, and which begins with {unknown}"
        mend = "If openssl enc -nosalt made it, say so behind the key (?salt=no); else decrypt it and drill that"
        return Unverifiable("encryption-unsupported", what, mend=mend)
    return error
