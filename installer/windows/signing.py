"""Signing with a code-signing certificate, where there is one. Without one Windows warns whoever downloads the
installer, and says who made it nowhere; docs/windows.md has what to set.

    YAOLINK_SIGN_PFX        the certificate with its key, PKCS #12
    YAOLINK_SIGN_PASSWORD   a file that holds its password
    YAOLINK_SIGN_TIMESTAMP  a time server's URL, so that signatures outlive the certificate (optional)
"""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class SigningFailed(RuntimeError):
    """osslsigncode is not there, or refused; the message ends with what it said."""


@dataclass(frozen=True, slots=True)
class Certificate:
    pfx: Path
    password_file: Path
    timestamp: str | None = None

    def sign(self, program: Path) -> None:
        """In place, whole or not at all."""
        signed = program.with_name(f"{program.name}.signed")
        command = ["osslsigncode", "sign", "-pkcs12", str(self.pfx), "-readpass", str(self.password_file)]
        command += ["-h", "sha256", "-n", "Yaolink", *(("-ts", self.timestamp) if self.timestamp else ())]
        command += ["-in", str(program), "-out", str(signed)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except FileNotFoundError as error:
            raise SigningFailed("there is no osslsigncode: apt-get install osslsigncode") from error
        if done.returncode != 0:
            signed.unlink(missing_ok=True)
            raise SigningFailed(f"{program.name} is not signed: {done.stdout}{done.stderr}".strip())
        signed.replace(program)


def certificate(environment: Mapping[str, str] = os.environ) -> Certificate | None:
    """None where no certificate was named. Raises SigningFailed for one without its password."""
    pfx, password = environment.get("YAOLINK_SIGN_PFX"), environment.get("YAOLINK_SIGN_PASSWORD")
    if not pfx:
        return None
    if not password:
        raise SigningFailed("YAOLINK_SIGN_PASSWORD has to name the file with the password of YAOLINK_SIGN_PFX")
    return Certificate(Path(pfx).resolve(), Path(password).resolve(), environment.get("YAOLINK_SIGN_TIMESTAMP"))
