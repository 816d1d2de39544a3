"""Whether drills can run here: what they need, how it stands, and the mend."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from drtool.attest import timestamp
from drtool.attest.authority import Authority
from drtool.attest.timestamping import time_stamp
from drtool.backups.history import gather, runs_of
from drtool.backups.name_times import newest_first
from drtool.drill.options import DrillOptions
from drtool.errors import DrtoolError, Unverifiable
from drtool.evidence.ledger import Ledger
from drtool.host.durable import locked_folder, sync
from drtool.keys import signing, site, ssh_keygen
from drtool.sandbox.engine import Engine
from drtool.sandbox.image import find_image
from drtool.sandbox.trial import try_sandbox
from drtool.stores import store_for
from drtool.times import utc

_CLOCK_TOLERANCE_SECONDS = 5.0
_DISK_BYTES = 5 * 2**30
_PROBE = b"drtool: does this authority answer?\n"


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """One thing that drills need, and how it stands; `code` is that of docs/findings.md, None where it is well."""

    subject: str
    well: bool
    finding: str
    mend: str = ""
    code: str | None = None


def diagnoses(options: DrillOptions, patterns: Sequence[str]) -> Iterator[Diagnosis]:
    """Look at each thing that drills need.

    Args:
        options: how they would be carried out.
        patterns: the backups that must be within reach.
    """
    engine: Engine | None = None

    def reach() -> str:
        nonlocal engine
        engine = Engine.connect()
        engine.try_executing()
        info = engine.info
        where = "this host's" if engine.shares_files else "another host's: backups are streamed to it"
        return f"{info.name} {info.version} on {info.operating_system}, {info.cpus} CPUs, {where}"

    yield _tried("engine", reach)
    if engine is not None:
        yield (image := _tried("image", partial(_image, engine, options.image)))
        if image.well:
            yield _tried("sandbox", partial(_sandbox, engine, options.image))
        yield _tried("clock", partial(_clock, engine))
    yield _tried("reports", partial(_reports, options.reports))
    yield _tried("disk", partial(_disk, options.reports))
    yield _tried("key", partial(_key, options.key))
    for pattern in patterns:
        yield _tried("store", partial(_store, pattern))
    if options.authority:
        yield _tried("time-stamp", partial(_timestamp, options.authority))


def _tried(subject: str, look: Callable[[], str]) -> Diagnosis:
    try:
        return Diagnosis(subject=subject, well=True, finding=look())
    except DrtoolError as error:
        what = f"{error.what}: {error.why}" if error.why else error.what
        return Diagnosis(subject=subject, well=False, finding=what, mend=error.mend, code=error.code)


def _image(engine: Engine, explicit: str | None) -> str:
    found = find_image(engine, series=None, explicit=explicit)
    return f"{found.reference} ({found.digest[:19]}...)"


def _sandbox(engine: Engine, explicit: str | None) -> str:
    image = find_image(engine, series=None, explicit=explicit)
    return f"one can be made, on a disk of the engine's with {_room(try_sandbox(engine, image))}"


def _clock(engine: Engine) -> str:
    apart = (engine.now() - datetime.now(UTC)).total_seconds()
    if abs(apart) > _CLOCK_TOLERANCE_SECONDS:
        raise Unverifiable("clocks-apart", f"This host's clock and the engine's are {abs(apart):.0f} s apart")
    return f"{abs(apart):.1f} s from the engine's"


def _reports(reports: Path) -> str:
    try:
        there = next(one for one in (reports.absolute(), *reports.absolute().parents) if one.exists())
        with locked_folder(there), tempfile.TemporaryFile(dir=there):
            sync(there)
            Ledger(reports).head()
            return f"{reports} can be written" + ("" if reports.exists() else "; the first drill makes it")
    except OSError as error:
        raise Unverifiable("reports-unwritable", f"{reports} cannot be written", why=error.strerror or "") from error


def _disk(reports: Path) -> str:
    return f"{_room(shutil.disk_usage(reports if reports.is_dir() else Path.cwd()).free)} here"


def _room(free_bytes: int) -> str:
    if free_bytes < _DISK_BYTES:
        what = f"Only {free_bytes / 2**30:.1f} GiB are free"
        raise Unverifiable("disk-full", what, mend="A restore needs the data's size")
    return f"{free_bytes / 2**30:.0f} GiB free"


def _key(explicit: Path | None) -> str:
    if shutil.which("ssh-keygen") is None:
        raise Unverifiable("no-ssh-keygen", "There is no ssh-keygen")
    if (key := signing.find_key(explicit)) is None:
        ssh_keygen.run(["-l", "-f", os.devnull])  # it says whether it does anything for us
        folder = next(one for one in site.signing_key_path().parents if one.exists())
        if not os.access(folder, os.W_OK):
            raise Unverifiable("no-site-key", f"This site's signing key cannot be made: {folder} may not be written")
        return "none yet; the first drill or `drtool init` makes one"
    signing.check_key(key)
    return f"{key} signs as {key.principal}"


def _timestamp(authority: Authority) -> str:
    apart = (timestamp.read(time_stamp(authority, _PROBE)).at - datetime.now(UTC)).total_seconds()
    if abs(apart) > _CLOCK_TOLERANCE_SECONDS:
        raise Unverifiable("clocks-apart", f"This host's clock and {authority.name}'s are {abs(apart):.0f} s apart")
    return f"{authority.name} answers, {abs(apart):.1f} s from this host's clock"


def _store(pattern: str) -> str:
    store = store_for(pattern)
    if not (found := list(store.find(pattern))):
        raise Unverifiable("store-empty", f"Nothing matches {pattern}")
    (first, *_), _ = newest_first(gather(found).candidates or runs_of(found))
    newest = first.found
    with store.open((*newest.members, newest)[0]) as stream:  # one may see what one may not read
        stream.read(1)
    return f"{len(found)} match {pattern}; the newest is of {utc(newest.modified_at)}"
