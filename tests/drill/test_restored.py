"""A restored server that went away is told from one that does not let drtool in."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pymysql
import pytest
from pymysql.constants import CR, ER

from drtool.drill.restored import Database
from drtool.errors import Unverifiable


@pytest.mark.parametrize(
    ("number", "code"),
    [(ER.ACCESS_DENIED_ERROR, "locked-out"), (CR.CR_SERVER_LOST, "sandbox-lost"), (0, "sandbox-lost")],
)
def test_a_server_that_somebody_restarted_is_not_taken_for_one_with_other_accounts(number: int, code: str) -> None:
    def standing() -> None:
        raise pymysql.err.OperationalError(number, "no")

    journal = cast(Any, SimpleNamespace(step=lambda *_: nullcontext()))
    restored = cast(Any, SimpleNamespace(server=SimpleNamespace(standing=standing)))
    with pytest.raises(Unverifiable) as caught:
        Database(journal, "db", cast(Any, None), restored, None, datetime.now(UTC)).run_builtin_checks()
    assert caught.value.code == code
