"""The hook where a certificate goes."""

import subprocess
from pathlib import Path

import pytest

from installer import checksums
from installer.signing import SigningFailed, sign


@pytest.fixture
def deb(tmp_path: Path) -> Path:
    made = tmp_path / "yaolink-agent_1.0_amd64.deb"
    made.write_bytes(b"a package")
    return made


def test_without_a_command_it_stays_unsigned(deb: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("YAOLINK_SIGN_DEB", raising=False)
    assert sign(deb) is False
    assert deb.read_bytes() == b"a package"


def test_the_command_gets_the_file(deb: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "sign it"
    script.write_text('#!/bin/sh\nprintf " signed by %s" "$1" >>"$2"\n', encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.setenv("YAOLINK_SIGN_DEB", f"'{script}' me")
    assert sign(deb) is True
    assert deb.read_bytes() == b"a package signed by me"


@pytest.mark.parametrize("command", ["false", "/nowhere/to/be/found"])
def test_a_failed_signature_ends_the_build(deb: Path, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YAOLINK_SIGN_DEB", command)
    with pytest.raises(SigningFailed, match="YAOLINK_SIGN_DEB"):
        sign(deb)


def test_checksums_are_what_sha256sum_reads(deb: Path) -> None:
    checksums.write(deb.parent)
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=deb.parent, check=True)
    deb.write_bytes(b"another package")
    again = subprocess.run(["sha256sum", "--check", "SHA256SUMS"], cwd=deb.parent, capture_output=True, check=False)
    assert again.returncode == 1
