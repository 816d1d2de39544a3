"""What an OpenSSH signature says of itself: the public key that made it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from dataclasses import dataclass

_BEGIN = "-----BEGIN SSH SIGNATURE-----"
_END = "-----END SSH SIGNATURE-----"
_MAGIC = b"SSHSIG"


@dataclass(frozen=True)
class PublicKey:
    """The public half of a key in its wire format (RFC 4253, section 6.6)."""

    blob: bytes

    @property
    def kind(self) -> str:
        """The key's type, such as `ssh-ed25519`."""
        return ssh_string(self.blob, 0)[0].decode("ascii", "replace")

    @property
    def fingerprint(self) -> str:
        """The key's fingerprint as OpenSSH prints it, `SHA256:...`."""
        return f"SHA256:{base64.b64encode(hashlib.sha256(self.blob).digest()).decode().rstrip('=')}"

    @property
    def text(self) -> str:
        """The key in base64, as it stands in a `.pub` file."""
        return base64.b64encode(self.blob).decode()


def public_key(signature: bytes) -> PublicKey | None:
    """Return the key that a signature names as its own, or None when these bytes are no OpenSSH signature.

    The format is OpenSSH's PROTOCOL.sshsig: a magic word, a version, the public key, and what follows.
    """
    lines = [line.strip() for line in signature.decode("ascii", "replace").strip().splitlines()]
    if len(lines) < 3 or lines[0] != _BEGIN or lines[-1] != _END:
        return None
    try:
        content = base64.b64decode("".join(lines[1:-1]), validate=True)
        if not content.startswith(_MAGIC):
            return None
        blob, _ = ssh_string(content, len(_MAGIC) + 4)
        ssh_string(blob, 0)
    except (binascii.Error, struct.error, ValueError):
        return None
    return PublicKey(blob)


def ssh_string(content: bytes, offset: int) -> tuple[bytes, int]:
    """Return a length-prefixed string and where it ends."""
    (length,) = struct.unpack_from(">I", content, offset)
    end = offset + 4 + length
    if end > len(content):
        raise ValueError("shorter than it says")
    return content[offset + 4 : end], end
