"""A package signed with a key made for the test, and what happens to one that was changed."""

import subprocess
from pathlib import Path

import pytest

from installer.signing import sign

pytestmark = pytest.mark.system


def test_a_key_of_gpg_signs_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deb = tmp_path / "yaolink-agent_1.0_amd64.deb"
    deb.write_bytes(b"a package")
    home = tmp_path / "gpg"
    home.mkdir(mode=0o700)
    gpg = ["gpg", "--homedir", str(home), "--batch", "--quiet"]
    try:
        subprocess.run([*gpg, "--passphrase", "", "--quick-gen-key", "release@yaolink.invalid", "ed25519"], check=True)
        monkeypatch.setenv("YAOLINK_SIGN_DEB", " ".join([*gpg, "--detach-sign"]))
        assert sign(deb) is True
        subprocess.run([*gpg, "--verify", f"{deb}.sig", str(deb)], check=True, capture_output=True)
        deb.write_bytes(b"tampered with")
        again = subprocess.run([*gpg, "--verify", f"{deb}.sig", str(deb)], check=False, capture_output=True)
        assert again.returncode != 0
    finally:
        subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False)
