"""Names of an archive and in it: what drtool gives is read back, and nothing else ever becomes a path."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drtool.archive.layout import DrillFile, LedgerLine, Location, is_archive, part
from drtool.errors import WrongUse

DRILL = "20261124T030000Z-shop_monthly-3f9a1c"
DIGEST = "5f" * 32


def test_what_drtool_names_is_read_back() -> None:
    for one in (LedgerLine(12, DIGEST), DrillFile(DRILL, "report.json"), DrillFile(DRILL, "report.json.sig")):
        assert part(one.key) == one
    assert LedgerLine(12, DIGEST).key == f"ledger/000000000012-{DIGEST}.jsonl"


@pytest.mark.parametrize(
    "key",
    [
        "",
        "report.json",
        f"{DRILL}/",
        f"{DRILL}/..",
        f"{DRILL}/../report.json",
        f"{DRILL}/deeper/report.json",
        f"{DRILL}//report.json",
        f"{DRILL}/report.json\n",
        f"{DRILL}/.hidden",
        f"{DRILL}/re\0port",
        f"/{DRILL}/report.json",
        "../report.json",
        "../../etc/passwd",
        f"ledger/12-{DIGEST}.jsonl",
        f"ledger/000000000012-{DIGEST.upper()}.jsonl",
        f"ledger/000000000012-{DIGEST}.jsonl/x",
        f"ledger/\u0660\u0660\u0660000000012-{DIGEST}.jsonl",
        "ledger/report.json",
        "ledger.jsonl",
        f"{DRILL}/rep\u043ert.json",
        f"{'d' * 201}/report.json",
        f"{DRILL}/{'r' * 101}",
    ],
)
def test_other_names_stand_for_nothing(key: str) -> None:
    assert part(key) is None


@given(st.text(alphabet=string.printable + "\0\u0660\u00e4/../"))
def test_no_name_leads_out_of_its_folder(key: str) -> None:
    if isinstance(found := part(key), DrillFile):
        for name in (found.drill_id, found.name):
            assert name not in (".", "..")
            assert not set(name) & set("/\\\0\n")


@pytest.mark.parametrize(
    ("text", "bucket", "prefix"),
    [
        ("s3://evidence", "evidence", ""),
        ("s3://evidence/", "evidence", ""),
        ("s3://evidence/shop", "evidence", "shop/"),
        ("s3://evidence/shop/", "evidence", "shop/"),
        ("s3://evidence.example.org/shop/db-1/", "evidence.example.org", "shop/db-1/"),
    ],
)
def test_a_place_is_read(text: str, bucket: str, prefix: str) -> None:
    location = Location.parse(text)
    assert (location.bucket, location.prefix) == (bucket, prefix)
    assert str(location) == text.rstrip("/")
    assert is_archive(text)


@pytest.mark.parametrize(
    "text",
    ["s3://", "s3:///shop", "/srv/reports", "s3://Evidence/shop", "s3://evidence/shop//db", "s3://evidence/../x",
     "s3://evidence/*", "sftp://evidence/shop", "s3://key:secret@evidence/shop", "s3://evidence/a b"],
)  # fmt: skip
def test_a_place_that_is_none_is_refused_and_no_secret_repeated(text: str) -> None:
    with pytest.raises(WrongUse) as refused:
        Location.parse(text)
    assert "secret" not in str(refused.value)


def test_a_bucket_that_cannot_be_is_not_told_as_a_prefix() -> None:
    for text in ("s3://b/shop", "s3://Evidence/shop", "s3:///shop"):
        with pytest.raises(WrongUse, match="3 to 63 small letters"):
            Location.parse(text)
    with pytest.raises(WrongUse, match="in the prefix"):
        Location.parse("s3://evidence/a b")
