"""What is meant for drtool alone is not handed on to the programs that it runs."""

from __future__ import annotations

import pytest

from drtool.host.credentials import environment_without_credentials


def test_programs_get_neither_passwords_nor_keys_nor_the_authoritys_url(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = {
        "DRTOOL_DB_PASSWORD": "word", "MYSQL_PWD": "word", "AWS_SECRET_ACCESS_KEY": "word",
        "DRTOOL_TSA": "https://ops:word@tsa.example.org/",
    }  # fmt: skip
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DRTOOL_REPORTS", "reports")
    handed_on = environment_without_credentials()
    assert not secrets.keys() & handed_on.keys()
    assert handed_on["DRTOOL_REPORTS"] == "reports"
