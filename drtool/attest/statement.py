"""A drill as an in-toto Statement in a DSSE envelope, for the tools of software supply chains (cosign, policy engines).

The statement is about `report.json` and the backups that were read, by their digests; its predicate is the essential
part of the record, in the record's own names (docs/report.md). It is signed with the key that signs the report.

Formats: in-toto Statement v1 and ResourceDescriptor (github.com/in-toto/attestation, spec/v1), DSSE v1.0.2
(github.com/secure-systems-lab/dsse).
"""

from __future__ import annotations

import base64
import hashlib
from enum import StrEnum
from typing import Any

import msgspec

from drtool.keys import raw_signature
from drtool.keys.raw_signing import RawKey
from drtool.keys.signature import PublicKey

LIMIT_BYTES = 16 << 20
"""What an envelope may have at most; a real one has some ten kilobytes."""

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "urn:drtool:drill:v1"
"""Of the predicate that is described in docs/statement.md; another version of it will have another name."""

_REPORT = "report.json"
_ESSENTIAL = (
    "schema_version", "drtool_version", "drill_id", "scenario", "scenario_info", "owner", "environment", "controls",
    "profile", "verdict", "reason", "interrupted", "started_at", "disaster_at", "recovered_at", "finished_at",
    "rto", "rpo", "findings", "deviations", "projection", "timestamp_authority",
)  # fmt: skip
_CHECK = ("resource", "name", "outcome", "builtin")


class _Signature(msgspec.Struct, frozen=True):
    sig: str
    keyid: str = ""


class _Envelope(msgspec.Struct, frozen=True):
    payload: str
    payloadType: str  # noqa: N815 (the format's name)
    signatures: tuple[_Signature, ...]


class _Subject(msgspec.Struct, frozen=True):
    name: str
    digest: dict[str, str]


class _Statement(msgspec.Struct, frozen=True, kw_only=True):
    type: str = msgspec.field(name="_type", default=STATEMENT_TYPE)
    subject: tuple[_Subject, ...]
    predicateType: str = PREDICATE_TYPE  # noqa: N815 (the format's name)
    predicate: dict[str, Any]


_decoder = msgspec.json.Decoder(_Envelope)
_statement_decoder = msgspec.json.Decoder(_Statement)


class Flaw(StrEnum):
    """What is wrong with a statement; each is the code of a problem."""

    BROKEN = "statement-broken"
    OF_ANOTHER_REPORT = "statement-of-another-report"


def envelope(document: bytes, key: RawKey) -> bytes:
    """Return the signed statement about a report.

    Args:
        document: the bytes of `report.json`.
        key: what signed that report.

    Raises:
        Unverifiable: the key does not sign.
    """
    payload = msgspec.json.encode(_about(document))
    signature = key.sign(_encoded_for_signature(PAYLOAD_TYPE, payload))
    made = _Envelope(
        payload=base64.b64encode(payload).decode(),
        payloadType=PAYLOAD_TYPE,
        # The fingerprint as OpenSSH prints it is also what DSSE verifiers in Go make of a key that has no other name.
        signatures=(_Signature(sig=base64.b64encode(signature).decode(), keyid=key.public.fingerprint),),
    )
    return msgspec.json.format(msgspec.json.encode(made), indent=2) + b"\n"


def check(content: bytes, document: bytes, public: PublicKey | None) -> tuple[Flaw, str] | None:
    """Check an envelope: that the report's own signer signed it, and that it says what the report says.

    Args:
        content: the envelope.
        document: the bytes of `report.json`.
        public: the key that signed the report; None where that is not known.

    Returns:
        What is wrong, in words that follow the file's name; None where nothing is.

    Raises:
        Unverifiable: the library is not installed.
    """
    try:
        found = _decoder.decode(content)
        payload = base64.b64decode(found.payload, validate=True)
        signatures = [base64.b64decode(one.sig, validate=True) for one in found.signatures]
        said = _statement_decoder.decode(payload)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return Flaw.BROKEN, "is no statement in a DSSE envelope"
    signed = _encoded_for_signature(found.payloadType, payload)
    if public is None or not any(raw_signature.holds(public, one, signed) for one in signatures[:10]):
        return Flaw.BROKEN, "is not signed with the key that signed report.json: it was changed, or is somebody else's"
    if found.payloadType != PAYLOAD_TYPE or not _agree(said, _about(document)):
        return Flaw.OF_ANOTHER_REPORT, "does not say what report.json says: it is a statement about something else"
    return None


def _encoded_for_signature(payload_type: str, payload: bytes) -> bytes:
    """Return what is signed: DSSE's "pre-authentication encoding"."""
    name = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(name), name, len(payload), payload)


def _about(document: bytes) -> _Statement:
    record = msgspec.json.decode(document)
    read = {one["location"]: one["sha256"] for one in record["backups"] if one["sha256"]}
    return _Statement(
        subject=(
            _Subject(name=_REPORT, digest={"sha256": hashlib.sha256(document).hexdigest()}),
            *(_Subject(name=location, digest={"sha256": digest}) for location, digest in read.items()),
        ),
        predicate={
            **{name: record[name] for name in _ESSENTIAL if name in record},
            "checks": [{name: one[name] for name in _CHECK} for one in record["checks"]],
        },
    )


def _agree(said: _Statement, ours: _Statement) -> bool:
    """Tell whether a statement says what ours would; one of an older drtool may lack fields, a newer one have more."""
    same = said.predicate.keys() & ours.predicate.keys()
    return (
        (said.type, said.predicateType, said.subject) == (ours.type, ours.predicateType, ours.subject)
        and "verdict" in same
        and all(said.predicate[name] == ours.predicate[name] for name in same)
    )
