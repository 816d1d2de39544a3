"""An option file says what MariaDB's own my_print_defaults makes of it, byte for byte, however hostile it is."""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import docker
import pytest
from docker.models.containers import Container
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from drtool.errors import WrongUse
from drtool.mariadb.option_file import OptionLine, plain_name, read_client_options, read_option_file
from tests.mariadb.test_option_file import SAMPLE

GENERATED = 200
_CLIENT = ("client", "client-server", "client-mariadb", "drtool")
# All in one go, as each call of the engine takes longer than hundreds of the program's.
_JUDGE = r"""cd "$1"; for file in *.cnf; do
my_print_defaults --defaults-file="$PWD/$file" "${@:2}" 2> /dev/null; printf '\0%s\0%s\0' $? "$file"
done"""

# After [client], each with a line's end and without.
LINES = [
    # comments
    b"password=pa#ss", b"password='pa#ss'", b'password="pa#ss', b'password=pa"#ss', b'password=\\"#x', b"password=\\#x",
    b"p=#", b"p=a#", b"p = # c", b"p # = 3", b"p#=3", b"p=a;b", b"p=a ; b", b";p=x", b" ;p", b"#p", b" # p", b"p;x",
    b"p='#", b"p='a'#b", b"p='a' # b", b"p='a#'b'#c", b"'p=x#y'", b"'p#'=x", b"p='a\\'#b'", b"p='a\\\\'#b'",
    b"p=\"a'#\"b#c", b"p='\"#'\"#\"#", b"p='\\\\\\'#'#", b"p=\\'#'#", b"p='a\\", b"p='\\'#", b"#\0\np=a",
    # quotes and escapes
    b"p='a' 'b'", b'p="a"b', b"p=\"a'", b'p="', b'p=""', b"p=''", b"p='''", b"p=' a '", b" p = ' a\t' ", b"'p'=x",
    b"p=\\n\\t\\r\\b\\s\\\\\\'\\\"\\x\\q\\0\\#", b"p='\\n\\s\\q'", b"p=a\\", b'p="a\\', b'p="a\\"', b"p=\\\\",
    b"p=\\\\\\",
    b"p='\\\\'", b"p='\\'", b"p='a\\'b'", b"\\p=x", b"p=\\\xc3\xa9", b"p=\\\\n", b"p=a\\ ",
    # names and values
    b"user=root", b"p", b"p=", b"p = ", b"p=\t", b" p\t=\tx\t", b"=v", b"p=a=b", b"p==", b"a b = c", b"--p=x",
    b"P-A_b=X",
    b"loose-p=x", b"skip-p", b"disable_p=0", b"p=1\np=2\np", b"p\x01=\x02", b"-=-", b"_",
    # blanks, line ends and bytes of no encoding
    b"p=x\r", b"p=a\rq=b", b"p=a\x0bb", b"p=a\x0b", b"\x0cp=a\x0c", b"p=a\x1c", b"p=a\x85", b"p=a\xe2\x80\xa8b",
    b"p=a\xe2\x80\x83",
    b"p=a\xa0", b"\xa0p\xa0=\xa0x\xa0", b"p=\xc3\xa0", b"p='\xc3\xa0'", b"p=\xe9\xff", b"\xe9=p", b"p=a\0b\nq=c",
    b"p\0=a", b"\0p=a",
    # lines longer than MariaDB's buffer
    *(b"p=" + b"x" * number for number in (4091, 4092, 4093, 4094, 8200)),
    b"p=" + b"x" * 4090 + b"#q=1", b"p=" + b"x" * 8000 + b"q=2", b"#" + b"x" * 4093 + b"q=2",
    b"#" + b"x" * 4093 + b"\nq=2",
    b"p='" + b"a" * 4200 + b"#b'", b"#" + b"x" * 4093 + b"[drtool]\nq=2", b"p=" + b"x" * 4091 + b"\\n",
    b"p=" + b"x" * 4090 + b"\xc3\xa9",
    # groups
    b"p=x\n[other]\np=y\n[CLIENT]\np=z", b"[ client]\np=z", b"[client ]\np=z", b"[\tclient\t]\np=z", b"[client]x\np=z",
    b"[client",
    b"[]\np=a", b"[  ]\np=a", b"[cli ent]\np=a", b"[client]]\np=1", b"[[client]\np=1", b" [client]\np=1",
    b"#[client\np=1", b"[",
    b"[client # ]\np=1", b"[client#]\np=1",
    b"[drtool]\np=1\n[client-mariadb]\np=2\n[Client-Server]\np=3\n[mysql]\np=4", b"[\0client]",
    b"[client\xa0]\np=1", b"[client\0]\np=1", b"[client-\n]",
    # directives that are none, and some without a place
    b"!foo", b"!", b"! foo", b"!includex", b"!INCLUDE /x", b"!includedir", b"!include", b"!include  ",
    b" ! include \t ", b"!includedirs /x",
]  # fmt: skip
FILES = [
    b"", b"\n\n", b"\xef\xbb\xbf[client]\np=1\n", b"\xef\xbb\xbf#x\n[client]\np=1\n", b"p=1\n[client]\nq=1\n",
    b"# p\n;\n \n[client]\np",
    b"[client]\r\np=1\r\n\r\n[drtool]\r\nq=2\r\n", b"[client]\rp=1\r", "[client]\np=1\n".encode("utf-16"), b"=v\n",
    b"\0\n[client]\np",
]  # fmt: skip

_PIECES = [
    b"a", b"xyz", b"=", b" ", b"\t", b"\r", b"#", b";", b"'", b'"', b"\\", b"\\n", b"\\s", b"\\'", b'\\"', b"\\\\",
    b"[", b"]", b"!",
    b"\xa0", b"\xc3\xa0", b"\xe9", b"\0", b"\x0b", b"-", b"_", b"%", b"\n",
]  # fmt: skip
_GROUPS = [
    b"[client]",
    b"[CLIENT ]",
    b"[ client]",
    b"[drtool] x",
    b"[mysqld]",
    b"[client-mariadb]",
    b"[]",
    b"\t[client-server]",
]
_NAMES = [b"password", b"Pass-Word", b"user", b"loose-ssl", b"a b", b"'p'", b"p#"]
_text = st.lists(st.sampled_from(_PIECES), max_size=8).map(b"".join)
_signs = st.sampled_from([b"=", b" = ", b"=\t", b" ", b""])
_options = st.tuples(st.sampled_from(_NAMES), _signs, _text, _text).map(b"".join)
_lines = st.one_of(_options, _options, _options, st.sampled_from(_GROUPS), _text)
_files = st.builds(
    lambda end, lines, last: b"[client]\n" + end.join(lines) + last,
    st.sampled_from([b"\n", b"\r\n"]), st.lists(_lines, min_size=1, max_size=8), st.sampled_from([b"", b"\n"]),
)  # fmt: skip
# For a nameless option behind blanks MariaDB looks before the start of its own memory; what comes of it is chance.
_CHANCE = re.compile(rb"^[\s\xa0]*[ \t\v\f\r\xa0]=", re.MULTILINE)


def _generated() -> list[bytes]:
    found: list[bytes] = []

    @settings(max_examples=GENERATED, phases=[Phase.generate], database=None)
    @given(_files.filter(lambda content: not _CHANCE.search(content)))
    def collect(content: bytes) -> None:
        found.append(content)

    collect()
    return found


@dataclass(frozen=True)
class Judge:
    """A container of MariaDB that sees the same files, at the same place."""

    container: Container
    series: str

    def printed(self, folder: Path, *asked: str) -> dict[str, bytes | None]:
        """Return what my_print_defaults prints of each file in a folder, None where it gives up."""
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as tar:
            tar.add(folder, arcname=str(folder))
        self.container.put_archive("/", packed.getvalue())
        # By way of a file: of what comes over an exec's own stream, the SDK may lose the beginning on a busy machine.
        command = ["bash", "-c", f"{{ {_JUDGE}\n}} > /tmp/printed 2>&1", "judge", str(folder), *asked]
        self.container.exec_run(command, environment={"HOME": str(folder / "home")})
        content, _ = self.container.get_archive("/tmp/printed")
        with tarfile.open(fileobj=io.BytesIO(b"".join(content))) as tar:
            written = tar.extractfile("printed")
            assert written is not None
            parts = written.read().split(b"\0")[:-1]
        return {
            name.decode(): _in_one_form(said) if status == b"0" else None
            for said, status, name in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
        }


@pytest.fixture(scope="module", params=["10.5", "10.11", "11.8"])
def judge(engine: docker.DockerClient, request: pytest.FixtureRequest) -> Iterator[Judge]:
    container = engine.containers.run(
        f"drtool/mariadb:{request.param}", ["sleep", "300"], network_mode="none", init=True, detach=True
    )
    try:
        yield Judge(container, request.param)
    finally:
        container.remove(force=True, v=True)


def _in_one_form(printed: bytes) -> bytes:
    """Return what was printed with the names of options in drtool's form of them."""
    lines = printed.decode("utf-8", "surrogateescape").split("\n")
    for place, line in enumerate(lines):
        name, sign, value = line.partition("=")
        if line.startswith("--"):
            lines[place] = f"--{plain_name(name[2:])}{sign}{value}"
    return "\n".join(lines).encode("utf-8", "surrogateescape")


def _ours(options: Iterable[OptionLine]) -> bytes:
    lines = (f"--{one.name}\n" if one.value is None else f"--{one.name}={one.value}\n" for one in options)
    return _in_one_form("".join(lines).encode("utf-8", "surrogateescape"))


def _read(path: Path) -> bytes | None:
    try:
        return _ours(read_client_options(path))
    except WrongUse:
        return None


def test_every_file_says_what_mariadb_makes_of_it(judge: Judge, tmp_path: Path) -> None:
    corpus = [b"[client]\n" + line + end for line in LINES for end in (b"\n", b"")] + FILES + _generated()
    for number, content in enumerate(corpus):
        (tmp_path / f"{number:04}.cnf").write_bytes(content)
    theirs = judge.printed(tmp_path, *_CLIENT)
    assert len(theirs) == len(corpus) > GENERATED + 2 * len(LINES)
    ours = {name: _read(tmp_path / name) for name in theirs}
    assert [(corpus[int(name[:4])], ours[name], theirs[name]) for name in theirs if ours[name] != theirs[name]] == []


def test_included_files_are_those_that_mariadb_includes(
    judge: Judge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "home" / "conf.d"
    folder.mkdir(parents=True)
    for name in ("b.cnf", "a.cnf", "a-b.cnf", "c.x.cnf", ".h.cnf", ".cnf", "Z.cnf", "é.cnf", "k.ini", "q.CNF", "r"):
        (folder / name).write_text(f"[client]\nfile={name}\n")
    (folder / "folder.cnf").mkdir()
    (folder / "nowhere.cnf").symlink_to("/nowhere")
    (tmp_path / "home" / "deep.cnf").write_text(f"!include {folder}/b.cnf\n[client]\np=1\n!includedir {folder}\nq=2\n")
    for number, line in enumerate((
        f"!includedir {folder}", f"!includedir {folder}/ ", f"! include\t{folder}/a.cnf\r", "!include ~/conf.d/a.cnf",
        "!include home/conf.d/a.cnf", "!includedir home/conf.d", "!include conf.d/a.cnf", "!include /nowhere",
        "!includedir /nowhere", "!includedir ~/conf.d", f"!includedir {folder}/a.cnf", f"!include {folder}",
        f'!include "{folder}/a.cnf"', f"!include {folder}/a.cnf # c", "!include ~/deep.cnf", "!include ~nobody-here/x",
    )):  # fmt: skip
        (tmp_path / f"{number:02}.cnf").write_text(f"[client]\nfirst\n{line}\nlast\n")
    theirs = judge.printed(tmp_path, *_CLIENT)
    assert sum(said is not None and b"--file=" in said for said in theirs.values()) == 7
    assert {name: _read(tmp_path / name) for name in theirs} == theirs


def test_the_server_reads_its_own_groups(judge: Judge, tmp_path: Path) -> None:
    groups = ["server", "client", "client-server", "client-mariadb", "galera", "mysql", "mysqld_safe", "embedded"]
    groups += [f"{name}-{version}".rstrip("-") for name in ("mysqld", "mariadb", "mariadbd", "server", "galera")
               for version in ("", "10", "11", "10.5", "10.11", "11.8", "8.0")]  # fmt: skip
    (tmp_path / "groups.cnf").write_text("".join(f"[{group}]\nfrom={group}\n" for group in groups))
    (tmp_path / "sample.cnf").write_text(SAMPLE)
    theirs = judge.printed(tmp_path, "--mysqld")
    assert {name: _ours(read_option_file(tmp_path / name).of_server(judge.series)) for name in theirs} == theirs


def test_the_documented_command_makes_one_file_of_all_settings(judge: Judge, tmp_path: Path) -> None:
    documented = (Path(__file__).parents[2] / "docs" / "scenarios.md").read_text()
    assert "\nmy_print_defaults --mysqld > production.cnf\n" in documented
    (tmp_path / "server.cnf").write_text(
        "[mysqld]\ninit_connect='SET NAMES utf8 # none'\nskip_name_resolve\nft_boolean_syntax=' +-><()~*:\"\"&|'\n"
        "ignore_db_dirs=a\\sb\\\\\\\\c#\nsql_mode=\n"
    )
    printed = judge.printed(tmp_path, "--mysqld")["server.cnf"]
    assert printed is not None
    (tmp_path / "production.cnf").write_bytes(printed)
    assert _ours(read_option_file(tmp_path / "production.cnf").of_server(judge.series)) == printed
