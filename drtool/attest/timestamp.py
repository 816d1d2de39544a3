"""Reads and checks time-stamp tokens (RFC 3161): who says that these bytes were there at what time."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from drtool.errors import WrongUse
from drtool.host import plain
from drtool.keys import libraries

if TYPE_CHECKING:
    import rfc3161_client

LIBRARY = "rfc3161_client"
"""The module that reads and asks for tokens."""

LIMIT_BYTES = 256 * 1024
"""What an authority's answer may have at most; one with a long chain of certificates has some 10 KiB."""

_SHA256 = "2.16.840.1.101.3.4.2.1"
_LIST_LIMIT_BYTES = 16 << 20


class NoToken(Exception):
    """These bytes hold no token; the text says what they are, to follow their name."""


class TokenStanding(StrEnum):
    """What a token proves."""

    GENUINE = "genuine"
    NOT_TRUSTED = "authority not trusted"
    BROKEN = "broken"


@dataclass(frozen=True, kw_only=True)
class Token:
    """What a token says of itself.

    Attributes:
        at: when the authority made it, by its own clock, UTC.
        algorithm: the object identifier of the hash it was made over.
        imprint: that hash.
        nonce: the number that the request for it held; None where it holds none.
    """

    at: datetime
    algorithm: str
    imprint: bytes
    nonce: int | None
    response: rfc3161_client.TimeStampResponse = field(repr=False)

    def is_over(self, document: bytes) -> bool:
        """Tell whether it was made over these very bytes."""
        return self.algorithm == _SHA256 and self.imprint == hashlib.sha256(document).digest()


def read(content: bytes) -> Token:
    """Read an authority's answer; nothing is proved by that alone.

    Raises:
        NoToken: it is none, or a refusal.
        Unverifiable: the library is not installed.
    """
    libraries.require(LIBRARY)
    import rfc3161_client

    try:
        response = rfc3161_client.decode_timestamp_response(_in_order(content))
        if response.status != rfc3161_client.PKIStatus.GRANTED:
            said = "; ".join(response.status_string or ()) or "without a reason"
            raise NoToken(f"holds no time-stamp but a refusal (status {response.status}): {plain.visible(said)[:200]}")
        info = response.tst_info
        return Token(
            at=info.gen_time.astimezone(UTC),
            algorithm=info.message_imprint.hash_algorithm.dotted_string,
            imprint=info.message_imprint.message,
            nonce=info.nonce,
            response=response,
        )
    except (ValueError, OverflowError) as error:
        raise NoToken("is no time-stamp") from error


class Authorities:
    """The time-stamp authorities that somebody trusts."""

    def __init__(self, certificates: Path) -> None:
        """Read their certificates.

        Args:
            certificates: in PEM: roots, and intermediate ones that the authorities do not send themselves.

        Raises:
            WrongUse: the file cannot be read, or holds no certificate.
            Unverifiable: the library is not installed.
        """
        libraries.require("cryptography", LIBRARY)
        from cryptography import x509
        from rfc3161_client import VerifierBuilder

        try:
            # Followed through links: whom to trust is for whoever names it, and it is no part of the evidence.
            roots = x509.load_pem_x509_certificates(plain.read(certificates.resolve(), limit_bytes=_LIST_LIMIT_BYTES))
        except plain.NotPlain as error:
            raise WrongUse("tsa-certificates-unreadable", f"The certificates {certificates} {error}") from error
        except ValueError as error:
            what = f"{certificates} holds no certificates that can be read"
            raise WrongUse("tsa-certificates-unreadable", what) from error
        self._verifier = VerifierBuilder(roots=list(dict.fromkeys(roots))).build()

    def judge(self, token: Token, document: bytes) -> tuple[TokenStanding, str]:
        """Check a token's signature, and by whom it is; certificates need to have been valid when it was made.

        Args:
            token: what is checked.
            document: the bytes that it is over.

        Returns:
            What it proves, and why it proves no more; empty where it is genuine.
        """
        try:
            self._verifier.verify_message(token.response, document)
        except Exception as error:  # of OpenSSL, of certificates, of the token: whatever it is, it does not hold
            said = str(error)
            # The chain is looked at before the signature, and OpenSSL's words are all there is to tell them by.
            if "certificate verify error" in said:
                why = said.rpartition("Verify error: ")[2].partition('"')[0] or "no chain leads to one that you trust"
                return TokenStanding.NOT_TRUSTED, plain.visible(why)[:200]
            return TokenStanding.BROKEN, "its signature does not hold"
        return TokenStanding.GENUINE, ""


def _in_order(content: bytes) -> bytes:
    """Return an answer with its certificates in the order that DER asks for.

    Authorities in wide use (`openssl ts` is one) send them from leaf to root, and the library reads them in order only.
    They stand outside what is signed, and a set of the same elements has the same length in any order.
    """
    try:
        _, token = _elements(content, *_content(content, 0))[:2]
        _, wrapped = _elements(content, *_content(content, token[0]))[:2]
        signed_data = _elements(content, *_content(content, _content(content, wrapped[0])[0]))
        if (found := next((one for one in signed_data if content[one[0]] == 0xA0), None)) is None:
            return content
        start, end = _content(content, found[0])
        ordered = sorted(content[one[0] : one[1]] for one in _elements(content, start, end))
    except (IndexError, ValueError):
        return content  # the library says what is wrong with it
    return content[:start] + b"".join(ordered) + content[end:]


def _elements(content: bytes, start: int, end: int) -> list[tuple[int, int]]:
    """Return where each DER element between two places starts and ends."""
    found = []
    while start < end:
        after = _content(content, start)[1]
        found.append((start, after))
        start = after
    if start != end:
        raise ValueError("an element is longer than what holds it")
    return found


def _content(content: bytes, start: int) -> tuple[int, int]:
    """Return where the content of the DER element at a place starts and ends (X.690, 8.1.3)."""
    length, body = content[start + 1], start + 2
    if length == 0x80:
        raise ValueError("an element of unknown length, which DER does not have")
    if length > 0x80:
        count = length & 0x7F
        length, body = int.from_bytes(content[body : body + count]), body + count
    if body + length > len(content):
        raise ValueError("an element without an end")
    return body, body + length
