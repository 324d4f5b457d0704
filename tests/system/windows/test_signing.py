"""Signing, with a certificate that nobody trusts but that is one."""

import subprocess
from pathlib import Path

import pytest

from installer.windows.mingw import compiled
from installer.windows.setup.making import make_setup
from installer.windows.signing import Certificate, SigningFailed, certificate

pytestmark = pytest.mark.system

PASSWORD = "for the test"


@pytest.fixture
def pfx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Named by the environment, as a release build finds it."""
    key, public, path, password = (tmp_path / name for name in ("key.pem", "public.pem", "ours.pfx", "password.txt"))
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=Yaolink test"]
    run(*request, "-addext", "extendedKeyUsage=codeSigning", "-keyout", str(key), "-out", str(public))
    export = ["openssl", "pkcs12", "-export", "-inkey", str(key), "-in", str(public), "-out", str(path)]
    run(*export, "-passout", f"pass:{PASSWORD}")
    password.write_text(PASSWORD)
    monkeypatch.setenv("YAOLINK_SIGN_PFX", str(path))
    monkeypatch.setenv("YAOLINK_SIGN_PASSWORD", str(password))
    return public


@pytest.fixture
def program(tmp_path: Path) -> Path:
    source = tmp_path / "nothing.c"
    source.write_text("int main(void) { return 0; }\n")
    folder = tmp_path / "frozen"
    folder.mkdir()
    compiled(folder / "yaolink-agent.exe", source)
    return folder / "yaolink-agent.exe"


def test_programs_and_the_installer_are_signed(program: Path, pfx: Path, tmp_path: Path) -> None:
    assert not is_signed(program, pfx)
    signing = certificate()
    assert signing is not None
    signing.sign(program)
    assert is_signed(program, pfx)
    setup = make_setup(program.parent, tmp_path / "setup.exe", "0.1.0", sign=True)
    assert is_signed(setup, pfx)


def test_a_wrong_password_changes_nothing(program: Path, pfx: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("guess")
    before = program.read_bytes()
    with pytest.raises(SigningFailed, match="yaolink-agent.exe is not signed"):
        Certificate(tmp_path / "ours.pfx", wrong).sign(program)
    assert program.read_bytes() == before
    assert [path.name for path in program.parent.iterdir()] == ["yaolink-agent.exe"]


def test_nothing_is_signed_without_a_certificate() -> None:
    assert certificate({}) is None
    with pytest.raises(SigningFailed, match="YAOLINK_SIGN_PASSWORD"):
        certificate({"YAOLINK_SIGN_PFX": "ours.pfx"})


def is_signed(program: Path, by: Path) -> bool:
    command = ["osslsigncode", "verify", "-CAfile", str(by), "-in", str(program)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
