"""Scenario scripts: what they declare, and what becomes of a mistake in one."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from textwrap import dedent
from typing import Any, cast

import pytest

import drtool
from drtool.drill import scenarios
from drtool.drill.mistakes import broken, is_beside
from drtool.drill.scenarios import Scenario, chosen, find, limited, load, scenario, select, stand_in
from drtool.errors import Unverifiable, WrongUse
from drtool.record.environment import Profile
from drtool.times import parse_duration

Write = Callable[..., Path]
DRILL = cast(Any, None)  # what these scenarios do with it is nothing


@pytest.fixture(autouse=True)
def _own_modules() -> Iterator[None]:
    """Forget what the scripts of a test brought in, as a new process would."""
    path, modules = list(sys.path), set(sys.modules)
    yield
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        del sys.modules[name]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes a script and returns its path."""

    def write(text: str, name: str = "shop.py") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
        return path

    return write


def mistake_in(path: Path, code: str = "scenario-broken") -> Unverifiable:
    with pytest.raises(Unverifiable) as mistake:
        load(path)
    assert mistake.value.code == code
    return mistake.value


def mistake_of(path: Path) -> Unverifiable:
    """Return what a drill's record will say of a scenario that breaks while it runs."""
    (one,) = load(path)
    try:
        one.conduct(DRILL)
    except BaseException as error:
        return broken(one.file, error)
    pytest.fail("the scenario did not break")


class TestDeclaring:
    def test_everything_that_can_be_said_is_kept(self) -> None:
        @scenario(
            rto="30m", rpo="24h", allowance="10m", every="31d", time_limit="2h", rto_includes_checks=True,
            judge_rto_in=["faithful", "fast"], owner="ops@example.org", controls=["SOC2 A1.3", "ISO27001 A.8.13"],
        )  # fmt: skip
        def shop_monthly(_drill: object) -> None:
            """The shop comes back.

            And more that the list does not show.
            """

        assert (shop_monthly.name, shop_monthly.description) == ("shop_monthly", "The shop comes back.")
        assert shop_monthly.file == Path(__file__)
        assert (shop_monthly.rto, shop_monthly.rpo) == (timedelta(minutes=30), timedelta(hours=24))
        assert (shop_monthly.allowance, shop_monthly.every) == (timedelta(minutes=10), timedelta(days=31))
        assert shop_monthly.time_limit == timedelta(hours=2)
        assert shop_monthly.rto_includes_checks
        assert shop_monthly.judge_rto_in == set(Profile)
        assert (shop_monthly.owner, shop_monthly.controls) == ("ops@example.org", ("SOC2 A1.3", "ISO27001 A.8.13"))

    def test_what_is_not_said_has_a_careful_default(self) -> None:
        @scenario()
        def quiet(_drill: object) -> None: ...

        assert (quiet.rto, quiet.rpo, quiet.every, quiet.owner, quiet.controls) == (None, None, None, None, ())
        assert (quiet.allowance, quiet.time_limit) == (timedelta(), timedelta(hours=6))
        assert (quiet.rto_includes_checks, quiet.judge_rto_in) == (False, frozenset({Profile.FAITHFUL}))
        assert quiet.description == "quiet"

    @pytest.mark.parametrize(
        ("own", "asked", "limit"),
        [("24h", None, "24h"), ("2h", "48h", "48h"), ("48h", "72h", "72h"), ("48h", "1h", "1h"), ("2h", "30d", "30d"),
         ("24h1s", None, None), ("11000d", None, None), ("2h", "30d1s", None), ("36500d", "36500d", None)],
    )  # fmt: skip
    def test_a_long_time_limit_is_for_the_command_line_to_say(
        self, own: str, asked: str | None, limit: str | None
    ) -> None:
        one = scenario(time_limit=own)(lambda _drill: None)
        if limit:
            assert limited(one, parse_duration(asked) if asked else None).time_limit == parse_duration(limit)
            return
        with pytest.raises(WrongUse) as refused:
            limited(one, parse_duration(asked) if asked else None)
        assert refused.value.code == "time-limit-too-long"

    @pytest.mark.parametrize("argument", ["rto", "rpo", "allowance", "every", "time_limit"])
    @pytest.mark.parametrize("value", ["", "30", "half an hour", "0s", 30, 1.5, timedelta(minutes=30)])
    def test_a_target_that_is_none_is_refused(self, argument: str, value: object) -> None:
        with pytest.raises(WrongUse):
            scenario(**{argument: value})(lambda _drill: None)  # type: ignore[arg-type]

    def test_a_profile_that_is_none_is_refused(self) -> None:
        with pytest.raises(WrongUse, match="faithful"):
            scenario(judge_rto_in=["production"])
        with pytest.raises(WrongUse):
            scenario(judge_rto_in="fast")

    def test_one_control_given_as_text_is_not_taken_letter_by_letter(self) -> None:
        with pytest.raises(WrongUse, match="SOC2"):
            scenario(controls="SOC2 A1.3")

    def test_what_would_do_nothing_when_called_is_refused(self) -> None:
        async def asynchronous(_drill: object) -> None: ...

        def generator(_drill: object) -> Iterator[None]:
            yield

        class Kind: ...

        for useless in (asynchronous, generator, Kind, 7):
            with pytest.raises(WrongUse) as refused:
                scenario()(useless)  # type: ignore[arg-type]
            assert refused.value.code == "bad-scenario"

    def test_what_cannot_be_called_with_a_drill_is_refused(self) -> None:
        def none() -> None: ...
        def two(_drill: object, _more: object) -> None: ...
        def named(*, _drill: object) -> None: ...

        for wrong in (none, two, named):
            with pytest.raises(WrongUse, match="does not take a drill"):
                scenario()(wrong)  # type: ignore[arg-type]


class TestLoading:
    def test_scenarios_come_in_the_order_they_are_declared(self, write: Write) -> None:
        path = write("""
            from drtool import scenario

            @scenario(rto="1h")
            def zebra(drill): ...

            @scenario(rto="2h")
            def ant(drill): ...
        """)
        assert [(one.name, one.rto) for one in load(path)] == [
            ("zebra", timedelta(hours=1)), ("ant", timedelta(hours=2)),
        ]  # fmt: skip

    def test_the_digest_is_that_of_the_bytes_that_run(self, write: Write) -> None:
        path = write("from drtool import scenario\n@scenario()\ndef shop(drill): ...\n")
        content = path.read_bytes()
        (one,) = load(path)
        path.write_text("edited while the drill runs")
        assert one.info.sha256 == hashlib.sha256(content).hexdigest()

    def test_a_script_that_was_edited_is_run_as_it_is_now(self, write: Write) -> None:
        text = 'from drtool import scenario\n@scenario(rto="{}h")\ndef shop(drill): ...\n'
        path = write(text.format(1))
        before = path.stat()
        load(path)
        path.write_text(text.format(2))
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert load(path)[0].rto == timedelta(hours=2)
        assert [one.name for one in path.parent.iterdir()] == ["shop.py"]

    def test_a_script_may_import_its_neighbours(self, write: Write) -> None:
        write("LIMIT = '45m'\ndef note(): print('from the neighbour')\n", "helpers.py")
        path = write("""
            import helpers
            from drtool import scenario

            @scenario(rto=helpers.LIMIT)
            def shop(drill):
                from helpers import note
                note()
        """)
        (one,) = load(path)
        assert one.rto == timedelta(minutes=45)
        one.conduct(DRILL)

    def test_neighbours_of_the_same_name_in_two_folders_are_kept_apart(
        self, write: Write, capsys: pytest.CaptureFixture[str]
    ) -> None:
        text = """
            import targets
            from drtool import scenario

            @scenario(rto=targets.RTO)
            def shop(drill):
                import late, targets as again
                assert again is targets
                print(late.NAME)
        """
        for folder, limit in (("one", "1h"), ("two", "2h")):
            write(f"RTO = '{limit}'\n", f"{folder}/targets.py")
            write(f"NAME = '{folder}'\n", f"{folder}/late.py")
        path = list(sys.path)
        first, second = (load(write(text, f"{folder}/shop.py"))[0] for folder in ("one", "two"))
        assert (first.rto, second.rto) == (timedelta(hours=1), timedelta(hours=2))
        for one in (second, first, second):
            one.conduct(DRILL)
        assert capsys.readouterr().out == "two\none\ntwo\n"
        assert sys.path == path
        assert {"targets", "late"}.isdisjoint(sys.modules)

    def test_modules_that_a_script_brings_from_elsewhere_are_its_own_too(
        self, write: Write, capsys: pytest.CaptureFixture[str]
    ) -> None:
        text = """
            import sys
            from pathlib import Path
            sys.path.insert(0, str(Path(__file__).parent / "lib"))
            sys.path.append(Path("/nonexistent"))  # which Python passes over
            from drtool import scenario

            @scenario()
            def shop(drill):
                import names
                print(names.NAME)
        """
        for folder in ("one", "two"):
            write(f"NAME = '{folder}'\n", f"{folder}/lib/names.py")
        for (one,) in [load(write(text, f"{folder}/shop.py")) for folder in ("one", "two")]:
            one.conduct(DRILL)
        assert capsys.readouterr().out == "one\ntwo\n"

    @pytest.mark.parametrize("package", [True, False])
    def test_folders_of_modules_are_kept_apart_too(
        self, package: bool, write: Write, capsys: pytest.CaptureFixture[str]
    ) -> None:
        text = """
            from lib import settings
            from drtool import scenario

            @scenario()
            def shop(drill):
                from lib import settings as again
                print(settings.NAME, again.NAME)
        """
        for folder in ("one", "two"):
            write(f"NAME = '{folder}'\n", f"{folder}/lib/settings.py")
            if package:
                write("", f"{folder}/lib/__init__.py")
        for (one,) in [load(write(text, f"{folder}/shop.py")) for folder in ("one", "two")]:
            one.conduct(DRILL)
        assert capsys.readouterr().out == "one one\ntwo two\n"

    def test_ways_that_are_relative_to_the_working_folder_are_kept_apart(
        self, write: Write, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.chdir(tmp_path)
        paths = []
        for name in ("one", "two"):
            write(f"NAME = '{name}'\n", f"conf/{name}/settings.py")
            text = f"""
                import sys
                sys.path.insert(0, "conf/{name}")
                import settings
                from drtool import scenario

                @scenario()
                def {name}(drill):
                    print(settings.NAME)
            """
            paths.append(write(text, f"{name}.py"))
        for (one,) in [load(path) for path in paths]:
            one.conduct(DRILL)
        assert capsys.readouterr().out == "one\ntwo\n"

    def test_a_helper_beside_the_script_may_make_its_scenarios(self, write: Write) -> None:
        write("from drtool import scenario\ndef ours(**terms): return scenario(owner='ops', **terms)\n", "_make.py")
        path = write("""
            from _make import ours

            @ours(rto="30m")
            def house(drill): ...
        """)
        (one,) = load(path)
        assert (one.name, one.owner, one.file, one.sha256 is not None) == ("house", "ops", path, True)

    def test_a_script_with_the_name_of_a_library_does_not_stand_in_for_it(self, write: Write) -> None:
        load(write("from drtool import scenario\n@scenario()\ndef shop(drill): ...\n", "wave.py"))
        import wave

        assert wave.__file__
        assert "shop" not in vars(wave)

    def test_a_scenario_that_is_imported_is_not_drilled_twice(self, write: Write) -> None:
        write("from drtool import scenario\n@scenario()\ndef shop(drill): ...\n", "shop_base.py")
        path = write("""
            from drtool import scenario
            from shop_base import shop

            again = shop

            @scenario()
            def nightly(drill):
                shop.conduct(drill)
        """)
        assert [one.name for one in load(path)] == ["nightly"]

    def test_another_decorator_in_between_changes_nothing(self, write: Write) -> None:
        write("def patient(function):\n    def call(drill): function(drill)\n    return call\n", "helpers.py")
        path = write("""
            from drtool import scenario
            from helpers import patient

            @scenario()
            @patient
            def shop(drill): ...
        """)
        assert [one.file for one in load(path)] == [path]

    def test_scenarios_made_in_a_loop_are_all_there(self, write: Write) -> None:
        path = write("""
            from drtool import scenario

            def make(town):
                def shop(drill): ...
                shop.__name__ = f"shop_{town}"
                return scenario(rto="1h")(shop)

            for town in ("berlin", "paris"):
                make(town)
        """)
        assert [one.name for one in load(path)] == ["shop_berlin", "shop_paris"]

    def test_two_scenarios_of_one_name_are_refused_rather_than_one_lost(self, write: Write) -> None:
        path = write("""
            from drtool import scenario

            @scenario()
            def shop(drill): ...

            @scenario()
            def shop(drill): ...
        """)
        assert "defines shop more than once" in str(mistake_in(path))

    def test_a_dataclass_with_postponed_annotations_works(self, write: Write) -> None:
        path = write("""
            from __future__ import annotations
            from dataclasses import dataclass
            from drtool import Drill, scenario

            @dataclass
            class Shop:
                name: str

            @scenario()
            def shop(drill: Drill) -> None: ...
        """)
        assert len(load(path)) == 1

    def test_unusual_names_work(self, write: Write) -> None:
        path = write("from drtool import scenario\n@scenario()\ndef größe_zwei(drill): ...\n", "mein shop (neu)-2.py")
        assert [one.name for one in load(path)] == ["größe_zwei"]

    def test_what_a_script_prints_while_loading_stays_out_of_the_data(
        self, write: Write, capsys: pytest.CaptureFixture[str]
    ) -> None:
        load(write("print('hello')\nfrom drtool import scenario\n@scenario()\ndef shop(drill): ...\n"))
        assert capsys.readouterr() == ("", "hello\n")

    def test_a_script_that_is_not_there_is_wrong_use(self, tmp_path: Path) -> None:
        for missing in (tmp_path / "none.py", tmp_path):
            with pytest.raises(WrongUse, match="There is no scenario script"):
                load(missing)

    def test_a_file_that_is_no_python_is_wrong_use(self, write: Write) -> None:
        with pytest.raises(WrongUse, match=r"suffix \.py"):
            load(write("rto: 30m\n", "shop.yaml"))

    def test_a_script_without_a_scenario_says_how_to_have_one_or_be_left_alone(self, write: Write) -> None:
        with pytest.raises(WrongUse, match=r"@scenario.*begin the file's name with _"):
            load(write("def shop(drill): ...\n"))


class TestMistakes:
    def test_a_syntax_error_is_named_by_file_and_line(self, write: Write) -> None:
        mistake = mistake_in(write("from drtool import scenario\n\ndef shop(drill:\n"))
        assert "shop.py, line 3: SyntaxError: '(' was never closed" in str(mistake)

    def test_bytes_that_are_no_text_are_named_by_file(self, write: Write, tmp_path: Path) -> None:
        path = tmp_path / "shop.py"
        path.write_bytes(b"town = 'K\xf6ln'\n")
        assert "shop.py" in str(mistake_in(path))

    def test_an_import_error_is_named_by_file_and_line(self, write: Write) -> None:
        mistake = mistake_in(write("import os\nimport no_such_library\n"))
        assert "shop.py, line 2: ModuleNotFoundError: No module named 'no_such_library'" in str(mistake)

    def test_a_mistake_in_a_neighbour_is_named_by_the_neighbours_line(self, write: Write) -> None:
        write("x = 1\ny = x / 0\n", "helpers.py")
        mistake = mistake_in(write("import helpers\n"))
        assert "helpers.py, line 2: ZeroDivisionError: division by zero" in str(mistake)

    def test_a_syntax_error_in_a_neighbour_is_named_by_the_neighbours_line(self, write: Write) -> None:
        write("x = 1\n\nif x\n", "helpers.py")
        assert "helpers.py, line 3: SyntaxError" in str(mistake_in(write("import helpers\n")))

    def test_a_mistake_inside_a_library_is_named_by_the_line_that_called_it(self, write: Write) -> None:
        mistake = mistake_in(write("import json\n\nx = json.loads('{')\n"))
        assert "shop.py, line 3: JSONDecodeError" in str(mistake)

    def test_a_mistake_inside_drtool_is_named_by_the_line_that_called_it(self, write: Write) -> None:
        mistake = mistake_in(
            write("""\
            from drtool import scenario

            @scenario(rto="half an hour")
            def shop(drill): ...
        """),
            "bad-duration",
        )
        assert "'half an hour' is not a duration (" in str(mistake)
        assert "shop.py, line 3)" in str(mistake)

    def test_an_error_of_the_authors_own_keeps_its_code(self, write: Write) -> None:
        text = "from drtool import WrongUse\nraise WrongUse('bad-tier', 'There is no tier 7', mend='Take 1 to 3')\n"
        mistake = mistake_in(write(text), "bad-tier")
        assert str(mistake).endswith("shop.py, line 2). Take 1 to 3.")

    def test_forgotten_brackets_are_named_by_their_line(self, write: Write) -> None:
        mistake = mistake_in(write("from drtool import scenario\n\n@scenario\ndef shop(drill): ...\n"))
        assert "shop.py, line 3: TypeError" in str(mistake)

    def test_a_mistake_while_the_scenario_runs_is_named_by_its_line(self, write: Write) -> None:
        path = write("""\
            from drtool import scenario

            @scenario()
            def shop(drill):
                drill.latest("/backups/*")
        """)
        mistake = mistake_of(path)
        assert "shop.py, line 5: AttributeError" in str(mistake)
        assert mistake.mend == "Mend the script and drill again"

    @pytest.mark.parametrize(
        "ending", ["import sys; sys.exit()", "import sys; sys.exit(0)", "raise SystemExit", "quit()", "exit(0)",
                   "raise BaseException('out')", "raise GeneratorExit"],
    )  # fmt: skip
    def test_a_script_that_ends_itself_is_broken_and_not_a_success(self, write: Write, ending: str) -> None:
        assert "shop.py, line 2" in str(mistake_in(write(f"import site\n{ending}\n")))

    @pytest.mark.parametrize("ending", ["raise SystemExit(0)", "raise KeyboardInterrupt", "raise BaseException"])
    def test_a_scenario_that_ends_itself_is_broken_and_named_by_its_line(self, write: Write, ending: str) -> None:
        path = write(f"from drtool import scenario\n@scenario()\ndef shop(drill):\n    {ending}\n")
        assert "shop.py, line 4" in str(mistake_of(path))

    def test_ctrl_c_while_a_script_is_loaded_is_not_a_mistake_of_its_own(self, write: Write) -> None:
        with pytest.raises(KeyboardInterrupt):
            load(write("raise KeyboardInterrupt\n"))

    def test_a_long_message_of_many_lines_becomes_a_short_one_of_one_line(self, write: Write) -> None:
        mistake = mistake_in(write("raise ValueError('one\\ntwo ' + 'x' * 5000)\n"))
        assert mistake.why.startswith("ValueError: one two xxx")
        assert len(mistake.why) < 400

    def test_an_error_of_the_server_is_not_quoted(self, write: Write) -> None:
        mistake = mistake_in(
            write("import pymysql\nraise pymysql.err.IntegrityError(1062, 'entry jane@example.org')\n")
        )
        assert mistake.why == "IntegrityError"
        assert "shop.py, line 2" in mistake.what

    @pytest.mark.parametrize("kind", ["check=True", "timeout=0.01"])
    def test_the_arguments_of_a_program_are_not_quoted(self, write: Write, kind: str) -> None:
        command = "['sh', '-c', 'sleep 1; exit 3', '--password=hunter2']"
        mistake = mistake_in(write(f"import subprocess\nsubprocess.run({command}, {kind})\n"))
        assert mistake.why in {"CalledProcessError", "TimeoutExpired"}
        assert "shop.py, line 2" in mistake.what

    def test_an_error_without_words_is_named_by_its_kind(self, write: Write) -> None:
        assert mistake_in(write("raise ValueError\n")).why == "ValueError"

    def test_a_path_below_the_current_folder_is_shown_short(
        self, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = write("1 / 0\n", "scenarios/shop.py")
        monkeypatch.chdir(tmp_path)
        assert "in scenarios/shop.py, line 1" in mistake_in(path).what

    def test_a_failed_script_leaves_nothing_for_the_next(self, write: Write) -> None:
        good = write("from drtool import scenario\n@scenario()\ndef good(drill): ...\n", "good.py")
        bad = write("from drtool import scenario\n@scenario()\ndef bad(drill): ...\n1 / 0\n", "bad.py")
        with suppress(Unverifiable):
            load(bad)
        assert [one.name for one in load(good)] == ["good"]

    def test_wrong_use_in_a_scenario_without_a_script_keeps_its_own_words(self) -> None:
        error = broken(Path("(drtool verify)"), WrongUse("unknown-store", "drtool knows no store x://", mend="Use s3"))
        assert (error.code, error.what, error.mend) == ("unknown-store", "drtool knows no store x://", "Use s3")

    def test_what_goes_into_the_record_is_text_whatever_a_script_gives(self, write: Write) -> None:
        path = write(
            "from drtool import scenario\n@scenario(owner=['ops'], controls=['A1.2', 1.3], rto_includes_checks='yes')\n"
            "def shop(drill): ...\n"
        )
        (one,) = load(path)
        assert (one.owner, one.controls, one.rto_includes_checks) == ("['ops']", ("A1.2", "1.3"), True)

    def test_two_scripts_with_a_scenario_of_one_name_are_refused(self, write: Write) -> None:
        text = "from drtool import scenario\n@scenario()\ndef {}(drill): ...\n"
        first = str(write(text.format("recovery"), "a.py"))
        second = str(write(text.format("recovery") + text.format("other"), "b.py"))
        with pytest.raises(WrongUse, match=r"a.py and \S*b.py both have a scenario recovery") as refused:
            chosen([first, second])
        assert refused.value.code == "scenario-twice"
        assert [one.name for _, one in chosen([first, f"{second}::other", first])] == ["recovery", "other", "recovery"]

    def test_a_broken_script_keeps_nobody_from_the_others(self, write: Write) -> None:
        whole = write("from drtool import scenario\n@scenario()\ndef shop(drill): ...\n", "a.py")
        broken = write("1 / 0\n", "shop.py")
        found = chosen([str(broken), str(whole)])
        assert [(path, one.name, bool(one.broken)) for path, one in found] == [
            (broken, "shop", True), (whole, "shop", False),
        ]  # fmt: skip

    def test_a_stand_in_for_a_broken_script_says_what_is_wrong_when_it_is_drilled(self, write: Write) -> None:
        path = write("1 / 0\n")
        error = mistake_in(path)
        one = stand_in(path, "shop_monthly", error)
        assert (one.name, one.file) == ("shop_monthly", path)
        assert one.info.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        with pytest.raises(Unverifiable) as said:
            one.conduct(DRILL)
        assert said.value is error
        assert stand_in(path, None, error).name == "shop"


class TestFindingAndSelecting:
    def test_arguments_name_files_and_scenarios(self) -> None:
        assert find(["a.py", "scenarios/b.py::monthly", "c.py::"]) == [
            (Path("a.py"), None), (Path("scenarios/b.py"), "monthly"), (Path("c.py"), None),
        ]  # fmt: skip

    def test_without_arguments_every_script_is_found_but_the_helpers(
        self, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("b.py", "a.py", "_helpers.py", "._a.py", "notes.txt", "old/c.py"):
            write("", f"scenarios/{name}")
        monkeypatch.chdir(tmp_path)
        Path("scenarios/.#a.py").symlink_to("somebody@host.4711")  # Emacs's mark that a.py is being changed
        assert find([]) == [(Path("scenarios/a.py"), None), (Path("scenarios/b.py"), None)]

    def test_without_scripts_the_way_to_a_first_one_is_told(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        with pytest.raises(WrongUse, match="drtool init"):
            find([])

    def test_one_or_all_are_selected(self, write: Write) -> None:
        path = write("from drtool import scenario\n@scenario()\ndef a(drill): ...\n@scenario()\ndef b(drill): ...\n")
        loaded = load(path)
        assert select(loaded, None, path) == loaded
        assert [one.name for one in select(loaded, "b", path)] == ["b"]
        with pytest.raises(WrongUse, match=r"has no scenario c\. It has: a, b"):
            select(loaded, "c", path)


def _committed(path: Path, *, key: Path | None = None) -> str:
    """Commit a file, signed where a key is to be made for that, and return the commit."""
    if key:
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    settings = {
        "user.name": "Ops", "user.email": "ops@example.org", "gpg.format": "ssh", "user.signingKey": key or "",
        "commit.gpgSign": "true" if key else "false",
    }  # fmt: skip
    git = ["git", "-C", str(path.parent)]
    for name, value in settings.items():
        git += ["-c", f"{name}={value}"]
    for command in (["init", "-q"], ["add", path.name], ["commit", "-q", "-m", "one more"]):
        subprocess.run([*git, *command], check=True, capture_output=True)
    return subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()


class TestInfo:
    def test_the_commit_of_the_script_is_recorded_and_marked_when_it_changed_since(
        self, write: Write, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = write("from drtool import scenario\n@scenario()\ndef shop(drill): ...\n")

        def git(*arguments: str) -> str:
            identity = ["-c", "user.name=Ops", "-c", "user.email=ops@example.org", "-c", "commit.gpgsign=false"]
            command = ["git", "-C", str(path.parent), *identity, *arguments]
            return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

        assert load(path)[0].info.git_commit is None
        git("init", "-q")
        git("add", ".")
        git("commit", "-q", "-m", "first")
        commit = git("rev-parse", "HEAD")
        assert load(path)[0].info.git_commit == commit
        with monkeypatch.context() as hook:  # of another repository, which exports its own place
            hook.setenv("GIT_DIR", ".")
            hook.setenv("GIT_INDEX_FILE", "index")
            assert load(path)[0].info.git_commit == commit
        path.write_text(path.read_text() + "# changed\n")
        assert load(path)[0].info.git_commit == f"{commit} (changed since)"

    def test_what_a_person_configured_for_git_says_no_more_than_the_commit(
        self, write: Write, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = write("from drtool import scenario\n@scenario()\ndef shop(drill): ...\n")
        commit = _committed(path, key=path.parent / "key")
        for number, (name, value) in enumerate([("log.showSignature", "true"), ("log.showRoot", "false")]):
            monkeypatch.setenv(f"GIT_CONFIG_KEY_{number}", name)
            monkeypatch.setenv(f"GIT_CONFIG_VALUE_{number}", value)
            monkeypatch.setenv("GIT_CONFIG_COUNT", str(number + 1))
        assert load(path)[0].info.git_commit == commit

    def test_where_a_shallow_clone_begins_a_commit_is_said_to_be_that_or_an_earlier_one(
        self, write: Write, tmp_path: Path
    ) -> None:
        path = write("from drtool import scenario\n@scenario()\ndef shop(drill): ...\n", "upstream/shop.py")
        _committed(write("0", "upstream/first.py"))
        _committed(write("1", "upstream/other.py"))
        changed = _committed(path)
        newest = _committed(write("2", "upstream/other.py"))
        found = {}
        for depth in (1, 3):
            clone = ["git", "clone", "-q", f"--depth={depth}", path.parent.as_uri(), str(tmp_path / f"clone-{depth}")]
            subprocess.run(clone, check=True)
            found[depth] = load(tmp_path / f"clone-{depth}" / "shop.py")[0].info.git_commit
        assert found == {1: f"{newest} (or earlier: the clone is shallow)", 3: changed}

    def test_a_scenario_without_a_script_has_neither_digest_nor_commit(self) -> None:
        made = Scenario(name="verify", conduct=lambda _drill: None, description="d", file=Path("(drtool verify)"))
        info = made.info
        assert (info.file, info.sha256, info.git_commit) == ("(drtool verify)", None, None)

    def test_the_default_folder_is_where_the_documentation_says(self) -> None:
        assert Path("scenarios") == scenarios.SCENARIO_FOLDER


def test_all_that_is_public_can_be_seen() -> None:
    assert {*drtool.__all__} <= {*dir(drtool)}


def test_pythons_own_library_is_nobodys_mistake(tmp_path: Path) -> None:
    assert not is_beside(Path(json.__file__), Path("/"))
    assert is_beside(tmp_path / "lib" / "names.py", tmp_path)
    with pytest.raises(ValueError, match="Expecting") as mistake:
        json.loads("{")
    assert "test_scenarios.py, line" in broken(Path("/shop.py"), mistake.value).what
