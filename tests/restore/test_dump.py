"""Where a dump goes, and what its end says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drtool.backups.compression import Compression
from drtool.backups.recognise import Format, Recognised
from drtool.errors import RestoreFailed, Unverifiable
from drtool.mariadb.sql import quoted
from drtool.restore.dump import DEFAULT_DATABASE, dump_failure, left_out, made_by_several, target_database
from drtool.restore.endings import trailer_failure
from drtool.restore.pipeline import Outcome
from drtool.restore.promises import Promises


def dump(*, database: str | None = None, selects: bool = False, header: bool = True) -> Recognised:
    return Recognised(
        format=Format.DUMP, compression=Compression.NONE, database=database, selects_database=selects, has_header=header
    )


def ended(end: str, *, sink: int = 0, complaint: str = "", decompress: int = 0) -> Outcome:
    statuses = {"read": 0, "decompress": decompress, "sink": sink}
    return Outcome(finished=True, statuses=statuses, errors={"sink": [complaint]}, end=end, carried_out=not sink)


class TestTarget:
    def test_a_dump_that_selects_its_databases_gets_none_whatever_is_named(self) -> None:
        assert target_database(dump(database="shop", selects=True), None) is None
        assert target_database(dump(database="shop", selects=True), "copy") is None

    def test_a_dump_that_does_not_goes_where_the_scenario_says_or_else_its_header(self) -> None:
        assert target_database(dump(database="shop"), "copy") == "copy"
        assert target_database(dump(database="shop"), None) == "shop"

    @pytest.mark.parametrize("named", [None, "", "x" * 65])
    def test_without_a_name_that_could_be_one_it_goes_to_the_default(self, named: str | None) -> None:
        assert target_database(dump(database=named), None) == DEFAULT_DATABASE

    @pytest.mark.parametrize(
        ("name", "sql"), [("shop", "`shop`"), ("a`; DROP DATABASE x; -- ", "`a``; DROP DATABASE x; -- `"), ("", "``")]
    )
    def test_a_name_is_quoted_whatever_is_in_it(self, name: str, sql: str) -> None:
        assert quoted(name) == sql


class TestEnd:
    def test_a_closing_comment_is_the_end(self) -> None:
        assert trailer_failure(ended("complete"), dump()) is None

    def test_truncated_dump_fails_and_names_the_missing_trailer(self) -> None:
        failure = trailer_failure(ended("missing"), dump())
        assert failure is not None
        assert (failure.code, "-- Dump completed" in failure.what) == ("dump-trailer-missing", True)

    @pytest.mark.parametrize(
        ("begun", "done", "code"),
        [(2, 1, "dump-trailer-missing"), (2, 2, None), (1, 1, None), (1, 2, None), (0, 0, None)],
    )
    def test_of_several_dumps_in_one_file_each_has_to_end(self, begun: int, done: int, code: str | None) -> None:
        outcome = replace(ended("complete"), promised=Promises(dumps_begun=begun, dumps_ended=done))
        failure = trailer_failure(outcome, dump())
        assert (failure.code if failure else None) == code
        assert trailer_failure(outcome, dump(header=False)) is None

    def test_what_the_dump_says_that_it_lacks_counts(self) -> None:
        told = list(left_out(replace(ended("complete"), promised=Promises(denied=2, filtered=1)), "the dump of db"))
        assert [(type(one), one.code) for one in told] == [
            (RestoreFailed, "dump-lacks-routines"), (Unverifiable, "dump-of-some-rows"),
        ]  # fmt: skip
        assert ("2 routines" in str(told[0]), "1 table" in str(told[1])) == (True, True)
        assert list(left_out(ended("complete"), "the dump of db")) == []

    def test_tables_whose_rows_do_not_end_in_a_dump_that_does_are_named(self) -> None:
        unfinished = replace(ended("complete"), promised=Promises(unfinished={("shop", "orders")}))
        (told,) = left_out(unfinished, "the dump of db")
        assert (type(told), told.code, "shop.orders" in told.what) == (RestoreFailed, "dump-tool-failed", True)
        assert list(left_out(replace(unfinished, end="missing"), "the dump of db")) == []

    def test_they_are_why_a_table_behind_them_is_refused(self) -> None:
        refused = ended("complete", sink=1, complaint="ERROR 1100 (HY000) at line 9: Table 'u' was not locked")
        for tables, code in (({("", "orders")}, "dump-tool-failed"), (set[tuple[str, str]](), "dump-does-not-load")):
            failure = dump_failure(replace(refused, promised=Promises(unfinished=tables)), dump())
            assert failure is not None
            assert (failure.code, "line 9" in str(failure)) == (code, True)

    def test_tables_that_several_dumps_make_are_told_and_those_of_the_same_name_elsewhere_are_not(self) -> None:
        mixed = made_by_several({"all.sql": [("a", "t"), ("b", "t")], "b.sql": [("b", "t")], "c.sql": [("c", "t")]})
        assert mixed is not None
        assert (mixed.code, "b.t (all.sql, b.sql)" in mixed.what, "a.t" in mixed.what) == ("dumps-mixed", True, False)
        assert made_by_several({"all.sql": [("a", "t")], "b.sql": [("b", "t")], "rows.sql": []}) is None

    def test_a_dump_that_sets_how_many_warnings_are_kept_is_told(self) -> None:
        (told,) = left_out(replace(ended("complete"), hides_warnings=True), "the dump of db")
        assert (type(told), told.code) == (Unverifiable, "warnings-hidden")

    def test_what_follows_the_closing_comment_is_told(self) -> None:
        failure = trailer_failure(ended("followed"), dump())
        assert failure is not None
        assert failure.code == "dump-trailing-garbage"

    @pytest.mark.parametrize("end", ["missing", "followed", "complete"])
    def test_a_dump_made_without_comments_cannot_miss_them(self, end: str) -> None:
        assert trailer_failure(ended(end), dump(header=False)) is None

    def test_an_error_of_the_dump_tool_at_the_end_is_told_even_so(self) -> None:
        failure = trailer_failure(ended("error"), dump(header=False))
        assert failure is not None
        assert failure.code == "dump-tool-failed"

    def test_a_dump_that_breaks_off_inside_a_statement_is_told_as_cut(self) -> None:
        complaint = "ERROR 1064 (42000) at line 7: You have an error near ''jane@exam' at line 1"
        cut = dump_failure(ended("missing", sink=1, complaint=complaint), dump())
        assert cut is not None
        assert cut.code == "dump-truncated"
        assert "line 7" in str(cut)
        assert "jane" not in str(cut)

    def test_a_whole_dump_that_the_server_refuses_is_told_as_refused(self) -> None:
        refused = dump_failure(ended("complete", sink=1, complaint="ERROR 1046 (3D000) at line 1: No database"), dump())
        assert refused is not None
        assert refused.code == "dump-does-not-load"

    @pytest.mark.parametrize(
        ("complaint", "code"),
        [
            ("ERROR 1115 (42000) at line 7: Unknown character set: 'asci'", "collation-unknown"),
            ("ERROR 1286 (42000) at line 7: Unknown storage engine 'Inno'", "engine-missing"),
        ],
    )
    def test_half_a_name_at_the_end_of_a_cut_dump_is_told_from_one_that_the_server_does_not_know(
        self, complaint: str, code: str
    ) -> None:
        cut = ended("missing", sink=1, complaint=complaint)
        cut.end_detail = "inside-statement"
        failures = [dump_failure(cut, dump())]
        for end in ("missing", "complete"):  # cut elsewhere, between two statements; whole
            failures.append(dump_failure(ended(end, sink=1, complaint=complaint), dump()))
        assert [failure.code for failure in failures if failure] == ["dump-truncated", code, code]
        assert "line 7" in str(failures[0])

    def test_a_damaged_stream_comes_before_what_it_made_of_the_sql(self) -> None:
        outcome = ended("missing", sink=1, complaint="ERROR 1064 (42000) at line 1: near 'x'", decompress=1)
        outcome.errors["decompress"] = ["gzip: stdin: unexpected end of file"]
        damaged = dump_failure(outcome, dump())
        assert damaged is not None
        assert damaged.code == "stream-truncated"

    def test_a_dump_that_loaded_has_no_failure(self) -> None:
        assert dump_failure(ended("complete"), dump()) is None
