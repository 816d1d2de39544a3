"""The published schema is the code's, real records hold to it, and records of an earlier drtool can be read."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from drtool.errors import DrtoolError
from drtool.record import schema as module
from drtool.record.exposure import Exposure, ExposureBar, MissingRuns, RecoveryPoint, TimeBasis, UnusableBackup
from drtool.record.model import SCHEMA_VERSION, DrillRecord, decode, encode, schema_version_of
from tests.render import records, rewording
from tests.render.parts import DUMP, START

DOCS = Path(__file__).parents[2] / "docs"
FIRST_RECORD = Path(__file__).parent / "report-of-schema-version-1.json"


def exposed() -> DrillRecord:
    """Return a drill whose store's history was looked at."""
    point = RecoveryPoint(
        location=DUMP, objects=1, size_bytes=1, recovery_point=START, restorable_at=START, basis=TimeBasis.NAME,
        rpa_seconds=None, doubt="smaller than usual",
    )  # fmt: skip
    exposure = Exposure(
        pattern="s3://backups/shop/db-*.sql.zst", series=None, since=None, until=START, objects=3, point_count=1,
        gap_count=1, over_count=0, current_rpa_seconds=1.0, current_recovery_point=START, worst_rpa_seconds=1.5,
        worst_at=START, worst_recovery_point=START, worst_without_doubtful_seconds=None, objective_seconds=None,
        verdict_now=None, verdict=None, reason="No objective.", store_times_trusted=True, usual_lag_seconds=None,
        rhythm_seconds=86_400.0, rhythm="daily", thinned_before=None, missing_count=1,
        missing=(MissingRuns(after=START, before=START, count=1, overdue=True),), unusable_count=1,
        unusable=(UnusableBackup(location=DUMP, size_bytes=0, modified_at=START, why="it is empty"),),
        doubtful_count=1, doubtful=(point,), points=(point,),
        bars=(ExposureBar(start=START, end=START, rpa_seconds=None),), warnings=("w",), assumptions=(),
    )  # fmt: skip
    return replace(records.failed(), exposure=(exposure,))


EVERY: list[Callable[[], DrillRecord]] = [
    records.passed,
    records.failed,
    records.unverified,
    records.interrupted,
    records.unsigned,
    records.sampled,
    rewording.hostile,
    exposed,
]


@pytest.fixture(scope="module")
def published() -> Draft202012Validator:
    """The schema as it lies in docs/, checking the format of instants too."""
    schema = json.loads((DOCS / "report.schema.json").read_bytes())
    Draft202012Validator.check_schema(schema)
    assert "date-time" in Draft202012Validator.FORMAT_CHECKER.checkers
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def test_the_published_schema_is_made_from_the_code_as_it_stands() -> None:
    assert (DOCS / "report.schema.json").read_bytes() == module.document(), "run `make schema`"


def test_the_schema_is_the_same_whether_msgspec_tells_of_defaults_that_are_made_anew_or_not() -> None:
    silent: dict[str, Any] = msgspec.json.schema(DrillRecord)  # as msgspec up to 0.22 made it
    telling = copy.deepcopy(silent)  # as from 0.23 on
    for name, field in (("ContainerRun", "settings"), ("BackupRead", "header")):
        silent["$defs"][name]["properties"][field].pop("default", None)
        telling["$defs"][name]["properties"][field]["default"] = {}
    assert silent != telling
    document = (DOCS / "report.schema.json").read_text()
    for made in (silent, telling):
        assert json.dumps(module.published(made), indent=2, ensure_ascii=False) + "\n" == document


@pytest.mark.parametrize("make", EVERY)
def test_records_of_every_kind_hold_to_the_published_schema(
    make: Callable[[], DrillRecord], published: Draft202012Validator
) -> None:
    assert [error.message for error in published.iter_errors(json.loads(encode(make())))] == []


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("verdict",), "splendid"),
        (("schema_version",), 2),
        (("started_at",), "yesterday"),
        (("recovered_at",), "24.11.2026"),
        (("rpo", "evidence", 0, "recovery_point"), "2026-11-24T03:00:00"),
        (("rto", "actual_seconds"), "1 min"),
        (("steps", 0, "phase"), "dream"),
        (("files",), ["report.html"]),
        (("destruction", "removed"), None),
    ],
)
def test_what_is_no_record_does_not_hold_to_it(
    where: tuple[str | int, ...], value: object, published: Draft202012Validator
) -> None:
    document: Any = json.loads(encode(records.passed()))
    *path, last = where
    inner = document
    for step in path:
        inner = inner[step]
    inner[last] = value
    assert [list(error.absolute_path) for error in published.iter_errors(document)] == [list(where)]


def test_every_type_and_every_field_of_the_record_itself_is_described() -> None:
    definitions = module.schema()["$defs"]
    assert all(one["description"] for one in definitions.values())
    assert [name for name, one in definitions["DrillRecord"]["properties"].items() if not one.get("description")] == []
    assert "None" not in json.dumps(definitions)


def test_a_later_drtool_may_add_fields_within_the_version(published: Draft202012Validator) -> None:
    document = json.loads(encode(records.passed()))
    document |= {"something_new": 1}
    document["rto"] |= {"something_new": 1}
    assert published.is_valid(document)
    assert decode(json.dumps(document).encode()) == records.passed()


def test_a_record_of_the_first_drtool_is_read_and_loses_nothing(published: Draft202012Validator) -> None:
    """The file never changes; whatever breaks this test needs a default, or a new schema version."""
    content = FIRST_RECORD.read_bytes()
    before = json.loads(content)
    assert holds(json.loads(encode(decode(content))), before)
    assert published.is_valid(before)


def test_what_an_earlier_drtool_did_not_write_has_its_default(published: Draft202012Validator) -> None:
    document = json.loads(encode(records.sampled()))
    for name in ("projection", "exposure"):
        del document[name]
    del document["sandbox"]["processor"]
    del document["steps"][0]["resource"]
    assert published.is_valid(document)
    record = decode(json.dumps(document).encode())
    assert (record.projection, record.exposure, record.steps[0].resource) == (None, (), None)
    assert record.sandbox is not None
    assert record.sandbox.processor is None


def test_a_record_of_a_later_version_is_refused_by_its_number_whatever_its_fields_are() -> None:
    document = json.dumps({"schema_version": SCHEMA_VERSION + 1, "drill": {"all": "is different"}}).encode()
    with pytest.raises(DrtoolError, match=r"schema version 2.*reads version 1.*newer") as refused:
        decode(document)
    assert refused.value.code == "record-unreadable"
    assert schema_version_of(document) == 2


@pytest.mark.parametrize("document", [b"", b"[]", b"{}", b'{"schema_version": "1"}', b"\xff", b"[" * 100_000])
def test_what_names_no_version_is_no_record(document: bytes) -> None:
    assert schema_version_of(document) is None
    with pytest.raises(DrtoolError, match="not a drill record"):
        decode(document)


def test_the_page_on_the_record_explains_every_field_of_it() -> None:
    text = (DOCS / "report.md").read_text()
    for field in module.schema()["$defs"]["DrillRecord"]["properties"]:
        assert f"| `{field}`" in text or f", `{field}`" in text, f"docs/report.md says nothing of {field}"


def test_every_name_that_the_page_promises_is_in_the_schema() -> None:
    described = module.schema()
    promises = (DOCS / "report.md").read_text().partition("## What scripts can rely on")[2].partition("\n## ")[0]
    cells = [line.split("|")[1] for line in promises.splitlines() if line.startswith("| `")]
    names = [name for cell in cells for name in re.findall("`([^`]+)`", cell)]
    assert len(names) == 22
    for name in names:
        assert field_of(described, name), name


def field_of(schema: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the schema of a field by its name as the page writes it, such as `steps[].phase`."""
    found: dict[str, Any] = schema
    for step in name.split("."):
        reference = found.get("$ref") or found.get("items", {}).get("$ref")
        found = schema["$defs"][reference.removeprefix("#/$defs/")]["properties"][step.removesuffix("[]")]
        assert ("items" in found) == step.endswith("[]")
    return found


def holds(whole: Any, part: Any) -> bool:
    """Tell whether everything in one JSON document is in another too."""
    if isinstance(part, dict):
        return all(name in whole and holds(whole[name], one) for name, one in part.items())
    if isinstance(part, list):
        return len(whole) == len(part) and all(map(holds, whole, part))
    return bool(whole == part)
