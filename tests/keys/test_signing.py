"""Keys of every kind sign, or say why they do not."""

from __future__ import annotations

import base64
import os
import pty
import stat
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from pathlib import Path

import pytest

from drtool.drill import readiness
from drtool.errors import Unverifiable, WrongUse
from drtool.keys import allowed_signers, site, ssh_keygen
from drtool.keys.signature import public_key
from drtool.keys.signing import SigningKey, check_key, find_key, make_site_key, sign
from drtool.keys.value import forget_key
from tests import pace
from tests.evidence.builder import new_key

PROJECT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no terminal, whoever runs these tests."""
    monkeypatch.setattr(ssh_keygen, "has_terminal", lambda: False)


def key_at(path: Path) -> SigningKey:
    found = find_key(path)
    assert found is not None
    return found


# Which key


def test_a_site_without_a_key_has_none() -> None:
    assert find_key(None) is None


def test_the_key_named_comes_before_the_environments_and_that_before_the_sites_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = make_site_key()
    assert find_key(None) == own
    from_environment, explicit = new_key(tmp_path / "environment"), new_key(tmp_path / "explicit")
    monkeypatch.setenv("DRTOOL_SIGNING_KEY", str(from_environment))
    assert key_at(explicit).path == explicit
    found = find_key(None)
    assert found is not None
    assert found.path == from_environment


def test_a_key_that_is_named_and_not_there_is_an_error_and_not_another_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_site_key()
    with pytest.raises(Unverifiable, match="named by --key") as missing:
        find_key(tmp_path / "nowhere")
    assert missing.value.code == "key-missing"
    with pytest.raises(Unverifiable, match="no signing key ~nobody-at-all/key"):
        find_key(Path("~nobody-at-all/key"))
    monkeypatch.setenv("DRTOOL_SIGNING_KEY", str(tmp_path / "nowhere"))
    with pytest.raises(Unverifiable, match="named by DRTOOL_SIGNING_KEY"):
        find_key(None)


@pytest.mark.parametrize(
    ("comment", "principal"),
    [("jane@laptop", "jane@laptop"), ("*", None), ("a,b", None), ('x" cert-authority', None), ("", None)],
)
def test_the_signer_is_named_by_the_keys_comment_unless_that_is_a_pattern(
    comment: str, principal: str | None, tmp_path: Path
) -> None:
    found = key_at(new_key(tmp_path / "key", comment=comment))
    assert found.principal == principal if principal else found.principal.startswith("drtool@")


# The site's own key


def test_the_sites_key_is_for_its_owner_alone_and_made_once() -> None:
    key = make_site_key()
    content = key.path.read_bytes()
    assert stat.S_IMODE(key.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(key.path.parent.stat().st_mode) == 0o700
    assert make_site_key() == key
    assert key.path.read_bytes() == content
    made = {path.name for path in key.path.parent.iterdir()}
    assert made == {"allowed_signers", "signing_key", "signing_key.pub"}


def test_eight_processes_that_make_the_sites_key_at_once_get_the_same_one() -> None:
    script = "from drtool.keys.signing import make_site_key, check_key; print(check_key(make_site_key()).fingerprint)"
    running = [
        subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=PROJECT)
        for _ in range(8)
    ]
    said = {process.communicate(timeout=60)[0] for process in running}
    assert len(said) == 1
    assert len(site.pins_path().read_text().splitlines()) == 1


def test_where_no_key_can_be_made_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file"))
    with pytest.raises(Unverifiable, match="signing key cannot be made"):
        make_site_key()


# Whether it signs


def test_a_private_key_signs_with_or_without_its_public_half_beside_it(tmp_path: Path) -> None:
    path = new_key(tmp_path / "key")
    public = path.with_suffix(".pub").read_text().split()[1]
    path.with_suffix(".pub").unlink()
    assert check_key(key_at(path)).text == public


def test_the_fingerprint_is_the_one_that_openssh_prints(tmp_path: Path) -> None:
    path = new_key(tmp_path / "key")
    printed = subprocess.run(["ssh-keygen", "-lf", path], check=True, capture_output=True, text=True).stdout
    assert check_key(key_at(path)).fingerprint in printed


@pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
def test_keys_of_other_kinds_sign(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "key"
    size = ["-b", "2048"] if kind == "rsa" else []
    subprocess.run(["ssh-keygen", "-q", "-t", kind, *size, "-N", "", "-f", path], check=True)
    assert kind in check_key(key_at(path)).kind


def test_a_key_that_only_the_agent_holds_signs_by_its_public_half(tmp_path: Path, agent: Path) -> None:
    path = new_key(tmp_path / "key")
    subprocess.run(["ssh-add", "-q", path], check=True)
    path.unlink()
    public = path.with_suffix(".pub")
    assert check_key(key_at(public)).text in public.read_text()


def test_a_locked_key_signs_when_the_agent_has_it(tmp_path: Path, agent: Path) -> None:
    path = new_key(tmp_path / "key")
    subprocess.run(["ssh-add", "-q", path], check=True)
    subprocess.run(["ssh-keygen", "-q", "-p", "-P", "", "-N", "secret", "-f", path], check=True, capture_output=True)
    assert check_key(key_at(path))


def test_a_locked_key_is_refused_at_once_where_nobody_can_be_asked(tmp_path: Path) -> None:
    key = key_at(new_key(tmp_path / "key", passphrase="secret"))
    began = time.monotonic()
    with pytest.raises(Unverifiable, match="no terminal to ask on") as refused:
        check_key(key)
    assert time.monotonic() - began < pace.seconds(5.0)
    assert refused.value.code == "key-locked"
    assert refused.value.mend == f"Hand it to an agent: `ssh-add {key.path}`"


def test_a_key_that_others_may_read_is_refused_with_the_command_that_mends_it(tmp_path: Path) -> None:
    key = key_at(new_key(tmp_path / "key"))
    key.path.chmod(0o644)
    with pytest.raises(Unverifiable, match="0644") as refused:
        check_key(key)
    assert (refused.value.code, refused.value.mend) == (
        "key-permissions",
        f"Run `chmod 600 {key.path}`, or name a copy that only you may read",
    )


def test_a_public_key_that_no_agent_holds_is_refused(tmp_path: Path) -> None:
    path = new_key(tmp_path / "key")
    path.unlink()
    with pytest.raises(Unverifiable) as refused:
        check_key(key_at(path.with_suffix(".pub")))
    assert refused.value.code == "key-not-in-agent"


def test_an_agent_that_has_the_key_and_refuses_is_told_from_one_that_has_it_not(tmp_path: Path, agent: Path) -> None:
    path = new_key(tmp_path / "key")
    subprocess.run(["ssh-add", "-q", "-c", path], check=True, capture_output=True)  # and nobody is asked to confirm
    path.unlink()
    with pytest.raises(Unverifiable, match="the agent has it and refused") as refused:
        check_key(key_at(path.with_suffix(".pub")))
    assert refused.value.code == "key-not-in-agent"


def test_a_file_that_is_no_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("not a key\n")
    path.chmod(0o600)
    with pytest.raises(Unverifiable) as refused:
        check_key(key_at(path))
    assert refused.value.code == "key-unusable"


def test_without_ssh_keygen_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = key_at(new_key(tmp_path / "key"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unverifiable, match="There is no ssh-keygen"):
        check_key(key)


def in_form(text: str, form: str) -> str:
    lines = text.splitlines()[1:-1]
    forms = {
        "text": text,
        "one line": text.replace("\n", " "),
        "escaped": text.replace("\n", "\\n"),
        "escaped on windows": text.replace("\n", "\\r\\n"),
        "quoted": f'"{text}"',
        "windows": text.replace("\n", "\r\n"),
        "base64": base64.b64encode(text.encode()).decode(),
        "base64 in lines": base64.encodebytes(text.encode()).decode(),
        "lines": "\n".join(lines),
        "body": "".join(lines),
    }
    return forms[form]


@pytest.mark.parametrize(
    "form", ["text", "one line", "escaped", "escaped on windows", "quoted", "windows", "base64", "base64 in lines"]
)
def test_a_whole_key_in_the_variable_signs_from_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    path = new_key(tmp_path / "key")
    monkeypatch.setenv("DRTOOL_SIGNING_KEY", in_form(path.read_text(), form))
    expected = check_key(key_at(path))
    path.unlink()
    path.with_name("key.pub").unlink()
    try:
        key = find_key(None)
        assert key is not None
        assert check_key(key) == expected
        assert "DRTOOL_SIGNING_KEY" not in os.environ, "programs that are started have no business with it"
        assert find_key(None) == key, "it is asked for more than once"
        assert str(key) == "DRTOOL_SIGNING_KEY"
        with pytest.raises(Unverifiable) as refused:
            sign(replace(key, path=tmp_path / "gone"), b"")
        assert refused.value.code == "key-missing"
    finally:
        forget_key()
    assert find_key(None) is None


def test_a_key_in_the_variable_in_a_format_that_signs_nothing_by_itself_is_told_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["ssh-keygen", "-q", "-t", "rsa", "-m", "PEM", "-N", "", "-f", str(tmp_path / "key")]
    subprocess.run(command, check=True, timeout=60)
    monkeypatch.setenv("DRTOOL_SIGNING_KEY", (tmp_path / "key").read_text())
    try:
        key = find_key(None)
        assert key is not None
        with pytest.raises(Unverifiable, match="the public half has to lie beside it") as refused:
            check_key(key, unattended=True)
        assert "ssh-keygen -p" in refused.value.mend
    finally:
        forget_key()


def test_a_key_in_the_variable_with_a_passphrase_is_refused_by_the_variables_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRTOOL_SIGNING_KEY", new_key(tmp_path / "key", passphrase="correct horse").read_text())
    try:
        key = find_key(None)
        assert key is not None
        with pytest.raises(Unverifiable, match="The signing key DRTOOL_SIGNING_KEY cannot sign") as refused:
            check_key(key, unattended=True)
        assert refused.value.mend == "Give one that has no passphrase"
    finally:
        forget_key()


@pytest.mark.parametrize("form", ["text", "one line", "lines", "body", "base64"])
def test_a_key_in_place_of_its_path_is_refused_and_not_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    text = in_form(new_key(tmp_path / "key").read_text(), form)
    monkeypatch.setenv("DRTOOL_SIGNING_KEY", text)
    for explicit in (Path(text), *([None] if form in {"lines", "body"} else [])):
        with pytest.raises(WrongUse) as refused:
            find_key(explicit)
        assert refused.value.code == "key-as-value"
        assert not [word for word in text.split() if len(word) > 30 and word in str(refused.value)]
    monkeypatch.setenv("DRTOOL_SIGNING_KEY", str(tmp_path / "key"))
    assert find_key(None) is not None


def test_a_key_that_lost_its_last_line_end_is_told_as_unreadable(tmp_path: Path) -> None:
    folder = tmp_path / "agent with a passphrase"  # words that tell other reasons, where ssh-keygen says them itself
    folder.mkdir()
    path = new_key(folder / "key")
    path.with_name("key.pub").unlink()
    check_key(key_at(path))
    path.write_text(path.read_text().rstrip())
    with pytest.raises(Unverifiable, match="OpenSSH cannot read it: its last line end may be missing"):
        check_key(key_at(path))


def test_a_key_whose_public_half_has_to_lie_beside_it_is_told_how_to_make_it(tmp_path: Path) -> None:
    path = tmp_path / "pem"
    command = ["ssh-keygen", "-q", "-m", "PEM", "-t", "rsa", "-b", "3072", "-N", "", "-f", str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    check_key(key_at(path))
    path.with_name("pem.pub").unlink()
    with pytest.raises(Unverifiable, match="the public half has to lie beside it") as refused:
        check_key(key_at(path))
    subprocess.run(["sh", "-c", refused.value.mend.split("`")[1]], check=True)
    check_key(key_at(path))


def test_the_public_half_of_another_key_is_named(tmp_path: Path) -> None:
    path, other = new_key(tmp_path / "key"), new_key(tmp_path / "other")
    path.with_name("key.pub").write_text(other.with_name("other.pub").read_text())
    with pytest.raises(Unverifiable, match=r"key\.pub is another key's public half") as refused:
        check_key(key_at(path))
    subprocess.run(["sh", "-c", refused.value.mend.split("`")[1]], check=True)
    check_key(key_at(path))


def test_where_no_key_can_be_made_readiness_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    assert "none yet" in readiness._key(None)
    monkeypatch.setattr(os, "access", lambda path, mode: (path, mode) != (tmp_path, os.W_OK))
    with pytest.raises(Unverifiable, match=f"{tmp_path} may not be written"):
        readiness._key(None)


def test_an_account_without_a_name_is_told_what_it_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenSSH does nothing for the account of a container that was started with --user and a number."""
    key = key_at(new_key(tmp_path / "key"))
    program = tmp_path / "bin" / "ssh-keygen"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho 'No user exists for uid 4711' >&2\nexit 255\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    for attempt in (lambda: check_key(key), lambda: make_site_key(), lambda: readiness._key(None)):
        with pytest.raises(Unverifiable, match="has no name") as refused:
            attempt()
        assert refused.value.code == "account-without-name"


def test_on_a_terminal_the_passphrase_is_asked_for(tmp_path: Path) -> None:
    path = new_key(tmp_path / "key", passphrase="secret")
    script = textwrap.dedent("""
        import sys
        from pathlib import Path
        from drtool.keys.signing import check_key, find_key
        print("kind:", check_key(find_key(Path(sys.argv[1]))).kind)
    """)
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(PROJECT)
        os.execv(sys.executable, [sys.executable, "-c", script, str(path)])  # noqa: S606
    said = _read_until(terminal, b"Enter passphrase")
    os.write(terminal, b"secret\n")
    said += _read_until(terminal, b"kind: ssh-ed25519")
    assert b"kind: ssh-ed25519" in said
    assert os.waitpid(child, 0)[1] == 0
    os.close(terminal)


def test_a_signature_verifies_with_nothing_but_ssh_keygen(tmp_path: Path) -> None:
    key = key_at(new_key(tmp_path / "key"))
    document, signature = tmp_path / "document", tmp_path / "document.sig"
    document.write_bytes(b"\x00 any bytes \xff")
    signature.write_bytes(sign(key, document.read_bytes()))
    public = public_key(signature.read_bytes())
    assert public is not None
    (tmp_path / "signers").write_text(allowed_signers.line(key.principal, public))
    keys = f"-f {tmp_path / 'signers'} -I jane@laptop -n drtool-report -s {signature}"
    with document.open("rb") as message:
        command = ["ssh-keygen", "-Y", "verify", *keys.split()]
        done = subprocess.run(command, stdin=message, check=True, capture_output=True, text=True)
    assert 'Good "drtool-report" signature for jane@laptop' in done.stdout


@pytest.mark.parametrize("rubbish", ["!!!", "", "U1NIU0lH", "U1NIU0lHAAAAAf////9zc2g="])
def test_rubbish_names_no_key(rubbish: str) -> None:
    assert public_key(rubbish.encode()) is None
    assert public_key(f"-----BEGIN SSH SIGNATURE-----\n{rubbish}\n-----END SSH SIGNATURE-----".encode()) is None


def _read_until(terminal: int, wanted: bytes) -> bytes:
    said = b""
    while wanted not in said:
        try:
            said += os.read(terminal, 1024)
        except OSError:  # the other end is gone
            break
    return said
