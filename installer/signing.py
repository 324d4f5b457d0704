"""Where a certificate goes: for each kind of artefact a command of whoever releases, in the environment.

    YAOLINK_SIGN_EXE='osslsigncode-wrapper --in-place'     called with the path of the file to sign, which it changes
    YAOLINK_SIGN_DEB='gpg --batch --yes --detach-sign'     or which it signs beside

Without the variable the artefact stays unsigned, and the build says so.
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
