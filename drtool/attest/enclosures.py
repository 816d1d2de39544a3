"""What is laid beside a report once it is signed, because it is made of the signed bytes: a time-stamp, a statement.

A signed report cannot hold the digest of what is made of it. It says what was to be made; the ledger's end entry, which
comes after, holds the digests of what was. So an audit can tell what was never made from what was taken away.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from drtool.attest.authority import Authority
from drtool.attest.statement import envelope
from drtool.attest.timestamping import time_stamp
from drtool.errors import DrtoolError, finding_of
from drtool.evidence import folder
from drtool.host.durable import replace_files, unwritable
from drtool.keys.raw_signing import RawKey

Make = Callable[[bytes], bytes]
"""Makes an enclosure of the exact bytes of `report.json`; a `DrtoolError` where it cannot."""


@dataclass(frozen=True, kw_only=True)
class Enclosed:
    """What was laid beside a report.

    Attributes:
        digests: of each file, in hex.
        lacking: why what else was asked for is not there.
    """

    digests: Mapping[str, str] = field(default_factory=dict)
    lacking: tuple[DrtoolError, ...] = ()


def makers(authority: Authority | None, statement_key: RawKey | None) -> dict[str, Make]:
    """Return what makes each enclosure that is asked for, by the name of its file.

    Args:
        authority: is asked for a time-stamp, unless it is None.
        statement_key: signs a statement, unless it is None.
    """
    found: dict[str, Make] = {}
    if statement_key:
        found[folder.STATEMENT] = partial(envelope, key=statement_key)
    if authority:
        found[folder.TIMESTAMP] = partial(time_stamp, authority)
    return found


def enclose(own: Path, document: bytes, making: Mapping[str, Make]) -> Enclosed:
    """Make all enclosures of a report and write them beside it. One that cannot be made holds up none of the others.

    Args:
        own: the drill's folder, which holds the report.
        document: the bytes of `report.json`.
        making: what makes each, from `makers`.
    """
    digests: dict[str, str] = {}
    lacking: list[DrtoolError] = []
    for name, make in making.items():
        try:
            content = make(document)
            replace_files(own, {name: content})
        except OSError as error:
            lacking.append(unwritable(own / name, error))
        except Exception as error:  # the report is signed and has to be entered, whatever comes of these
            lacking.append(finding_of(error))
        else:
            digests[name] = hashlib.sha256(content).hexdigest()
    return Enclosed(digests=digests, lacking=tuple(lacking))
