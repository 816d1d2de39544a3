"""Dumps that lie among the files of an archive: found, named, and read to their ends, though nothing restores them."""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from drtool.amounts import count, listed
from drtool.backups.compression import Compression
from drtool.backups.encryption import recognise_encryption
from drtool.backups.recognise import Format, Recognised, recognise_content
from drtool.errors import DrtoolError, RestoreFailed
from drtool.record.journal import Journal
from drtool.record.steps import Phase
from drtool.restore.endings import trailer_failure
from drtool.restore.pipeline import Outcome, script, take_fact, text_of
from drtool.restore.places_of_sql import is_named_as_dumps, is_of_backups, is_of_sources
from drtool.restore.promises import Promises
from drtool.sandbox.container import Container
from drtool.sandbox.sandbox import RESTORED_PATH

_MOST = 2000
_SHOWN_BYTES = 16 * 1024
_NAMED = 5
_BY_THE_SAME_JOB = timedelta(days=2).total_seconds()
_FEW = 3
_LOOKING = "looking into the dumps among restored files"
_FIND = text_of("called_dumps.pl") + text_of("dumps_among.pl")
_READ = script("statements.pl", "session.pl", "promises.pl", "streams.sh", "dumps_among.sh")
# mariadb-dump writes these without comments, too, and so do those that follow it.
_SETTINGS = re.compile(rb"^/\*!40\d{3} SET @(?:OLD_|saved_cs_client)", re.MULTILINE)
_HAS_ROWS = re.compile(rb"^(?:INSERT|REPLACE) ", re.MULTILINE)
_MAKES = re.compile(rb"^CREATE (?!(?:OR REPLACE )?(?:USER|ROLE)\b)", re.MULTILINE)
_ACCOUNTS = re.compile(rb"^(?:/\*M?!\d* ?)?(?:CREATE (?:OR REPLACE )?(?:USER|ROLE)|GRANT) ", re.MULTILINE)


@dataclass(kw_only=True)
class DumpAmongFiles:
    """A file among other files that is called a dump or begins as one.

    Attributes:
        path: where it lies.
        fresh: whether it is about as young as the youngest file, as what the same job wrote.
        called: whether its name is a dump's.
        packed: whether it is a compressed stream, where nothing is in it.
        recognised: what it is, if it is a dump.
        failure: what is wrong with it.
        closed: whether it is encrypted or packed, so that nobody looked into it.
        has_settings: whether it keeps settings of the session aside as mariadb-dump does.
        has_rows: whether it fills tables near its beginning.
        of_accounts: whether it makes accounts and nothing else.
        among_others: whether more SQL lies in its folder of which nothing says that a backup job wrote it.
    """

    path: str
    fresh: bool
    called: bool = True
    packed: bool = False
    recognised: Recognised | None = None
    failure: DrtoolError | None = None
    closed: bool = False
    has_settings: bool = False
    has_rows: bool = False
    of_accounts: bool = False
    among_others: bool = False

    @property
    def is_of_a_tool(self) -> bool:
        """Whether a tool for backups wrote it, by its header or by the settings that it keeps aside."""
        return self.recognised is not None and (self.recognised.written_by is not None or self.has_settings)

    @property
    def is_a_backup(self) -> bool:
        """Whether it is a backup, or was to become one.

        Nobody ships accounts with the hashes of their passwords, zeros, or an empty stream; an empty file beside SQL of
        an application's may be its own.
        """
        if is_of_sources(self.path):
            return False
        if self.is_of_a_tool or (self.failure is not None and self.failure.code == "backup-is-an-error-message"):
            return True
        broken = self.failure is not None and (self.packed or not self.among_others)
        kept = is_of_backups(self.path) and (self.recognised is not None or self.failure is not None)
        return self.fresh and (self.closed or broken or kept or self.of_accounts)


@dataclass(kw_only=True)
class _Found:
    dumps: list[DumpAmongFiles] = field(default_factory=list)
    not_shown: int = 0
    unopened: int = 0
    archives: list[str] = field(default_factory=list)
    archives_number: int = 0


def judge_dumps_among(journal: Journal, name: str, container: Container, restored: Collection[str]) -> None:
    """Enter which dumps lie among restored files, and what is wrong with those that are backups.

    Args:
        journal: of the drill.
        name: what it calls the files.
        container: holds them.
        restored: the paths of those that were restored into a server as well.
    """
    with journal.step(Phase.VERIFY, f"look for dumps among {name}", resource=name):
        found = _find(container)
        backups = [one for one in found.dumps if one.is_a_backup and one.path not in restored]
        _read(container, [one for one in backups if one.recognised and not one.failure])
    broken = [one for one in backups if one.failure]
    for one in broken[:_NAMED]:
        _enter_broken(journal, name, one)
    if more := broken[_NAMED:]:
        journal.deviation(f"{name}: {count(len(more), 'more dump')} among the files are not whole: {_names(more)}")
    whole = [one for one in backups if not one.failure]
    if fresh := [one for one in whole if one.fresh]:
        what = f"Among the files of {name} lie dumps of databases, which no server has loaded: {_names(fresh)}"
        journal.warning("dump-not-restored", what, resource=name)
    if old := [one for one in whole if not one.fresh]:
        journal.deviation(
            f"{name}: {count(len(old), 'dump')} among the files, days older than the youngest of them, came back as "
            f"files and were not loaded: {_names(old)}"
        )
    _enter_others(journal, name, [one for one in found.dumps if not one.is_a_backup and one.path not in restored])
    _enter_unseen(journal, name, found)


def _enter_others(journal: Journal, name: str, others: Iterable[DumpAmongFiles]) -> None:
    """Enter what is called a dump and is no backup that a job made, as far as anything tells."""
    own: list[DumpAmongFiles] = []
    filling: list[DumpAmongFiles] = []
    unknown: list[DumpAmongFiles] = []
    foreign: list[DumpAmongFiles] = []
    for one in others:
        if is_of_sources(one.path):
            own.append(one)
        elif one.recognised or one.failure or one.closed:
            (filling if one.fresh and one.has_rows and not one.among_others else unknown).append(one)
        else:
            foreign.append(one)
    if filling:
        what = (
            f"Among the files of {name} lies SQL that fills tables, without a tool's header: dumps of databases or "
            "an application's own. No server has loaded it, and its end does not tell whether it is whole: "
        )
        journal.warning("dump-not-restored", what + _names(filling), resource=name)
    for kind, why in (
        (own, "since by place or name they are an application's own"),
        (unknown, "nor read to their ends: no header of a tool tells whether they are dumps or an application's own"),
        (foreign, "since they hold no dump of MariaDB's"),
    ):
        if kind:
            called = f"{name}: {count(len(kind), 'file')} called SQL or a dump came back as files and were not loaded"
            journal.deviation(f"{called}, {why}: {_of([_named(one.path) for one in kind], len(kind))}")


def _enter_unseen(journal: Journal, name: str, found: _Found) -> None:
    """Enter what nobody looked into."""
    for number, what in ((found.not_shown, "file"), (found.unopened, "packed file")):
        if number:
            many = f"the {_MOST:,} largest {what}s that may be dumps were looked into"
            journal.deviation(f"{name}: {many}, and {count(number, f'smaller {what}')} were not")
    if found.archives_number:
        many = count(found.archives_number, "archive")
        which = _of(found.archives, found.archives_number)
        journal.deviation(
            f"{name}: {many} among the files came back unopened, and what is in it was not drilled: {which}"
        )


def _enter_broken(journal: Journal, name: str, one: DumpAmongFiles) -> None:
    failure = one.failure
    assert failure is not None  # noqa: S101 (for the type checker: it is one of the broken)
    what = f"{_named(one.path)}, among the files of {name}: {failure.what}"
    if one.fresh:
        journal.finding(RestoreFailed(failure.code, what, why=failure.why, mend=failure.mend), resource=name)
    else:
        what = f"{what} (it is days older than the youngest file, and may be a leftover)"
        journal.warning("dump-not-restored", what, failure.mend, resource=name)


def _names(dumps: Iterable[DumpAmongFiles]) -> str:
    return listed([_named(one.path) for one in dumps])


def _of(first: Sequence[str], number: int) -> str:
    """Return the first few names of a number that may be larger than what is known by name."""
    more = number - len(first[:_NAMED])
    return ", ".join(first[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _named(path: str) -> str:
    """Return a path as a report can hold it."""
    text = path.encode(errors="surrogateescape").decode(errors="replace")
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def _find(container: Container) -> _Found:
    """Find what is called a dump or an archive or begins as a dump, and look at how each dump begins."""
    found, newest, number = _Found(), 0, 0
    shown: list[tuple[str, DumpAmongFiles]] = []
    perl = 'perl -e "$@"'
    talk = container.talk(perl, _FIND, RESTORED_PATH, str(_MOST), str(_SHOWN_BYTES), doing=_LOOKING)
    for name, rest in talk:
        if name == "archive":
            found.archives.append(_named(_path(rest)))
        elif name == "archives":
            found.archives_number = int(rest)
        elif name == "dumps":
            number = int(rest)
        elif name == "unopened":
            found.unopened = int(rest)
        elif name == "newest":
            newest = int(rest)
        elif name == "file":
            how, path, seconds, size = rest.split()
            fresh = newest - int(seconds) <= _BY_THE_SAME_JOB
            one = DumpAmongFiles(path=_path(path), fresh=fresh, called=how == "called", packed=size != "0")
            shown.append((how, one))
        elif name == "head":
            failed, _, content = rest.partition(" ")
            _recognise(shown[-1][1], base64.b64decode(content), gave_out=failed == "1")
    found.not_shown = max(number - sum(how != "beside" for how, _ in shown), 0)
    found.dumps = _dumps_of(shown)
    return found


def _dumps_of(shown: Iterable[tuple[str, DumpAmongFiles]]) -> list[DumpAmongFiles]:
    """Return what is called a dump or is one; and what is broken from its start, and named as dumps beside it are."""
    called = [one for how, one in shown if how == "called"]
    plain = Counter(
        _folder(one) for one in called if one.recognised and not one.is_a_backup and not is_of_sources(one.path)
    )
    for one in called:
        one.among_others = plain[_folder(one)] >= (_FEW if one.recognised else 1)
    dumps = called + [one for how, one in shown if how == "begins" and one.is_of_a_tool]
    paths = {one.path for one in dumps if one.is_a_backup}
    beside = [one for how, one in shown if how == "beside" and one.failure and is_named_as_dumps(one.path, paths)]
    return sorted(dumps + beside, key=lambda one: one.path)


def _folder(one: DumpAmongFiles) -> str:
    return one.path.rpartition("/")[0]


def _recognise(one: DumpAmongFiles, content: bytes, *, gave_out: bool) -> None:
    if not content:
        cut = RestoreFailed("stream-truncated", "its stream is cut short or damaged")
        empty = "it is a compressed stream with nothing in it" if one.packed else "it has zero bytes"
        one.failure = cut if gave_out else RestoreFailed("backup-empty", empty)
        return
    if recognise_encryption(content) or content.startswith(b"PK\3\4"):
        one.closed = True
        return
    try:
        recognised = recognise_content(content, Compression.NONE)
    except RestoreFailed as error:
        if error.code == "backup-is-an-error-message" or not content.strip(b"\0"):
            one.failure = error
    except DrtoolError:  # a dump of another database's, or no dump
        return
    else:
        one.recognised = recognised if recognised.format is Format.DUMP else None
        one.has_settings = _SETTINGS.search(content[:4096]) is not None
        one.has_rows = _HAS_ROWS.search(content) is not None
        one.of_accounts = _ACCOUNTS.search(content) is not None and not _MAKES.search(content) and not one.has_rows


def _read(container: Container, dumps: list[DumpAmongFiles]) -> None:
    """Read dumps to their ends, and note of each what is not as its tool leaves it."""
    by_path = {one.path: one for one in dumps}
    lines = [one.path.encode(errors="surrogateescape").hex() for one in dumps]
    if not lines:
        return
    given = "".join(f"{line}\n" for line in (str(len(lines)), *lines)).encode()
    talk = container.talk(_READ, RESTORED_PATH, doing=_LOOKING, given=given)
    for path, outcome in _outcomes(talk):
        one = by_path[path]
        assert one.recognised is not None  # noqa: S101 (for the type checker: only those are read)
        if outcome.statuses.get("decompress"):
            one.failure = RestoreFailed("stream-truncated", "its stream is cut short or damaged")
        elif ended := trailer_failure(outcome, one.recognised):
            cut = "it does not end as its tool ends it: it was cut short"
            one.failure = RestoreFailed(ended.code, cut) if ended.code == "dump-trailer-missing" else ended
        elif one.recognised.written_by is None and _is_cut(outcome.promised):
            one.failure = RestoreFailed(
                "dump-truncated",
                "it ends inside a statement, or before it gives back any of the "
                "settings that it took: it was cut short",
            )


def _is_cut(promised: Promises) -> bool:
    """Tell whether a dump of no known tool must have been cut, by what it leaves open; a last `;` may be missing."""
    return promised.open in {"string", "comment"} or bool(promised.taken and not promised.given_back)


def _outcomes(talk: Iterable[tuple[str, str]]) -> Iterator[tuple[str, Outcome]]:
    path, outcome = "", Outcome()
    for name, rest in talk:
        if name == "file":
            path, outcome = _path(rest), Outcome()
        else:
            take_fact(outcome, name, rest)
        if name == "decompress":
            yield path, outcome


def _path(written: str) -> str:
    return bytes.fromhex(written).decode("utf-8", "surrogateescape")
