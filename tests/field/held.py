"""Databases that a production held: their dumps by the real tool, and their baselines, for cases that compare them."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from fixtures.shop.accounts import Account
from fixtures.shop.backups import lay_beside
from fixtures.shop.production import Production

_LOAD = "mariadb --defaults-file=/root/root.cnf --comments --default-character-set=utf8mb4 < /root/statements.sql"
_DUMP = 'mariadb-dump --defaults-file=/root/root.cnf --hex-blob --routines --events "$@" 2> /dev/null'


@dataclass(frozen=True, kw_only=True)
class Held:
    """A database, as SQL makes it in an empty production.

    Attributes:
        database: its name; the SQL is carried out in it.
        sql: for the client, which keeps comments.
        series: of the server.
        options: of mariadb-dump, beyond routines and events.
        edit: what happened to the dump afterwards.
    """

    database: str
    sql: str
    series: str = "10.11"
    options: tuple[str, ...] = ()
    edit: Callable[[str], str] | None = None

    def lay_out(self, made: Path, folder: Path) -> None:
        """Lay the dump and its baseline into a folder, out of that in which `make` left them."""
        text = (made / self._name).read_text(encoding="utf-8")
        dump = folder / f"{self.database}.sql"
        dump.write_text(self.edit(text) if self.edit else text, encoding="utf-8")
        lay_beside(dump, (made / f"{self._name}.json").read_bytes())

    @property
    def _name(self) -> str:
        whole = repr(replace(self, edit=None))
        return f"{hashlib.sha256(whole.encode()).hexdigest()[:16]}.sql"

    def _make(self, production: Production, into: Path) -> None:
        made = (
            f"DROP DATABASE IF EXISTS `{self.database}`;\nCREATE DATABASE `{self.database}`;\nUSE `{self.database}`;\n"
        )
        production.put({"statements.sql": f"{made}{self.sql}".encode()})
        loaded = production.run(["bash", "-c", _LOAD])
        assert loaded.status == 0, loaded.output
        dumped = production.run(["bash", "-c", _DUMP, "dump", *self.options, self.database])
        assert dumped.status == 0, dumped.output
        (into / self._name).write_text(dumped.output, encoding="utf-8")
        source = (production.url(Account.BACKUP, self.database), production.option_file(Account.BACKUP))
        command = [sys.executable, "-m", "drtool", "baseline", source[0], "--defaults-file", str(source[1])]
        ran = subprocess.run(command, capture_output=True, check=False)
        assert ran.returncode == 0, ran.stderr.decode()
        (into / f"{self._name}.json").write_bytes(ran.stdout)


def make(all_of_them: Iterable[Held], into: Path) -> None:
    """Make dumps and baselines of databases, each once."""
    once = {one._name: one for one in all_of_them}
    for series, group in groupby(sorted(once.values(), key=lambda one: one.series), key=lambda one: one.series):
        with Production.started(series=series, binary_log=False) as production:
            for one in group:
                one._make(production, into)
