"""Where a key goes: for each kind of Linux package a command of whoever releases, in the environment.

    YAOLINK_SIGN_DEB='gpg --batch --yes --armor --detach-sign'     called with the package's path; signs beside it
    YAOLINK_SIGN_RPM='rpmsign --addsign'                            or in it

Without the variable the package stays unsigned, and the build says so. Windows programs: installer/windows/signing.py.
"""

import os
import shlex
import subprocess
from pathlib import Path


class SigningFailed(RuntimeError):
    """The command was there and did not sign: nothing half-signed is released."""


def sign(artefact: Path) -> bool:
    """Whether there was a command for this kind. Raises SigningFailed."""
    command = os.environ.get(variable(artefact))
    if command is None:
        return False
    try:
        done = subprocess.run([*shlex.split(command), str(artefact)], capture_output=True, text=True, check=False)
    except OSError as error:
        raise SigningFailed(f"{variable(artefact)}: {error}") from error
    if done.returncode != 0:
        raise SigningFailed(
            f"{variable(artefact)} ended with {done.returncode}: {(done.stderr or done.stdout).strip()}"
        )
    return True


def variable(artefact: Path) -> str:
    return f"YAOLINK_SIGN_{artefact.suffix.lstrip('.').upper()}"
