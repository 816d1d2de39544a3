"""How far back the backup lies that was taken: by the times that are known of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from unittest.mock import MagicMock

import pytest

from drtool.drill.walking_back import walk_back
from drtool.record.backups import Choice
from drtool.stores.interface import StoredObject

NOW = datetime(2026, 11, 30, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "told"),
    [
        ((1, 4), "was written 3 d before the newest of all and lies 3 d further back than the RPO allows"),
        ((0, 1), "was written 1 d before the newest of all"),
        ((1, None), "was written at a time that is not known: the store's is that of a copy"),
    ],
)
def test_what_was_copied_lies_as_far_back_as_its_name_says(days: tuple[int, int | None], told: str) -> None:
    newest, taken = (StoredObject(location=name, size_bytes=9, modified_at=NOW) for name in ("/b/2.sql", "/b/1.sql"))
    dated = {
        one.location: None if ago is None else NOW - timedelta(days=ago)
        for one, ago in zip((newest, taken), days, strict=True)
    }
    context = MagicMock()
    context.terms.disaster_at, context.terms.rpo = NOW, timedelta(days=1)
    context.journal.has_failed_since.side_effect = [True, False]
    context.journal.set_aside.return_value = ((), ())
    choice = Choice(pattern="/b/*", considered=2, chosen=newest.location, why="", newest=())
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("drtool.drill.walking_back._Attempt.undo", lambda *_: MagicMock(location=newest.location))
        walk_back(context, choice, (newest, taken), dated, MagicMock(), MagicMock(), {})
    ((code, message),) = (call.args for call in context.journal.warning.call_args_list)
    assert (code, message.rpartition("/b/1.sql, ")[2]) == ("walked-back", told)
