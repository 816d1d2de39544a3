"""How old a backup is: by its closing comment, its name and its file, which do not always agree."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from tests.attacks.attack import Input
from tests.field.case import Case, arranged, fails, passes, unverified, verify
from tests.field.dumps import dump
from tests.field.packing import tgz

_TOLD_OLD = "sandydargoport/prism#438; alphagov/pp-puppet#337"
_TREE = {"user/version": "pkgacct 10\n", "user/homedir/public_html/index.html": "<p>a shop</p>\n"}


def _aged(name: str, completed: str, *, written: datetime, rpo: str, at: str) -> Input:
    """Return a dump with a closing comment, a time of its file, an objective and a moment of the disaster."""
    text = dump(completed=f"\n-- Dump completed on {completed}\n")
    given = verify(name, {name: text}, "--at", at, objectives=("--rto", "10m", "--rpo", rpo))
    return _written(given, name, written)


def _written(given: Input, name: str, written: datetime) -> Input:
    return arranged(given, lambda folder: os.utime(folder / name, (written.timestamp(), written.timestamp())))


def _cpanel(name: str, written: datetime, at: str) -> Input:
    given = verify(name, {name: tgz(_TREE)}, "--at", at, objectives=("--rto", "10m", "--rpo", "24h"))
    return _written(given, name, written)


_AT = datetime(2026, 1, 2, 3, 4, 6, tzinfo=UTC)
_LATER = datetime(2026, 1, 2, 3, 24, tzinfo=UTC)
_SIX = "2026-01-02T06:00:00Z"

CASES = (
    Case(
        number="c05",
        seen=_TOLD_OLD,
        tried=fails(
            "a dump of two years ago, copied anew tonight",
            _aged("shop.sql", "2024-02-01  3:00:05", written=_AT, rpo="24h", at=_SIX),
            "RPO",
        ),
        twin=passes("tonight's dump", _aged("shop.sql", "2026-01-02  3:04:05", written=_AT, rpo="24h", at=_SIX)),
    ),
    Case(
        number="c05b",
        seen=_TOLD_OLD,
        tried=unverified(
            "a dump of three nights ago under tonight's name",
            _aged("shop-20260102.sql", "2025-12-30  3:00:05", written=_AT, rpo="24h", at=_SIX),
            "RPO",
        ),
        twin=passes(
            "tonight's dump, from a server whose zone is nine hours ahead",
            _aged("shop.sql", "2026-01-02 12:04:05", written=_AT, rpo="24h", at=_SIX),
        ),
    ),
    Case(
        number="c36",
        seen="jan-di/docker-database-backup#13; databacker/mysql-backup#135",
        tried=passes(
            "a name that says its offset from UTC",
            _aged(
                "shop-2026-01-02T03:04:05-05:00.sql",
                "2026-01-02  3:04:05",
                written=datetime(2026, 1, 2, 8, 4, 6, tzinfo=UTC),
                rpo="4h",
                at="2026-01-02T08:05:00Z",
            ),
        ),
        twin=fails(
            "the same name, and the disaster five hours later",
            _aged(
                "shop-2026-01-02T03:04:05-05:00.sql",
                "2026-01-02  3:04:05",
                written=datetime(2026, 1, 2, 8, 4, 6, tzinfo=UTC),
                rpo="4h",
                at="2026-01-02T13:05:00Z",
            ),
            "RPO",
        ),
    ),
    Case(
        number="c36b",
        seen="cPanel's documentation of its backups",
        tried=passes(
            "cPanel's name: month, day, year and the hour behind it",
            _cpanel(
                "backup-11.28.2025_03-05-00_user.tar.gz",
                datetime(2025, 11, 28, 3, 5, 10, tzinfo=UTC),
                "2025-11-28T12:00:00Z",
            ),
        ),
        twin=fails(
            "the same, and the disaster three days later",
            _cpanel(
                "backup-11.28.2025_03-05-00_user.tar.gz",
                datetime(2025, 11, 28, 3, 5, 10, tzinfo=UTC),
                "2025-12-01T12:00:00Z",
            ),
            "RPO",
        ),
    ),
    Case(
        number="c68",
        seen="docs/measuring.md",
        tried=passes(
            "a dump that was finished twenty minutes before its upload",
            _aged("shop.sql", "2026-01-02  3:04:05", written=_LATER, rpo="24h", at=_SIX),
        ),
        twin=unverified(
            "one that says it was finished three days after its upload",
            _aged("shop.sql", "2026-01-05  3:04:05", written=_AT, rpo="24h", at=_SIX),
            "RPO",
        ),
    ),
)
